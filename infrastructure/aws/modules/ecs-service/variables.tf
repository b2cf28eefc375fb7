variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}


variable "service" {
  description = "Name of the service, such as catalog: of its container, its task definition after the prefix, and its DNS name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.service)) && length(var.service) >= 2 && length(var.service) <= 20
    error_message = "service must be 2 to 20 lower-case letters, digits and single hyphens, such as \"catalog\": names made from it, with the prefix and an ending, reach their limits beyond."
  }
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
  nullable    = false
}

variable "cluster_arn" {
  description = "ARN of the cluster."
  type        = string
  nullable    = false
}

variable "namespace_id" {
  description = "Cloud Map namespace in which the service's running tasks are found under its name."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets of the tasks."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must not be empty: write values(module.vpc.workload_subnet_ids)."
  }
}

variable "security_group_ids" {
  description = "Security groups of the tasks."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must not be empty: ECS would fall back to the VPC's default group."
  }
}

variable "image" {
  description = "Image of the first task definition, with a tag or digest. Releases replace it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image must end in a tag other than latest, or in a digest, such as \"$${module.ecr.urls[\"catalog\"]}:1.4.2\": what runs must be what was tested."
  }
}

variable "repository_arns" {
  description = "ECR repositories that hold image and the collector's image."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.repository_arns) > 0
    error_message = "repository_arns must not be empty: tasks have no way to public registries, so each image comes from a repository of the account."
  }
}

variable "port" {
  description = "Port on which the service answers requests and health checks."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.port >= 1024 && var.port <= 65535 && floor(var.port) == var.port && !contains([2000, 4317, 4318, 13133], var.port)
    error_message = "port must be a whole number from 1024 (the service is not root) to 65535 other than 2000, 4317, 4318 and 13133, on which the collector listens, such as 8080."
  }
}

variable "cpu" {
  description = "CPU units of a task, the collector's among them; 1024 are one vCPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu must be a size of Fargate: 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory_mib" {
  description = "Memory of a task, the collector's included. Fargate sells it in steps that depend on cpu."
  type        = number
  default     = 512
  nullable    = false
}

variable "architecture" {
  description = "Architecture of the images: ARM64 (Graviton, a fifth cheaper) or X86_64."
  type        = string
  default     = "ARM64"
  nullable    = false

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "architecture must be \"ARM64\" or \"X86_64\"."
  }
}

variable "user" {
  description = "User and group as which the containers run, in numbers."
  type        = string
  default     = "10001:10001"
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,8}:[1-9][0-9]{0,8}$", var.user))
    error_message = "user must be two numbers other than 0, such as \"10001:10001\": nothing runs as root (ECS.4)."
  }
}

variable "environment" {
  description = "Plain settings of the service."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[A-Z][A-Z0-9_]*$", key))])
    error_message = "environment must be named in capitals, digits and underscores, such as CATALOG_TABLE."
  }
  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("(PASSWORD|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIAL)", key)) && (!strcontains(key, "SECRET") || endswith(key, "_ARN"))])
    error_message = "environment must hold no secret: put it into Secrets Manager and its ARN into secrets (ECS.8)."
  }
}

variable "secrets" {
  description = "ARNs in Secrets Manager by the name of the environment variable that a task receives. \"ARN:key::\" takes one key of a JSON secret."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.secrets) : can(regex("^[A-Z][A-Z0-9_]*$", key))])
    error_message = "secrets must be named in capitals, digits and underscores, such as PAYMENT_API_KEY."
  }
  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?$", arn))])
    error_message = "secrets must be ARNs of Secrets Manager, such as module.secrets.arns[\"payment-provider\"], perhaps followed by \":key::\"."
  }
}

variable "secret_key_arn" {
  description = "KMS key of the secrets."
  type        = string
  nullable    = false
}

variable "statements" {
  description = "What the service may do, beside tracing."
  type = list(object({
    sid        = string
    actions    = list(string)
    resources  = list(string)
    conditions = optional(map(map(list(string))), {})
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for statement in var.statements : can(regex("^[A-Za-z0-9]+$", statement.sid))])
    error_message = "sid of statements must be letters and digits that say what for, such as \"WriteOrders\"."
  }
  validation {
    condition     = alltrue(flatten([for statement in var.statements : [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))]]))
    error_message = "actions of statements must be single actions, such as \"dynamodb:UpdateItem\": no wildcard."
  }
  validation {
    condition     = alltrue([for statement in var.statements : length(statement.actions) > 0 && length(statement.resources) > 0]) && alltrue(flatten([for statement in var.statements : [for resource in statement.resources : resource != "*"]]))
    error_message = "resources of statements must name what the actions may touch, such as [module.dynamodb.arns[\"audit-log\"]], never \"*\"."
  }
}

