data "aws_region" "current" {}

locals {
  made    = var.certificate_arn == null ? 1 : 0
  zone_id = var.hosted_zone_id == null ? aws_route53_zone.this[0].zone_id : var.hosted_zone_id
  # ACM proves the domain and its wildcard by one and the same record.
  validation = one([for option in flatten(aws_acm_certificate.this[*].domain_validation_options[*]) : option if option.domain_name == var.domain])
}

resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38:DNSSEC needs a key in us-east-1 and a record in the parent zone, which is not this platform's; CAA records limit who issues
  #checkov:skip=CKV2_AWS_39:Query logs go to us-east-1 only, and a public zone of one API tells nothing that the API's access log does not
  count = var.hosted_zone_id == null ? 1 : 0

  name          = var.domain
  comment       = "Public names of ${var.name}"
  force_destroy = var.force_destroy

  timeouts {
    create = var.timeouts.records
    update = var.timeouts.records
    delete = var.timeouts.records
  }

  tags = merge(var.tags, { Name = var.domain })
}

resource "aws_route53_record" "authorities" {
  count = var.hosted_zone_id == null ? 1 : 0

  zone_id = local.zone_id
  name    = var.domain
  type    = "CAA"
  ttl     = 3600
  records = flatten([for authority in sort(distinct(var.certificate_authorities)) : ["0 issue \"${authority}\"", "0 issuewild \"${authority}\""]])

  timeouts {
    create = var.timeouts.records
    update = var.timeouts.records
    delete = var.timeouts.records
  }
}

resource "aws_acm_certificate" "this" {
  #checkov:skip=CKV2_AWS_71:One level below the environment's own domain, all of which is this platform's; one record proves both names
  count = local.made

  domain_name               = var.domain
  subject_alternative_names = ["*.${var.domain}"]
  validation_method         = "DNS"

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  tags = merge(var.tags, { Name = var.domain })

  # Listeners and the API hold the certificate: its successor comes first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = local.made

  zone_id = local.zone_id
  name    = local.validation.resource_record_name
  type    = local.validation.resource_record_type
  ttl     = 300
  records = [local.validation.resource_record_value]
  # The record of a domain never changes: the successor of a certificate proves itself by the same one.
  allow_overwrite = true

  timeouts {
    create = var.timeouts.records
    update = var.timeouts.records
    delete = var.timeouts.records
  }
}

resource "aws_acm_certificate_validation" "this" {
  count = local.made

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = aws_route53_record.validation[*].fqdn

  timeouts {
    create = var.timeouts.certificate
  }

  # ACM asks the authorities named in the zone, if any.
  depends_on = [aws_route53_record.authorities]
}

# Who sends e-mails: the domain itself, proved and signed by DKIM.
resource "aws_sesv2_email_identity" "this" {
  count = var.email ? 1 : 0

  email_identity = var.domain

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }

  tags = merge(var.tags, { Name = var.domain })
}

resource "aws_route53_record" "dkim" {
  # SES gives three tokens, known once the identity is there.
  count = var.email ? 3 : 0

  zone_id = local.zone_id
  name    = "${aws_sesv2_email_identity.this[0].dkim_signing_attributes[0].tokens[count.index]}._domainkey.${var.domain}"
  type    = "CNAME"
  ttl     = 3600
  records = ["${aws_sesv2_email_identity.this[0].dkim_signing_attributes[0].tokens[count.index]}.dkim.amazonses.com"]

  timeouts {
    create = var.timeouts.records
    update = var.timeouts.records
    delete = var.timeouts.records
  }
}

# Receivers put aside what says that it is of this domain and is not signed by it.
resource "aws_route53_record" "dmarc" {
  count = var.email ? 1 : 0

  zone_id = local.zone_id
  name    = "_dmarc.${var.domain}"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=quarantine; adkim=r"]

  timeouts {
    create = var.timeouts.records
    update = var.timeouts.records
    delete = var.timeouts.records
  }
}
