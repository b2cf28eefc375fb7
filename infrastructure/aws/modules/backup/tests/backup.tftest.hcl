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
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-west-1:111111111111:backup-vault:bookstore-test" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/backup" }
  }
}

mock_provider "aws" {
  alias = "replica"
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:111111111111:backup-vault:bookstore-test" }
  }
}

variables {
  name      = "bookstore-test"
  key_arn   = "arn:aws:kms:eu-west-1:111111111111:key/backups"
  topic_arn = "arn:aws:sns:eu-west-1:111111111111:warnings"
}

run "safe_by_default" {
  assert {
    condition     = aws_backup_vault.this.kms_key_arn == var.key_arn && !aws_backup_vault.this.force_destroy
    error_message = "The vault is under the given key, and its recovery points stay."
  }
  assert {
    condition = (
      jsondecode(aws_backup_vault_policy.this.policy).Statement[0].Effect == "Deny"
      && jsondecode(aws_backup_vault_policy.this.policy).Statement[0].Principal.AWS == "*"
      && contains(jsondecode(aws_backup_vault_policy.this.policy).Statement[0].Action, "backup:DeleteRecoveryPoint")
    )
    error_message = "Nobody deletes a recovery point."
  }
  assert {
    condition = (
      { for rule in aws_backup_plan.this.rule : rule.rule_name => "${rule.schedule} ${rule.lifecycle[0].delete_after}" }
      == { daily = "cron(0 5 * * ? *) 35", weekly = "cron(0 6 ? * SUN *) 90", monthly = "cron(0 7 1 * ? *) 365" }
      && [for rule in aws_backup_plan.this.rule : rule.rule_name if rule.lifecycle[0].cold_storage_after == 30] == ["monthly"]
    )
    error_message = "Every day, week and month; the months in cold storage."
  }
  assert {
    condition     = alltrue([for rule in aws_backup_plan.this.rule : length(rule.copy_action) == 0 && !rule.enable_continuous_backup && rule.target_vault_name == "bookstore-test"])
    error_message = "Copies and continuous backups are asked for."
  }
  assert {
    condition     = [for tag in aws_backup_selection.tagged.selection_tag : "${tag.key}=${tag.value}"] == ["Backup=true"] && length(aws_backup_selection.named) == 0
    error_message = "What has the tag is backed up."
  }
  assert {
    condition     = aws_backup_vault_notifications.this.sns_topic_arn == var.topic_arn && contains(aws_backup_vault_notifications.this.backup_vault_events, "COPY_JOB_FAILED") && aws_cloudwatch_event_target.failures.arn == var.topic_arn
    error_message = "The topic hears of what failed."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.failures.dead_letter_config) == 0 && output.failure_rule_arn == "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test-backup-failures" && aws_cloudwatch_event_rule.failures.name == "bookstore-test-backup-failures"
    error_message = "A queue can name the rule before it exists."
  }
  assert {
    condition     = contains(jsondecode(aws_cloudwatch_event_rule.failures.event_pattern).detail["$or"][0].state, "FAILED") && !contains(jsondecode(aws_cloudwatch_event_rule.failures.event_pattern).detail["$or"][0].state, "COMPLETED")
    error_message = "And of nothing else."
  }
  assert {
    condition     = length(aws_backup_vault.replica) == 0 && length(aws_backup_vault_lock_configuration.this) == 0 && length(aws_backup_restore_testing_plan.this) == 0 && length(aws_backup_region_settings.this) == 1
    error_message = "Copies, locks and restore tests are asked for."
  }
  assert {
    condition     = output.replica_vault_arn == null && output.vault_name == "bookstore-test" && output.vault_arn == aws_backup_vault.this.arn && output.plan_id == aws_backup_plan.this.id
    error_message = "One vault is known."
  }
}

