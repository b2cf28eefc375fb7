mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-events-to-bus" }
  }
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:eu-west-1:111111111111:event-bus/bookstore-test" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/bookstore-test" }
  }
}

variables {
  name            = "bookstore-test"
  key_arn         = "arn:aws:kms:eu-west-1:111111111111:key/messages"
  log_key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/logs"
  dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"
  rules = {
    orders = {
      description = "What decides how an order ends up"
      pattern     = "{\"source\": [\"bookstore.orders\"],\n  \"detail-type\": [\"OrderPlaced\"]}"
      targets     = { orders = { kind = "queue", arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-orders", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-orders-dead-letter" } }
    }
  }
}

run "safe_by_default" {
  assert {
    condition     = aws_cloudwatch_event_bus.this.kms_key_identifier == var.key_arn && aws_cloudwatch_event_bus.this.dead_letter_config[0].arn == var.dead_letter_arn && aws_cloudwatch_event_archive.this.retention_days == 90
    error_message = "Encrypted, with a last resort for what cannot be, and three months to replay."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.this["orders"].event_pattern == jsonencode({ source = ["bookstore.orders"], detail-type = ["OrderPlaced"] }) && aws_cloudwatch_event_rule.this["orders"].state == "ENABLED" && aws_cloudwatch_event_rule.this["orders"].name == "bookstore-test-orders"
    error_message = "Spaces in a pattern are no change."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["orders/orders"].dead_letter_config[0].arn == "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-orders-dead-letter" && aws_cloudwatch_event_target.this["orders/orders"].retry_policy[0].maximum_event_age_in_seconds == 21600 && aws_cloudwatch_event_target.this["orders/orders"].retry_policy[0].maximum_retry_attempts == 185 && aws_cloudwatch_event_target.this["orders/orders"].role_arn == null
    error_message = "Six hours of tries, then the dead letters; a queue needs no role."
  }
  assert {
    condition     = length(aws_iam_role.bus) == 0 && length(aws_schemas_schema.this) == 0
    error_message = "No role and no schema without need."
  }
  # Everything is logged.
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.audit.event_pattern) == { source = [{ prefix = "" }] } && aws_cloudwatch_event_target.audit.arn == aws_cloudwatch_log_group.audit.arn && aws_cloudwatch_event_target.audit.dead_letter_config[0].arn == var.dead_letter_arn && aws_cloudwatch_log_group.audit.name == "/aws/events/bookstore-test"
    error_message = "Every event goes to one log group."
  }
  assert {
    condition     = aws_cloudwatch_log_group.audit.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.audit.retention_in_days == 365
    error_message = "Encrypted and with an end."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement : statement.Condition if statement.Sid == "PutEvents"]) == { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-audit"] } }
    error_message = "Only the audit rule writes there."
  }
  # Outputs.
  assert {
    condition     = output.rule_arns == { audit = "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-audit", orders = "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-orders" } && output.rule_names == { audit = "bookstore-test-audit", orders = "bookstore-test-orders" } && output.bus_arn == aws_cloudwatch_event_bus.this.arn && output.bus_name == "bookstore-test" && output.log_group_name == "/aws/events/bookstore-test"
    error_message = "What is written out is what AWS makes."
  }
}

run "who_may_publish" {
  command = plan

  variables {
    publishers = { warehouse = { account_id = "444444444444", sources = ["warehouse.stock"], detail_types = ["StockLow", "StockReserved"] } }
  }

  assert {
    condition     = { for statement in jsondecode(aws_cloudwatch_event_bus_policy.this.policy).Statement : statement.Sid => statement.Principal.AWS } == { ServicesOfThisAccount = "arn:aws:iam::111111111111:root", NoForeignSources = "arn:aws:iam::111111111111:root", PublisherWarehouse = "arn:aws:iam::444444444444:root" }
    error_message = "This account and the named one."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_cloudwatch_event_bus_policy.this.policy).Statement : statement.Condition if statement.Sid == "PublisherWarehouse"]) == { StringEquals = { "events:detail-type" = ["StockLow", "StockReserved"], "events:source" = ["warehouse.stock"] } }
    error_message = "Another account puts only what it was named for."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_cloudwatch_event_bus_policy.this.policy).Statement : statement.Condition if statement.Sid == "NoForeignSources"]) == { StringNotLike = { "events:source" = ["bookstore.*"] } }
    error_message = "No service passes for another system."
  }
}

