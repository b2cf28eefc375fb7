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
  mock_resource "aws_guardduty_detector" {
    defaults = { id = "detector" }
  }
}

variables {
  name       = "bookstore-test"
  key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/buckets"
  log_bucket = "bookstore-test-logs-111111111111"
}

run "off_by_default" {
  command = plan

  assert {
    condition = (
      length(module.bucket) + length(aws_config_configuration_recorder.this) + length(aws_config_delivery_channel.this)
      + length(aws_config_configuration_recorder_status.this) + length(aws_config_retention_configuration.this)
      + length(aws_config_config_rule.this) + length(aws_iam_service_linked_role.config)
      + length(aws_securityhub_account.this) + length(aws_securityhub_standards_subscription.this)
      + length(aws_guardduty_detector.this) + length(aws_guardduty_detector_feature.this) + length(aws_guardduty_detector_feature.runtime)
      + length(aws_accessanalyzer_analyzer.this)
    ) == 0
    error_message = "Nothing is made that was not asked for."
  }
  assert {
    condition     = output.recorder_name == null && output.bucket == null && output.security_hub_arn == null && output.guardduty_detector_id == null && output.access_analyzer_arn == null && output.config_rule_names == {}
    error_message = "What is off has no name."
  }
}

run "config" {
  command = plan

  variables {
    config = true
  }

  assert {
    condition = (
      aws_config_configuration_recorder.this[0].recording_group[0].all_supported
      && aws_config_configuration_recorder.this[0].recording_group[0].include_global_resource_types
      && aws_config_configuration_recorder.this[0].role_arn == "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
      && aws_config_configuration_recorder_status.this[0].is_enabled
    )
    error_message = "Every resource is recorded, under the service's own role."
  }
  assert {
    condition     = aws_config_delivery_channel.this[0].s3_bucket_name == "bookstore-test-config-111111111111" && aws_config_delivery_channel.this[0].s3_kms_key_arn == var.key_arn && aws_config_retention_configuration.this[0].retention_period_in_days == 2557
    error_message = "History is delivered encrypted and kept."
  }
  assert {
    condition = (
      length(aws_config_config_rule.this) == 21
      && alltrue([for rule in aws_config_config_rule.this : rule.source[0].owner == "AWS" && startswith(rule.name, "bookstore-test-")])
      && jsondecode(aws_config_config_rule.this["access-keys-rotated"].input_parameters) == { maxAccessKeyAge = "90" }
      && aws_config_config_rule.this["rds-encrypted"].input_parameters == null
      && output.config_rule_names["rds-encrypted"] == "bookstore-test-rds-encrypted"
    )
    error_message = "AWS's rules judge."
  }
  assert {
    condition     = length(aws_iam_service_linked_role.config) == 1 && length(aws_securityhub_account.this) == 0
    error_message = "One switch turns on one service."
  }
}

run "config_in_an_account_that_has_its_role" {
  command = plan

  variables {
    config              = true
    service_linked_role = false
    config_rules        = { one = { identifier = "RDS_STORAGE_ENCRYPTED" } }
    retention_days      = 90
    force_destroy       = true
  }

  assert {
    condition     = length(aws_iam_service_linked_role.config) == 0 && length(aws_config_config_rule.this) == 1 && aws_config_retention_configuration.this[0].retention_period_in_days == 90
    error_message = "The role is used as it is found; rules are data."
  }
}

run "security_hub" {
  command = plan

  variables {
    security_hub = true
    timeouts     = { standards = "30m" }
  }

  assert {
    condition = { for name, standard in aws_securityhub_standards_subscription.this : name => standard.standards_arn } == {
      cis         = "arn:aws:securityhub:eu-west-1::standards/cis-aws-foundations-benchmark/v/5.0.0"
      foundations = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
    }
    error_message = "Both standards are on."
  }
  assert {
    condition     = !aws_securityhub_account.this[0].enable_default_standards && aws_securityhub_account.this[0].auto_enable_controls && aws_securityhub_standards_subscription.this["cis"].timeouts.create == "30m"
    error_message = "Standards are those named, new controls come by themselves."
  }
}

run "guardduty_and_access_analyzer" {
  command = plan

  variables {
    guardduty       = true
    access_analyzer = true
  }

  assert {
    condition = (
      aws_guardduty_detector.this[0].enable
      && keys(aws_guardduty_detector_feature.this) == ["LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"]
      && alltrue([for feature in aws_guardduty_detector_feature.this : feature.status == "ENABLED"])
      && aws_guardduty_detector_feature.runtime[0].additional_configuration[0].name == "ECS_FARGATE_AGENT_MANAGEMENT"
    )
    error_message = "Storage, logins, functions and tasks are watched."
  }
  assert {
    condition     = aws_accessanalyzer_analyzer.this[0].type == "ACCOUNT" && length(aws_config_configuration_recorder.this) == 0
    error_message = "What is shared outside of the account is found."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name               = "bookstore--test"
    config_rules       = { RdsEncrypted = { identifier = "RDS_STORAGE_ENCRYPTED" } }
    security_standards = { cis = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0" }
    log_bucket         = ""
    retention_days     = 3000
    timeouts           = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.config_rules,
    var.security_standards,
    var.log_bucket,
    var.retention_days,
    var.timeouts,
  ]
}

run "refuses_a_rule_that_is_not_managed" {
  command = plan

  variables {
    config_rules = { mine = { identifier = "arn:aws:lambda:eu-west-1:111111111111:function:mine" } }
  }

  expect_failures = [var.config_rules]
}