run "the_roles_reach_only_what_is_theirs" {
  command = plan

  variables {
    resource_arns = ["arn:aws:s3:::bookstore-test-terraform-state"]
  }

  assert {
    condition = alltrue(flatten([
      for policy in [aws_iam_role_policy.backup.policy, aws_iam_role_policy.restore.policy] : [
        for statement in jsondecode(policy).Statement : statement.Effect == "Allow" && !anytrue([for action in statement.Action : strcontains(action, "*")])
      ]
    ]))
    error_message = "Every action is named."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : statement.Sid if statement.Resource == "*"] == ["FindTagged", "FindBuckets"] && length([for statement in jsondecode(aws_iam_role_policy.restore.policy).Statement : statement.Sid if statement.Resource == "*"]) == 0
    error_message = "Only looking around has no resource."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : statement.Resource if statement.Sid == "Buckets"]) == ["arn:aws:s3:::bookstore-test-terraform-state"]
    error_message = "Only the named bucket."
  }
  assert {
    condition     = jsondecode(aws_iam_role.backup.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111111111111" && jsondecode(aws_iam_role.restore.assume_role_policy).Statement[0].Principal.Service == "backup.amazonaws.com"
    error_message = "AWS Backup takes the roles, for this account."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : statement.Condition.StringEquals["kms:ViaService"] if statement.Sid == "KeysThroughServices"]) == ["backup.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com", "rds.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"]
    error_message = "Keys are used through these services only."
  }
  assert {
    condition     = aws_backup_selection.named[0].resources == toset(var.resource_arns)
    error_message = "What is named is backed up beside what has the tag."
  }
}

run "copied_locked_and_tested" {
  variables {
    copy            = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/backups" }
    vault_lock      = { min_retention_days = 7, max_retention_days = 365, changeable_for_days = 3 }
    restore_testing = { metadata = { RDS = { dbSubnetGroupName = "bookstore-test" } } }
    region_settings = false
  }

  assert {
    condition     = aws_backup_vault.replica[0].kms_key_arn == var.copy.key_arn && aws_backup_vault_policy.replica[0].policy == aws_backup_vault_policy.this.policy && output.replica_vault_arn == "arn:aws:backup:eu-central-1:111111111111:backup-vault:bookstore-test"
    error_message = "The other vault is under that region's key, and as closed as the first."
  }
  assert {
    condition     = { for rule in aws_backup_plan.this.rule : rule.rule_name => one([for copy in rule.copy_action : copy.lifecycle[0].delete_after if copy.destination_vault_arn == output.replica_vault_arn]) } == { daily = 35, weekly = 90, monthly = 365 }
    error_message = "Every rule copies, and copies stay as long as originals."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : statement.Condition["ForAllValues:StringEquals"]["backup:CopyTargets"] if statement.Sid == "CopyToTheOtherRegion"]) == [output.replica_vault_arn]
    error_message = "Copies go nowhere else."
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].changeable_for_days == 3 && aws_backup_vault_lock_configuration.replica[0].min_retention_days == 7
    error_message = "Both vaults are locked."
  }
  assert {
    condition     = aws_backup_restore_testing_plan.this[0].name == "bookstore_test" && one(aws_backup_restore_testing_plan.this[0].recovery_point_selection).recovery_point_types == toset(["SNAPSHOT"])
    error_message = "The newest snapshots are restored."
  }
  assert {
    condition     = aws_backup_restore_testing_selection.this["RDS"].restore_metadata_overrides == tomap({ dbSubnetGroupName = "bookstore-test" }) && aws_backup_restore_testing_selection.this["DynamoDB"].validation_window_hours == 1
    error_message = "Databases and tables are tried."
  }
  assert {
    condition     = length(aws_backup_region_settings.this) == 0
    error_message = "The region's settings may be made elsewhere."
  }
}

