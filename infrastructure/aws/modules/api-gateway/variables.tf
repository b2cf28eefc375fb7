variable "name" {
  description = "Name of the API and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "document" {
  description = "Path of the API's OpenAPI 3.0 document, which knows nothing of AWS. Each of its operations names the service that answers in x-bookstore-service."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.document) && startswith(try(yamldecode(file(var.document)).openapi, ""), "3.0.")
    error_message = "document must be the path of an OpenAPI 3.0 document in YAML, such as \"$${path.module}/api/openapi.yaml\"."
  }
}

variable "services" {
  description = "Services that answer behind origin_domain. An operation of any other, save gateway (the API itself), is refused."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.services) > 0 && alltrue([for service in var.services : can(regex("^[a-z][a-z0-9-]*$", service))])
    error_message = "services must name at least one service in lower-case letters, digits and hyphens, such as [\"catalog\"]."
  }
  validation {
    condition     = !contains(var.services, "gateway")
    error_message = "services must not name \"gateway\": it stands for the API itself, which answers /health."
  }
}

variable "nlb_arn" {
  description = "Network load balancer that the VPC link leads to."
  type        = string
  nullable    = false
}

variable "origin_domain" {
  description = "Host name the API calls through the VPC link: the name the load balancer's certificate and rules know. It need not resolve."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.origin_domain))
    error_message = "origin_domain must be a host name without scheme or path, such as \"origin.dev.bookstore.example.com\"."
  }
}

variable "user_pool_arn" {
  description = "Cognito user pool whose access tokens are asked for."
  type        = string
  nullable    = false
}

variable "scopes" {
  description = "Scopes of that pool's resource server, such as bookstore/books.read. An operation that asks for any other is refused."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for scope in var.scopes : can(regex("^[a-z][a-z0-9-]*/[a-z]+(\\.[a-z]+)*$", scope))])
    error_message = "scopes must be as tokens carry them, with the resource server, such as \"bookstore/books.read\"."
  }
}

variable "cors" {
  description = "Origins whose pages may call the API, and how long browsers remember it."
  type = object({
    origins         = set(string)
    headers         = optional(set(string), ["Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-Api-Key", "X-Request-Id"])
    max_age_seconds = optional(number, 600)
  })
  nullable = false

  validation {
    condition     = length(var.cors.origins) > 0 && alltrue([for origin in var.cors.origins : can(regex("^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$", origin))])
    error_message = "cors.origins must be https origins without path or wildcard, such as [\"https://www.bookstore.example.com\"]."
  }
  validation {
    condition     = alltrue([for header in var.cors.headers : can(regex("^[A-Za-z0-9-]+$", header))])
    error_message = "cors.headers must be names of headers, such as \"Authorization\"; the wildcard does not cover it."
  }
  validation {
    condition     = var.cors.max_age_seconds >= 0 && var.cors.max_age_seconds <= 86400 && floor(var.cors.max_age_seconds) == var.cors.max_age_seconds
    error_message = "cors.max_age_seconds must be a whole number from 0 to 86400."
  }
}

variable "throttle" {
  description = "Requests a second and burst for the whole stage, and for single operations by operationId."
  type = object({
    rate  = optional(number, 500)
    burst = optional(number, 1000)
    operations = optional(map(object({
      rate  = number
      burst = number
    })), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for limit in concat([{ rate = var.throttle.rate, burst = var.throttle.burst }], values(var.throttle.operations)) : limit.rate >= 1 && limit.rate <= 10000 && limit.burst >= 1 && limit.burst <= 5000 && floor(limit.burst) == limit.burst])
    error_message = "throttle: rate must be from 1 to 10000 a second and burst a whole number from 1 to 5000, the account's quotas."
  }
}

variable "integration_timeout_ms" {
  description = "How long the API waits for a service, and for single operations by operationId."
  type = object({
    default    = optional(number, 10000)
    operations = optional(map(number), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in concat([var.integration_timeout_ms.default], values(var.integration_timeout_ms.operations)) : value >= 50 && value <= 29000 && floor(value) == value])
    error_message = "integration_timeout_ms must be whole numbers from 50 to 29000 milliseconds, the limits of API Gateway."
  }
}

variable "usage_plans" {
  description = "Limits of the clients that call with an API key: requests a second, burst, and a quota a period. Limits of single operations go by operationId."
  type = map(object({
    description = string
    rate        = number
    burst       = number
    quota = object({
      limit  = number
      period = optional(string, "DAY")
    })
    operations = optional(map(object({
      rate  = number
      burst = number
    })), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for plan in keys(var.usage_plans) : can(regex("^[a-z][a-z0-9-]{0,31}$", plan))])
    error_message = "usage_plans must be named with up to 32 lower-case letters, digits and hyphens, such as { partner = { ... } }."
  }
  validation {
    condition     = alltrue(flatten([for plan in values(var.usage_plans) : [for limit in concat([{ rate = plan.rate, burst = plan.burst }], values(plan.operations)) : limit.rate > 0 && limit.burst >= 1 && floor(limit.burst) == limit.burst]]))
    error_message = "rate of each of usage_plans must be above 0 and burst a whole number of 1 or more."
  }
  validation {
    condition     = alltrue([for plan in values(var.usage_plans) : contains(["DAY", "WEEK", "MONTH"], plan.quota.period) && plan.quota.limit >= 1 && floor(plan.quota.limit) == plan.quota.limit])
    error_message = "quota of each of usage_plans must be a whole number of 1 or more a \"DAY\", \"WEEK\" or \"MONTH\"."
  }
}

variable "api_keys" {
  description = "One API key per client that calls the operations that ask for one: the usage plan it is under. Their values stay in API Gateway's own store and in the state, which marks them sensitive."
  type = map(object({
    plan        = string
    description = optional(string, "")
    enabled     = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.api_keys) : can(regex("^[a-z][a-z0-9-]{0,31}$", key))])
    error_message = "api_keys must be named with up to 32 lower-case letters, digits and hyphens, such as { library = { plan = \"partner\" } }."
  }
}

variable "domain" {
  description = "The API's own host name, the certificate of this region for it and the hosted zone it goes into. With it the host name of AWS is switched off; null keeps that one."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = string
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "domain.name must be a host name without scheme or path, such as \"api.dev.bookstore.example.com\"."
  }
}

variable "stage_name" {
  description = "Name of the stage."
  type        = string
  default     = "live"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,31}$", var.stage_name))
    error_message = "stage_name must be up to 32 lower-case letters, digits and underscores, such as \"live\"."
  }
}

variable "execution_log_level" {
  description = "How much of each request API Gateway tells of itself: ERROR or INFO. Bodies and headers are never logged."
  type        = string
  default     = "ERROR"
  nullable    = false

  validation {
    condition     = contains(["ERROR", "INFO"], var.execution_log_level)
    error_message = "execution_log_level must be \"ERROR\" or \"INFO\"; it cannot be off (APIGateway.1)."
  }
}

variable "log_retention_days" {
  description = "Days that access and execution logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "minimum_compression_bytes" {
  description = "Answers from this size on are compressed for clients that ask for it."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.minimum_compression_bytes >= 0 && var.minimum_compression_bytes <= 10485760 && floor(var.minimum_compression_bytes) == var.minimum_compression_bytes
    error_message = "minimum_compression_bytes must be a whole number from 0 to 10485760."
  }
}

variable "fail_on_warnings" {
  description = "Refuse the document where API Gateway would leave something of it out."
  type        = bool
  default     = false
  nullable    = false
}

variable "manage_account" {
  description = "Set the role with which API Gateway writes logs. Account and region have one setting: exactly one tree may own it."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
