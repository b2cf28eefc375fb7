data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id   = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  region       = data.aws_region.current.name
  account_root = "arn:${local.partition}:iam::${local.account_id}:root"
  domain_arn   = "arn:${local.partition}:es:${local.region}:${local.account_id}:domain/${var.name}"

  zones     = length(var.subnet_ids)
  burstable = startswith(var.instance_type, "t3.")
  # What a t3 node can hold; the others' limits differ by type and are OpenSearch's to say.
  burstable_storage_gib = { "t3.small.search" = 100, "t3.medium.search" = 200 }

  log_types = toset(["application", "audit", "index-slow", "search-slow"])

  http = [for method in ["Delete", "Get", "Head", "Patch", "Post", "Put"] : "es:ESHttp${method}"]
}

resource "aws_iam_service_linked_role" "this" {
  count = var.service_linked_role ? 1 : 0

  aws_service_name = "opensearchservice.amazonaws.com"
  description      = "Lets OpenSearch place its network interfaces in the VPC"

  tags = var.tags
}

# The only administrator of the domain's own users, roles and indexes: no password exists.
resource "aws_iam_role" "admin" {
  #checkov:skip=CKV_AWS_61:Roles of this account that IAM lets assume it; administrators narrows that to the roles it names
  name        = "${var.name}-opensearch-admin"
  description = "Administers the OpenSearch domain ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = length(var.administrators) > 0 ? sort(var.administrators) : [local.account_root] }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "admin" {
  name = "domain"
  role = aws_iam_role.admin.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.http
      Resource = "${local.domain_arn}/*"
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  for_each = local.log_types

  name              = "/aws/opensearch/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = "${var.name}-opensearch"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WriteLogs"
      Effect    = "Allow"
      Principal = { Service = "es.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"]
      Resource  = [for type in local.log_types : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/opensearch/${var.name}/${type}:*"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = local.domain_arn }
      }
    }]
  })
}

resource "aws_opensearch_domain" "this" {
  #checkov:skip=CKV_AWS_318:Three dedicated masters in staging and prod, which the root's floors enforce; dev relaxes it for cost
  #checkov:skip=CKV_AWS_248:The caller names the groups and a validation refuses none; the scanner does not resolve them
  #checkov:skip=CKV2_AWS_59:Dedicated masters in staging and prod, which the root's floors enforce; dev relaxes it for cost
  domain_name    = var.name
  engine_version = var.engine_version

  cluster_config {
    instance_type          = var.instance_type
    instance_count         = var.data_nodes
    zone_awareness_enabled = local.zones > 1

    dedicated_master_enabled = var.dedicated_masters != null
    dedicated_master_type    = try(var.dedicated_masters.instance_type, null)
    dedicated_master_count   = try(var.dedicated_masters.count, null)

    dynamic "zone_awareness_config" {
      for_each = local.zones > 1 ? [local.zones] : []

      content {
        availability_zone_count = zone_awareness_config.value
      }
    }
  }

  vpc_options {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.storage_gib
    iops        = var.iops
    throughput  = var.throughput_mib
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  advanced_security_options {
    enabled                        = true
    anonymous_auth_enabled         = false
    internal_user_database_enabled = false

    master_user_options {
      master_user_arn = aws_iam_role.admin.arn
    }
  }

  # The account's IAM policies decide who may call, and the domain's roles what they may read.
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = [local.account_root] }
      Action    = local.http
      Resource  = "${local.domain_arn}/*"
    }]
  })

  log_publishing_options {
    enabled                  = true
    log_type                 = "ES_APPLICATION_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["application"].arn
  }

  log_publishing_options {
    enabled                  = true
    log_type                 = "AUDIT_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["audit"].arn
  }

  log_publishing_options {
    enabled                  = true
    log_type                 = "INDEX_SLOW_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["index-slow"].arn
  }

  log_publishing_options {
    enabled                  = true
    log_type                 = "SEARCH_SLOW_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["search-slow"].arn
  }

  auto_tune_options {
    # Burstable nodes have no Auto-Tune.
    desired_state       = local.burstable ? "DISABLED" : "ENABLED"
    rollback_on_disable = "NO_ROLLBACK"
    use_off_peak_window = !local.burstable
  }

  off_peak_window_options {
    enabled = true

    off_peak_window {
      window_start_time {
        hours   = var.off_peak_start_hour
        minutes = 0
      }
    }
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  snapshot_options {
    automated_snapshot_start_hour = var.snapshot_hour
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = var.name })

  depends_on = [aws_cloudwatch_log_resource_policy.this, aws_iam_service_linked_role.this]

  lifecycle {
    precondition {
      condition     = var.data_nodes % local.zones == 0
      error_message = "data_nodes is ${var.data_nodes} over ${local.zones} zones: write a multiple of ${local.zones}, so that every zone holds as many (OpenSearch.6)."
    }
    precondition {
      condition     = !local.burstable || var.data_nodes <= 10
      error_message = "data_nodes is ${var.data_nodes}: OpenSearch takes ten t3 nodes at most; write another instance_type, such as \"m7g.large.search\"."
    }
    precondition {
      condition     = !local.burstable || var.dedicated_masters == null
      error_message = "dedicated_masters watch over t3 data nodes, which stop when their credits are gone: write another instance_type, such as \"m7g.large.search\", or dedicated_masters = null."
    }
    precondition {
      condition     = var.storage_gib <= lookup(local.burstable_storage_gib, var.instance_type, 24576)
      error_message = "storage_gib is ${var.storage_gib}: ${var.instance_type} holds ${lookup(local.burstable_storage_gib, var.instance_type, 24576)} at most."
    }
  }
}
