output "zone_id" {
  description = "Zone that holds the domain's records."
  value       = local.zone_id
}

output "name_servers" {
  description = "Name servers to enter in the parent zone; empty where the zone was given."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}

output "certificate_arn" {
  description = "Certificate of this region for the domain and one level below, once it is validated."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "domain" {
  description = "Domain of the environment."
  value       = var.domain
}
