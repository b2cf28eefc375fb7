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
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111111111111:function:bookstore-test-order-events", version = "3" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111111111111:function:bookstore-test-order-events:live" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-order-events" }
  }
}

variables {
  name                  = "bookstore-test"
  function              = "order-events"
  description           = "Keeps the state of orders from the events about them"
  dead_letter_queue_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"
  key_arn               = "arn:aws:kms:eu-west-1:111111111111:key/functions"
  log_key_arn           = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "safe_by_default" {
  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.architectures[0] == "arm64" && aws_lambda_function.this.kms_key_arn == var.key_arn && aws_lambda_function.this.tracing_config[0].mode == "Active" && aws_lambda_function.this.reserved_concurrent_executions == 10
    error_message = "A supported runtime, traced, limited, under the given key."
  }
  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/bookstore-test-order-events" && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "JSON into a log group that exists first, encrypted and with an end."
  }
  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.function_version == "3" && aws_lambda_alias.live.name == "live"
    error_message = "Every change is a version, and the alias names it."
  }
  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("functions/order-events.zip") && aws_lambda_function.this.handler == "handler.handler"
    error_message = "The code is the zip in this repository."
  }
  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0 && length(aws_lambda_function.this.environment) == 0
    error_message = "No network and no variables without asking."
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.live.qualifier == "live" && aws_lambda_function_event_invoke_config.live.destination_config[0].on_failure[0].destination == var.dead_letter_queue_arn
    error_message = "An asynchronous call that failed is kept."
  }
  assert {
    condition     = length(aws_lambda_permission.this) == 0 && length(aws_lambda_event_source_mapping.queue) + length(aws_lambda_event_source_mapping.stream) == 0
    error_message = "Nobody calls without being named."
  }
  # No more than it needs.
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => statement.Resource } == {
      WriteLogs    = ["arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/bookstore-test-order-events:*"]
      SendTraces   = ["*"]
      SendFailures = ["arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"]
    }
    error_message = "Its own log group, traces, and the queue of failures."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : join(" ", statement.Action) if contains(statement.Resource, "*")]) == "xray:PutTelemetryRecords xray:PutTraceSegments"
    error_message = "Only X-Ray, which knows no resources, is given all of them."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" }
    error_message = "Lambda takes the role, and nobody else."
  }
  # Outputs.
  assert {
    condition     = output.name == "bookstore-test-order-events" && output.log_group_name == "/aws/lambda/bookstore-test-order-events" && output.arn == aws_lambda_function.this.arn && output.alias_arn == aws_lambda_alias.live.arn && output.role_arn == aws_iam_role.this.arn && output.timeout_seconds == 30 && output.version == "3"
    error_message = "Callers, alarms and queues find what they need."
  }
}

run "fed_by_a_queue" {
  command = plan

  variables {
    event_sources = { new-orders = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", batch_size = 20, batching_window_seconds = 5, max_concurrency = 4, filters = ["{\"body\":{}}"] } }
    data_keys     = { sqs = "arn:aws:kms:eu-west-1:111111111111:key/messages" }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queue["new-orders"].function_name == aws_lambda_alias.live.arn && aws_lambda_event_source_mapping.queue["new-orders"].function_response_types == toset(["ReportBatchItemFailures"]) && aws_lambda_event_source_mapping.queue["new-orders"].scaling_config[0].maximum_concurrency == 4
    error_message = "The queue feeds the alias, takes partial answers, and never more than may run."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.queue["new-orders"].kms_key_arn == var.key_arn && one(one(aws_lambda_event_source_mapping.queue["new-orders"].filter_criteria).filter).pattern == "{\"body\":{}}"
    error_message = "Filters are kept under the given key."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "ReceiveNewOrders"] == [["arn:aws:sqs:eu-west-1:111111111111:orders"]]
    error_message = "It may take messages out of that queue."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if statement.Sid == "KeyOfSqs"]) == { Sid = "KeyOfSqs", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = ["arn:aws:kms:eu-west-1:111111111111:key/messages"], Condition = { StringEquals = { "kms:ViaService" = "sqs.eu-west-1.amazonaws.com" } } }
    error_message = "The queue's key, through the queue's service only."
  }
}

run "fed_by_a_stream" {
  command = plan

  variables {
    event_sources = { changes = { kind = "dynamodb", arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/2026-01-01T00:00:00.000", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-lost" } }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream["changes"].bisect_batch_on_function_error && aws_lambda_event_source_mapping.stream["changes"].maximum_retry_attempts == 10 && aws_lambda_event_source_mapping.stream["changes"].maximum_record_age_in_seconds == 43200 && aws_lambda_event_source_mapping.stream["changes"].starting_position == "TRIM_HORIZON" && aws_lambda_event_source_mapping.stream["changes"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "A bad record is found, given up in time, and lets the others pass."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.stream["changes"].destination_config[0].on_failure[0].destination_arn == "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-lost"
    error_message = "What was given up can be found."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "ReadChanges"]) == ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/2026-01-01T00:00:00.000"] && one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "ListChanges"]) == ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/*"]
    error_message = "It may read that stream, and list those of its table."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Sid == "SendFailures"]) == ["arn:aws:sqs:eu-west-1:111111111111:bookstore-test-lost", "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"]
    error_message = "It may send to both queues of failures."
  }
}

