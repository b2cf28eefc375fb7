variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "function" {
  description = "What the function is called after the prefix, and the directory of its code below functions/ unless package is given."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}[a-z0-9]$", var.function))
    error_message = "function must be 2 to 33 lower-case letters, digits and hyphens, such as \"order-events\"; with the prefix, Lambda takes 64."
  }
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.description) >= 10 && length(var.description) <= 256
    error_message = "description must be a sentence of 10 to 256 characters, such as \"Keeps the state of orders from the events about them\"."
  }
}

variable "package" {
  description = "Zip of the code, relative to the root. Null for this module's own functions/FUNCTION.zip."
  type        = string
  default     = null

  validation {
    condition     = var.package == null || can(regex("\\.zip$", var.package))
    error_message = "package must be the path of a zip, such as \"functions/order-events.zip\"."
  }
}

variable "handler" {
  description = "Python function that Lambda calls, as module.function."
  type        = string
  default     = "handler.handler"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_/]*\\.[A-Za-z_][A-Za-z0-9_]*$", var.handler))
    error_message = "handler must be module.function, such as \"handler.handler\"."
  }
}

variable "runtime" {
  description = "Runtime of the function."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(["python3.12", "python3.13"], var.runtime)
    error_message = "runtime must be one that AWS still patches and the handlers are tested with: \"python3.13\", or \"python3.12\"."
  }
}

variable "architecture" {
  description = "Processor of the function; arm64 costs a fifth less."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be \"arm64\" or \"x86_64\"."
  }
}

variable "memory_mib" {
  description = "Memory, and with it the share of a processor."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mib >= 128 && var.memory_mib <= 10240 && floor(var.memory_mib) == var.memory_mib
    error_message = "memory_mib must be a whole number from 128 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Longest run of one batch. A queue that feeds the function needs a visibility timeout of six times this."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 3 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 3 to 900."
  }
}

variable "reserved_concurrency" {
  description = "Runs at the same time, reserved for this function and its limit."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.reserved_concurrency >= 1 && var.reserved_concurrency <= 900 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be a whole number from 1 to 900: 0 would stop the function, and AWS keeps 100 of an account's 1000 unreserved."
  }
}

variable "tracing" {
  description = "X-Ray: Active samples every request, PassThrough only those already sampled."
  type        = string
  default     = "Active"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing must be \"Active\" or \"PassThrough\"."
  }
}

variable "log_level" {
  description = "Lowest level of the function's own log lines that is kept."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level must be \"DEBUG\", \"INFO\", \"WARN\" or \"ERROR\"."
  }
}

variable "environment" {
  description = "Environment variables. Names and ARNs only: a secret is read from Secrets Manager by its ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[A-Z][A-Z0-9_]*$", key)) && !startswith(key, "AWS_") && !startswith(key, "LAMBDA_")])
    error_message = "environment takes names of capital letters, digits and underscores that do not begin with AWS_ or LAMBDA_, such as TABLE_NAME."
  }
  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("(PASSWORD|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIAL)", key)) && (!strcontains(key, "SECRET") || endswith(key, "_ARN"))])
    error_message = "environment must hold no secret: put it into Secrets Manager, and give the function its ARN under a name such as SIGNING_SECRET_ARN."
  }
}

variable "statements" {
  description = "What the function may do, beside logging, tracing, reading its event sources and sending to its failure queues."
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
  description = "KMS keys of what the function reads and writes, by the service through which it does: sqs, dynamodb, secretsmanager, sns or s3."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for service in keys(var.data_keys) : contains(["dynamodb", "s3", "secretsmanager", "sns", "sqs"], service)])
    error_message = "data_keys must be named by service: dynamodb, s3, secretsmanager, sns or sqs, such as { sqs = module.kms.arns[\"messages\"] }."
  }
}

