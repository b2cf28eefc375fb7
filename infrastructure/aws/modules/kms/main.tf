data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  # The account's own IAM decides who, among the actions granted here.
  account_root = "arn:${local.partition}:iam::${local.account_id}:root"

  administration = {
    Sid    = "Administration"
    Effect = "Allow"
    Principal = {
      AWS = length(var.administrators) > 0 ? sort(var.administrators) : [local.account_root]
    }
    # No use of the key for data: that goes through the services below only.
    Action = [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:DeleteAlias",
      "kms:DescribeKey",
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListKeyRotations",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:RotateKeyOnDemand",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ]
    Resource = "*"
  }

  via_services = {
    for domain, key in var.keys : domain => [
      {
        Sid       = "UseThroughServices"
        Effect    = "Allow"
        Principal = { AWS = [local.account_root] }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:RetireGrant"]
        Resource  = "*"
        Condition = {
          StringEquals = { "kms:ViaService" = [for service in sort(key.via_services) : "${service}.${local.region}.amazonaws.com"] }
        }
      },
      {
        Sid       = "GrantsForServices"
        Effect    = "Allow"
        Principal = { AWS = [local.account_root] }
        Action    = ["kms:CreateGrant"]
        Resource  = "*"
        Condition = {
          Bool         = { "kms:GrantIsForAWSResource" = "true" }
          StringEquals = { "kms:ViaService" = [for service in sort(key.via_services) : "${service}.${local.region}.amazonaws.com"] }
        }
      },
    ] if length(key.via_services) > 0
  }

  services = {
    for domain, key in var.keys : domain => concat(
      [for named in [setsubtract(key.services, ["events"])] : {
        Sid       = "ServicesForThisAccount"
        Effect    = "Allow"
        Principal = { Service = [for service in sort(named) : "${service}.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      } if length(named) > 0],
      # EventBridge names no account when it publishes to an encrypted topic; the topics' and
      # queues' own policies say which rules may.
      # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
      [for service in ["events"] : {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
        Resource  = "*"
      } if contains(key.services, service)],
    ) if length(key.services) > 0
  }

  # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
  trails = {
    for domain, key in var.keys : domain => [{
      Sid       = "TrailsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = {
        StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:${local.partition}:cloudtrail:*:${local.account_id}:trail/*" }
      }
      }, {
      Sid       = "DescribeForTrails"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
    }] if key.trails
  }

  log_groups = {
    for domain, key in var.keys : domain => [{
      Sid       = "LogGroupsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "logs.${local.region}.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:*" }
      }
    }] if key.log_groups
  }
}

resource "aws_kms_key" "this" {
  for_each = var.keys

  description             = "${var.name}: ${each.value.description}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.administration],
      lookup(local.via_services, each.key, []),
      lookup(local.services, each.key, []),
      lookup(local.trails, each.key, []),
      lookup(local.log_groups, each.key, []),
    )
  })

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_kms_alias" "this" {
  for_each = var.keys

  name          = "alias/${var.name}/${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