variable "data_keys" {
  description = "KMS keys of what the service reads and writes, by the service of AWS through which it does: dynamodb, events, s3, secretsmanager, sns or sqs."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for service in keys(var.data_keys) : contains(["dynamodb", "events", "s3", "secretsmanager", "sns", "sqs"], service)])
    error_message = "data_keys must be named by service: dynamodb, events, s3, secretsmanager, sns or sqs, such as { sqs = module.kms.arns[\"messages\"] }."
  }
}

variable "target_groups" {
  description = "Target groups by colour, blue and green, of a public service. Empty for an internal one, which runs in one colour without a name."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.target_groups) == 0 || join(",", keys(var.target_groups)) == "blue,green"
    error_message = "target_groups must have the keys blue and green, or be empty for a service without a load balancer."
  }
}

variable "request_metric_labels" {
  description = "Labels of the load balancer and target group, by colour, under which CloudWatch counts requests: app/NAME/ID/targetgroup/NAME/ID."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "health_check" {
  description = "How a task shows that it is well: a path that answers 200, asked by wget inside the container unless command says otherwise. grace_seconds keep a new task from being judged by the load balancer."
  type = object({
    path          = optional(string, "/health")
    command       = optional(list(string))
    interval      = optional(number, 15)
    timeout       = optional(number, 5)
    retries       = optional(number, 3)
    start_seconds = optional(number, 60)
    grace_seconds = optional(number, 90)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9/_.-]*$", var.health_check.path))
    error_message = "path of health_check must begin with a slash and hold letters, digits and /_.- only, such as \"/health\"."
  }
  validation {
    condition     = var.health_check.command == null || try(contains(["CMD", "CMD-SHELL"], var.health_check.command[0]) && length(var.health_check.command) > 1, false)
    error_message = "command of health_check must begin with \"CMD\" or \"CMD-SHELL\", such as [\"CMD\", \"/app/health\"]."
  }
  validation {
    condition = (
      var.health_check.interval >= 5 && var.health_check.interval <= 300
      && var.health_check.timeout >= 2 && var.health_check.timeout <= 60 && var.health_check.timeout < var.health_check.interval
      && var.health_check.retries >= 1 && var.health_check.retries <= 10
      && var.health_check.start_seconds >= 0 && var.health_check.start_seconds <= 300
      && var.health_check.grace_seconds >= 0 && var.health_check.grace_seconds <= 1800
    )
    error_message = "health_check must keep to the limits of ECS: interval 5 to 300, timeout 2 to 60 and below interval, retries 1 to 10, start_seconds 0 to 300, grace_seconds 0 to 1800."
  }
}

variable "stop_seconds" {
  description = "Time between asking a task to stop and killing it. Spot gives two minutes in all."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.stop_seconds >= 30 && var.stop_seconds <= 120 && floor(var.stop_seconds) == var.stop_seconds
    error_message = "stop_seconds must be a whole number from 30 to 120, the most that Fargate waits."
  }
}

variable "min_tasks" {
  description = "Tasks at least, and to begin with, of the colour that has the traffic."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.min_tasks >= 1 && floor(var.min_tasks) == var.min_tasks
    error_message = "min_tasks must be a whole number from 1; what should sleep at night has off_hours."
  }
}

variable "max_tasks" {
  description = "Tasks at most."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_tasks >= 1 && var.max_tasks <= 1000 && floor(var.max_tasks) == var.max_tasks
    error_message = "max_tasks must be a whole number from 1 to 1000."
  }
}

variable "scaling" {
  description = "Values around which autoscaling keeps the tasks: average CPU and memory in per cent, requests per task and minute (public services). Cooldowns in seconds."
  type = object({
    cpu_percent         = optional(number, 60)
    memory_percent      = optional(number, 75)
    requests_per_minute = optional(number, 1000)
    out_cooldown        = optional(number, 60)
    in_cooldown         = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for percent in [var.scaling.cpu_percent, var.scaling.memory_percent] : percent >= 10 && percent <= 90])
    error_message = "cpu_percent and memory_percent of scaling must be from 10 to 90: above, tasks are full before help comes."
  }
  validation {
    condition     = var.scaling.requests_per_minute >= 1 && var.scaling.out_cooldown >= 0 && var.scaling.in_cooldown >= 0
    error_message = "requests_per_minute of scaling must be 1 or more, its cooldowns 0 or more."
  }
}

