variable "name" {
  description = "Name of the trail and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "key_arn" {
  description = "KMS key of the trail's files, whose policy must let cloudtrail.amazonaws.com encrypt for this trail."
  type        = string
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log group."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that events stay in the log group, for alarms and queries; the bucket keeps them longer."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_bucket" {
  description = "Bucket that receives the access log of the trail's bucket."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.log_bucket) > 0
    error_message = "log_bucket must be the name of the log bucket, such as module.logs.id: reading the trail is logged too (CIS 3.4)."
  }
}

variable "retention_days" {
  description = "Days that the bucket keeps the trail."
  type        = number
  default     = 2557
  nullable    = false

  validation {
    condition     = var.retention_days >= 90 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 90, such as 365 for a year or 2557 for seven."
  }
}

variable "object_lock_days" {
  description = "Days that no file of the trail can be deleted or overwritten. It can be changed, but not removed."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.object_lock_days >= 1 && var.object_lock_days <= 36500 && floor(var.object_lock_days) == var.object_lock_days
    error_message = "object_lock_days must be a whole number from 1 to 36500, such as 365."
  }
}

variable "object_lock_mode" {
  description = "GOVERNANCE lets principals with s3:BypassGovernanceRetention delete; COMPLIANCE lets nobody, the account's root included."
  type        = string
  default     = "COMPLIANCE"
  nullable    = false

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock_mode)
    error_message = "object_lock_mode must be \"GOVERNANCE\" or \"COMPLIANCE\"."
  }
}

variable "transitions" {
  description = "Days of age at which files move to a cheaper storage class, by class; ages that retention_days does not reach are ignored."
  type        = map(number)
  default     = { GLACIER_IR = 90 }
  nullable    = false
}

variable "data_events" {
  description = "Record reads and writes of S3 objects and DynamoDB items too. Paid by the event."
  type        = bool
  default     = false
  nullable    = false
}

variable "insights" {
  description = "Let CloudTrail find unusual rates of calls and errors. Paid by the event analysed."
  type        = bool
  default     = false
  nullable    = false
}

variable "force_destroy" {
  description = "Delete the trail's files with the bucket, even those locked in GOVERNANCE mode."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for the bucket."
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
