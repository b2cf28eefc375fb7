output "urls" {
  description = "Addresses of the repositories, by the name after the prefix, to which a tag is added."
  value       = { for repository, made in aws_ecr_repository.this : repository => made.repository_url }
}

output "arns" {
  description = "ARNs of the repositories, by the name after the prefix."
  value       = { for repository, made in aws_ecr_repository.this : repository => made.arn }
}

output "names" {
  description = "Whole names of the repositories, by the name after the prefix."
  value       = { for repository, made in aws_ecr_repository.this : repository => made.name }
}