run "rules_are_data" {
  command = plan

  variables {
    rules = {
      continuous = { schedule = "cron(0 5 * * ? *)", retention_days = 14, continuous = true, copy = false }
      weekly     = { schedule = "cron(0 6 ? * SUN *)", retention_days = 60, start_window_minutes = 120 }
    }
    copy            = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/backups", retention_days = 14 }
    restore_testing = {}
    force_destroy   = true
    timeouts        = { delete = "1h" }
    tags            = { Service = "backup" }
  }

  assert {
    condition     = { for rule in aws_backup_plan.this.rule : rule.rule_name => [rule.enable_continuous_backup, [for copy in rule.copy_action : copy.lifecycle[0].delete_after], rule.start_window] } == { continuous = [true, [], 60], weekly = [false, [14], 120] }
    error_message = "Each rule as it was written."
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_iam_role_policy.backup.policy).Statement : statement.Sid], "ContinuousDatabaseBackups") && one(aws_backup_restore_testing_plan.this[0].recovery_point_selection).recovery_point_types == toset(["CONTINUOUS", "SNAPSHOT"])
    error_message = "Continuous backups need more rights, and are tested too."
  }
  assert {
    condition     = aws_backup_vault.this.force_destroy && aws_backup_vault.replica[0].force_destroy && aws_backup_vault.this.timeouts.delete == "1h" && aws_backup_vault.this.tags.Service == "backup"
    error_message = "A disposable vault goes with what it holds."
  }
  assert {
    condition     = alltrue([for rule in aws_backup_plan.this.rule : rule.recovery_point_tags == tomap({ Service = "backup", Rule = rule.rule_name })])
    error_message = "A recovery point says where it comes from."
  }
}

run "what_cannot_be_told_is_kept" {
  command = plan

  variables {
    dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"
  }

  assert {
    condition     = aws_cloudwatch_event_target.failures.dead_letter_config[0].arn == var.dead_letter_arn
    error_message = "A failed backup that the topic did not take is not lost."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    name            = "bookstore--test"
    rules           = {}
    resource_arns   = ["arn:aws:s3:::*"]
    copy            = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/backups", retention_days = 1 }
    vault_lock      = { min_retention_days = 30, max_retention_days = 7 }
    restore_testing = { schedule = "weekly" }
    timeouts        = { delete = "soon" }
    dead_letter_arn = "undelivered"
  }

  expect_failures = [
    var.name,
    var.rules,
    var.resource_arns,
    var.copy,
    var.vault_lock,
    var.restore_testing,
    var.timeouts,
    var.dead_letter_arn,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A schedule that is no cron.
    rules = { daily = { schedule = "daily", retention_days = 35 } }
    # A lock that closes at once.
    vault_lock = { min_retention_days = 7, changeable_for_days = 1 }
    # A window of no days and types it does not test.
    restore_testing = { selection_window_days = 0, metadata = { EFS = {} } }
  }

  expect_failures = [var.rules, var.vault_lock, var.restore_testing]
}

run "refuses_less_than_ninety_days_of_cold_storage" {
  command = plan

  variables {
    rules = { monthly = { schedule = "cron(0 7 1 * ? *)", retention_days = 60, cold_storage_after_days = 30 } }
  }

  expect_failures = [var.rules]
}

run "refuses_more_than_five_weeks_of_continuous_backups" {
  command = plan

  variables {
    rules = { daily = { schedule = "cron(0 5 * * ? *)", retention_days = 90, continuous = true } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_retention_of_nothing" {
  command = plan

  variables {
    rules = { daily = { schedule = "cron(0 5 * * ? *)", retention_days = 0 } }
  }

  expect_failures = [var.rules]
}

run "refuses_a_window_that_ends_before_it_starts" {
  command = plan

  variables {
    rules = { daily = { schedule = "cron(0 5 * * ? *)", retention_days = 35, start_window_minutes = 120, completion_window_hours = 1 } }
  }

  expect_failures = [var.rules]
}

run "refuses_rules_that_the_lock_refuses" {
  command = plan

  variables {
    vault_lock = { min_retention_days = 60 }
  }

  expect_failures = [aws_backup_plan.this]
}
