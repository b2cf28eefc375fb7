output "namespace_id" {
  description = "Id of the namespace."
  value       = aws_service_discovery_private_dns_namespace.this.id
}

output "namespace_arn" {
  description = "ARN of the namespace."
  value       = aws_service_discovery_private_dns_namespace.this.arn
}

output "namespace" {
  description = "Private DNS name under which services register."
  value       = aws_service_discovery_private_dns_namespace.this.name
}

output "hosted_zone_id" {
  description = "Private hosted zone that Cloud Map keeps for the namespace."
  value       = aws_service_discovery_private_dns_namespace.this.hosted_zone
}
