variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,21}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 23 lower-case letters, digits and hyphens, such as \"bookstore-dev\": X-Ray gives a sampling rule's name 32 characters."
  }
}

variable "environment" {
  description = "Environment that alarms and dashboards speak of, such as dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters, digits and hyphens, such as \"dev\"."
  }
}

variable "level" {
  description = "How much is watched: \"basic\" (what is broken, one dashboard) or \"full\" (what is about to break, anomalies, error budgets, saved queries, four dashboards)."
  type        = string
  default     = "full"
  nullable    = false

  validation {
    condition     = contains(["basic", "full"], var.level)
    error_message = "level must be \"basic\" or \"full\"."
  }
}

variable "topics" {
  description = "ARNs of the SNS topics that alarms notify: critical wakes somebody, warning waits for the morning, info is for the record (the single windows of error budgets) and defaults to warning."
  type = object({
    critical = string
    warning  = string
    info     = optional(string)
  })
  nullable = false

  validation {
    condition     = alltrue([for arn in values(var.topics) : arn == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "topics must be ARNs of SNS topics, such as \"arn:aws:sns:eu-west-1:111111111111:bookstore-dev-critical\"."
  }
}

variable "actions_enabled" {
  description = "Let alarms notify. Without, they only change colour."
  type        = bool
  default     = true
  nullable    = false
}

variable "services" {
  description = "Services by key. service_names: ECS services by colour (one of any key if it has no colours); target_groups: ARN suffixes of the ALB's target groups by colour, none for a service without load balancer; always_on: false where a schedule stops it at night; the rest are thresholds. slo_availability is the percentage of requests that must succeed."
  type = map(object({
    public              = bool
    cluster_name        = string
    service_names       = map(string)
    log_group_name      = string
    target_groups       = optional(map(string), {})
    min_tasks           = optional(number, 2)
    always_on           = optional(bool, true)
    cpu_percent         = optional(number, 85)
    memory_percent      = optional(number, 85)
    latency_p95_seconds = optional(number, 1)
    error_rate_percent  = optional(number, 2)
    errors_per_minute   = optional(number, 10)
    minimum_requests    = optional(number, 20)
    slo_availability    = optional(number, 99.9)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.services) : can(regex("^[a-z][a-z0-9-]{1,23}$", key))])
    error_message = "services must be named in 2 to 24 lower-case letters, digits and hyphens, such as { orders = { ... } }."
  }
  validation {
    condition     = length(setintersection(keys(var.services), ["alb", "api", "backup", "database", "nlb", "opensearch", "platform", "quota", "redis", "waf"])) == 0
    error_message = "services must not have the name of another tier (alb, api, backup, database, nlb, opensearch, platform, quota, redis, waf): their alarms would share names."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : length(service.service_names) > 0 && alltrue([for color in concat(keys(service.service_names), keys(service.target_groups)) : can(regex("^[a-z][a-z0-9]*$", color))])])
    error_message = "each of services needs service_names by colour, in lower-case letters and digits, such as { blue = \"bookstore-dev-orders-blue\" }."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.public == (length(service.target_groups) > 0)])
    error_message = "public services need target_groups, such as { blue = \"targetgroup/...\" }, and the others must have none."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.slo_availability >= 90 && service.slo_availability <= 99.999])
    error_message = "slo_availability of services must be a percentage from 90 to 99.999, such as 99.9."
  }
  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for percent in [service.cpu_percent, service.memory_percent, service.error_rate_percent] : percent > 0 && percent <= 100]]))
    error_message = "cpu_percent, memory_percent and error_rate_percent of services must be above 0 and at most 100."
  }
  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [service.latency_p95_seconds > 0, service.errors_per_minute > 0, service.minimum_requests > 0, service.min_tasks >= 0]]))
    error_message = "latency_p95_seconds, errors_per_minute and minimum_requests of services must be above 0, min_tasks at least 0."
  }
}

