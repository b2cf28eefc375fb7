variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "vpc_id" {
  description = "VPC in which the names resolve."
  type        = string
  nullable    = false
}

variable "namespace" {
  description = "Private DNS name under which services register, such as bookstore-dev.internal."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.namespace)) && length(var.namespace) <= 190
    error_message = "namespace must be a DNS name in lower case of up to 190 characters, such as \"bookstore-dev.internal\"."
  }
  validation {
    condition     = !endswith(var.namespace, ".local")
    error_message = "namespace must not end in .local, which multicast DNS answers: write \".internal\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
