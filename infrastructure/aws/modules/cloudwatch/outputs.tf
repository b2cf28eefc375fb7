output "alarm_arns" {
  description = "ARNs of all metric alarms by key, such as orders-errors."
  value       = {}
}

output "composite_alarm_arns" {
  description = "ARNs of the composite alarms by key, such as orders-down and platform."
  value       = {}
}

output "release_alarms" {
  description = "By service, the alarms that stop a release: names (for canary analysis) and arns (for AppConfig's monitors), by key."
  value       = {}
}

output "dashboard_names" {
  description = "Dashboards by purpose."
  value       = {}
}

output "namespace" {
  description = "Namespace of the metrics drawn from logs."
  value       = var.name
}

output "xray_group_arns" {
  description = "X-Ray groups by purpose."
  value       = {}
}
