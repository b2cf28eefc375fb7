variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "rules" {
  description = "Rules by name suffix: a pattern (JSON) and its targets. kind is queue, function, log (a log group) or bus; dead_letter_arn takes what could not be delivered after max_attempts or max_age_seconds; message_group_id is for FIFO queues; transform reshapes the event."
  type = map(object({
    description = string
    pattern     = string
    enabled     = optional(bool, true)
    targets = map(object({
      kind             = string
      arn              = string
      dead_letter_arn  = optional(string)
      max_age_seconds  = optional(number, 21600)
      max_attempts     = optional(number, 185)
      message_group_id = optional(string)
      transform = optional(object({
        paths    = map(string)
        template = string
      }))
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for suffix in keys(var.rules) : can(regex("^[a-z][a-z0-9-]{0,32}$", suffix))]) && !contains(keys(var.rules), "audit")
    error_message = "rules must be named with up to 33 lower-case letters, digits and hyphens other than \"audit\", such as { orders = { ... } }; with the prefix, EventBridge takes 64."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : length(rule.description) >= 10 && length(rule.description) <= 512])
    error_message = "description of rules must be a sentence of 10 to 512 characters that says who needs the events."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : can(regex("^\\s*\\{", rule.pattern)) && try(length(keys(jsondecode(rule.pattern))) > 0, false)])
    error_message = "pattern of rules must be a JSON object that is not empty, such as jsonencode({ source = [\"bookstore.orders\"], detail-type = [\"OrderPlaced\"] })."
  }
  validation {
    condition     = alltrue(flatten([for rule in values(var.rules) : [for field, value in try(jsondecode(rule.pattern), {}) : contains(["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version", "$or"], field) && (field == "detail" || can(tolist(value)) || can(value[0]))]]))
    error_message = "pattern of rules may use the fields of an event only (source, detail-type, detail, account, region, resources), and each takes a list: write { source = [\"bookstore.orders\"] }, not { source = \"bookstore.orders\" }."
  }
  validation {
    condition     = alltrue([for rule in values(var.rules) : length(rule.targets) >= 1 && length(rule.targets) <= 5])
    error_message = "targets of rules must be one to five, which is all EventBridge takes; more need a second rule with the same pattern."
  }
  validation {
    condition     = alltrue(flatten([for rule in values(var.rules) : [for target in values(rule.targets) : contains(["bus", "function", "log", "queue"], target.kind)]]))
    error_message = "kind of targets must be \"queue\", \"function\", \"log\" or \"bus\"."
  }
  validation {
    condition     = alltrue(flatten([for rule in values(var.rules) : [for key in keys(rule.targets) : can(regex("^[a-zA-Z0-9._-]{1,64}$", key))]]))
    error_message = "targets must be named with up to 64 letters, digits, dots, hyphens and underscores, such as { orders = { ... } }."
  }
  validation {
    condition     = alltrue(flatten([for rule in values(var.rules) : [for target in values(rule.targets) : target.kind == "log" || target.dead_letter_arn != null]]))
    error_message = "targets need dead_letter_arn, such as module.sqs.dead_letter_arns[\"orders\"]: without it an event that cannot be delivered is lost."
  }
  validation {
    condition     = alltrue(flatten([for rule in values(var.rules) : [for target in values(rule.targets) : target.max_age_seconds >= 60 && target.max_age_seconds <= 86400 && target.max_attempts >= 0 && target.max_attempts <= 185]]))
    error_message = "targets take max_age_seconds from 60 to 86400 and max_attempts from 0 to 185."
  }
}

variable "schemas" {
  description = "OpenAPI 3 documents (JSON) of the events by detail-type."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.schemas) : can(regex("^[A-Z][A-Za-z0-9]{1,60}$", name))])
    error_message = "schemas must be named by detail-type in capitals and letters, such as { OrderPlaced = file(\"events/schemas/OrderPlaced.json\") }."
  }
  validation {
    condition     = alltrue([for document in values(var.schemas) : can(regex("^3\\.0\\.", jsondecode(document).openapi))])
    error_message = "schemas must be OpenAPI 3.0 documents in JSON, as the schema registry takes them: \"openapi\": \"3.0.0\"."
  }
  validation {
    condition     = alltrue([for name, document in var.schemas : try(jsondecode(document).components.schemas.AWSEvent["x-amazon-events-detail-type"] == name, false)])
    error_message = "schemas must each describe the event of their name: components.schemas.AWSEvent needs x-amazon-events-detail-type equal to the key, such as OrderPlaced."
  }
}

variable "archive_days" {
  description = "Days that every event is kept for replay."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.archive_days >= 1 && var.archive_days <= 3653 && floor(var.archive_days) == var.archive_days
    error_message = "archive_days must be a whole number from 1 to 3653; 0 would keep events for ever."
  }
}

variable "sources" {
  description = "Names that this account's services may give as the source of their events; the last may end in *."
  type        = set(string)
  default     = ["bookstore.*"]
  nullable    = false

  validation {
    condition     = length(var.sources) > 0 && alltrue([for source in var.sources : can(regex("^[a-z][a-z0-9.-]*\\*?$", source)) && !startswith(source, "aws.")])
    error_message = "sources must be names such as \"bookstore.orders\" or \"bookstore.*\"; those that begin with \"aws.\" are AWS's own."
  }
}

variable "publishers" {
  description = "Other accounts that may put events on the bus, by a name of your choice, and which: only these sources and detail-types."
  type = map(object({
    account_id   = string
    sources      = set(string)
    detail_types = set(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.publishers) : can(regex("^[A-Za-z0-9]+$", key))])
    error_message = "publishers must be named with letters and digits, such as { warehouse = { ... } }."
  }
  validation {
    condition     = alltrue([for publisher in values(var.publishers) : can(regex("^[0-9]{12}$", publisher.account_id))])
    error_message = "account_id of publishers must be 12 digits, such as \"444444444444\"."
  }
  validation {
    condition     = alltrue([for publisher in values(var.publishers) : length(publisher.sources) > 0 && length(publisher.detail_types) > 0 && alltrue([for value in setunion(publisher.sources, publisher.detail_types) : can(regex("^[A-Za-z][A-Za-z0-9.-]*$", value))])])
    error_message = "publishers need sources and detail_types, each in full and without wildcards, such as sources = [\"warehouse.stock\"] and detail_types = [\"StockLow\"]."
  }
}

variable "dead_letter_arn" {
  description = "Queue that takes events which the bus itself could not encrypt or decrypt."
  type        = string
  nullable    = false
}

variable "key_arn" {
  description = "KMS key of the bus; its policy must let events.amazonaws.com use it."
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

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
