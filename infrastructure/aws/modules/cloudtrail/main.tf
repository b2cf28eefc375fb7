data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  region      = data.aws_region.current.name
  bucket_name = "${var.name}-trail-${local.account_id}"
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"
  # Written out, because the bucket's policy must be in force before the trail is made.
  trail_arn = "arn:${local.partition}:cloudtrail:${local.region}:${local.account_id}:trail/${var.name}"

  # Selectors take the place of the trail's default, which is management events alone.
  selectors = var.data_events ? {
    "Management events" = { eventCategory = { equals = ["Management"] } }
    # Not the log buckets: every delivery would be an event, and every event a delivery.
    "Objects of buckets" = {
      eventCategory    = { equals = ["Data"] }
      "resources.type" = { equals = ["AWS::S3::Object"] }
      "resources.ARN"  = { not_starts_with = ["${local.bucket_arn}/", "arn:${local.partition}:s3:::${var.log_bucket}/"] }
    }
    "Items of tables" = {
      eventCategory    = { equals = ["Data"] }
      "resources.type" = { equals = ["AWS::DynamoDB::Table"] }
    }
  } : {}
}

module "bucket" {
  source = "../bucket"

  name             = local.bucket_name
  key_arn          = var.key_arn
  log_bucket       = var.log_bucket
  object_lock_days = var.object_lock_days
  object_lock_mode = var.object_lock_mode
  expiration_days  = var.retention_days
  # What would expire first does not move.
  transitions   = { for class, days in var.transitions : class => days if days < var.retention_days }
  force_destroy = var.force_destroy
  timeouts      = var.timeouts

  policy_statements = [
    {
      Sid       = "TrailLooksAtTheBucket"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = local.bucket_arn
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    },
    {
      Sid       = "TrailWritesItsFiles"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arn}/AWSLogs/${local.account_id}/*"
      Condition = {
        StringEquals = {
          "aws:SourceArn" = local.trail_arn
          "s3:x-amz-acl"  = "bucket-owner-full-control"
        }
      }
    },
  ]

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost, and the bucket more
  name              = "/aws/cloudtrail/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "logs" {
  name = "${var.name}-cloudtrail-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "logs" {
  name = "write-events"
  role = aws_iam_role.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.this.arn}:log-stream:${local.account_id}_CloudTrail_${local.region}*"
    }]
  })
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_252:Alarms read the log group; a message for every file delivered would tell nobody anything
  name           = var.name
  s3_bucket_name = module.bucket.id
  kms_key_id     = var.key_arn

  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  enable_logging                = true

  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.this.arn}:*"
  cloud_watch_logs_role_arn  = aws_iam_role.logs.arn

  dynamic "advanced_event_selector" {
    for_each = local.selectors

    content {
      name = advanced_event_selector.key

      dynamic "field_selector" {
        for_each = advanced_event_selector.value

        content {
          field           = field_selector.key
          equals          = lookup(field_selector.value, "equals", null)
          not_starts_with = lookup(field_selector.value, "not_starts_with", null)
        }
      }
    }
  }

  dynamic "insight_selector" {
    for_each = var.insights ? ["ApiCallRateInsight", "ApiErrorRateInsight"] : []

    content {
      insight_type = insight_selector.value
    }
  }

  tags = merge(var.tags, { Name = var.name })

  # CloudTrail tries the role when the trail is made.
  depends_on = [aws_iam_role_policy.logs]

  lifecycle {
    precondition {
      condition     = var.retention_days >= var.object_lock_days
      error_message = "retention_days is ${var.retention_days}: write at least ${var.object_lock_days}, the days of object_lock_days, in which nothing can expire."
    }
  }
}
