locals {
  # One strategy for the cluster and for the services, so that a task started
  # by hand lands where theirs do. A provider of weight 0 is given no tasks, so
  # the base on Fargate costs it a small share of the others too.
  strategy = var.spot ? concat(
    [{ capacity_provider = "FARGATE_SPOT", weight = 4, base = 0 }],
    var.on_demand_base > 0 ? [{ capacity_provider = "FARGATE", weight = 1, base = var.on_demand_base }] : [],
  ) : [{ capacity_provider = "FARGATE", weight = 1, base = 0 }]
}

# Made before the cluster: Container Insights would create it unencrypted.
resource "aws_cloudwatch_log_group" "insights" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "/aws/ecs/containerinsights/${var.name}/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "sessions" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  count = var.execute_command ? 1 : 0

  name              = "/aws/ecs/${var.name}/sessions"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  dynamic "configuration" {
    for_each = aws_cloudwatch_log_group.sessions

    content {
      execute_command_configuration {
        kms_key_id = var.session_key_arn
        logging    = "OVERRIDE"

        log_configuration {
          cloud_watch_encryption_enabled = true
          cloud_watch_log_group_name     = configuration.value.name
        }
      }
    }
  }

  tags = merge(var.tags, { Name = var.name })

  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  dynamic "default_capacity_provider_strategy" {
    for_each = local.strategy

    content {
      capacity_provider = default_capacity_provider_strategy.value.capacity_provider
      weight            = default_capacity_provider_strategy.value.weight
      base              = default_capacity_provider_strategy.value.base
    }
  }
}
