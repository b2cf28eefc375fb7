data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_region" "replica" {
  provider = aws.replica
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  regions    = var.copy == null ? [local.region] : [local.region, data.aws_region.replica.name]
  vault_arns = [for region in local.regions : "arn:${local.partition}:backup:${region}:${local.account_id}:backup-vault:${var.name}"]

  failure_rule     = "${var.name}-backup-failures"
  failure_rule_arn = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.failure_rule}"

  buckets    = [for arn in var.resource_arns : arn if startswith(arn, "arn:${local.partition}:s3:::")]
  continuous = anytrue([for rule in values(var.rules) : rule.continuous])
  # AWS Backup gives what it restores for a test names of its own.
  restored = ["${var.name}*", "awsbackup-restore-test-*"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })

  # Recovery points end with their rule only; nobody ends one by hand.
  vault_policies = {
    for region in toset(local.regions) : region => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "KeepRecoveryPoints"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
        Resource  = "*"
      }]
    })
  }

  # Which key a recovery point is under is the resource's choice: the keys' own policies say
  # who may use them, and here they may be used through these services only.
  keys = [
    {
      Sid       = "KeysThroughServices"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = [for region in local.regions : "arn:${local.partition}:kms:${region}:${local.account_id}:key/*"]
      Condition = { StringEquals = { "kms:ViaService" = [for pair in setproduct(["backup", "dynamodb", "rds", "s3"], local.regions) : "${pair[0]}.${pair[1]}.amazonaws.com"] } }
    },
    {
      Sid       = "KeyGrantsForServices"
      Effect    = "Allow"
      Action    = ["kms:CreateGrant"]
      Resource  = [for region in local.regions : "arn:${local.partition}:kms:${region}:${local.account_id}:key/*"]
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
  ]
}

resource "aws_backup_region_settings" "this" {
  count = var.region_settings ? 1 : 0

  resource_type_opt_in_preference = {
    DynamoDB = true
    RDS      = true
    S3       = true
  }
  # Without it tables have neither cold storage nor copies.
  resource_type_management_preference = {
    DynamoDB = true
  }

  lifecycle {
    # AWS answers with every type it knows, and knows more every year.
    ignore_changes = [resource_type_opt_in_preference, resource_type_management_preference]
  }
}

resource "aws_backup_vault" "this" {
  name          = var.name
  kms_key_arn   = var.key_arn
  force_destroy = var.force_destroy

  timeouts {
    delete = var.timeouts.delete
  }

  tags = var.tags
}

resource "aws_backup_vault_policy" "this" {
  backup_vault_name = aws_backup_vault.this.name
  policy            = local.vault_policies[local.region]
}

resource "aws_backup_vault_lock_configuration" "this" {
  count = var.vault_lock == null ? 0 : 1

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.vault_lock.min_retention_days
  max_retention_days  = var.vault_lock.max_retention_days
  changeable_for_days = var.vault_lock.changeable_for_days
}

# Failed jobs of backup and restore are told by the rule below: AWS Backup tells of their
# success under the same event.
resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.topic_arn
  backup_vault_events = ["COPY_JOB_FAILED", "S3_BACKUP_OBJECT_FAILED", "S3_RESTORE_OBJECT_FAILED"]
}

