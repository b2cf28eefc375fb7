variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "flags" {
  description = "Flags of the first deployment: what each is for, its first value, its typed attributes, and whether it is to be removed once rolled out. Later values and flags are the operators'."
  type = map(object({
    description = string
    enabled     = optional(bool, false)
    temporary   = optional(bool, false)
    attributes = optional(map(object({
      description = optional(string)
      type        = optional(string, "string")
      value       = string
      allowed     = optional(list(string))
      pattern     = optional(string)
      minimum     = optional(number)
      maximum     = optional(number)
    })), {})
  }))
  nullable = false

  validation {
    condition     = length(var.flags) > 0
    error_message = "flags must hold one flag at least, such as { new-checkout = { description = \"the new checkout\" } }."
  }
  validation {
    condition     = alltrue([for flag in keys(var.flags) : can(regex("^[a-z][a-zA-Z0-9_-]{0,63}$", flag))])
    error_message = "flags must be named by up to 64 letters, digits, hyphens and underscores beginning with a small letter, such as \"new-checkout\"."
  }
  validation {
    condition     = alltrue([for flag in values(var.flags) : length(flag.description) >= 1 && length(flag.description) <= 1024])
    error_message = "each of flags needs a description of 1 to 1024 characters that says what it turns on."
  }
  validation {
    condition     = alltrue([for flag in values(var.flags) : length(flag.attributes) <= 25])
    error_message = "each of flags takes up to 25 attributes: split the flag in two."
  }
  validation {
    condition = alltrue(flatten([for flag in values(var.flags) : [
      for attribute in keys(flag.attributes) : can(regex("^[a-z][a-zA-Z0-9_-]{0,63}$", attribute)) && attribute != "enabled"
    ]]))
    error_message = "attributes must be named like flags, and not \"enabled\", which is the flag's own value."
  }
  validation {
    condition = alltrue(flatten([for flag in values(var.flags) : [
      for attribute in values(flag.attributes) : contains(["string", "number", "boolean"], attribute.type)
    ]]))
    error_message = "the type of an attribute must be \"string\", \"number\" or \"boolean\"."
  }
  validation {
    condition = alltrue(flatten([for flag in values(var.flags) : [
      for attribute in values(flag.attributes) : (
        attribute.type == "number" ? can(tonumber(attribute.value)) : attribute.type == "boolean" ? can(tobool(attribute.value)) : true
      )
    ]]))
    error_message = "the value of an attribute must be of its type: such as 20 where type = \"number\", true where type = \"boolean\"."
  }
  validation {
    condition = alltrue(flatten([for flag in values(var.flags) : [
      for attribute in values(flag.attributes) : (
        (attribute.type == "string" || (attribute.allowed == null && attribute.pattern == null)) &&
        (attribute.type == "number" || (attribute.minimum == null && attribute.maximum == null)) &&
        (attribute.allowed == null || attribute.pattern == null)
      )
    ]]))
    error_message = "allowed or pattern (one of them) limits an attribute of type \"string\"; minimum and maximum limit a \"number\"."
  }
  validation {
    condition = alltrue(flatten([for flag in values(var.flags) : [
      for attribute in values(flag.attributes) : (
        (attribute.allowed == null ? true : contains(attribute.allowed, attribute.value)) &&
        (attribute.pattern == null ? true : can(regex(attribute.pattern, attribute.value))) &&
        (attribute.minimum == null ? true : try(tonumber(attribute.value) >= attribute.minimum, false)) &&
        (attribute.maximum == null ? true : try(tonumber(attribute.value) <= attribute.maximum, false))
      )
    ]]))
    error_message = "the value of an attribute must keep its own limits: one of allowed, matching pattern, from minimum to maximum."
  }
}

variable "alarm_arns" {
  description = "CloudWatch alarms by name, any of which rolls a deployment back while it is under way or baking: in ALARM, and in INSUFFICIENT_DATA too."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.alarm_arns) <= 5
    error_message = "alarm_arns takes five alarms at most: name composite alarms that stand for many."
  }
  validation {
    condition     = alltrue([for arn in values(var.alarm_arns) : can(regex("^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+$", arn))])
    error_message = "alarm_arns must be ARNs of CloudWatch alarms, such as { api-5xx = \"arn:aws:cloudwatch:eu-west-1:111111111111:alarm:api-5xx\" }."
  }
}

variable "strategy" {
  description = "How operators deploy here unless they say otherwise: all-at-once or gradual."
  type        = string
  default     = "gradual"
  nullable    = false

  validation {
    condition     = contains(["all-at-once", "gradual"], var.strategy)
    error_message = "strategy must be \"all-at-once\" or \"gradual\"."
  }
}

variable "gradual" {
  description = "The gradual strategy: minutes until all clients have the new values, percent of them per step, and minutes that the alarms are watched afterwards."
  type = object({
    duration_minutes = optional(number, 20)
    step_percent     = optional(number, 20)
    bake_minutes     = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.gradual.duration_minutes >= 1 && var.gradual.duration_minutes <= 1440 && floor(var.gradual.duration_minutes) == var.gradual.duration_minutes
    error_message = "gradual.duration_minutes must be a whole number from 1 to 1440."
  }
  validation {
    condition     = var.gradual.step_percent >= 1 && var.gradual.step_percent <= 50
    error_message = "gradual.step_percent must be from 1 to 50: with more it is not gradual."
  }
  validation {
    condition     = var.gradual.bake_minutes >= 5 && var.gradual.bake_minutes <= 1440 && floor(var.gradual.bake_minutes) == var.gradual.bake_minutes
    error_message = "gradual.bake_minutes must be a whole number from 5 to 1440: alarms need minutes to see what the last clients do."
  }
}

variable "key_arn" {
  description = "KMS key of the flags, which every reader then must be allowed to decrypt with. Null for AppConfig's own."
  type        = string
  default     = null

  validation {
    condition     = var.key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key, such as \"arn:aws:kms:eu-west-1:111111111111:key/...\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
