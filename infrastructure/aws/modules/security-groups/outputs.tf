output "ids" {
  description = "Security groups by role: alb, ecs, rds, redis, opensearch."
  value       = { for key, group in aws_security_group.this : key => group.id }
}

output "ports" {
  description = "Ports that the rules open, by role."
  value       = merge(var.ports, { opensearch = 443 })
}