variable "load_balancer" {
  description = "ARN suffixes of the ALB, and of the NLB in front of it with its target group. Null for none."
  type = object({
    alb_arn_suffix              = string
    nlb_arn_suffix              = string
    nlb_target_group_arn_suffix = string
  })
  default = null
}

variable "api" {
  description = "REST API: its name, stage, and the log group of its access log (JSON with a field status). Null for none."
  type = object({
    name                  = string
    stage                 = string
    access_log_group_name = string
    latency_p95_ms        = optional(number, 1500)
    error_rate_percent    = optional(number, 1)
    throttled_per_minute  = optional(number, 100)
  })
  default = null
}

variable "database" {
  description = "PostgreSQL: identifiers of the instances by key (primary and the readers), the log group of the primary's PostgreSQL log, storage and memory of an instance; max_connections is what RDS derives from the memory unless given. Null for none."
  type = object({
    instances              = map(string)
    log_group_name         = string
    allocated_storage_gib  = number
    memory_gib             = number
    max_connections        = optional(number)
    cpu_percent            = optional(number, 85)
    replica_lag_seconds    = optional(number, 60)
    latency_ms             = optional(number, 50)
    connections_percent    = optional(number, 80)
    free_storage_percent   = optional(number, 15)
    free_memory_percent    = optional(number, 5)
    deadlocks_per_interval = optional(number, 5)
  })
  default = null

  validation {
    condition     = var.database == null || contains(try(keys(var.database.instances), []), "primary")
    error_message = "database.instances must hold the key primary, as { primary = \"bookstore-dev\" }."
  }
  validation {
    condition     = var.database == null || try(var.database.allocated_storage_gib >= 20 && var.database.memory_gib > 0, false)
    error_message = "database.allocated_storage_gib must be at least 20 and memory_gib above 0: write the memory of the instance class, such as 16 for db.r7g.large."
  }
  validation {
    condition     = var.database == null || try(alltrue([for percent in [var.database.cpu_percent, var.database.connections_percent, var.database.free_storage_percent, var.database.free_memory_percent] : percent > 0 && percent < 100]), false)
    error_message = "The percentages of database must lie between 0 and 100."
  }
}

variable "redis" {
  description = "Redis replication group: its id and how many nodes it has (1 and the replicas). Null for none."
  type = object({
    replication_group_id = string
    nodes                = number
    cpu_percent          = optional(number, 80)
    memory_percent       = optional(number, 80)
    connections          = optional(number, 5000)
    replication_lag      = optional(number, 10)
  })
  default = null

  validation {
    condition     = var.redis == null || try(var.redis.nodes >= 1 && var.redis.nodes <= 6 && floor(var.redis.nodes) == var.redis.nodes, false)
    error_message = "redis.nodes must be a whole number from 1 to 6: one primary and up to five replicas."
  }
}

variable "opensearch" {
  description = "OpenSearch domain: its name and account, storage of one data node, all nodes, and whether some are dedicated masters. Null for none."
  type = object({
    domain_name       = string
    account_id        = string
    storage_gib       = number
    nodes             = number
    dedicated_masters = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.opensearch == null || can(regex("^[0-9]{12}$", var.opensearch.account_id))
    error_message = "opensearch.account_id must be twelve digits in quotes, such as \"111111111111\"."
  }
  validation {
    condition     = var.opensearch == null || try(var.opensearch.storage_gib >= 10 && var.opensearch.nodes >= 1, false)
    error_message = "opensearch.storage_gib must be at least 10 and opensearch.nodes at least 1."
  }
}

variable "tables" {
  description = "DynamoDB tables by key: their names, and the region of a replica, if they have one."
  type = map(object({
    name           = string
    replica_region = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.tables) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "tables must be named in lower-case letters, digits and hyphens, such as { audit-log = { ... } }."
  }
}

variable "queues" {
  description = "SQS queues by key: their names and how old a message may get."
  type = map(object({
    name            = string
    max_age_seconds = optional(number, 300)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.queues) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "queues must be named in lower-case letters, digits and hyphens, such as { orders = { ... } }."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.max_age_seconds > 0])
    error_message = "max_age_seconds of queues must be above 0."
  }
}

variable "dead_letter_queues" {
  description = "Names of the dead-letter queues by key: of queues, event rules and functions."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.dead_letter_queues) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "dead_letter_queues must be named in lower-case letters, digits and hyphens, such as { orders = \"bookstore-dev-orders-dlq\" }."
  }
}

