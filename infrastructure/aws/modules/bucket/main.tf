data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  arn        = "arn:${local.partition}:s3:::${var.name}"

  # Neither S3's access logs nor a load balancer's can be delivered under a customer's key.
  customer_key = length(var.log_delivery) == 0

  statements = concat(
    [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Tls12AtLeast"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ],
    [
      for service in ["s3"] : {
        Sid       = "AccessLogsOfBuckets"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.arn}/*"
        Condition = {
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:s3:::*" }
          StringEquals = { "aws:SourceAccount" = local.account_id }
        }
      } if contains(var.log_delivery, service)
    ],
    [
      for service in ["load_balancers"] : {
        Sid       = "LogsOfLoadBalancers"
        Effect    = "Allow"
        Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
        Action    = "s3:PutObject"
        # Only what it delivers for this account, under whatever prefix a load balancer has.
        Resource = "${local.arn}/*/AWSLogs/${local.account_id}/*"
      } if contains(var.log_delivery, service)
    ],
    var.policy_statements,
  )
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Logged to log_bucket where it is given; a log bucket cannot log to itself without end
  #checkov:skip=CKV_AWS_144:What must outlive a region is copied by backups; logs and artifacts are of their region
  #checkov:skip=CKV_AWS_145:Under key_arn, which a precondition demands; only delivered logs, which cannot, are under S3's own key
  #checkov:skip=CKV2_AWS_62:Nothing acts on objects as they come; what was done to them is in the access log
  bucket              = var.name
  object_lock_enabled = var.object_lock_days != null
  force_destroy       = var.force_destroy

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = local.customer_key == (var.key_arn != null)
      error_message = local.customer_key ? "key_arn is null: write the KMS key of the bucket; only a bucket with log_delivery goes without." : "key_arn must be null with log_delivery: S3 and load balancers cannot deliver logs under a customer's key."
    }
    precondition {
      condition     = !(contains(var.log_delivery, "s3") && var.object_lock_days != null)
      error_message = "object_lock_days must be null where log_delivery has \"s3\": S3 delivers no access logs to a bucket with a default retention."
    }
    precondition {
      condition     = !(var.force_destroy && var.object_lock_days != null && var.object_lock_mode == "COMPLIANCE")
      error_message = "force_destroy cannot delete what is locked in COMPLIANCE mode: write object_lock_mode = \"GOVERNANCE\", or force_destroy = false."
    }
    precondition {
      condition     = var.expiration_days == null || try(alltrue([for days in values(var.transitions) : days < var.expiration_days]), true)
      error_message = "expiration_days must be above every age of transitions: objects would expire before they move."
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # One request to KMS for many objects.
    bucket_key_enabled = local.customer_key

    apply_server_side_encryption_by_default {
      sse_algorithm     = local.customer_key ? "aws:kms" : "AES256"
      kms_master_key_id = local.customer_key ? var.key_arn : null
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements
  })

  # S3 refuses a policy while another setting of the bucket is being made.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "storage"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_multipart_days
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    dynamic "transition" {
      for_each = var.transitions

      content {
        storage_class = transition.key
        days          = transition.value
      }
    }

    dynamic "expiration" {
      for_each = var.expiration_days == null ? [] : [var.expiration_days]

      content {
        days = expiration.value
      }
    }
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
  }

  # Rules about old versions need versions.
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  count = var.log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.this.id
  target_bucket = var.log_bucket
  target_prefix = "s3/${var.name}/"

  # Dates in the path let a query read one day only.
  target_object_key_format {
    partitioned_prefix {
      partition_date_source = "EventTime"
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count = var.object_lock_days == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  rule {
    default_retention {
      mode = var.object_lock_mode
      days = var.object_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
