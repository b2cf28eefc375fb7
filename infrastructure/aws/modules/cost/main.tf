locals {
  budgets = merge(
    { environment = { limit = var.monthly_limit_usd, tag = "Environment", value = var.environment } },
    { for service, limit in var.service_limits_usd : "service-${service}" => { limit = limit, tag = "Service", value = service } },
  )

  notifications = concat(
    [for percent in var.actual_percents : { type = "ACTUAL", percent = percent }],
    [for percent in var.forecast_percents : { type = "FORECASTED", percent = percent }],
  )

  monitor_arn = var.anomaly_monitor_arn == null ? aws_ce_anomaly_monitor.services[0].arn : var.anomaly_monitor_arn

  # AWS sends e-mails once a day or less, and tells topics as it happens only.
  subscriptions = merge(
    length(var.emails) == 0 ? {} : { daily = { type = "EMAIL", addresses = var.emails } },
    var.topic == null ? {} : { immediate = { type = "SNS", addresses = [var.topic.arn] } },
  )
}

resource "aws_budgets_budget" "this" {
  for_each = local.budgets

  name         = "${var.name}-${each.key}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.2f", each.value.limit)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:%s$%s", each.value.tag, each.value.value)]
  }

  dynamic "notification" {
    for_each = local.notifications

    content {
      notification_type          = notification.value.type
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.emails
      subscriber_sns_topic_arns  = var.topic == null ? [] : [var.topic.arn]
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    precondition {
      condition     = length(var.emails) > 0 || var.topic != null
      error_message = "a budget that tells nobody is of no use: write emails = [\"platform@example.com\"] or topic = { arn = ... }."
    }
    precondition {
      condition     = length(local.notifications) <= 5
      error_message = "a budget tells of five things at most: shorten actual_percents or forecast_percents."
    }
  }
}

resource "aws_ce_anomaly_monitor" "services" {
  count = var.anomaly_monitor_arn == null ? 1 : 0

  name              = "${var.name}-services"
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"

  tags = merge(var.tags, { Name = "${var.name}-services" })
}

resource "aws_ce_anomaly_subscription" "this" {
  for_each = local.subscriptions

  name             = "${var.name}-${each.key}"
  frequency        = upper(each.key)
  monitor_arn_list = [local.monitor_arn]

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomaly_threshold_usd)]
    }
  }

  dynamic "subscriber" {
    for_each = each.value.addresses

    content {
      type    = each.value.type
      address = subscriber.value
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}
