output "identifier" {
  description = "Identifier of the primary instance."
  value       = aws_db_instance.primary.identifier
}

output "arn" {
  description = "ARN of the primary instance."
  value       = aws_db_instance.primary.arn
}

output "resource_id" {
  description = "Resource id that policies for IAM authentication name."
  value       = aws_db_instance.primary.resource_id
}

output "endpoint" {
  description = "Host name of the primary instance."
  value       = aws_db_instance.primary.address
}

output "reader_endpoints" {
  description = "Host names of the readers, by name."
  value       = { for key, replica in aws_db_instance.replica : key => replica.address }
}

output "port" {
  description = "Port of PostgreSQL."
  value       = aws_db_instance.primary.port
}

output "database_name" {
  description = "Database created with the instance."
  value       = aws_db_instance.primary.db_name
}

output "admin_secret_arn" {
  description = "Secret in which RDS keeps and rotates the administrator's password."
  value       = one(aws_db_instance.primary.master_user_secret[*].secret_arn)
}

output "instance_identifiers" {
  description = "Identifiers of all instances, the primary's under the key primary."
  value       = merge({ primary = aws_db_instance.primary.identifier }, { for key, replica in aws_db_instance.replica : key => replica.identifier })
}

output "replica_identifiers" {
  description = "Identifiers of the readers, by name."
  value       = { for key, replica in aws_db_instance.replica : key => replica.identifier }
}

output "subnet_group_name" {
  description = "Subnet group of the instances, in which a restored instance belongs too."
  value       = aws_db_subnet_group.this.name
}

output "log_group_names" {
  description = "Log groups by instance and type, such as primary_postgresql."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}
