output "service_names" {
  description = "Names of the ECS services by colour: blue and green, or only."
  value       = { for color, service in aws_ecs_service.this : color => service.name }
}

output "log_group_name" {
  description = "Log group of the service."
  value       = aws_cloudwatch_log_group.this.name
}

output "task_role_arn" {
  description = "Role of the service itself, for policies of what it uses."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "Role that starts the tasks."
  value       = aws_iam_role.execution.arn
}

output "task_definition_family" {
  description = "Family under which releases register revisions."
  value       = aws_ecs_task_definition.this.family
}

output "container_name" {
  description = "Container whose image a release replaces."
  value       = var.service
}

output "discovery_service_arn" {
  description = "ARN of the service's name in Cloud Map."
  value       = aws_service_discovery_service.this.arn
}

output "scaling" {
  description = "What a release gives the colour that gets the traffic: resource_ids of the scalable targets by colour, and the limits of tasks."
  value = {
    resource_ids = { for color, target in local.targets : color => target.resource_id }
    min_tasks    = var.min_tasks
    max_tasks    = var.max_tasks
  }
}
