output "arns" {
  description = "Key ARNs by domain."
  value       = { for domain, key in aws_kms_key.this : domain => key.arn }
}

output "aliases" {
  description = "Alias names by domain."
  value       = { for domain, alias in aws_kms_alias.this : domain => alias.name }
}
