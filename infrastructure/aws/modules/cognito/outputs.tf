output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the user pool, which an API's authorizer names."
  value       = aws_cognito_user_pool.this.arn
}

output "issuer" {
  description = "Issuer of the tokens: their claim iss, and below it the keys that prove them."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "client_ids" {
  description = "Ids of the clients, by name. A client's secret is read from Cognito, never from here."
  value       = { for name, client in aws_cognito_user_pool_client.this : name => client.id }
}

output "domain" {
  description = "Host name of the sign-in pages and of the OAuth endpoints."
  value       = "${aws_cognito_user_pool_domain.this.domain}.auth.${data.aws_region.current.name}.${local.domain_suffix}"
}

output "scopes" {
  description = "Scopes as clients ask for them and tokens carry them, such as bookstore/books.read."
  value       = toset([for scope in keys(var.scopes) : "${var.resource_server}/${scope}"])
}

output "group_names" {
  description = "Names of the groups, as the claim cognito:groups carries them."
  value       = toset([for group in aws_cognito_user_group.this : group.name])
}