variable "functions" {
  description = "Lambda functions by key: their names, time limit, and whether they read a stream."
  type = map(object({
    name            = string
    timeout_seconds = number
    stream          = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.functions) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "functions must be named in lower-case letters, digits and hyphens, such as { audit-writer = { ... } }."
  }
  validation {
    condition     = alltrue([for function in values(var.functions) : function.timeout_seconds >= 1 && function.timeout_seconds <= 900])
    error_message = "timeout_seconds of functions must be from 1 to 900."
  }
}

variable "bus" {
  description = "EventBridge bus: its name, and the names of its rules by key. Null for none."
  type = object({
    name       = string
    rule_names = map(string)
  })
  default = null
}

variable "sns_topics" {
  description = "Names of SNS topics whose deliveries are watched, by key."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.sns_topics) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "sns_topics must be named in lower-case letters, digits and hyphens, such as { critical = \"bookstore-dev-critical\" }."
  }
}

variable "nat_gateways" {
  description = "Ids of the NAT gateways by key, such as the zone."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "certificates" {
  description = "ARNs of ACM certificates by key."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.certificates) : can(regex("^[a-z][a-z0-9-]*$", key))])
    error_message = "certificates must be named in lower-case letters, digits and hyphens, such as { api = \"arn:aws:acm:...\" }."
  }
}

variable "waf" {
  description = "Web ACL: the metric name of its visibility configuration, and how many blocked requests in five minutes are an attack. Null for none."
  type = object({
    web_acl_name         = string
    blocked_per_interval = optional(number, 1000)
  })
  default = null
}

variable "backup" {
  description = "AWS Backup vault whose jobs are watched. Null for none."
  type = object({
    vault_name = string
  })
  default = null
}

variable "trail" {
  description = "Log group of the CloudTrail trail, in which the CIS benchmark's events are looked for. Null for none."
  type = object({
    log_group_name = string
  })
  default = null
}

variable "quotas" {
  description = "Warn when the account comes near its quotas of Fargate and Lambda (level full only)."
  type        = bool
  default     = true
  nullable    = false
}

variable "tracing" {
  description = "X-Ray: traces slower than slow_seconds are a group of their own; payments are sampled more than the rest; health checks never. Rates are shares of 1 beyond the reservoir of traces per second."
  type = object({
    slow_seconds       = optional(number, 2)
    payments_path      = optional(string, "/payments*")
    payments_rate      = optional(number, 0.5)
    payments_reservoir = optional(number, 10)
    default_rate       = optional(number, 0.05)
    default_reservoir  = optional(number, 1)
    health_paths       = optional(map(string), { health = "*/health*" })
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for rate in [var.tracing.payments_rate, var.tracing.default_rate] : rate >= 0 && rate <= 1])
    error_message = "tracing.payments_rate and default_rate must be shares from 0 to 1, such as 0.05 for one trace in twenty."
  }
  validation {
    condition     = alltrue([for size in [var.tracing.payments_reservoir, var.tracing.default_reservoir] : size >= 0 && floor(size) == size]) && var.tracing.slow_seconds > 0
    error_message = "The reservoirs of tracing must be whole numbers of traces per second, slow_seconds above 0."
  }
  validation {
    condition     = length(var.tracing.health_paths) <= 5 && alltrue([for key in keys(var.tracing.health_paths) : can(regex("^[a-z]{1,8}$", key))])
    error_message = "tracing.health_paths must be up to five paths by keys of up to 8 letters, such as { health = \"*/health*\" }."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
