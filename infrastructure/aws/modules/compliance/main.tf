data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  bucket_name = "${var.name}-config-${local.account_id}"
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"
  role_arn    = "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"

  # Protections that GuardDuty adds to the log sources it always reads.
  guardduty_features = toset(["LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"])
}

module "bucket" {
  source = "../bucket"
  count  = var.config ? 1 : 0

  name            = local.bucket_name
  key_arn         = var.key_arn
  log_bucket      = var.log_bucket
  expiration_days = var.retention_days
  force_destroy   = var.force_destroy
  timeouts        = { create = var.timeouts.create, update = var.timeouts.update, delete = var.timeouts.delete }

  policy_statements = [
    {
      Sid       = "ConfigLooksAtTheBucket"
      Effect    = "Allow"
      Principal = { Service = "config.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = local.bucket_arn
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    },
    {
      Sid       = "ConfigDelivers"
      Effect    = "Allow"
      Principal = { Service = "config.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arn}/AWSLogs/${local.account_id}/Config/*"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account_id
          "s3:x-amz-acl"      = "bucket-owner-full-control"
        }
      }
    },
  ]

  tags = var.tags
}

resource "aws_iam_service_linked_role" "config" {
  count = var.config && var.service_linked_role ? 1 : 0

  aws_service_name = "config.amazonaws.com"
  description      = "AWS Config reads the resources of this account"

  tags = var.tags
}

resource "aws_config_configuration_recorder" "this" {
  count = var.config ? 1 : 0

  name = var.name
  # The service-linked role, as Config.1 asks.
  role_arn = local.role_arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }

  depends_on = [aws_iam_service_linked_role.config]
}

resource "aws_config_delivery_channel" "this" {
  count = var.config ? 1 : 0

  name           = var.name
  s3_bucket_name = module.bucket[0].id
  s3_kms_key_arn = var.key_arn

  snapshot_delivery_properties {
    delivery_frequency = "TwentyFour_Hours"
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = var.config ? 1 : 0

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  # Without a channel the recorder does not start.
  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_retention_configuration" "this" {
  count = var.config ? 1 : 0

  retention_period_in_days = var.retention_days

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_config_rule" "this" {
  for_each = var.config ? var.config_rules : {}

  name             = "${var.name}-${each.key}"
  input_parameters = length(each.value.input_parameters) > 0 ? jsonencode(each.value.input_parameters) : null

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_securityhub_account" "this" {
  count = var.security_hub ? 1 : 0

  # Standards are those named below, not what Security Hub would choose by itself.
  enable_default_standards  = false
  auto_enable_controls      = true
  control_finding_generator = "SECURITY_CONTROL"
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = var.security_hub ? var.security_standards : {}

  standards_arn = "arn:${local.partition}:securityhub:${data.aws_region.current.name}::standards/${each.value}"

  timeouts {
    create = var.timeouts.standards
    delete = var.timeouts.standards
  }

  depends_on = [aws_securityhub_account.this]
}

resource "aws_guardduty_detector" "this" {
  #checkov:skip=CKV2_AWS_3:Each account watches itself; turning it on for an organization is the work of its administrator account
  count = var.guardduty ? 1 : 0

  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = var.guardduty ? local.guardduty_features : toset([])

  detector_id = aws_guardduty_detector.this[0].id
  name        = each.key
  status      = "ENABLED"
}

# Its agent watches the processes of Fargate tasks.
resource "aws_guardduty_detector_feature" "runtime" {
  count = var.guardduty ? 1 : 0

  detector_id = aws_guardduty_detector.this[0].id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}

resource "aws_accessanalyzer_analyzer" "this" {
  count = var.access_analyzer ? 1 : 0

  analyzer_name = var.name
  type          = "ACCOUNT"

  tags = merge(var.tags, { Name = var.name })
}
