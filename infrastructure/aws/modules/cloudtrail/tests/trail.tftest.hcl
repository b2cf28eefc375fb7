mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/cloudtrail/bookstore-test" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-cloudtrail-logs" }
  }
  mock_resource "aws_cloudtrail" {
    defaults = { arn = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/bookstore-test" }
  }
}

variables {
  name        = "bookstore-test"
  key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/buckets"
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
  log_bucket  = "bookstore-test-logs-111111111111"
}

run "every_call_everywhere" {
  assert {
    condition = (
      aws_cloudtrail.this.is_multi_region_trail
      && aws_cloudtrail.this.include_global_service_events
      && aws_cloudtrail.this.enable_log_file_validation
      && aws_cloudtrail.this.enable_logging
      && aws_cloudtrail.this.kms_key_id == var.key_arn
    )
    error_message = "All regions, validated and encrypted."
  }
  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == "${aws_cloudwatch_log_group.this.arn}:*" && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "Events reach an encrypted log group, where alarms see them."
  }
  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 0 && length(aws_cloudtrail.this.insight_selector) == 0
    error_message = "What is paid by the event is asked for."
  }
  assert {
    condition     = output.trail_arn == "arn:aws:cloudtrail:eu-west-1:111111111111:trail/bookstore-test" && output.log_group_name == "/aws/cloudtrail/bookstore-test" && output.bucket == "bookstore-test-trail-111111111111"
    error_message = "Alarms and readers find the trail."
  }
  # Only this trail writes.
  assert {
    condition = (
      jsondecode(aws_iam_role.logs.assume_role_policy).Statement[0].Principal.Service == "cloudtrail.amazonaws.com"
      && jsondecode(aws_iam_role.logs.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:eu-west-1:111111111111:trail/bookstore-test"
      && jsondecode(aws_iam_role_policy.logs.policy).Statement[0].Action == ["logs:CreateLogStream", "logs:PutLogEvents"]
      && jsondecode(aws_iam_role_policy.logs.policy).Statement[0].Resource == "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/cloudtrail/bookstore-test:log-stream:111111111111_CloudTrail_eu-west-1*"
    )
    error_message = "The role is this trail's, for its own stream."
  }
}

run "all_that_can_be_recorded" {
  command = plan

  variables {
    data_events      = true
    insights         = true
    object_lock_days = 30
    object_lock_mode = "GOVERNANCE"
    retention_days   = 90
    force_destroy    = true
    timeouts         = { create = "30m" }
  }

  assert {
    condition     = toset([for selector in aws_cloudtrail.this.advanced_event_selector : selector.name]) == toset(["Management events", "Objects of buckets", "Items of tables"])
    error_message = "Data events come beside management events, not in their place."
  }
  assert {
    condition = flatten([
      for selector in aws_cloudtrail.this.advanced_event_selector : [for field in selector.field_selector : field.not_starts_with if field.field == "resources.ARN"] if selector.name == "Objects of buckets"
    ]) == ["arn:aws:s3:::bookstore-test-trail-111111111111/", "arn:aws:s3:::bookstore-test-logs-111111111111/"]
    error_message = "Deliveries of logs are not events that are delivered again."
  }
  assert {
    condition     = toset([for selector in aws_cloudtrail.this.insight_selector : selector.insight_type]) == toset(["ApiCallRateInsight", "ApiErrorRateInsight"])
    error_message = "Unusual calls and errors are looked for."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name               = "bookstore--test"
    log_retention_days = 1
    log_bucket         = ""
    retention_days     = 30
    object_lock_days   = 0
    object_lock_mode   = "NONE"
    timeouts           = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.log_retention_days,
    var.log_bucket,
    var.retention_days,
    var.object_lock_days,
    var.object_lock_mode,
    var.timeouts,
  ]
}

run "refuses_to_expire_what_is_locked" {
  command = plan

  variables {
    retention_days   = 90
    object_lock_days = 365
  }

  expect_failures = [aws_cloudtrail.this]
}
