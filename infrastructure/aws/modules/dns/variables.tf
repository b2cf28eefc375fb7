variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "domain" {
  description = "Domain of the environment, such as dev.bookstore.example.com; the certificate is for it and everything one level below."
  type        = string
  nullable    = false

  validation {
    # ACM takes no first name longer than 64 characters.
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain)) && length(var.domain) <= 62
    error_message = "domain must be a lower-case domain of up to 62 characters without scheme, wildcard or last dot, such as \"dev.bookstore.example.com\"."
  }
}

variable "hosted_zone_id" {
  description = "Public zone that already holds the domain. Null makes a zone of its own, whose name servers must then be entered in the parent zone."
  type        = string
  default     = null

  validation {
    condition     = var.hosted_zone_id == null || can(regex("^Z[A-Z0-9]{1,31}$", var.hosted_zone_id))
    error_message = "hosted_zone_id must be the id of a Route 53 zone, such as \"Z0123456789ABCDEFGHIJ\", or null to make a zone."
  }
}

variable "certificate_arn" {
  description = "Certificate of this region that already covers the domain and one level below. Null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate, such as \"arn:aws:acm:eu-west-1:111111111111:certificate/...\", or null."
  }
}

variable "certificate_authorities" {
  description = "Authorities that may issue certificates for a zone made here."
  type        = list(string)
  default     = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]
  nullable    = false

  validation {
    condition     = contains(var.certificate_authorities, "amazon.com") || contains(var.certificate_authorities, "amazonaws.com") || contains(var.certificate_authorities, "amazontrust.com") || contains(var.certificate_authorities, "awstrust.com")
    error_message = "certificate_authorities must keep \"amazon.com\": ACM could not renew the certificate."
  }
}

variable "email" {
  description = "Make the domain a sender of e-mails in SES, with the records that prove and sign it."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Delete records that others made with a zone made here."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits: certificate for the validation, records for the zone."
  type = object({
    certificate = optional(string, "75m")
    records     = optional(string, "30m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(s|m|h)$", value))])
    error_message = "timeouts must be durations such as \"90m\" or \"2h\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
