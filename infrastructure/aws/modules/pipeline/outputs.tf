output "pipeline_name" {
  description = "Name of the pipeline."
  value       = "${var.name}-infrastructure"
}

output "pipeline_arn" {
  description = "ARN of the pipeline."
  value       = null
}

output "role_arns" {
  description = "Roles that plan and apply, and the pipeline's own, by name: what a key's policy or an account's trust has to name."
  value       = {}
}

output "log_group_names" {
  description = "Log groups of the builds, by stage."
  value       = {}
}
