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
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:111111111111:some" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/delivery" }
  }
}

variables {
  name = "bookstore-test"
  topics = {
    critical = { display_name = "Bookstore test critical", services = ["events.amazonaws.com", "cloudwatch.amazonaws.com"] }
    quiet    = { display_name = "Bookstore test quiet" }
  }
  key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/messages"
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "safe_by_default" {
  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == var.key_arn && topic.signature_version == 2 && topic.tracing_config == "PassThrough"])
    error_message = "Encrypted, signed with SHA-256, no traces of their own."
  }
  assert {
    condition     = { for key, topic in aws_sns_topic.this : key => topic.name } == { critical = "bookstore-test-critical", quiet = "bookstore-test-quiet" }
    error_message = "Names begin with the prefix."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.this) == 0
    error_message = "Nobody is told without being named."
  }
  # Deliveries are logged.
  assert {
    condition = alltrue([
      for topic in aws_sns_topic.this : alltrue([
        for role in [
          topic.http_failure_feedback_role_arn, topic.http_success_feedback_role_arn,
          topic.lambda_failure_feedback_role_arn, topic.lambda_success_feedback_role_arn,
          topic.sqs_failure_feedback_role_arn, topic.sqs_success_feedback_role_arn,
        ] : role == aws_iam_role.delivery_log.arn
      ]) && topic.sqs_success_feedback_sample_rate == 100
    ])
    error_message = "What became of a delivery can be read."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365]) && output.log_group_names["critical/failure"] == "sns/eu-west-1/111111111111/bookstore-test-critical/Failure" && length(output.log_group_names) == 4
    error_message = "The groups SNS writes to exist first, encrypted and with an end."
  }
  assert {
    condition     = alltrue([for arn in jsondecode(aws_iam_role_policy.delivery_log.policy).Statement[0].Resource : startswith(arn, "arn:aws:logs:eu-west-1:111111111111:log-group:sns/eu-west-1/111111111111/bookstore-test-")])
    error_message = "SNS may write to these topics' groups only."
  }
  assert {
    condition     = jsondecode(aws_iam_role.delivery_log.assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    error_message = "SNS takes the role for this account only."
  }
  # Who may publish.
  assert {
    condition = [for statement in jsondecode(aws_sns_topic_policy.this["critical"].policy).Statement : statement if statement.Sid == "ServicesForThisAccount"] == [{
      Sid       = "ServicesForThisAccount"
      Effect    = "Allow"
      Principal = { Service = ["cloudwatch.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-critical"
      Condition = { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    }]
    error_message = "The named services publish on behalf of this account."
  }
  assert {
    condition = [for statement in jsondecode(aws_sns_topic_policy.this["critical"].policy).Statement : statement if statement.Sid == "EventBridge"] == [{
      Sid       = "EventBridge"
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-critical"
    }]
    error_message = "EventBridge knows no conditions in the policy of a topic."
  }
  assert {
    condition     = [for statement in jsondecode(aws_sns_topic_policy.this["quiet"].policy).Statement : statement.Sid] == ["ThisAccount", "OnlyTls"]
    error_message = "No service that was not named."
  }
  assert {
    condition     = alltrue([for policy in aws_sns_topic_policy.this : alltrue([for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" if statement.Principal == "*"])])
    error_message = "Nothing is allowed to everybody."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_sns_topic_policy.this["quiet"].policy).Statement : statement.Condition if statement.Sid == "OnlyTls"]) == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "Plain HTTP is denied."
  }
}

run "subscriptions" {
  command = plan

  variables {
    subscriptions = {
      oncall = { topic = "critical", protocol = "email", endpoint = "oncall@bookstore.example.com" }
      pager  = { topic = "critical", protocol = "https", endpoint = "https://events.example.com/integration/abc", dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:undelivered" }
      queue  = { topic = "quiet", protocol = "sqs", endpoint = "arn:aws:sqs:eu-west-1:111111111111:alerts", raw = true, filter_policy = "{\"severity\":[\"critical\"]}" }
      code   = { topic = "quiet", protocol = "lambda", endpoint = "arn:aws:lambda:eu-west-1:111111111111:function:alerts:live", filter_policy = "{\"a\":[1]}", filter_scope = "MessageAttributes" }
    }
  }

  assert {
    condition     = aws_sns_topic_subscription.this["oncall"].endpoint == "oncall@bookstore.example.com" && !aws_sns_topic_subscription.this["oncall"].endpoint_auto_confirms && aws_sns_topic_subscription.this["pager"].endpoint_auto_confirms
    error_message = "People confirm by a click, incident tools by themselves."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_subscription.this["pager"].redrive_policy) == { deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111111111111:undelivered" } && aws_sns_topic_subscription.this["oncall"].redrive_policy == null
    error_message = "What could not be delivered is kept where a queue is given."
  }
  assert {
    condition     = aws_sns_topic_subscription.this["queue"].raw_message_delivery && aws_sns_topic_subscription.this["queue"].filter_policy_scope == "MessageBody" && aws_sns_topic_subscription.this["code"].filter_policy_scope == "MessageAttributes"
    error_message = "Filters look at the body unless told."
  }
}

run "samples_and_retention_are_data" {
  command = plan

  variables {
    success_sample_percent = 5
    log_retention_days     = 30
  }

  assert {
    condition     = aws_sns_topic.this["critical"].http_success_feedback_sample_rate == 5 && aws_cloudwatch_log_group.this["quiet"].retention_in_days == 30
    error_message = "Cheaper where it may be."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                   = "B"
    topics                 = { critical = { display_name = "Bücher!" } }
    subscriptions          = { a = { topic = "critical", protocol = "http", endpoint = "http://example.com" } }
    success_sample_percent = 101
    log_retention_days     = 1
  }

  expect_failures = [
    var.name,
    var.topics,
    var.subscriptions,
    var.success_sample_percent,
    var.log_retention_days,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A bad topic name.
    topics = { "Critical" = { display_name = "Critical" } }
    # An address without a domain.
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "oncall@bookstore" } }
  }

  expect_failures = [var.topics, var.subscriptions]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # A publisher that is no service.
    topics = { critical = { display_name = "Critical", services = ["*"] } }
    # An address with a name.
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "On Call <oncall@bookstore.example.com>" } }
  }

  expect_failures = [var.topics, var.subscriptions]
}

run "refuses_two_addresses_in_one" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "a@example.com,b@example.com" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_a_url_without_https" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "https", endpoint = "events.example.com" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_a_queue_by_url" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "sqs", endpoint = "https://sqs.eu-west-1.amazonaws.com/111111111111/alerts" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_a_filter_that_is_no_object" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "a@example.com", filter_policy = "critical" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_an_unknown_filter_scope" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "a@example.com", filter_scope = "Subject" } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_raw_mail" {
  command = plan

  variables {
    subscriptions = { a = { topic = "critical", protocol = "email", endpoint = "a@example.com", raw = true } }
  }

  expect_failures = [var.subscriptions]
}

run "refuses_an_unknown_topic" {
  command = plan

  variables {
    subscriptions = { a = { topic = "urgent", protocol = "email", endpoint = "a@example.com" } }
  }

  expect_failures = [aws_sns_topic_subscription.this]
}
