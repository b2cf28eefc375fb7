data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  names = { for suffix in keys(var.topics) : suffix => "${var.name}-${suffix}" }
  # Written out, so that a plan shows the whole policies.
  arns = { for suffix, name in local.names : suffix => "arn:${local.partition}:sns:${local.region}:${local.account_id}:${name}" }

  # SNS chooses these names. Made first, or it would make them unencrypted and without end.
  log_groups = merge(
    { for suffix, name in local.names : suffix => "sns/${local.region}/${local.account_id}/${name}" },
    { for suffix, name in local.names : "${suffix}/failure" => "sns/${local.region}/${local.account_id}/${name}/Failure" },
  )
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "delivery_log" {
  name        = "${var.name}-sns-delivery-log"
  description = "Lets SNS log what became of deliveries"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "delivery_log" {
  name = "write-delivery-logs"
  role = aws_iam_role.delivery_log.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "DeliveryLogs"
      Effect = "Allow"
      # SNS asks to create the group even where it exists.
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for key in sort(keys(local.log_groups)) : "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${local.log_groups[key]}:*"]
    }]
  })
}

resource "aws_sns_topic" "this" {
  for_each = var.topics

  name              = local.names[each.key]
  display_name      = each.value.display_name
  kms_master_key_id = var.key_arn
  signature_version = 2
  # Alarms and notices begin no request of a customer: they pass a trace on, and begin none.
  tracing_config = "PassThrough"

  http_failure_feedback_role_arn      = aws_iam_role.delivery_log.arn
  http_success_feedback_role_arn      = aws_iam_role.delivery_log.arn
  http_success_feedback_sample_rate   = var.success_sample_percent
  lambda_failure_feedback_role_arn    = aws_iam_role.delivery_log.arn
  lambda_success_feedback_role_arn    = aws_iam_role.delivery_log.arn
  lambda_success_feedback_sample_rate = var.success_sample_percent
  sqs_failure_feedback_role_arn       = aws_iam_role.delivery_log.arn
  sqs_success_feedback_role_arn       = aws_iam_role.delivery_log.arn
  sqs_success_feedback_sample_rate    = var.success_sample_percent

  tags = merge(var.tags, { Name = local.names[each.key] })

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.delivery_log]
}

resource "aws_sns_topic_policy" "this" {
  for_each = var.topics

  arn = aws_sns_topic.this[each.key].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        # Without this statement the policy would take the topic away from those whom IAM lets publish.
        Sid       = "ThisAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish"]
        Resource  = local.arns[each.key]
        Condition = { StringEquals = { "aws:PrincipalAccount" = local.account_id } }
      }],
      [{
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for services in [sort(setsubtract(each.value.services, ["events.amazonaws.com"]))] : {
        Sid       = "ServicesForThisAccount"
        Effect    = "Allow"
        Principal = { Service = services }
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      } if length(services) > 0],
      # EventBridge knows no conditions in the policy of a topic.
      # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
      [for service in ["events.amazonaws.com"] : {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = [service] }
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
      } if contains(each.value.services, service)],
    )
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn            = try(aws_sns_topic.this[each.value.topic].arn, "")
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  raw_message_delivery = each.value.raw

  filter_policy       = each.value.filter_policy
  filter_policy_scope = each.value.filter_policy == null ? null : each.value.filter_scope

  redrive_policy = each.value.dead_letter_arn == null ? null : jsonencode({ deadLetterTargetArn = each.value.dead_letter_arn })

  # Incident tools confirm by themselves; e-mail needs a click.
  endpoint_auto_confirms = each.value.protocol == "https"

  lifecycle {
    precondition {
      condition     = contains(keys(var.topics), each.value.topic)
      error_message = "Subscription ${each.key} names the topic ${each.value.topic}, which does not exist: use one of ${join(", ", keys(var.topics))}."
    }
  }

  # A message must find the topic's policy in force.
  depends_on = [aws_sns_topic_policy.this]
}
