output "cluster_name" {
  description = "Name of the cluster, known once its capacity providers are."
  value       = aws_ecs_cluster_capacity_providers.this.cluster_name
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn
}

output "capacity_provider_strategy" {
  description = "Where services run their tasks, for module ecs-service."
  value       = local.strategy
}

output "execute_command" {
  description = "What a service needs to allow sessions, for module ecs-service. Null where they are off."
  value = var.execute_command ? {
    log_group_arn   = aws_cloudwatch_log_group.sessions[0].arn
    session_key_arn = var.session_key_arn
  } : null
}

output "log_group_names" {
  description = "Log groups of the cluster: insights, and sessions where they are on."
  value       = merge({ insights = aws_cloudwatch_log_group.insights.name }, { for group in aws_cloudwatch_log_group.sessions : "sessions" => group.name })
}