run "every_kind_of_target" {
  variables {
    rules = {
      mixed = {
        description = "One of each kind, for the test"
        pattern     = "{\"$or\": [{\"source\": [\"bookstore.orders\"]}, {\"detail\": {\"total_minor\": [{\"numeric\": [\">\", 100000]}]}}]}"
        enabled     = false
        targets = {
          fifo     = { kind = "queue", arn = "arn:aws:sqs:eu-west-1:111111111111:ledger.fifo", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:undelivered", message_group_id = "ledger", transform = { paths = { id = "$.id" }, template = "{\"id\": <id>}" } }
          function = { kind = "function", arn = "arn:aws:lambda:eu-west-1:111111111111:function:alerts:live", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:undelivered", max_age_seconds = 60, max_attempts = 0 }
          log      = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/other" }
          bus      = { kind = "bus", arn = "arn:aws:events:eu-west-1:222222222222:event-bus/analytics", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:undelivered" }
        }
      }
    }
  }

  assert {
    condition     = { for key, target in aws_cloudwatch_event_target.this : key => target.role_arn if target.role_arn != null } == { "mixed/bus" = "arn:aws:iam::111111111111:role/bookstore-test-events-to-bus" }
    error_message = "Only another bus is called by a role."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.bus[0].policy).Statement[0].Resource == ["arn:aws:events:eu-west-1:222222222222:event-bus/analytics"] && jsondecode(aws_iam_role.bus[0].assume_role_policy).Statement[0].Condition.ArnLike == { "aws:SourceArn" = "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/*" }
    error_message = "This bus's rules, to that bus."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["mixed/fifo"].sqs_target[0].message_group_id == "ledger" && aws_cloudwatch_event_target.this["mixed/fifo"].input_transformer[0].input_template == "{\"id\": <id>}" && aws_cloudwatch_event_target.this["mixed/function"].retry_policy[0].maximum_retry_attempts == 0
    error_message = "Groups, transformers and retries are data."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement : statement if statement.Sid == "PutEvents"]).Condition.ArnEquals["aws:SourceArn"] == ["arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-audit", "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-mixed"] && one([for statement in jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement : statement if statement.Sid == "CreateStreams"]).Resource == ["arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/bookstore-test:*", "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/other:*"]
    error_message = "A rule that names a log group may write to it."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.this["mixed"].state == "DISABLED"
    error_message = "A rule can be switched off."
  }
}

run "schemas" {
  command = plan

  variables {
    schemas = { OrderPlaced = "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"OrderPlaced\",\"version\":\"1.0.0\",\"description\":\"d\"},\"paths\":{},\"components\":{\"schemas\":{\"AWSEvent\":{\"x-amazon-events-detail-type\":\"OrderPlaced\",\"x-amazon-events-source\":\"bookstore.orders\"}}}}" }
  }

  assert {
    condition     = aws_schemas_schema.this["OrderPlaced"].name == "bookstore.orders@OrderPlaced" && aws_schemas_schema.this["OrderPlaced"].type == "OpenApi3" && aws_schemas_schema.this["OrderPlaced"].description == "d"
    error_message = "A schema is named as EventBridge itself would."
  }
}

run "retention_is_data" {
  command = plan

  variables {
    archive_days       = 7
    log_retention_days = 30
  }

  assert {
    condition     = aws_cloudwatch_event_archive.this.retention_days == 7 && aws_cloudwatch_log_group.audit.retention_in_days == 30
    error_message = "Cheaper where it may be."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name               = "B"
    rules              = { audit = { description = "This name is the module's own", pattern = "{\"source\":[\"a\"]}", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
    schemas            = { orderPlaced = "{}" }
    archive_days       = 0
    sources            = ["aws.s3"]
    publishers         = { warehouse = { account_id = "4444", sources = ["warehouse.stock"], detail_types = ["StockLow"] } }
    log_retention_days = 1
  }

  expect_failures = [
    var.name,
    var.rules,
    var.schemas,
    var.archive_days,
    var.sources,
    var.publishers,
    var.log_retention_days,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A pattern that is no object.
    rules = { orders = { description = "What decides how an order ends up", pattern = "OrderPlaced", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
    # A schema of another version.
    schemas = { OrderPlaced = "{\"openapi\":\"3.1.0\",\"info\":{\"description\":\"d\"},\"components\":{\"schemas\":{\"AWSEvent\":{\"x-amazon-events-detail-type\":\"OrderPlaced\",\"x-amazon-events-source\":\"a\"}}}}" }
    # An account that may put anything.
    publishers = { warehouse = { account_id = "444444444444", sources = ["*"], detail_types = [] } }
  }

  expect_failures = [var.rules, var.schemas, var.publishers]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # An empty pattern.
    rules = { orders = { description = "What decides how an order ends up", pattern = "{}", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
    # A schema of another event.
    schemas = { OrderPlaced = "{\"openapi\":\"3.0.0\",\"info\":{\"description\":\"d\"},\"components\":{\"schemas\":{\"AWSEvent\":{\"x-amazon-events-detail-type\":\"OrderCancelled\",\"x-amazon-events-source\":\"a\"}}}}" }
    # A bad name of a publisher.
    publishers = { the-warehouse = { account_id = "444444444444", sources = ["warehouse.stock"], detail_types = ["StockLow"] } }
  }

  expect_failures = [var.rules, var.schemas, var.publishers]
}

run "refuses_a_misspelt_field" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"detailType\":[\"OrderPlaced\"]}", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_value_that_is_no_list" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":\"bookstore.orders\"}", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_rule_without_a_reason" {
  command = plan

  variables {
    rules = { orders = { description = "orders", pattern = "{\"source\":[\"a\"]}", targets = { a = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_rule_without_targets" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":[\"a\"]}", targets = {} } }
  }

  expect_failures = [var.rules]
}

run "refuses_an_unknown_kind" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":[\"a\"]}", targets = { a = { kind = "topic", arn = "arn:aws:sns:eu-west-1:111111111111:a", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:b" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_bad_name_of_a_target" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":[\"a\"]}", targets = { "a b" = { kind = "log", arn = "arn:aws:logs:eu-west-1:111111111111:log-group:a" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_target_that_would_lose_events" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":[\"a\"]}", targets = { a = { kind = "queue", arn = "arn:aws:sqs:eu-west-1:111111111111:a" } } } }
  }

  expect_failures = [var.rules]
}

run "refuses_more_tries_than_there_are" {
  command = plan

  variables {
    rules = { orders = { description = "What decides how an order ends up", pattern = "{\"source\":[\"a\"]}", targets = { a = { kind = "queue", arn = "arn:aws:sqs:eu-west-1:111111111111:a", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:b", max_attempts = 500 } } } }
  }

  expect_failures = [var.rules]
}
