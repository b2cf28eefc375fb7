output "names" {
  description = "Table names by suffix."
  value       = { for suffix, table in aws_dynamodb_table.this : suffix => table.name }
}

output "arns" {
  description = "Table ARNs by suffix."
  value       = { for suffix, table in aws_dynamodb_table.this : suffix => table.arn }
}

output "stream_arns" {
  description = "Stream ARNs by suffix, for event-driven consumers."
  value       = { for suffix, table in aws_dynamodb_table.this : suffix => table.stream_arn }
}

output "replica_arns" {
  description = "ARNs of the replicas by suffix; empty where there are none."
  value       = { for suffix, replica in aws_dynamodb_table_replica.this : suffix => replica.arn }
}
