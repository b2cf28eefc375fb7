output "rest_api_id" {
  description = "Id of the API."
  value       = aws_api_gateway_rest_api.this.id
}

output "rest_api_name" {
  description = "Name of the API, the dimension ApiName of its metrics."
  value       = aws_api_gateway_rest_api.this.name
}

output "execution_arn" {
  description = "Prefix of the ARNs that IAM policies on calls name."
  value       = aws_api_gateway_rest_api.this.execution_arn
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "stage_arn" {
  description = "ARN of the stage, which a web ACL is attached to."
  value       = aws_api_gateway_stage.this.arn
}

output "url" {
  description = "Where the API answers."
  value       = var.domain == null ? aws_api_gateway_stage.this.invoke_url : "https://${var.domain.name}"
}

output "usage_plan_ids" {
  description = "Ids of the usage plans, by name."
  value       = { for name, plan in aws_api_gateway_usage_plan.this : name => plan.id }
}

output "api_key_ids" {
  description = "Ids of the API keys, by client. A key's value is read from API Gateway, never from here."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.id }
}

output "vpc_link_id" {
  description = "Id of the VPC link."
  value       = aws_api_gateway_vpc_link.this.id
}

output "log_group_names" {
  description = "Names of the log groups: access and execution."
  value = {
    access    = aws_cloudwatch_log_group.access.name
    execution = aws_cloudwatch_log_group.execution.name
  }
}

output "client_certificate_pem" {
  description = "Public certificate with which the API shows itself to the load balancer, for its trust store."
  value       = aws_api_gateway_client_certificate.this.pem_encoded_certificate
}

output "documentation_version" {
  description = "Version of the documentation published with the stage."
  value       = aws_api_gateway_documentation_version.this.version
}

output "operations" {
  description = "The API's operations by operationId: method, path and the service that answers."
  value       = { for id, operation in local.operations : id => { method = operation.method, path = operation.path, service = operation.service } }
}
