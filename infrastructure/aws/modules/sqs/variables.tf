variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "queues" {
  description = "Queues by name suffix. consumer_timeout_seconds is the longest that one message's consumer may take. dead_letter_queue = false makes a queue that is itself the last resort of others, such as of a bus or a function."
  type = map(object({
    consumer_timeout_seconds   = optional(number, 30)
    visibility_timeout_seconds = optional(number, 180)
    retention_days             = optional(number, 4)
    delay_seconds              = optional(number, 0)
    max_receive_count          = optional(number, 5)
    dead_letter_queue          = optional(bool, true)
    dead_letter_retention_days = optional(number, 14)
    fifo                       = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = alltrue([for suffix in keys(var.queues) : can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", suffix))])
    error_message = "queues must be named with 2 to 32 lower-case letters, digits and hyphens, such as { orders = {} }; longer names would not fit SQS's 80 characters."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.visibility_timeout_seconds >= 6 * queue.consumer_timeout_seconds && queue.visibility_timeout_seconds <= 43200 && floor(queue.visibility_timeout_seconds) == queue.visibility_timeout_seconds])
    error_message = "visibility_timeout_seconds of queues must be a whole number of at least six times consumer_timeout_seconds and at most 43200: a consumer's retries must end before the message shows up again. For a consumer of 30 seconds write 180."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.consumer_timeout_seconds >= 1 && queue.consumer_timeout_seconds <= 7200])
    error_message = "consumer_timeout_seconds of queues must be from 1 to 7200, such as 30."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.retention_days >= 1 && queue.retention_days <= 14 && floor(queue.retention_days) == queue.retention_days])
    error_message = "retention_days of queues must be a whole number from 1 to 14, such as 4."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : !queue.dead_letter_queue || (queue.dead_letter_retention_days > queue.retention_days || queue.dead_letter_retention_days == 14) && queue.dead_letter_retention_days <= 14])
    error_message = "dead_letter_retention_days of queues must be more than retention_days and at most 14: a dead letter keeps the age it had, and would otherwise be gone before anyone looked. Write 14."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.delay_seconds >= 0 && queue.delay_seconds <= 900])
    error_message = "delay_seconds of queues must be from 0 to 900."
  }
  validation {
    condition     = alltrue([for queue in values(var.queues) : queue.max_receive_count >= 2 && queue.max_receive_count <= 1000 && floor(queue.max_receive_count) == queue.max_receive_count])
    error_message = "max_receive_count of queues must be a whole number from 2 to 1000, such as 5: with 1, a consumer that is merely replaced loses its messages to the dead letters."
  }
}

variable "senders" {
  description = "AWS services that may send to a queue and its dead-letter queue, by queue: the service, and the ARNs (or patterns) of the rules or topics on whose behalf."
  type = map(object({
    service     = optional(string, "events.amazonaws.com")
    source_arns = list(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for sender in values(var.senders) : can(regex("^[a-z][a-z0-9.-]*\\.amazonaws\\.com$", sender.service))])
    error_message = "service of senders must be a service principal, such as \"events.amazonaws.com\" or \"sns.amazonaws.com\"."
  }
  validation {
    condition     = alltrue([for sender in values(var.senders) : length(sender.source_arns) > 0])
    error_message = "source_arns of senders must name the rules or topics, such as [module.eventbridge.rule_arns[\"orders\"]]: without them any customer of the service could send."
  }
  validation {
    condition     = alltrue(flatten([for sender in values(var.senders) : [for arn in sender.source_arns : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$", arn))]]))
    error_message = "source_arns of senders must be ARNs with an account in them, such as \"arn:aws:events:eu-west-1:111111111111:rule/bookstore-dev/bookstore-dev-orders\"."
  }
}

variable "key_arn" {
  description = "KMS key of the queues; its policy must let the senders' services use it."
  type        = string
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for a queue; below a minute it fails, since SQS takes half of one to agree with itself."
  type = object({
    create = optional(string, "5m")
    update = optional(string, "5m")
    delete = optional(string, "5m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(m|h)$", value))])
    error_message = "timeouts must be durations in minutes or hours, such as \"5m\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
