variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "container_insights" {
  description = "Container Insights: enabled keeps metrics by cluster and service, enhanced by task and container too."
  type        = string
  default     = "enhanced"
  nullable    = false

  validation {
    condition     = contains(["enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be \"enabled\" or \"enhanced\"; it cannot be switched off (ECS.12)."
  }
}

variable "spot" {
  description = "Run tasks on Fargate Spot, beyond on_demand_base. Spot takes a task back with two minutes' notice."
  type        = bool
  default     = false
  nullable    = false
}

variable "on_demand_base" {
  description = "Tasks of each service that run on Fargate before any runs on Fargate Spot, and then one in five. It counts with spot only."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.on_demand_base >= 0 && var.on_demand_base <= 1000 && floor(var.on_demand_base) == var.on_demand_base
    error_message = "on_demand_base must be a whole number from 0 to 1000, such as 1."
  }
}

variable "execute_command" {
  description = "Keep an encrypted log of interactive sessions (ECS Exec) and give services what they need to allow them."
  type        = bool
  default     = false
  nullable    = false
}

variable "session_key_arn" {
  description = "KMS key that encrypts sessions beside TLS. Its policy must let task roles decrypt and operators generate data keys directly, not through a service. Null leaves it at TLS."
  type        = string
  default     = null
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that sessions and the performance records of Container Insights are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
