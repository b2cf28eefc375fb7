variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "tables" {
  description = "Tables by name suffix: keys, the types (S, N, B) of every key attribute, indexes, the attribute that holds the expiry time, and what the stream carries."
  type = map(object({
    hash_key   = string
    range_key  = optional(string)
    attributes = map(string)
    indexes = optional(map(object({
      hash_key  = string
      range_key = optional(string)
    })), {})
    ttl_attribute    = optional(string, "expires_at")
    stream_view_type = optional(string, "NEW_AND_OLD_IMAGES")
  }))
  nullable = false

  validation {
    condition     = alltrue([for suffix in keys(var.tables) : can(regex("^[a-z][a-z0-9-]{1,40}$", suffix))])
    error_message = "tables must be named in lower-case letters, digits and hyphens, such as { audit-log = { ... } }."
  }
  validation {
    condition     = alltrue(flatten([for table in values(var.tables) : [for type in values(table.attributes) : contains(["S", "N", "B"], type)]]))
    error_message = "attributes of tables must be \"S\" (string), \"N\" (number) or \"B\" (binary)."
  }
  validation {
    condition     = alltrue([for table in values(var.tables) : contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"], table.stream_view_type)])
    error_message = "stream_view_type of tables must be NEW_AND_OLD_IMAGES (needed for replicas), NEW_IMAGE, OLD_IMAGE or KEYS_ONLY."
  }
}

variable "key_arn" {
  description = "KMS key of the tables."
  type        = string
  nullable    = false
}

variable "replica" {
  description = "A replica of every table in the region of aws.replica, under this key of that region. Null for none."
  type = object({
    key_arn = string
  })
  default = null
}

variable "point_in_time_recovery_days" {
  description = "Days that can be recovered to the second."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.point_in_time_recovery_days >= 7 && var.point_in_time_recovery_days <= 35 && floor(var.point_in_time_recovery_days) == var.point_in_time_recovery_days
    error_message = "point_in_time_recovery_days must be a whole number from 7 to 35."
  }
}

variable "restored" {
  description = "Tables that were restored beside the first ones and have taken their place: their names, by key of tables. The roles and policies of the tree reach what begins with name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for table in values(var.restored) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", table))])
    error_message = "restored must hold names of tables, such as { audit-log = \"bookstore-dev-audit-log-restored\" }."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the tables."
  type        = bool
  default     = true
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for a table."
  type = object({
    create = optional(string, "30m")
    update = optional(string, "60m")
    delete = optional(string, "30m")
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
