variable "name" {
  description = "Id of the replication group and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "subnet_ids" {
  description = "Isolated subnets of the nodes, in two zones at least where there are replicas."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must not be empty: name isolated subnets, two at least where replicas are asked for."
  }
}

variable "security_group_ids" {
  description = "Security groups of the nodes."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must not be empty: ElastiCache would fall back to the VPC's default group."
  }
}

variable "engine_version" {
  description = "Redis version. Redis 7 is written with its minor; patches are ElastiCache's."
  type        = string
  default     = "7.1"
  nullable    = false

  validation {
    condition     = contains(["7.0", "7.1"], var.engine_version)
    error_message = "engine_version must be Redis 7: write \"7.1\" (or \"7.0\")."
  }
}

variable "node_type" {
  description = "Size of each node."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type)) && !can(regex("^cache\\.(t1|t2|m1|m2|m3|c1)\\.", var.node_type))
    error_message = "node_type must be an ElastiCache type that is still made, such as \"cache.t4g.small\" or \"cache.r7g.large\"."
  }
}

variable "port" {
  description = "Port of Redis."
  type        = number
  default     = 6380
  nullable    = false

  validation {
    condition     = var.port >= 1150 && var.port <= 65535 && var.port != 6379 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1150 to 65535 other than the default 6379, such as 6380."
  }
}

variable "replicas" {
  description = "Replicas of the primary. One or more turn on automatic failover over several zones."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5], var.replicas)
    error_message = "replicas must be a whole number from 0 (no failover) to 5, the most ElastiCache allows."
  }
}

variable "restored" {
  description = "Group that was restored beside the first one and has taken its place: its name. Null for the first."
  type        = string
  default     = null

  validation {
    condition     = var.restored == null || can(regex("^[a-z][a-z0-9-]{0,38}[a-z0-9]$", var.restored))
    error_message = "restored must be 2 to 40 lower-case letters, digits and hyphens, such as \"bookstore-dev-restored\", or null."
  }
}

variable "snapshot_retention_days" {
  description = "Days that the daily snapshots are kept."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.snapshot_retention_days >= 1 && var.snapshot_retention_days <= 35 && floor(var.snapshot_retention_days) == var.snapshot_retention_days
    error_message = "snapshot_retention_days must be a whole number from 1 to 35; snapshots cannot be switched off (ElastiCache.1)."
  }
}

variable "snapshot_window" {
  description = "Daily window of snapshots, UTC."
  type        = string
  default     = "01:00-02:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshot_window))
    error_message = "snapshot_window must be hh:mm-hh:mm in UTC, such as \"01:00-02:00\"."
  }
}

variable "maintenance_window" {
  description = "Weekly window of maintenance, UTC. It must not overlap snapshot_window."
  type        = string
  default     = "sun:04:30-sun:05:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must be ddd:hh:mm-ddd:hh:mm in UTC, such as \"sun:04:30-sun:05:30\"."
  }
}

variable "skip_final_snapshot" {
  description = "Take no snapshot when the replication group is deleted."
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

variable "parameters" {
  description = "Further parameters of Redis 7, over this module's own."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = lookup(var.parameters, "cluster-enabled", "no") == "no"
    error_message = "parameters must not switch cluster-enabled on: this module makes one shard."
  }
}

variable "users" {
  description = "Users by name suffix, each with its ACL. They sign in with IAM tokens; none has a password."
  type = map(object({
    access_string = string
  }))
  nullable = false

  validation {
    condition     = length(var.users) >= 1 && length(var.users) <= 99
    error_message = "users must name from 1 to 99 users, such as { cart = { access_string = \"on ~cart:* -@all +@read +@write +@connection\" } }: nobody else can sign in."
  }
  validation {
    condition     = alltrue([for key in keys(var.users) : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", key))]) && !contains(keys(var.users), "default")
    error_message = "users must be named in lower-case letters, digits and single hyphens, other than \"default\", which the module keeps switched off."
  }
  validation {
    condition     = alltrue([for user in values(var.users) : startswith(user.access_string, "on ") && !can(regex("[><#!]|nopass|resetpass", user.access_string))])
    error_message = "access_string of each of users must begin with \"on \" and hold no password (>, <, #, !, nopass): users sign in with IAM. Write for example \"on ~cart:* -@all +@read +@write +@connection\"."
  }
}

variable "notification_topic_arn" {
  description = "SNS topic of ElastiCache's events. It must not be encrypted, since ElastiCache cannot publish to an encrypted one. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.notification_topic_arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", var.notification_topic_arn))
    error_message = "notification_topic_arn must be the ARN of an SNS topic, such as \"arn:aws:sns:eu-west-1:111111111111:cache-events\", or null."
  }
}

variable "log_retention_days" {
  description = "Days that the slow log and the engine log are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "key_arn" {
  description = "KMS key of the nodes' disks and of the snapshots."
  type        = string
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for the replication group and for a user."
  type = object({
    create = optional(string, "60m")
    update = optional(string, "60m")
    delete = optional(string, "60m")
    user   = optional(string, "10m")
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
