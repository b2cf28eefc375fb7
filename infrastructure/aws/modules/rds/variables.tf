variable "name" {
  description = "Identifier of the instance and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "subnet_ids" {
  description = "Isolated subnets, in two zones at least."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name subnets of at least two zones: RDS needs them even for a single-zone instance."
  }
}

variable "security_group_ids" {
  description = "Security groups of the instances."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must not be empty: RDS would fall back to the VPC's default group."
  }
}

variable "engine_version" {
  description = "PostgreSQL version: the major alone lets RDS choose and raise the minor."
  type        = string
  default     = "15"
  nullable    = false

  validation {
    condition     = can(regex("^15(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be PostgreSQL 15: write \"15\", or a minor such as \"15.12\"."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be an RDS class, such as \"db.t4g.micro\" or \"db.r7g.large\"."
  }
}

variable "database_name" {
  description = "Database created with the instance."
  type        = string
  default     = "bookstore"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name must be lower-case letters, digits and underscores, such as \"bookstore\"."
  }
}

variable "admin_username" {
  description = "Name of the administrator, whose password RDS keeps and rotates in Secrets Manager."
  type        = string
  default     = "bookstore_admin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.admin_username)) && !contains(["postgres", "admin", "administrator", "root", "rdsadmin"], var.admin_username)
    error_message = "admin_username must not be a name everybody tries first (postgres, admin, root ...): write something such as \"bookstore_admin\"."
  }
}

variable "port" {
  description = "Port of PostgreSQL."
  type        = number
  default     = 5433
  nullable    = false

  validation {
    condition     = var.port >= 1150 && var.port <= 65535 && var.port != 5432 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1150 to 65535 other than the default 5432 (RDS.23), such as 5433."
  }
}

variable "allocated_storage_gib" {
  description = "Storage to begin with."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.allocated_storage_gib >= 20 && var.allocated_storage_gib <= 65536 && floor(var.allocated_storage_gib) == var.allocated_storage_gib
    error_message = "allocated_storage_gib must be a whole number from 20 to 65536, the limits of gp3."
  }
}

variable "max_allocated_storage_gib" {
  description = "Storage that autoscaling may grow to."
  type        = number
  default     = 500
  nullable    = false
}

variable "multi_az" {
  description = "Keep a standby in another zone and fail over to it."
  type        = bool
  default     = true
  nullable    = false
}

variable "read_replicas" {
  description = "Readers by name suffix; instance_class defaults to the primary's."
  type = map(object({
    instance_class = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.read_replicas) : can(regex("^[a-z][a-z0-9]{0,15}$", key))]) && !contains(keys(var.read_replicas), "primary")
    error_message = "read_replicas must be named with up to 16 lower-case letters and digits other than \"primary\", such as { reader = {} }."
  }
}

variable "backup_retention_days" {
  description = "Days of automated backups and point-in-time recovery."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number from 7 to 35 (RDS.11 asks for a week; RDS keeps 35 days at most)."
  }
}

variable "backup_replication" {
  description = "Copy the automated backups to the region of aws.replica, under this key of that region, for these days. Null for none."
  type = object({
    key_arn        = string
    retention_days = number
  })
  default = null

  validation {
    condition     = var.backup_replication == null || try(var.backup_replication.retention_days >= 1 && var.backup_replication.retention_days <= 35, false)
    error_message = "backup_replication.retention_days must be from 1 to 35."
  }
}

variable "backup_window" {
  description = "Daily window of backups, UTC."
  type        = string
  default     = "02:00-03:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window must be hh:mm-hh:mm in UTC, such as \"02:00-03:00\"."
  }
}

variable "maintenance_window" {
  description = "Weekly window of maintenance, UTC. It must not overlap backup_window."
  type        = string
  default     = "sun:03:30-sun:04:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must be ddd:hh:mm-ddd:hh:mm in UTC, such as \"sun:03:30-sun:04:30\"."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the instances."
  type        = bool
  default     = true
  nullable    = false
}

variable "skip_final_snapshot" {
  description = "Take no snapshot and keep no automated backups when the instance is deleted."
  type        = bool
  default     = false
  nullable    = false
}

variable "apply_immediately" {
  description = "Apply changes at once instead of in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}

variable "monitoring_interval_seconds" {
  description = "Granularity of enhanced monitoring."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 5, 10, 15, 30, 60], var.monitoring_interval_seconds)
    error_message = "monitoring_interval_seconds must be 1, 5, 10, 15, 30 or 60; it cannot be switched off (RDS.6)."
  }
}

variable "performance_insights_retention_days" {
  description = "Days of Performance Insights: 7 are free, 465 or more turn on the advanced mode of Database Insights."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.performance_insights_retention_days == 7 || var.performance_insights_retention_days == 731 || (var.performance_insights_retention_days % 31 == 0 && var.performance_insights_retention_days > 0 && var.performance_insights_retention_days < 731)
    error_message = "performance_insights_retention_days must be 7, a multiple of 31 below 731, or 731."
  }
}

variable "parameters" {
  description = "Further parameters of PostgreSQL, over this module's own."
  type = map(object({
    value        = string
    apply_method = optional(string, "pending-reboot")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = try(var.parameters["rds.force_ssl"].value, "1") == "1"
    error_message = "parameters must not switch rds.force_ssl off: every connection uses TLS (RDS.38)."
  }
  validation {
    condition     = alltrue([for parameter in values(var.parameters) : contains(["immediate", "pending-reboot"], parameter.apply_method)])
    error_message = "apply_method of each of parameters must be \"immediate\" or \"pending-reboot\"."
  }
}

variable "log_retention_days" {
  description = "Days that PostgreSQL's logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "key_arn" {
  description = "KMS key of storage, snapshots and Performance Insights."
  type        = string
  nullable    = false
}

variable "secret_key_arn" {
  description = "KMS key of the administrator's secret."
  type        = string
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "events" {
  description = "Publish what happens to the instances, to their parameters and to security groups to this SNS topic. Null for none."
  type = object({
    topic_arn = string
  })
  default = null
}

variable "backup_tags" {
  description = "Further tags of the primary instance alone, by which AWS Backup finds it, such as { Backup = \"true\" }. Readers are made anew from it and need no backup."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for an instance."
  type = object({
    create = optional(string, "60m")
    update = optional(string, "90m")
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
