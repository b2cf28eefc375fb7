output "domain_name" {
  description = "Name of the domain, which CloudWatch's metrics name beside the account."
  value       = aws_opensearch_domain.this.domain_name
}

output "arn" {
  description = "ARN of the domain. Policies that allow es:ESHttp* name it followed by /*."
  value       = aws_opensearch_domain.this.arn
}

output "endpoint" {
  description = "Host name of the domain inside the VPC."
  value       = aws_opensearch_domain.this.endpoint
}

output "admin_role_arn" {
  description = "Role that administers the domain."
  value       = aws_iam_role.admin.arn
}

output "log_group_names" {
  description = "Log groups by type: application, audit, index-slow and search-slow."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}