variable "event_sources" {
  description = "Queues and DynamoDB streams that feed the function. For both kinds: batch_size, batching_window_seconds, filters (JSON patterns, any of which lets a record in). For sqs: max_concurrency, from 2. For dynamodb: dead_letter_arn (a queue that takes what never succeeded), max_retries, max_age_seconds, parallelization."
  type = map(object({
    arn                     = string
    kind                    = string
    batch_size              = optional(number, 10)
    batching_window_seconds = optional(number, 0)
    filters                 = optional(list(string), [])
    max_concurrency         = optional(number)
    dead_letter_arn         = optional(string)
    max_retries             = optional(number, 10)
    max_age_seconds         = optional(number, 43200)
    parallelization         = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for source in values(var.event_sources) : contains(["dynamodb", "sqs"], source.kind)])
    error_message = "kind of event_sources must be \"sqs\" or \"dynamodb\"."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.batch_size >= 1 && source.batch_size <= 1000])
    error_message = "batch_size of event_sources must be from 1 to 1000, such as 10."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.batching_window_seconds >= 0 && source.batching_window_seconds <= 300 && (source.batch_size <= 10 || source.kind != "sqs" || source.batching_window_seconds >= 1)])
    error_message = "batching_window_seconds of event_sources must be from 0 to 300, and at least 1 where more than 10 messages of a queue make a batch."
  }
  validation {
    condition     = alltrue(flatten([for source in values(var.event_sources) : [for filter in source.filters : can(keys(jsondecode(filter)))]]))
    error_message = "filters of event_sources must be JSON objects, such as jsonencode({ eventName = [\"INSERT\"] })."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.max_concurrency == null || source.kind == "sqs" && try(source.max_concurrency >= 2 && source.max_concurrency <= 1000, false)])
    error_message = "max_concurrency of event_sources is for queues, from 2 to 1000: leave it out for streams, which have parallelization."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.kind == "dynamodb" ? source.dead_letter_arn != null : source.dead_letter_arn == null])
    error_message = "dead_letter_arn of event_sources belongs to streams, which would otherwise lose what never succeeds; a queue has its own dead-letter queue."
  }
  validation {
    condition     = alltrue([for source in values(var.event_sources) : source.max_retries >= 0 && source.max_retries <= 10000 && source.max_age_seconds >= 60 && source.max_age_seconds <= 604800 && source.parallelization >= 1 && source.parallelization <= 10])
    error_message = "event_sources takes max_retries from 0 to 10000, max_age_seconds from 60 to 604800 and parallelization from 1 to 10; without an end, one bad record would block its shard for a day."
  }
}

variable "invokers" {
  description = "AWS services that may call the function: the principal, and the ARN (or pattern) of what calls on this account's behalf. unqualified lets them call the function itself and not its alias, as Secrets Manager does."
  type = map(object({
    principal   = string
    source_arn  = string
    unqualified = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for invoker in values(var.invokers) : can(regex("^[a-z][a-z0-9.-]*\\.amazonaws\\.com$", invoker.principal))])
    error_message = "principal of invokers must be a service, such as \"events.amazonaws.com\"; \"*\" or an account would make the function public or shared (Lambda.1)."
  }
  validation {
    condition     = alltrue([for invoker in values(var.invokers) : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:.*$", invoker.source_arn))])
    error_message = "source_arn of invokers must be an ARN, such as that of a rule: the service serves everybody, and only this says whose call it is."
  }
  validation {
    condition     = alltrue([for key in keys(var.invokers) : can(regex("^[a-z][a-z0-9-]{0,60}$", key))])
    error_message = "invokers must be named with lower-case letters, digits and hyphens, such as { secrets-manager = { ... } }."
  }
}

variable "dead_letter_queue_arn" {
  description = "Queue that takes asynchronous calls that failed to the end."
  type        = string
  nullable    = false
}

variable "async_max_age_seconds" {
  description = "Age at which an asynchronous call is given up."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.async_max_age_seconds >= 60 && var.async_max_age_seconds <= 21600
    error_message = "async_max_age_seconds must be from 60 to 21600."
  }
}

variable "async_max_retries" {
  description = "Second tries of an asynchronous call."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.async_max_retries)
    error_message = "async_max_retries must be 0, 1 or 2."
  }
}

variable "key_arn" {
  description = "KMS key of the environment variables."
  type        = string
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "timeouts" {
  description = "How long Terraform waits for the function."
  type = object({
    create = optional(string, "10m")
    update = optional(string, "10m")
    delete = optional(string, "10m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(s|m|h)$", value))])
    error_message = "timeouts must be durations such as \"10m\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
