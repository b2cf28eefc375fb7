variable "project" {
  description = "Name of the product; with the environment it prefixes every name."
  type        = string
  default     = "bookstore"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project)) && !strcontains(var.project, "--")
    error_message = "project must be 3 to 20 lower-case letters, digits and single hyphens, such as \"bookstore\"."
  }
}

variable "environment" {
  description = "Which environment this is; staging and prod have floors that dev has not."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be \"dev\", \"staging\" or \"prod\"."
  }
}

variable "network" {
  description = "The VPC: its /16, blocks it must not overlap, zones, NAT gateways and interface endpoints."
  type = object({
    cidr                = string
    peer_cidrs          = optional(list(string), [])
    zone_count          = optional(number, 3)
    availability_zones  = optional(list(string), [])
    workload_zone_count = optional(number)
    single_nat_gateway  = optional(bool, false)
    interface_endpoints = optional(set(string), [
      "ecr.api", "ecr.dkr", "events", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm", "sts", "xray",
    ])
  })
  nullable = false
}

variable "database" {
  description = "PostgreSQL: size, zones, readers, backups, protection and windows."
  type = object({
    engine_version                      = optional(string, "15")
    instance_class                      = string
    port                                = optional(number, 5433)
    allocated_storage_gib               = optional(number, 100)
    max_allocated_storage_gib           = optional(number, 500)
    multi_az                            = optional(bool, true)
    read_replicas                       = optional(map(object({ instance_class = optional(string) })), {})
    backup_retention_days               = optional(number, 30)
    backup_window                       = optional(string, "02:00-03:00")
    maintenance_window                  = optional(string, "sun:03:30-sun:04:30")
    deletion_protection                 = optional(bool, true)
    skip_final_snapshot                 = optional(bool, false)
    apply_immediately                   = optional(bool, false)
    monitoring_interval_seconds         = optional(number, 30)
    performance_insights_retention_days = optional(number, 7)
    parameters                          = optional(map(object({ value = string, apply_method = optional(string, "pending-reboot") })), {})
    timeouts                            = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }), {})
  })
  nullable = false
}

variable "tables" {
  description = "DynamoDB tables: recovery, protection and timeouts."
  type = object({
    point_in_time_recovery_days = optional(number, 35)
    deletion_protection         = optional(bool, true)
    timeouts                    = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }), {})
  })
  default  = {}
  nullable = false
}

variable "encryption" {
  description = "KMS keys: who administers them (empty leaves it to IAM; name the deploying role too) and how long a deletion waits."
  type = object({
    administrators       = optional(set(string), [])
    deletion_window_days = optional(number, 30)
  })
  default  = {}
  nullable = false
}

variable "logs" {
  description = "Log groups of every module: how long they are kept."
  type = object({
    retention_days = optional(number, 365)
  })
  default  = {}
  nullable = false
}

variable "disaster_recovery" {
  description = "Copies in the region of the aws.replica provider: database backups and a replica of every table."
  type = object({
    enabled               = optional(bool, false)
    backup_retention_days = optional(number, 14)
  })
  default  = {}
  nullable = false
}
