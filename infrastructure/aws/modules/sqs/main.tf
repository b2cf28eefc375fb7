data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  prefix     = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${local.account_id}"

  names             = { for suffix, queue in var.queues : suffix => "${var.name}-${suffix}${queue.fifo ? ".fifo" : ""}" }
  dead_letter_names = { for suffix, queue in var.queues : suffix => "${var.name}-${suffix}-dead-letter${queue.fifo ? ".fifo" : ""}" if queue.dead_letter_queue }
  # Written out, so that a plan shows the whole policies and no two queues wait for each other.
  arns             = { for suffix, name in local.names : suffix => "${local.prefix}:${name}" }
  dead_letter_arns = { for suffix, name in local.dead_letter_names : suffix => "${local.prefix}:${name}" }

  # What EventBridge or SNS cannot deliver goes to the same dead letters as what a consumer cannot handle.
  policies = merge(
    { for suffix, arn in local.arns : suffix => { queue = suffix, arn = arn } },
    { for suffix, arn in local.dead_letter_arns : "${suffix}/dead-letter" => { queue = suffix, arn = arn } },
  )
  statements = {
    for key, policy in local.policies : key => concat(
      [{
        Sid       = "OnlyThisAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = policy.arn
        # A service on somebody's behalf has no account of its own: the senders' statements limit those.
        Condition = {
          StringNotEquals = { "aws:PrincipalAccount" = local.account_id }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      }],
      [{
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = policy.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for sender in try([var.senders[policy.queue]], []) : {
        Sid       = "Senders"
        Effect    = "Allow"
        Principal = { Service = sender.service }
        Action    = "sqs:SendMessage"
        Resource  = policy.arn
        Condition = {
          ArnLike      = { "aws:SourceArn" = sort(sender.source_arns) }
          StringEquals = { "aws:SourceAccount" = local.account_id }
        }
      }],
    )
  }
}

resource "aws_sqs_queue" "dead_letter" {
  for_each = local.dead_letter_names

  name                        = each.value
  fifo_queue                  = var.queues[each.key].fifo
  message_retention_seconds   = var.queues[each.key].dead_letter_retention_days * 86400
  receive_wait_time_seconds   = 20
  visibility_timeout_seconds  = var.queues[each.key].visibility_timeout_seconds
  kms_master_key_id           = var.key_arn
  content_based_deduplication = var.queues[each.key].fifo ? true : null

  # Only its own queue's messages, and back to it when they are redriven.
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arns[each.key]]
  })

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = each.value })
}

resource "aws_sqs_queue" "this" {
  for_each = local.names

  name                              = each.value
  delay_seconds                     = var.queues[each.key].delay_seconds
  message_retention_seconds         = var.queues[each.key].retention_days * 86400
  receive_wait_time_seconds         = 20
  visibility_timeout_seconds        = var.queues[each.key].visibility_timeout_seconds
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300

  fifo_queue                  = var.queues[each.key].fifo
  content_based_deduplication = var.queues[each.key].fifo ? true : null
  deduplication_scope         = var.queues[each.key].fifo ? "messageGroup" : null
  fifo_throughput_limit       = var.queues[each.key].fifo ? "perMessageGroupId" : null

  redrive_policy = var.queues[each.key].dead_letter_queue ? jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = var.queues[each.key].max_receive_count
  }) : null

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = each.value })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = aws_sqs_queue.this

  queue_url = each.value.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements[each.key]
  })

  lifecycle {
    precondition {
      condition     = length(setsubtract(keys(var.senders), keys(var.queues))) == 0
      error_message = "senders names queues that do not exist: ${join(", ", setsubtract(keys(var.senders), keys(var.queues)))}. Use the keys of queues: ${join(", ", keys(var.queues))}."
    }
  }
}

resource "aws_sqs_queue_policy" "dead_letter" {
  for_each = aws_sqs_queue.dead_letter

  queue_url = each.value.url
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements["${each.key}/dead-letter"]
  })
}