run "called_by_services" {
  command = plan

  variables {
    invokers = {
      rule            = { principal = "events.amazonaws.com", source_arn = "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-orders" }
      secrets-manager = { principal = "secretsmanager.amazonaws.com", source_arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:bookstore-test/*", unqualified = true }
    }
  }

  assert {
    condition     = alltrue([for permission in aws_lambda_permission.this : permission.source_account == "111111111111" && permission.action == "lambda:InvokeFunction"]) && aws_lambda_permission.this["rule"].source_arn == "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-orders"
    error_message = "A service calls for this account only, and for what was named."
  }
  assert {
    condition     = aws_lambda_permission.this["rule"].qualifier == "live" && aws_lambda_permission.this["secrets-manager"].qualifier == null
    error_message = "Callers use the alias unless they cannot."
  }
}

run "statements_settings_and_timeouts_are_data" {
  command = plan

  variables {
    package     = "functions/audit-writer.zip"
    handler     = "handler.handler"
    environment = { TABLE_NAME = "orders", SIGNING_SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x" }
    statements  = [{ sid = "Orders", actions = ["dynamodb:UpdateItem", "dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders"], conditions = { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"] } } }]
    timeouts    = { create = "20m" }
    log_level   = "WARN"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if statement.Sid == "Orders"]) == { Sid = "Orders", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:UpdateItem"], Resource = ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders"], Condition = { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"] } } }
    error_message = "What the function does beside is written by who calls the module."
  }
  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("functions/audit-writer.zip") && aws_lambda_function.this.environment[0].variables["TABLE_NAME"] == "orders" && aws_lambda_function.this.timeouts.create == "20m" && aws_lambda_function.this.timeouts.delete == "10m" && aws_lambda_function.this.logging_config[0].application_log_level == "WARN"
    error_message = "Package, environment, log level and timeouts are data."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                  = "bookstore_test"
    function              = "Order_Events"
    description           = "short"
    package               = "functions"
    handler               = "handler"
    runtime               = "python3.8"
    architecture          = "mips"
    memory_mib            = 64
    timeout_seconds       = 901
    reserved_concurrency  = 0
    tracing               = "On"
    log_level             = "LOUD"
    environment           = { AWS_REGION = "eu-west-1" }
    statements            = [{ sid = "All", actions = ["dynamodb:*"], resources = ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders"] }]
    data_keys             = { ec2 = "arn:aws:kms:eu-west-1:111111111111:key/1" }
    event_sources         = { a = { kind = "kinesis", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/a" } }
    invokers              = { a = { principal = "*", source_arn = "arn:aws:events:eu-west-1:111111111111:rule/a/b" } }
    async_max_age_seconds = 5
    async_max_retries     = 9
    log_retention_days    = 1
    timeouts              = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.function,
    var.description,
    var.package,
    var.handler,
    var.runtime,
    var.architecture,
    var.memory_mib,
    var.timeout_seconds,
    var.reserved_concurrency,
    var.tracing,
    var.log_level,
    var.environment,
    var.statements,
    var.data_keys,
    var.event_sources,
    var.invokers,
    var.async_max_age_seconds,
    var.async_max_retries,
    var.log_retention_days,
    var.timeouts,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    function = "a-function-whose-name-lambda-refuses"
    # A secret in the environment.
    environment = { PROVIDER_TOKEN = "t0p" }
    # Every resource.
    statements = [{ sid = "All", actions = ["dynamodb:GetItem"], resources = ["*"] }]
    # A stream that would lose records.
    event_sources = { a = { kind = "dynamodb", arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/1" } }
    # A caller without a source.
    invokers = { a = { principal = "events.amazonaws.com", source_arn = "*" } }
  }

  expect_failures = [var.function, var.environment, var.statements, var.event_sources, var.invokers]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # A statement without a purpose.
    statements = [{ sid = "", actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-west-1:111111111111:table/orders"] }]
    # Big batches without a window.
    event_sources = { a = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", batch_size = 100 } }
    # A bad name of a caller.
    invokers = { "A B" = { principal = "events.amazonaws.com", source_arn = "arn:aws:events:eu-west-1:111111111111:rule/a/b" } }
  }

  expect_failures = [var.statements, var.event_sources, var.invokers]
}

run "refuses_an_empty_batch" {
  command = plan

  variables {
    event_sources = { a = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", batch_size = 0 } }
  }

  expect_failures = [var.event_sources]
}

run "refuses_a_filter_that_is_no_object" {
  command = plan

  variables {
    event_sources = { a = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", filters = ["orders"] } }
  }

  expect_failures = [var.event_sources]
}

run "refuses_one_at_a_time_from_a_queue" {
  command = plan

  variables {
    event_sources = { a = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", max_concurrency = 1 } }
  }

  expect_failures = [var.event_sources]
}

run "refuses_a_stream_that_never_gives_up" {
  command = plan

  variables {
    event_sources = { a = { kind = "dynamodb", arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders/stream/1", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:lost", max_retries = -1 } }
  }

  expect_failures = [var.event_sources]
}

run "refuses_a_queue_that_takes_more_than_may_run" {
  command = plan

  variables {
    reserved_concurrency = 2
    event_sources        = { a = { kind = "sqs", arn = "arn:aws:sqs:eu-west-1:111111111111:orders", max_concurrency = 5 } }
  }

  expect_failures = [aws_lambda_event_source_mapping.queue]
}