variable "off_hours" {
  description = "Schedule that scales the service down, for environments nobody uses at night: cron expressions in the time zone, and the sizes meanwhile. Null for none."
  type = object({
    time_zone = string
    down      = string
    up        = string
    min_tasks = optional(number, 0)
    max_tasks = optional(number, 0)
  })
  default = null

  validation {
    condition     = var.off_hours == null || try(can(regex("^(UTC|[A-Z][A-Za-z_]+/[A-Za-z_/-]+)$", var.off_hours.time_zone)), false)
    error_message = "time_zone of off_hours must be a name of the IANA database, such as \"Europe/Dublin\"."
  }
  validation {
    condition     = var.off_hours == null || try(alltrue([for schedule in [var.off_hours.down, var.off_hours.up] : can(regex("^cron\\([^ ()]+( [^ ()]+){5}\\)$", schedule))]), false)
    error_message = "down and up of off_hours must be cron expressions of six fields, such as \"cron(0 20 ? * MON-FRI *)\"."
  }
  validation {
    condition     = var.off_hours == null || try(var.off_hours.min_tasks >= 0 && var.off_hours.min_tasks <= var.off_hours.max_tasks, false)
    error_message = "min_tasks of off_hours must be from 0 to its max_tasks."
  }
}

variable "capacity_provider_strategy" {
  description = "Where the tasks run: module ecs has the cluster's."
  type = list(object({
    capacity_provider = string
    weight            = number
    base              = number
  }))
  default  = [{ capacity_provider = "FARGATE", weight = 1, base = 0 }]
  nullable = false

  validation {
    condition     = length(var.capacity_provider_strategy) > 0 && alltrue([for entry in var.capacity_provider_strategy : contains(["FARGATE", "FARGATE_SPOT"], entry.capacity_provider)]) && anytrue([for entry in var.capacity_provider_strategy : entry.weight > 0])
    error_message = "capacity_provider_strategy must name FARGATE or FARGATE_SPOT with a weight above 0: write module.ecs.capacity_provider_strategy."
  }
}

variable "collector" {
  description = "The OpenTelemetry collector of AWS beside the service, which sends its traces to X-Ray: image from a repository of the account, with a version, and its share of the task."
  type = object({
    image      = string
    cpu        = optional(number, 32)
    memory_mib = optional(number, 128)
  })
  nullable = false

  validation {
    condition     = can(regex("(:v?[0-9][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$", var.collector.image))
    error_message = "image of collector must end in a version or digest, such as \"$${module.ecr.urls[\"aws-otel-collector\"]}:v0.46.0\"."
  }
  validation {
    condition     = var.collector.cpu >= 16 && var.collector.cpu <= 128 && var.collector.memory_mib >= 96 && var.collector.memory_mib <= 256
    error_message = "collector must have cpu from 16 to 128 and memory_mib from 96 to 256: less starves it, more starves the service."
  }
}

variable "execute_command" {
  description = "Log group, and key if there is one, of interactive sessions in the tasks (ECS Exec): module ecs has them. Null refuses sessions."
  type = object({
    log_group_arn   = string
    session_key_arn = optional(string)
  })
  default = null
}

variable "deployment_alarms" {
  description = "Names of alarms, kept elsewhere, that stop a deployment and roll it back. They must exist before the next deployment."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for alarm in var.deployment_alarms : length(alarm) > 0 && !startswith(alarm, "arn:")])
    error_message = "deployment_alarms must be names of alarms, not ARNs, such as [\"bookstore-prod-catalog-5xx\"]."
  }
}

variable "keep_revisions" {
  description = "Leave superseded task definitions active, so that a deployment can be rolled back to them. They outlive the service."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log group."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the service's logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "timeouts" {
  description = "How long Terraform waits for an ECS service."
  type = object({
    create = optional(string, "20m")
    update = optional(string, "20m")
    delete = optional(string, "30m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(s|m|h)$", value))])
    error_message = "timeouts must be durations such as \"20m\" or \"1h\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
