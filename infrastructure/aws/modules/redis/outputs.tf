output "replication_group_id" {
  description = "Id of the replication group."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "arn" {
  description = "ARN of the replication group, which policies that allow elasticache:Connect name beside the user's."
  value       = aws_elasticache_replication_group.this.arn
}

output "primary_endpoint" {
  description = "Host name that always leads to the primary."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "reader_endpoint" {
  description = "Host name that leads to the replicas."
  value       = aws_elasticache_replication_group.this.reader_endpoint_address
}

output "port" {
  description = "Port of Redis."
  value       = aws_elasticache_replication_group.this.port
}

# From the number of nodes, not from the group: known before the group exists.
output "member_clusters" {
  description = "Ids of the nodes, which CloudWatch's metrics name."
  value       = [for number in range(1, var.replicas + 2) : format("%s-%03d", local.group_id, number)]
}

output "users" {
  description = "Id and ARN of each user, by name suffix. The id is the name to sign in with."
  value       = { for key, user in aws_elasticache_user.this : key => { id = user.user_id, arn = user.arn } }
}

output "log_group_names" {
  description = "Log groups by type: slow and engine."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}
