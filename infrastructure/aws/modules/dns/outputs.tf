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
  value       = var.certificate_arn == null ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn

  precondition {
    condition     = var.certificate_arn == null || try(split(":", var.certificate_arn)[3] == data.aws_region.current.name, false)
    error_message = "certificate_arn must be a certificate of ${data.aws_region.current.name}, where the load balancer and the API are: request one there, or leave it out to have one made."
  }
}

output "domain" {
  description = "Domain of the environment."
  value       = var.domain
}

output "email_identity_arn" {
  description = "The domain as a sender of e-mails in SES, null where none is made."
  value       = one(aws_sesv2_email_identity.this[*].arn)
}
