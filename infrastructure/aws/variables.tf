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

variable "cache" {
  description = "Redis: size, replicas (none means no failover), snapshots and windows; restored is the group that a backup was restored as, once it has taken the place of the first."
  type = object({
    engine_version          = optional(string, "7.1")
    node_type               = string
    port                    = optional(number, 6380)
    replicas                = optional(number, 1)
    snapshot_retention_days = optional(number, 7)
    snapshot_window         = optional(string, "01:00-02:00")
    maintenance_window      = optional(string, "sun:04:30-sun:05:30")
    skip_final_snapshot     = optional(bool, false)
    apply_immediately       = optional(bool, false)
    parameters              = optional(map(string), {})
    restored                = optional(string)
    timeouts                = optional(object({ create = optional(string), update = optional(string), delete = optional(string), user = optional(string) }), {})
  })
  nullable = false
}

variable "search" {
  description = "OpenSearch: data nodes (spread over the zones), dedicated masters, gp3 storage of each node, and whether the account still lacks the service-linked role."
  type = object({
    engine_version      = optional(string, "OpenSearch_2.19")
    instance_type       = string
    data_nodes          = optional(number, 3)
    zone_count          = optional(number)
    dedicated_masters   = optional(object({ instance_type = string, count = optional(number, 3) }))
    storage_gib         = optional(number, 100)
    iops                = optional(number, 3000)
    throughput_mib      = optional(number, 125)
    snapshot_hour       = optional(number, 1)
    off_peak_start_hour = optional(number, 22)
    service_linked_role = optional(bool, true)
    timeouts            = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }), {})
  })
  nullable = false
}