resource "aws_cloudwatch_event_rule" "failures" {
  name        = local.failure_rule
  description = "Backup and restore jobs of AWS Backup that did not succeed"
  event_pattern = jsonencode({
    source      = ["aws.backup"]
    detail-type = ["Backup Job State Change", "Restore Job State Change"]
    detail = {
      "$or" = [
        { state = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"] },
        { status = ["ABORTED", "FAILED"] },
      ]
    }
  })

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "failures" {
  rule      = aws_cloudwatch_event_rule.failures.name
  target_id = "topic"
  arn       = var.topic_arn

  dynamic "dead_letter_config" {
    for_each = var.dead_letter_arn[*]

    content {
      arn = dead_letter_config.value
    }
  }

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}

resource "aws_backup_vault" "replica" {
  count = var.copy == null ? 0 : 1

  provider = aws.replica

  name          = var.name
  kms_key_arn   = var.copy.key_arn
  force_destroy = var.force_destroy

  timeouts {
    delete = var.timeouts.delete
  }

  tags = var.tags
}

resource "aws_backup_vault_policy" "replica" {
  count = var.copy == null ? 0 : 1

  provider = aws.replica

  backup_vault_name = aws_backup_vault.replica[0].name
  policy            = local.vault_policies[data.aws_region.replica.name]
}

resource "aws_backup_vault_lock_configuration" "replica" {
  count = var.copy == null || var.vault_lock == null ? 0 : 1

  provider = aws.replica

  backup_vault_name   = aws_backup_vault.replica[0].name
  min_retention_days  = var.vault_lock.min_retention_days
  max_retention_days  = var.vault_lock.max_retention_days
  changeable_for_days = var.vault_lock.changeable_for_days
}

resource "aws_backup_plan" "this" {
  name = var.name

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name                    = rule.key
      target_vault_name            = aws_backup_vault.this.name
      schedule                     = rule.value.schedule
      schedule_expression_timezone = "Etc/UTC"
      start_window                 = rule.value.start_window_minutes
      completion_window            = rule.value.completion_window_hours * 60
      enable_continuous_backup     = rule.value.continuous
      recovery_point_tags          = merge(var.tags, { Rule = rule.key })

      lifecycle {
        cold_storage_after = rule.value.cold_storage_after_days
        delete_after       = rule.value.retention_days
      }

      dynamic "copy_action" {
        for_each = rule.value.copy ? aws_backup_vault.replica[*].arn : []

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = coalesce(var.copy.retention_days, rule.value.retention_days)
          }
        }
      }
    }
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition = var.vault_lock == null || alltrue([
        for days in concat(values(var.rules)[*].retention_days, compact([try(var.copy.retention_days, null)])) :
        tonumber(days) >= try(var.vault_lock.min_retention_days, 0) && tonumber(days) <= coalesce(try(var.vault_lock.max_retention_days, null), 36500)
      ])
      error_message = "vault_lock refuses what rules or copy keep: write retention_days from vault_lock.min_retention_days to max_retention_days everywhere, or widen vault_lock."
    }
    precondition {
      condition     = var.copy == null || data.aws_region.replica.name != local.region
      error_message = "copy goes to ${data.aws_region.replica.name}, where the originals are: give aws.replica another region, such as \"eu-central-1\"."
    }
  }
}

resource "aws_backup_selection" "tagged" {
  name         = "tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "true"
  }

  depends_on = [aws_iam_role_policy.backup]
}

resource "aws_backup_selection" "named" {
  count = length(var.resource_arns) > 0 ? 1 : 0

  name         = "named"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = var.resource_arns

  depends_on = [aws_iam_role_policy.backup]
}

resource "aws_iam_role" "backup" {
  name               = "${var.name}-backup"
  description        = "Takes and copies the backups of ${var.name}"
  assume_role_policy = local.assume_role_policy

  tags = var.tags
}

