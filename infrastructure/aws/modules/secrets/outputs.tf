output "arns" {
  description = "ARNs of the secrets by suffix."
  value       = { for suffix, secret in aws_secretsmanager_secret.this : suffix => secret.arn }

  # Whoever starts with a secret needs a version of it.
  depends_on = [aws_secretsmanager_secret_version.placeholder]
}

output "names" {
  description = "Names of the secrets by suffix."
  value       = { for suffix in keys(var.secrets) : suffix => "${var.name}/${suffix}" }
}

output "rotated" {
  description = "Suffixes of the secrets that rotate."
  value       = sort(keys(local.rotated))
}

output "placeholder_version_ids" {
  description = "The versions that Terraform wrote and reads again with every plan; they say that no value is there yet."
  value       = { for suffix, version in aws_secretsmanager_secret_version.placeholder : suffix => version.version_id }
}