variable "tables" {
  description = "DynamoDB tables: recovery, protection and timeouts; restored names, by table, what a backup was restored as, once it has taken the place of the first."
  type = object({
    point_in_time_recovery_days = optional(number, 35)
    deletion_protection         = optional(bool, true)
    restored                    = optional(map(string), {})
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
  description = "Log groups and access logs of every module: how long they are kept, and whether the bucket of access logs may be deleted with them in it."
  type = object({
    retention_days = optional(number, 365)
    force_destroy  = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "disaster_recovery" {
  description = "Copies in the region of the aws.replica provider: database backups, a replica of every table, recovery points."
  type = object({
    enabled               = optional(bool, false)
    backup_retention_days = optional(number, 14)
  })
  default  = {}
  nullable = false
}

variable "services" {
  description = "The microservices: image of the first deployment, processor, Spot, sizes (for all, and over them for single services by name), and hours in which they sleep."
  type = object({
    image_tag          = optional(string, "initial")
    collector_tag      = optional(string, "v0.43.3")
    keep_revisions     = optional(bool, true)
    architecture       = optional(string, "ARM64")
    spot               = optional(bool, false)
    container_insights = optional(string, "enhanced")
    execute_command    = optional(bool, false)
    cpu                = optional(number, 512)
    memory_mib         = optional(number, 1024)
    min_tasks          = optional(number, 2)
    max_tasks          = optional(number, 10)
    overrides = optional(map(object({
      image      = optional(string)
      cpu        = optional(number)
      memory_mib = optional(number)
      min_tasks  = optional(number)
      max_tasks  = optional(number)
    })), {})
    off_hours = optional(object({ time_zone = optional(string, "Etc/UTC"), down = string, up = string }))
    timeouts  = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = length(setsubtract(keys(var.services.overrides), [
      "cart", "catalog", "inventory", "notifications", "orders", "payments", "reviews", "search", "users",
    ])) == 0
    error_message = "services.overrides names services: cart, catalog, inventory, notifications, orders, payments, reviews, search, users."
  }
}

variable "api" {
  description = "The way in: domain of the environment, its zone, certificate and sender of e-mails (made here unless given or declined), origins of web pages, limits and API keys of partners."
  type = object({
    domain              = string
    hosted_zone_id      = optional(string)
    certificate_arn     = optional(string)
    email_identity      = optional(bool, true)
    origins             = optional(set(string))
    deletion_protection = optional(bool, true)
    execution_log_level = optional(string, "ERROR")
    throttle = optional(object({
      rate       = optional(number, 500)
      burst      = optional(number, 1000)
      operations = optional(map(object({ rate = number, burst = number })), {})
    }), {})
    usage_plans = optional(map(object({
      description = string
      rate        = number
      burst       = number
      quota       = object({ limit = number, period = optional(string, "DAY") })
    })), { partner = { description = "Partners that read the catalogue", rate = 20, burst = 40, quota = { limit = 100000 } } })
    api_keys     = optional(map(object({ plan = string, description = optional(string, ""), enabled = optional(bool, true) })), {})
    service_role = optional(bool, true)
    timeouts     = optional(object({ certificate = optional(string), load_balancer = optional(string) }), {})
  })
  nullable = false
}

variable "identity" {
  description = "Cognito: second factor, threat protection, addresses of the web shop, clients of machines and the sender of e-mails."
  type = object({
    mfa                 = optional(string, "ON")
    threat_protection   = optional(string, "ENFORCED")
    deletion_protection = optional(bool, true)
    self_sign_up        = optional(bool, true)
    domain_prefix       = optional(string)
    machine_clients     = optional(map(object({ scopes = set(string) })), {})
    email = optional(object({
      from              = string
      source_arn        = string
      reply_to          = optional(string)
      configuration_set = optional(string)
    }))
  })
  default  = {}
  nullable = false
}

variable "firewall" {
  description = "WAF: requests in five minutes of one address and of one user; Shield Advanced as a switch."
  type = object({
    rate_limit_per_ip   = optional(number, 2000)
    rate_limit_per_user = optional(number, 1000)
    block_anonymous_ips = optional(bool, false)
    shield_advanced     = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "events" {
  description = "The event bus: days that its archive keeps events, and the other accounts that may put which events on it."
  type = object({
    archive_days = optional(number, 90)
    publishers = optional(map(object({
      account_id   = string
      sources      = set(string)
      detail_types = set(string)
    })), {})
  })
  default  = {}
  nullable = false
}

variable "secrets" {
  description = "Secrets Manager: days between rotations, and days in which a deleted secret can be restored (0 for none)."
  type = object({
    rotation_days        = optional(number, 30)
    recovery_window_days = optional(number, 30)
  })
  default  = {}
  nullable = false
}

variable "images" {
  description = "ECR: images kept per service, and whether a repository may be deleted with images in it."
  type = object({
    keep         = optional(number, 50)
    force_delete = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "monitoring" {
  description = "Alarms and dashboards: \"basic\" or \"full\", and who gets e-mails of what wakes somebody and of what waits for the morning."
  type = object({
    level             = optional(string, "full")
    critical_emails   = optional(set(string), [])
    warning_emails    = optional(set(string), [])
    slo_availability  = optional(number, 99.9)
    latency_p95_ms    = optional(number, 1000)
    actions_enabled   = optional(bool, true)
    queue_age_seconds = optional(number, 300)
  })
  default  = {}
  nullable = false
}

variable "audit" {
  description = "CloudTrail: how long its files are kept, for how many of those days nobody can delete them, and what it records beyond calls that manage."
  type = object({
    retention_days   = optional(number, 2557)
    object_lock_days = optional(number, 365)
    object_lock_mode = optional(string, "COMPLIANCE")
    data_events      = optional(bool, false)
    insights         = optional(bool, false)
    force_destroy    = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "compliance" {
  description = "Switches of what an account has once: AWS Config, Security Hub, GuardDuty, access analyzer."
  type = object({
    config          = optional(bool, false)
    security_hub    = optional(bool, false)
    guardduty       = optional(bool, false)
    access_analyzer = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "backups" {
  description = "AWS Backup: days that daily, weeks that weekly and months that monthly recovery points are kept; the vault's lock; the state bucket to back up."
  type = object({
    daily_retention_days   = optional(number, 35)
    weekly_retention_days  = optional(number, 90)
    monthly_retention_days = optional(number, 365)
    lock_days              = optional(number)
    restore_testing        = optional(bool, false)
    state_bucket           = optional(string)
    force_destroy          = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "cost" {
  description = "Budgets in US dollars a month, for the environment and by value of the tag Service, and who is told."
  type = object({
    monthly_limit_usd     = number
    service_limits_usd    = optional(map(number), {})
    anomaly_threshold_usd = optional(number, 50)
    anomaly_monitor_arn   = optional(string)
    emails                = optional(set(string), [])
  })
  nullable = false
}

variable "delivery" {
  description = "CodePipeline that plans, waits for approval and applies this tree: a switch, and what it needs when on."
  type = object({
    enabled                  = optional(bool, false)
    connection_arn           = optional(string)
    repository               = optional(string)
    branch                   = optional(string, "main")
    state                    = optional(object({ bucket = string, key = string, key_arn = optional(string), lock_table_arn = optional(string) }))
    apply_policy_arns        = optional(map(string), {})
    permissions_boundary_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition = !var.delivery.enabled || (
      var.delivery.connection_arn != null && var.delivery.repository != null && var.delivery.state != null && length(var.delivery.apply_policy_arns) > 0
    )
    error_message = "delivery.enabled needs connection_arn, repository, state and apply_policy_arns: write them, or enabled = false."
  }
}

variable "golden_images" {
  description = "Image Builder's pipeline for a hardened machine image, which Fargate does not need."
  type = object({
    enabled = optional(bool, false)
  })
  default  = {}
  nullable = false
}
