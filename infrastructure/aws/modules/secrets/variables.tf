variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "secrets" {
  description = "Secrets by name suffix. rotation_days makes the rotation function replace the value that often; null is for what a third party issues, which an operator writes."
  type = map(object({
    description   = string
    rotation_days = optional(number)
  }))
  nullable = false

  validation {
    condition     = alltrue([for suffix in keys(var.secrets) : can(regex("^[a-z][a-z0-9-]{0,62}[a-z0-9]$", suffix)) && !can(regex("-[a-z0-9]{6}$", suffix))])
    error_message = "secrets must be named with 2 to 64 lower-case letters, digits and hyphens, such as { session-signing = { ... } }, not ending in a hyphen and six characters: Secrets Manager would take that for the end of an ARN."
  }
  validation {
    condition     = alltrue([for secret in values(var.secrets) : length(secret.description) >= 10])
    error_message = "description of secrets must say who uses it and who issues it, in at least 10 characters."
  }
  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.rotation_days == null || try(secret.rotation_days >= 1 && secret.rotation_days <= 90 && floor(secret.rotation_days) == secret.rotation_days, false)])
    error_message = "rotation_days of secrets must be a whole number from 1 to 90 (SecretsManager.4), such as 30, or null for what a third party issues."
  }
}

variable "rotation_function_arn" {
  description = "Function that replaces the values of the secrets with rotation_days. Null where there are none."
  type        = string
  default     = null

  validation {
    condition     = var.rotation_function_arn == null || can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", var.rotation_function_arn))
    error_message = "rotation_function_arn must be the ARN of a function without version or alias, such as module.secret_rotation.arn."
  }
}

variable "rotate_immediately" {
  description = "Replace the placeholder as soon as the secret exists, instead of at the first date of the schedule."
  type        = bool
  default     = true
  nullable    = false
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be restored. 0 deletes at once, for environments that come and go."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30 && floor(var.recovery_window_days) == var.recovery_window_days)
    error_message = "recovery_window_days must be a whole number from 7 to 30, or 0 to delete at once."
  }
}

variable "key_arn" {
  description = "KMS key of the secrets."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
