variable "name" {
  description = "Full name of the bucket, unique among all buckets of AWS: end it with the account, such as bookstore-dev-logs-111111111111."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 63 lower-case letters, digits and single hyphens, without dots, such as \"bookstore-dev-logs-111111111111\"."
  }
}

variable "key_arn" {
  description = "KMS key of the objects. Null only with log_delivery, where S3 keeps the key."
  type        = string
  default     = null
}

variable "log_delivery" {
  description = "Services that deliver logs into this bucket: s3 (access logs of this account's buckets) and load_balancers (access and connection logs). They cannot use a customer's key."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for service in var.log_delivery : contains(["load_balancers", "s3"], service)])
    error_message = "log_delivery takes \"s3\" and \"load_balancers\"; give other services a statement in policy_statements."
  }
}

variable "log_bucket" {
  description = "Bucket that receives this one's access log, under this one's name. Null for a log bucket itself."
  type        = string
  default     = null
}

variable "policy_statements" {
  description = "Statements of the bucket's policy, beside the one that refuses connections without TLS 1.2. Each is an object of one policy statement; Effect, Principal, Action and Resource must be given."
  type        = any
  default     = []
  nullable    = false

  validation {
    condition     = can([for statement in var.policy_statements : [statement.Effect, statement.Principal, statement.Action, statement.Resource]])
    error_message = "policy_statements must be a list of objects with Effect, Principal, Action and Resource at least."
  }
  validation {
    condition     = try(alltrue([for statement in var.policy_statements : statement.Effect == "Deny" || !contains([jsonencode("*"), jsonencode({ AWS = "*" }), jsonencode({ AWS = ["*"] })], jsonencode(statement.Principal))]), true)
    error_message = "policy_statements must not allow everybody: name the account, role or service in Principal."
  }
}

variable "expiration_days" {
  description = "Days after which objects expire. Null keeps them."
  type        = number
  default     = null

  validation {
    condition     = var.expiration_days == null || try(var.expiration_days >= 1 && floor(var.expiration_days) == var.expiration_days, false)
    error_message = "expiration_days must be a whole number of days from 1, or null to keep objects."
  }
}

variable "noncurrent_days" {
  description = "Days that overwritten and deleted versions are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of days from 1, such as 30."
  }
}

variable "abort_multipart_days" {
  description = "Days after which the parts of an unfinished upload are removed."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.abort_multipart_days >= 1 && floor(var.abort_multipart_days) == var.abort_multipart_days
    error_message = "abort_multipart_days must be a whole number of days from 1, such as 7."
  }
}

variable "transitions" {
  description = "Days of age at which objects move to a cheaper storage class, by class, such as { STANDARD_IA = 30, GLACIER_IR = 90 }."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for class in keys(var.transitions) : contains(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], class)])
    error_message = "transitions is keyed by storage class: STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."
  }
  validation {
    condition     = alltrue([for class, days in var.transitions : floor(days) == days && days >= (contains(["STANDARD_IA", "ONEZONE_IA"], class) ? 30 : 0)])
    error_message = "days of transitions must be whole numbers, and 30 at least for STANDARD_IA and ONEZONE_IA: S3 takes no younger objects there."
  }
}

variable "object_lock_days" {
  description = "Days that no version can be deleted or overwritten. Null for no lock; it can only be decided when the bucket is made."
  type        = number
  default     = null

  validation {
    condition     = var.object_lock_days == null || try(var.object_lock_days >= 1 && var.object_lock_days <= 36500 && floor(var.object_lock_days) == var.object_lock_days, false)
    error_message = "object_lock_days must be a whole number from 1 to 36500, or null for no lock."
  }
}

variable "object_lock_mode" {
  description = "GOVERNANCE lets principals with s3:BypassGovernanceRetention delete; COMPLIANCE lets nobody, the account's root included."
  type        = string
  default     = "GOVERNANCE"
  nullable    = false

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock_mode)
    error_message = "object_lock_mode must be \"GOVERNANCE\" or \"COMPLIANCE\"."
  }
}

variable "force_destroy" {
  description = "Delete the objects with the bucket."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for the bucket and for S3 to agree on its lifecycle rules."
  type = object({
    create = optional(string, "20m")
    update = optional(string, "20m")
    delete = optional(string, "60m")
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
