variable "name" {
  description = "Name of the vault and of the plan, and prefix of every other name, such as bookstore-dev. The roles reach databases and tables whose names begin with it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "key_arn" {
  description = "KMS key of the vault."
  type        = string
  nullable    = false
}

variable "topic_arn" {
  description = "SNS topic that hears of jobs that failed."
  type        = string
  nullable    = false
}

variable "dead_letter_arn" {
  description = "Queue that keeps what could not be told to topic_arn; its policy must let the rule of output failure_rule_arn send. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.dead_letter_arn == null || can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:.+$", var.dead_letter_arn))
    error_message = "dead_letter_arn must be the ARN of a queue, such as module.sqs.arns[\"undelivered\"], or null."
  }
}

variable "rules" {
  description = "When to back up (UTC) and how long to keep it, by name. Cold storage is used where the type of resource has it, and needs 90 days in it. continuous keeps every second of up to 35 days."
  type = map(object({
    schedule                = string
    retention_days          = number
    cold_storage_after_days = optional(number)
    continuous              = optional(bool, false)
    copy                    = optional(bool, true)
    start_window_minutes    = optional(number, 60)
    completion_window_hours = optional(number, 12)
  }))
  default = {
    daily   = { schedule = "cron(0 5 * * ? *)", retention_days = 35 }
    weekly  = { schedule = "cron(0 6 ? * SUN *)", retention_days = 90 }
    monthly = { schedule = "cron(0 7 1 * ? *)", retention_days = 365, cold_storage_after_days = 30 }
  }
  nullable = false

  validation {
    condition     = length(var.rules) >= 1 && length(var.rules) <= 100 && alltrue([for key in keys(var.rules) : can(regex("^[a-z][a-z0-9-]{0,39}$", key))])
    error_message = "rules must name from 1 to 100 rules in lower-case letters, digits and hyphens, such as { daily = { schedule = \"cron(0 5 * * ? *)\", retention_days = 35 } }."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : can(regex("^cron\\([^ ]+( [^ ]+){5}\\)$", rule.schedule))])
    error_message = "schedule of each of rules must be a cron expression of six fields, UTC, such as \"cron(0 5 * * ? *)\"."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.retention_days >= 1 && rule.retention_days <= 36500 && floor(rule.retention_days) == rule.retention_days])
    error_message = "retention_days of each of rules must be a whole number from 1 to 36500."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.cold_storage_after_days == null || try(rule.cold_storage_after_days >= 1 && rule.retention_days >= rule.cold_storage_after_days + 90, false)])
    error_message = "retention_days of each of rules must be at least 90 more than cold_storage_after_days: what goes to cold storage is paid for 90 days."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : !rule.continuous || (rule.retention_days <= 35 && rule.cold_storage_after_days == null)])
    error_message = "A continuous rule keeps 35 days at most and nothing in cold storage: write retention_days = 35 and leave cold_storage_after_days out."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.start_window_minutes >= 60 && rule.completion_window_hours * 60 > rule.start_window_minutes])
    error_message = "start_window_minutes of each of rules must be at least 60, and completion_window_hours must be longer."
  }
}

variable "resource_arns" {
  description = "What is backed up beside the resources with the tag Backup = \"true\", such as the bucket of the Terraform state."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.resource_arns : can(regex("^arn:aws[a-z-]*:[a-z0-9]+:", arn)) && !strcontains(arn, "*")])
    error_message = "resource_arns must be whole ARNs, such as \"arn:aws:s3:::bookstore-dev-terraform-state\"."
  }
}

variable "copy" {
  description = "Copy to a vault in the region of aws.replica, under this key of that region; retention_days null keeps the copies as long as the originals. Null for none."
  type = object({
    key_arn        = string
    retention_days = optional(number)
  })
  default = null

  validation {
    condition     = var.copy == null || try(coalesce(var.copy.retention_days, 7) >= 7 && coalesce(var.copy.retention_days, 7) <= 36500, false)
    error_message = "copy.retention_days must be from 7 to 36500, or null to keep copies as long as the originals."
  }
}

variable "vault_lock" {
  description = "Let nobody keep less or more than this, and delete nothing before. With changeable_for_days the lock itself can never be removed once these days are over. Null for no lock."
  type = object({
    min_retention_days  = number
    max_retention_days  = optional(number)
    changeable_for_days = optional(number)
  })
  default = null

  validation {
    condition     = var.vault_lock == null || try(var.vault_lock.min_retention_days >= 1 && coalesce(var.vault_lock.max_retention_days, 36500) >= var.vault_lock.min_retention_days, false)
    error_message = "vault_lock.min_retention_days must be at least 1 and at most max_retention_days."
  }
  validation {
    condition     = var.vault_lock == null || try(coalesce(var.vault_lock.changeable_for_days, 3) >= 3, false)
    error_message = "vault_lock.changeable_for_days must be at least 3, or null for a lock that administrators can remove."
  }
}

variable "restore_testing" {
  description = "Restore the newest recovery point of every database and table on this schedule, and throw it away. metadata overrides what AWS Backup infers, by type of resource (RDS, DynamoDB). Null for none."
  type = object({
    schedule                = optional(string, "cron(0 12 ? * SUN *)")
    selection_window_days   = optional(number, 7)
    validation_window_hours = optional(number, 1)
    metadata                = optional(map(map(string)), {})
  })
  default = null

  validation {
    condition     = var.restore_testing == null || can(regex("^cron\\([^ ]+( [^ ]+){5}\\)$", var.restore_testing.schedule))
    error_message = "restore_testing.schedule must be a cron expression of six fields, UTC, such as \"cron(0 12 ? * SUN *)\"."
  }
  validation {
    condition     = var.restore_testing == null || try(var.restore_testing.selection_window_days >= 1 && var.restore_testing.selection_window_days <= 365 && var.restore_testing.validation_window_hours >= 1 && var.restore_testing.validation_window_hours <= 168, false)
    error_message = "restore_testing.selection_window_days must be from 1 to 365 and validation_window_hours from 1 to 168."
  }
  validation {
    condition     = var.restore_testing == null || length(setsubtract(try(keys(var.restore_testing.metadata), []), ["DynamoDB", "RDS"])) == 0
    error_message = "restore_testing.metadata must be named by type: DynamoDB or RDS, such as { RDS = { dbSubnetGroupName = \"bookstore-prod\" } }."
  }
}

variable "region_settings" {
  description = "Let AWS Backup handle databases, tables and buckets in this region of the account. A region has one such setting: false where it is made elsewhere."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Delete the recovery points with the vault."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits until a vault is empty and deleted."
  type = object({
    delete = optional(string, "30m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[0-9]+(s|m|h)$", var.timeouts.delete))
    error_message = "timeouts must be durations such as \"90m\" or \"2h\"."
  }
}

variable "tags" {
  description = "Tags of every resource and recovery point, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
