output "budget_names" {
  description = "Names of the budgets: environment, and service-NAME for those of single services."
  value       = { for key, budget in aws_budgets_budget.this : key => budget.name }
}

output "anomaly_monitor_arn" {
  description = "ARN of the monitor of anomalies."
  value       = local.monitor_arn
}

output "anomaly_subscription_arns" {
  description = "ARNs of the subscriptions to anomalies: daily by e-mail, immediate by topic."
  value       = { for key, subscription in aws_ce_anomaly_subscription.this : key => subscription.arn }
}
