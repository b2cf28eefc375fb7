output "alarm_arns" {
  description = "ARNs of the metric alarms by key, such as orders-5xx; the windows of error budgets apart."
  value       = { for key, alarm in merge(aws_cloudwatch_metric_alarm.this, { for key, alarm in aws_cloudwatch_metric_alarm.cis : "cis-${key}" => alarm }) : key => alarm.arn }
}

output "composite_alarm_arns" {
  description = "ARNs of the composite alarms by key, such as orders-down, orders-budget-page and platform."
  value = merge(
    { for key, alarm in aws_cloudwatch_composite_alarm.down : "${key}-down" => alarm.arn },
    { for key, alarm in aws_cloudwatch_composite_alarm.degraded : "${key}-degraded" => alarm.arn },
    { for key, alarm in aws_cloudwatch_composite_alarm.budget : key => alarm.arn },
    { for alarm in aws_cloudwatch_composite_alarm.platform : "platform" => alarm.arn },
  )
}

output "release_alarms" {
  description = "Metric alarms that stop a release, by service and alarm: names (for canary analysis) and ARNs (for the monitors of AppConfig)."
  value = {
    for service, keys in local.release_alarms : service => {
      names = { for key in keys : trimprefix(key, "${service}-") => aws_cloudwatch_metric_alarm.this[key].alarm_name }
      arns  = { for key in keys : trimprefix(key, "${service}-") => aws_cloudwatch_metric_alarm.this[key].arn }
    }
  }
}

output "dashboard_names" {
  description = "Dashboards by purpose."
  value       = { for purpose, dashboard in aws_cloudwatch_dashboard.this : purpose => dashboard.dashboard_name }
}

output "namespace" {
  description = "Namespace of the metrics drawn from logs."
  value       = local.namespace
}

output "xray_group_arns" {
  description = "X-Ray groups by purpose."
  value       = { for purpose, group in aws_xray_group.this : purpose => group.arn }
}
