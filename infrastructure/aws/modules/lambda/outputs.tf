output "arn" {
  description = "ARN of the function itself, without a version."
  # Callers find the permission and the role's policy in force.
  value      = aws_lambda_function.this.arn
  depends_on = [aws_lambda_permission.this]
}

output "alias_arn" {
  description = "ARN of the alias live, which callers use."
  value       = aws_lambda_alias.live.arn
  depends_on  = [aws_lambda_permission.this]
}

output "name" {
  description = "Name of the function, for metrics."
  value       = local.full_name
}

output "version" {
  description = "Version that the alias live names."
  value       = aws_lambda_function.this.version
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Log group of the function, in JSON."
  value       = aws_cloudwatch_log_group.this.name
}

output "timeout_seconds" {
  description = "Longest run of one batch, for the visibility timeout of queues."
  value       = var.timeout_seconds
}
