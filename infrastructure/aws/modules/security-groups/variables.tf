variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "vpc_id" {
  description = "VPC of the groups."
  type        = string
  nullable    = false
}

variable "endpoint_security_group_id" {
  description = "Security group of the VPC's interface endpoints, which receives the edge from the services."
  type        = string
  nullable    = false
}

variable "gateway_prefix_list_ids" {
  description = "Prefix lists of the VPC's gateway endpoints, by service."
  type        = map(string)
  nullable    = false
}

variable "ports" {
  description = "Ports the services, PostgreSQL and Redis listen on. OpenSearch is always 443."
  type = object({
    application = optional(number, 8080)
    database    = optional(number, 5433)
    redis       = optional(number, 6380)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for port in values(var.ports) : port >= 1150 && port <= 65535 && floor(port) == port])
    error_message = "ports must be whole numbers from 1150 to 65535 (RDS refuses lower ones), such as { application = 8080, database = 5433, redis = 6380 }."
  }
  validation {
    condition     = length(distinct(values(var.ports))) == length(values(var.ports))
    error_message = "ports must differ from each other, such as { application = 8080, database = 5433, redis = 6380 }."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
