data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  failover = var.replicas > 0
  group_id = coalesce(var.restored, var.name)
  log_types = {
    slow   = "slow-log"
    engine = "engine-log"
  }

  parameters = merge(
    {
      # Only keys with a time to live go when memory is full, the least used first.
      "maxmemory-policy"        = "volatile-lfu"
      "slowlog-log-slower-than" = "5000"
      "slowlog-max-len"         = "256"
    },
    var.parameters,
  )

  # IAM authentication asks for a user's id and name to be the same.
  users = { for key in keys(var.users) : key => "${var.name}-${key}" }
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Isolated subnets of ${var.name}"
  subnet_ids  = var.subnet_ids

  tags = var.tags
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-redis7"
  description = "Redis 7 of ${var.name}"
  family      = "redis7"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  tags = var.tags
}

# A user group must have a user of this name. Switched off, it cannot sign in, so that it
# needs no password.
resource "aws_elasticache_user" "default" {
  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off ~keys* -@all"

  authentication_mode {
    type = "no-password-required"
  }

  timeouts {
    create = var.timeouts.user
    update = var.timeouts.user
    delete = var.timeouts.user
  }

  tags = var.tags
}

resource "aws_elasticache_user" "this" {
  for_each = var.users

  user_id       = local.users[each.key]
  user_name     = local.users[each.key]
  engine        = "redis"
  access_string = each.value.access_string

  authentication_mode {
    type = "iam"
  }

  timeouts {
    create = var.timeouts.user
    update = var.timeouts.user
    delete = var.timeouts.user
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.users[each.key]) <= 40
      error_message = "User ${local.users[each.key]} has ${length(local.users[each.key])} characters and ElastiCache allows 40: write a key of users of at most ${40 - length(var.name) - 1} characters."
    }
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "redis"
  user_ids      = concat([aws_elasticache_user.default.user_id], [for user in aws_elasticache_user.this : user.user_id])

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  for_each = local.log_types

  name              = "/aws/elasticache/${var.name}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

# Without it ElastiCache would add the groups to a policy of its own, which no plan shows.
resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = "${var.name}-elasticache"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DeliverLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = [for type in values(local.log_types) : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/elasticache/${var.name}/${type}:log-stream:*"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:*" }
      }
    }]
  })
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV2_AWS_50:On with the first replica; staging and prod have one at least, which the root's floors enforce
  replication_group_id = local.group_id
  description          = "Cache and sessions of ${var.name}"
  engine               = "redis"
  engine_version       = var.engine_version
  node_type            = var.node_type
  port                 = var.port
  parameter_group_name = aws_elasticache_parameter_group.this.name

  # Cluster mode off: one shard, a primary and its replicas.
  cluster_mode               = "disabled"
  num_cache_clusters         = var.replicas + 1
  automatic_failover_enabled = local.failover
  multi_az_enabled           = local.failover
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = var.security_group_ids

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  snapshot_retention_limit   = var.snapshot_retention_days
  snapshot_window            = var.snapshot_window
  final_snapshot_identifier  = var.skip_final_snapshot ? null : "${var.name}-final"
  maintenance_window         = var.maintenance_window
  auto_minor_version_upgrade = true
  apply_immediately          = var.apply_immediately
  notification_topic_arn     = var.notification_topic_arn

  dynamic "log_delivery_configuration" {
    for_each = local.log_types

    content {
      destination      = aws_cloudwatch_log_group.this[log_delivery_configuration.key].name
      destination_type = "cloudwatch-logs"
      log_format       = "json"
      log_type         = log_delivery_configuration.value
    }
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = var.name })

  depends_on = [aws_cloudwatch_log_resource_policy.this]

  lifecycle {
    precondition {
      condition     = !local.failover || length(var.subnet_ids) >= 2
      error_message = "subnet_ids names one subnet: with replicas, name subnets of two zones at least, so that a failover leaves the zone."
    }
  }
}
