variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "keys" {
  description = "One key per domain of data. via_services lists the AWS services through which this account's principals may use the key; services the AWS services that use it themselves, on behalf of this account; log_groups lets CloudWatch Logs use it, trails CloudTrail."
  type = map(object({
    description  = string
    via_services = optional(set(string), [])
    services     = optional(set(string), [])
    log_groups   = optional(bool, false)
    trails       = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = alltrue([for domain in keys(var.keys) : can(regex("^[a-z][a-z0-9-]*$", domain))])
    error_message = "keys must be named by domain in lower-case letters, digits and hyphens, such as { database = { ... } }."
  }
  validation {
    condition     = alltrue([for key in values(var.keys) : length(key.via_services) + length(key.services) > 0 || key.log_groups || key.trails])
    error_message = "each of keys needs a user: write via_services = [\"rds\"] (or another service), services = [\"events\"], log_groups = true or trails = true."
  }
  validation {
    condition     = alltrue(flatten([for key in values(var.keys) : [for service in key.services : can(regex("^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)?$", service)) && !endswith(service, ".amazonaws")]]))
    error_message = "services takes the first part of the service's principal, such as \"events\" or \"events.rds\", without \".amazonaws.com\"."
  }
  validation {
    condition     = alltrue(flatten([for key in values(var.keys) : [for service in key.via_services : can(regex("^[a-z][a-z0-9-]*$", service))]]))
    error_message = "via_services takes the first part of the service's endpoint, such as \"rds\", \"dynamodb\" or \"secretsmanager\", without region or domain."
  }
}

variable "administrators" {
  description = "ARNs of the roles that may administer the keys. Empty leaves it to the account's IAM policies."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "administrators must be ARNs of IAM roles or users, such as \"arn:aws:iam::111111111111:role/platform-admin\"."
  }
}

variable "deletion_window_days" {
  description = "Days between asking for a key's deletion and losing it and all data under it."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30 && floor(var.deletion_window_days) == var.deletion_window_days
    error_message = "deletion_window_days must be a whole number from 7 to 30."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
