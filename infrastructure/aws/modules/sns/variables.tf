variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "topics" {
  description = "Topics by name suffix: the name that e-mails show, and the AWS services that may publish on behalf of this account."
  type = map(object({
    display_name = string
    services     = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue([for suffix in keys(var.topics) : can(regex("^[a-z][a-z0-9-]{0,62}$", suffix))])
    error_message = "topics must be named with up to 63 lower-case letters, digits and hyphens, such as { critical = { ... } }."
  }
  validation {
    condition     = alltrue([for topic in values(var.topics) : can(regex("^[A-Za-z0-9][A-Za-z0-9 _-]{0,99}$", topic.display_name))])
    error_message = "display_name of topics must be up to 100 letters, digits, spaces, hyphens and underscores, such as \"Bookstore dev critical\"."
  }
  validation {
    condition     = alltrue(flatten([for topic in values(var.topics) : [for service in topic.services : can(regex("^[a-z][a-z0-9.-]*\\.amazonaws\\.com$", service))]]))
    error_message = "services of topics must be service principals, such as \"cloudwatch.amazonaws.com\" or \"budgets.amazonaws.com\"."
  }
}

variable "subscriptions" {
  description = "Subscriptions by a name of your choice. filter_policy is JSON on the body (or, with filter_scope = \"MessageAttributes\", on the attributes) of a message; raw delivers the message without SNS's envelope; dead_letter_arn takes what could not be delivered."
  type = map(object({
    topic           = string
    protocol        = string
    endpoint        = string
    filter_policy   = optional(string)
    filter_scope    = optional(string, "MessageBody")
    raw             = optional(bool, false)
    dead_letter_arn = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : contains(["email", "https", "lambda", "sqs"], subscription.protocol)])
    error_message = "protocol of subscriptions must be \"email\", \"https\", \"lambda\" or \"sqs\"; plain \"http\" would carry messages in the clear."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : subscription.protocol != "email" || can(regex("^[A-Za-z0-9._%+-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\\.)+[A-Za-z]{2,}$", subscription.endpoint))])
    error_message = "endpoint of an e-mail subscription must be one address, such as \"oncall@bookstore.example.com\": no name before it, no \"mailto:\", no list. Write one subscription for each address."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : subscription.protocol != "https" || can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\\s]*)?$", subscription.endpoint))])
    error_message = "endpoint of an https subscription must be a URL such as \"https://events.pagerduty.example.com/integration/KEY/enqueue\"."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : !contains(["lambda", "sqs"], subscription.protocol) || can(regex("^arn:aws[a-z-]*:${subscription.protocol}:[a-z0-9-]+:[0-9]{12}:.+$", subscription.endpoint))])
    error_message = "endpoint of an sqs or lambda subscription must be the ARN of the queue or function, such as \"arn:aws:sqs:eu-west-1:111111111111:bookstore-dev-alerts\"."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : subscription.filter_policy == null || can(keys(jsondecode(subscription.filter_policy)))])
    error_message = "filter_policy of subscriptions must be a JSON object, such as jsonencode({ severity = [\"critical\"] })."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : contains(["MessageAttributes", "MessageBody"], subscription.filter_scope)])
    error_message = "filter_scope of subscriptions must be \"MessageBody\" or \"MessageAttributes\"."
  }
  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : !subscription.raw || contains(["https", "sqs"], subscription.protocol)])
    error_message = "raw delivery of subscriptions exists for \"https\" and \"sqs\" only: leave raw out."
  }
}

variable "success_sample_percent" {
  description = "Share of the successful deliveries to queues, functions and HTTPS endpoints that is logged; failures always are."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.success_sample_percent >= 0 && var.success_sample_percent <= 100 && floor(var.success_sample_percent) == var.success_sample_percent
    error_message = "success_sample_percent must be a whole number from 0 to 100."
  }
}

variable "key_arn" {
  description = "KMS key of the topics; its policy must let the publishing services use it."
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
