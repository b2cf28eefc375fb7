mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_route53_zone" {
    defaults = { zone_id = "Z0123456789", name_servers = ["ns-1.example.com", "ns-2.example.com"] }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-west-1:111111111111:certificate/1"
      domain_validation_options = [
        { domain_name = "test.bookstore.example.com", resource_record_name = "_a.test.bookstore.example.com", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws" },
        { domain_name = "*.test.bookstore.example.com", resource_record_name = "_a.test.bookstore.example.com", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws" },
      ]
    }
  }
  mock_resource "aws_sesv2_email_identity" {
    defaults = {
      arn                     = "arn:aws:ses:eu-west-1:111111111111:identity/test.bookstore.example.com"
      dkim_signing_attributes = { tokens = ["one", "two", "three"] }
    }
  }
  mock_resource "aws_route53_record" {
    defaults = { fqdn = "_a.test.bookstore.example.com" }
  }
}

variables {
  name   = "bookstore-test"
  domain = "test.bookstore.example.com"
}

run "a_zone_and_a_certificate" {
  assert {
    condition     = aws_route53_zone.this[0].name == "test.bookstore.example.com" && output.zone_id == "Z0123456789" && length(output.name_servers) == 2
    error_message = "A zone is made, and its name servers are told."
  }
  assert {
    condition     = aws_acm_certificate.this[0].validation_method == "DNS" && aws_acm_certificate.this[0].subject_alternative_names == toset(["*.test.bookstore.example.com"])
    error_message = "The certificate is for the domain and one level below."
  }
  assert {
    condition = (
      aws_route53_record.validation[0].name == "_a.test.bookstore.example.com"
      && aws_route53_record.validation[0].type == "CNAME"
      && aws_route53_record.validation[0].records == toset(["_b.acm-validations.aws"])
      && aws_acm_certificate_validation.this[0].validation_record_fqdns == toset(["_a.test.bookstore.example.com"])
      && output.certificate_arn == aws_acm_certificate_validation.this[0].certificate_arn
    )
    error_message = "One record proves both names, and users wait for it."
  }
  assert {
    condition     = contains(aws_route53_record.authorities[0].records, "0 issue \"amazon.com\"") && length(aws_route53_record.authorities[0].records) == 8
    error_message = "Only Amazon's authorities issue certificates."
  }
  # Sends emails.
  assert {
    condition     = aws_sesv2_email_identity.this[0].email_identity == "test.bookstore.example.com" && aws_sesv2_email_identity.this[0].dkim_signing_attributes[0].next_signing_key_length == "RSA_2048_BIT" && output.email_identity_arn == "arn:aws:ses:eu-west-1:111111111111:identity/test.bookstore.example.com"
    error_message = "The domain itself is the sender."
  }
  assert {
    condition     = [for record in aws_route53_record.dkim : record.name] == [for token in ["one", "two", "three"] : "${token}._domainkey.test.bookstore.example.com"] && [for record in aws_route53_record.dkim : one(record.records)] == [for token in ["one", "two", "three"] : "${token}.dkim.amazonses.com"]
    error_message = "Three records prove and sign."
  }
  assert {
    condition     = aws_route53_record.dmarc[0].name == "_dmarc.test.bookstore.example.com" && startswith(one(aws_route53_record.dmarc[0].records), "v=DMARC1; p=quarantine")
    error_message = "Forgeries are put aside."
  }
}

run "sends_no_emails" {
  command = plan

  variables {
    email = false
  }

  assert {
    condition     = length(aws_sesv2_email_identity.this) + length(aws_route53_record.dkim) + length(aws_route53_record.dmarc) == 0 && output.email_identity_arn == null
    error_message = "Where the sender is made elsewhere, nothing is made here."
  }
}

run "a_zone_that_is_there" {
  command = plan

  variables {
    hosted_zone_id = "Z9876543210"
    timeouts       = { certificate = "2h" }
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && length(aws_route53_record.authorities) == 0 && output.name_servers == []
    error_message = "A given zone is not made, nor is it told who issues."
  }
  assert {
    condition     = aws_route53_record.validation[0].zone_id == "Z9876543210" && output.zone_id == "Z9876543210"
    error_message = "Records go into the given zone."
  }
  assert {
    condition     = aws_acm_certificate_validation.this[0].timeouts.create == "2h" && aws_route53_record.validation[0].timeouts.create == "30m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "a_certificate_that_is_there" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-west-1:111111111111:certificate/2"
  }

  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.validation) == 0 && output.certificate_arn == "arn:aws:acm:eu-west-1:111111111111:certificate/2"
    error_message = "A given certificate is used as it is."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                    = "-bookstore"
    domain                  = "https://bookstore.example.com"
    hosted_zone_id          = "bookstore.example.com"
    certificate_authorities = ["letsencrypt.org"]
    timeouts                = { certificate = "soon" }
    certificate_arn         = "bookstore.example.com"
  }

  expect_failures = [
    var.certificate_arn,
    var.name,
    var.domain,
    var.hosted_zone_id,
    var.certificate_authorities,
    var.timeouts,
  ]
}

run "refuses_a_wildcard" {
  command = plan

  variables {
    domain = "*.bookstore.example.com"
  }

  expect_failures = [var.domain]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:111111111111:certificate/2"
  }

  expect_failures = [output.certificate_arn]
}