resource "aws_iam_role_policy" "backup" {
  name = "backup"
  role = aws_iam_role.backup.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "Tables"
          Effect   = "Allow"
          Action   = ["dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"]
          Resource = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${var.name}-*"
        },
        {
          Sid      = "TableBackups"
          Effect   = "Allow"
          Action   = ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"]
          Resource = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${var.name}-*/backup/*"
        },
        {
          Sid      = "FindDatabases"
          Effect   = "Allow"
          Action   = ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"]
          Resource = flatten([for region in local.regions : [for kind in ["db", "snapshot"] : "arn:${local.partition}:rds:${region}:${local.account_id}:${kind}:*"]])
        },
        {
          Sid    = "DatabaseSnapshots"
          Effect = "Allow"
          Action = ["rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot"]
          Resource = concat(
            ["arn:${local.partition}:rds:${local.region}:${local.account_id}:db:${var.name}*"],
            [for region in local.regions : "arn:${local.partition}:rds:${region}:${local.account_id}:snapshot:awsbackup:*"],
          )
        },
        {
          Sid      = "Vaults"
          Effect   = "Allow"
          Action   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
          Resource = local.vault_arns
        },
        {
          Sid      = "RecoveryPointTags"
          Effect   = "Allow"
          Action   = ["backup:TagResource"]
          Resource = [for region in local.regions : "arn:${local.partition}:backup:${region}:${local.account_id}:recovery-point:*"]
        },
        {
          # No resource can be named for it.
          Sid      = "FindTagged"
          Effect   = "Allow"
          Action   = ["tag:GetResources"]
          Resource = "*"
        },
      ],
      local.keys,
      [for statement in [{
        # No resource can be named for it: its condition names the one vault.
        Sid       = "CopyToTheOtherRegion"
        Effect    = "Allow"
        Action    = ["backup:CopyFromBackupVault"]
        Resource  = "*"
        Condition = { "ForAllValues:StringEquals" = { "backup:CopyTargets" = slice(local.vault_arns, 1, length(local.vault_arns)) } }
      }] : statement if var.copy != null],
      [for statement in [{
        Sid    = "ContinuousDatabaseBackups"
        Effect = "Allow"
        Action = ["rds:DeleteDBInstanceAutomatedBackup", "rds:ModifyDBInstance"]
        Resource = [
          "arn:${local.partition}:rds:${local.region}:${local.account_id}:auto-backup:*",
          "arn:${local.partition}:rds:${local.region}:${local.account_id}:db:${var.name}*",
        ]
      }] : statement if local.continuous],
      [for statement in [
        {
          Sid      = "Buckets"
          Effect   = "Allow"
          Action   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketNotification", "s3:PutInventoryConfiguration"]
          Resource = local.buckets
        },
        {
          Sid      = "Objects"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
          Resource = [for arn in local.buckets : "${arn}/*"]
        },
        {
          Sid      = "ChangesOfBuckets"
          Effect   = "Allow"
          Action   = ["events:DeleteRule", "events:DescribeRule", "events:DisableRule", "events:EnableRule", "events:ListTargetsByRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets"]
          Resource = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/AwsBackupManagedRule*"
        },
        {
          # No resource can be named for these; none of them reads an object.
          Sid      = "FindBuckets"
          Effect   = "Allow"
          Action   = ["cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets"]
          Resource = "*"
        },
      ] : statement if length(local.buckets) > 0],
    )
  })
}

resource "aws_iam_role" "restore" {
  name               = "${var.name}-restore"
  description        = "Restores the backups of ${var.name}"
  assume_role_policy = local.assume_role_policy

  tags = var.tags
}

resource "aws_iam_role_policy" "restore" {
  name = "restore"
  role = aws_iam_role.restore.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "FindDatabases"
          Effect   = "Allow"
          Action   = ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"]
          Resource = flatten([for kind in ["db", "snapshot"] : "arn:${local.partition}:rds:${local.region}:${local.account_id}:${kind}:*"])
        },
        {
          Sid    = "Databases"
          Effect = "Allow"
          Action = ["rds:AddTagsToResource", "rds:CreateDBInstance", "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"]
          Resource = concat(
            [for name in local.restored : "arn:${local.partition}:rds:${local.region}:${local.account_id}:db:${name}"],
            [for kind in ["pg", "subgrp"] : "arn:${local.partition}:rds:${local.region}:${local.account_id}:${kind}:${var.name}*"],
            [
              "arn:${local.partition}:rds:${local.region}:${local.account_id}:auto-backup:*",
              "arn:${local.partition}:rds:${local.region}:${local.account_id}:og:default:*",
              "arn:${local.partition}:rds:${local.region}:${local.account_id}:pg:default.*",
              "arn:${local.partition}:rds:${local.region}:${local.account_id}:snapshot:awsbackup:*",
            ],
          )
        },
        {
          Sid      = "TestedDatabases"
          Effect   = "Allow"
          Action   = ["rds:DeleteDBInstance"]
          Resource = "arn:${local.partition}:rds:${local.region}:${local.account_id}:db:awsbackup-restore-test-*"
        },
        {
          Sid      = "Tables"
          Effect   = "Allow"
          Action   = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:Scan", "dynamodb:UpdateItem"]
          Resource = [for name in local.restored : "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${name}"]
        },
        {
          Sid      = "TableBackups"
          Effect   = "Allow"
          Action   = ["dynamodb:RestoreTableFromBackup"]
          Resource = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${var.name}-*/backup/*"
        },
      ],
      local.keys,
      [for statement in [
        {
          Sid      = "Buckets"
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:GetBucketOwnershipControls", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"]
          Resource = local.buckets
        },
        {
          Sid      = "Objects"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl"]
          Resource = [for arn in local.buckets : "${arn}/*"]
        },
      ] : statement if length(local.buckets) > 0],
    )
  })
}

resource "aws_backup_restore_testing_plan" "this" {
  count = var.restore_testing == null ? 0 : 1

  # Letters, digits and underscores are all that AWS Backup allows here.
  name                         = replace(var.name, "-", "_")
  schedule_expression          = var.restore_testing.schedule
  schedule_expression_timezone = "Etc/UTC"
  start_window_hours           = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = local.continuous ? ["CONTINUOUS", "SNAPSHOT"] : ["SNAPSHOT"]
    selection_window_days = var.restore_testing.selection_window_days
  }

  tags = var.tags
}

resource "aws_backup_restore_testing_selection" "this" {
  for_each = var.restore_testing == null ? toset([]) : toset(["DynamoDB", "RDS"])

  name                       = lower(each.key)
  restore_testing_plan_name  = aws_backup_restore_testing_plan.this[0].name
  protected_resource_type    = each.key
  protected_resource_arns    = ["*"]
  iam_role_arn               = aws_iam_role.restore.arn
  restore_metadata_overrides = lookup(var.restore_testing.metadata, each.key, null)
  validation_window_hours    = var.restore_testing.validation_window_hours

  depends_on = [aws_iam_role_policy.restore]
}
