variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "environment" {
  description = "Value of the cost-allocation tag Environment whose costs the budgets count."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.environment))
    error_message = "environment must be the value of the tag Environment, such as \"dev\" or \"prod\"."
  }
}

variable "monthly_limit_usd" {
  description = "What the environment may cost in a month, in US dollars."
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_limit_usd >= 1
    error_message = "monthly_limit_usd must be 1 or more, such as 300: an amount of US dollars."
  }
}

variable "service_limits_usd" {
  description = "What single services may cost in a month, by value of the cost-allocation tag Service, in US dollars."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for service in keys(var.service_limits_usd) : can(regex("^[a-z][a-z0-9-]{0,62}$", service))])
    error_message = "service_limits_usd must be named by the value of the tag Service, such as { database = 120 }."
  }
  validation {
    condition     = alltrue([for limit in values(var.service_limits_usd) : limit >= 1])
    error_message = "each of service_limits_usd must be 1 or more, such as { database = 120 }."
  }
}

variable "actual_percents" {
  description = "Percents of a budget that are told of once spent."
  type        = set(number)
  default     = [80, 100]
  nullable    = false

  validation {
    condition     = length(var.actual_percents) > 0 && alltrue([for percent in var.actual_percents : percent >= 1 && percent <= 1000])
    error_message = "actual_percents must hold percents from 1 to 1000, such as [80, 100]."
  }
}

variable "forecast_percents" {
  description = "Percents of a budget that are told of once the month is forecast to reach them. AWS forecasts after five weeks of costs."
  type        = set(number)
  default     = [100]
  nullable    = false

  validation {
    condition     = length(var.forecast_percents) > 0 && alltrue([for percent in var.forecast_percents : percent >= 1 && percent <= 1000])
    error_message = "forecast_percents must hold percents from 1 to 1000, such as [100]."
  }
}

variable "emails" {
  description = "Who is told of budgets and anomalies by e-mail."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[A-Za-z0-9._%+-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\\.)+[A-Za-z]{2,}$", email))])
    error_message = "emails must be plain addresses, such as \"platform@example.com\": no names, spaces or angle brackets."
  }
  validation {
    condition     = length(var.emails) <= 10
    error_message = "emails takes ten addresses at most, as a budget does: write a mailing list's address instead."
  }
}

variable "topic" {
  description = "SNS topic that is told too; its policy and key must let budgets.amazonaws.com and costalerts.amazonaws.com publish. Null for none."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.topic == null ? true : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.topic.arn))
    error_message = "topic must name a standard SNS topic, such as { arn = \"arn:aws:sns:eu-west-1:111111111111:bookstore-dev-warning\" }."
  }
}

variable "anomaly_threshold_usd" {
  description = "Impact of an anomaly, in US dollars, from which it is told of."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.anomaly_threshold_usd >= 1
    error_message = "anomaly_threshold_usd must be 1 or more, such as 50: an amount of US dollars."
  }
}

variable "anomaly_monitor_arn" {
  description = "Monitor of all services that the account has already: an account can have one only, and newer accounts are born with it. Null makes it."
  type        = string
  default     = null

  validation {
    condition     = var.anomaly_monitor_arn == null ? true : can(regex("^arn:aws[a-z-]*:ce::[0-9]{12}:anomalymonitor/.+$", var.anomaly_monitor_arn))
    error_message = "anomaly_monitor_arn must be the ARN that `aws ce get-anomaly-monitors` prints, such as \"arn:aws:ce::111111111111:anomalymonitor/...\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
