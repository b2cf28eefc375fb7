data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  events     = "arn:${local.partition}:events:${local.region}:${local.account_id}"

  # Written out, so that a plan shows the whole policies, and queues can name the rules that send to them.
  bus_arn    = "${local.events}:event-bus/${var.name}"
  rule_names = { for suffix in keys(var.rules) : suffix => "${var.name}-${suffix}" }
  rule_arns  = { for suffix, name in local.rule_names : suffix => "${local.events}:rule/${var.name}/${name}" }

  targets = merge([
    for suffix, rule in var.rules : { for key, target in rule.targets : "${suffix}/${key}" => merge(target, { rule = suffix, key = key }) }
  ]...)
  buses = [for target in values(local.targets) : target.arn if target.kind == "bus"]

  audit_rule_name = "${var.name}-audit"
  audit_rule_arn  = "${local.events}:rule/${var.name}/${local.audit_rule_name}"
  audit_log_group = "/aws/events/${var.name}"

  # Who writes where: the module's own group, and those that rules name.
  log_group_arns = concat(
    ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${local.audit_log_group}"],
    sort(distinct([for target in values(local.targets) : target.arn if target.kind == "log"])),
  )
  log_rule_arns = concat(
    [local.audit_rule_arn],
    [for suffix in sort(distinct([for target in values(local.targets) : target.rule if target.kind == "log"])) : local.rule_arns[suffix]],
  )
}

resource "aws_cloudwatch_event_bus" "this" {
  name               = var.name
  description        = "Events of the bookstore's services"
  kms_key_identifier = var.key_arn

  dead_letter_config {
    arn = var.dead_letter_arn
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "ServicesOfThisAccount"
          Effect    = "Allow"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Action    = "events:PutEvents"
          Resource  = local.bus_arn
          Condition = { StringLike = { "events:source" = sort(var.sources) } }
        },
        {
          # Whatever an identity's own policy says: no service passes for another system.
          Sid       = "NoForeignSources"
          Effect    = "Deny"
          Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
          Action    = "events:PutEvents"
          Resource  = local.bus_arn
          Condition = { StringNotLike = { "events:source" = sort(var.sources) } }
        },
      ],
      [for key in sort(keys(var.publishers)) : {
        Sid       = "Publisher${title(key)}"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${var.publishers[key].account_id}:root" }
        Action    = "events:PutEvents"
        Resource  = local.bus_arn
        Condition = {
          StringEquals = {
            "events:detail-type" = sort(var.publishers[key].detail_types)
            "events:source"      = sort(var.publishers[key].sources)
          }
        }
      }],
    )
  })
}

resource "aws_cloudwatch_event_archive" "this" {
  name             = var.name
  description      = "Every event, for replay after a mistake"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive_days
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = var.rules

  name           = local.rule_names[each.key]
  description    = each.value.description
  event_bus_name = aws_cloudwatch_event_bus.this.name
  # Encoded anew, so that spaces and order in the caller's JSON are no change.
  event_pattern = jsonencode(jsondecode(each.value.pattern))
  state         = each.value.enabled ? "ENABLED" : "DISABLED"

  tags = merge(var.tags, { Name = local.rule_names[each.key] })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.targets

  event_bus_name = aws_cloudwatch_event_bus.this.name
  rule           = aws_cloudwatch_event_rule.this[each.value.rule].name
  target_id      = each.value.key
  arn            = each.value.arn
  # Queues, functions and log groups have policies of their own; only another bus is called by a role.
  role_arn = each.value.kind == "bus" ? aws_iam_role.bus[0].arn : null

  dynamic "dead_letter_config" {
    for_each = each.value.dead_letter_arn == null ? [] : [each.value.dead_letter_arn]

    content {
      arn = dead_letter_config.value
    }
  }

  retry_policy {
    maximum_event_age_in_seconds = each.value.max_age_seconds
    maximum_retry_attempts       = each.value.max_attempts
  }

  dynamic "sqs_target" {
    for_each = each.value.message_group_id == null ? [] : [each.value.message_group_id]

    content {
      message_group_id = sqs_target.value
    }
  }

  dynamic "input_transformer" {
    for_each = each.value.transform == null ? [] : [each.value.transform]

    content {
      input_paths    = input_transformer.value.paths
      input_template = input_transformer.value.template
    }
  }
}

resource "aws_iam_role" "bus" {
  count = length(local.buses) > 0 ? 1 : 0

  name        = "${var.name}-events-to-bus"
  description = "Lets the rules of ${var.name} put events on other buses"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "${local.events}:rule/${var.name}/*" }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "bus" {
  count = length(local.buses) > 0 ? 1 : 0

  name = "put-events"
  role = aws_iam_role.bus[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "PutEvents"
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = sort(distinct(local.buses))
    }]
  })
}

resource "aws_cloudwatch_log_group" "audit" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = local.audit_log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

# EventBridge writes to log groups below /aws/events by this policy; a role it would refuse.
resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = "${var.name}-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "CreateStreams"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:CreateLogStream"
        Resource  = [for arn in local.log_group_arns : "${arn}:*"]
      },
      {
        Sid       = "PutEvents"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:PutLogEvents"
        Resource  = [for arn in local.log_group_arns : "${arn}:*:*"]
        Condition = { ArnEquals = { "aws:SourceArn" = local.log_rule_arns } }
      },
    ]
  })
}

# Everything that passes, also what no other rule wanted.
resource "aws_cloudwatch_event_rule" "audit" {
  name           = local.audit_rule_name
  description    = "Every event on the bus, into the log group ${local.audit_log_group}"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ source = [{ prefix = "" }] })

  tags = merge(var.tags, { Name = local.audit_rule_name })
}

resource "aws_cloudwatch_event_target" "audit" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  rule           = aws_cloudwatch_event_rule.audit.name
  target_id      = "log"
  arn            = aws_cloudwatch_log_group.audit.arn

  dead_letter_config {
    arn = var.dead_letter_arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  depends_on = [aws_cloudwatch_log_resource_policy.this]
}

resource "aws_schemas_registry" "this" {
  name        = var.name
  description = "What the events on the bus ${var.name} look like"

  tags = var.tags
}

resource "aws_schemas_schema" "this" {
  for_each = var.schemas

  name          = "${jsondecode(each.value).components.schemas.AWSEvent["x-amazon-events-source"]}@${each.key}"
  description   = jsondecode(each.value).info.description
  registry_name = aws_schemas_registry.this.name
  type          = "OpenApi3"
  content       = jsonencode(jsondecode(each.value))

  tags = var.tags
}
