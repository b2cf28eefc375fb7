variable "name" {
  description = "Name of the load balancer and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && !startswith(var.name, "internal-")
    error_message = "name must be 3 to 28 lower-case letters, digits and single hyphens, not beginning with \"internal-\", such as \"bookstore-dev\"."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancers and the tasks."
  type        = string
  nullable    = false
}

variable "vpc_cidr" {
  description = "Block of the VPC: only from it, so through the network load balancer, does a request reach a service."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && !endswith(var.vpc_cidr, "/0")
    error_message = "vpc_cidr must be the VPC's IPv4 block, such as \"10.10.0.0/16\"."
  }
}

variable "public_subnet_ids" {
  description = "Public subnets of the application load balancer, in two zones at least."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "public_subnet_ids must name subnets of at least two zones (ELB.13): an application load balancer takes no less."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets of the network load balancer."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.private_subnet_ids) >= 1
    error_message = "private_subnet_ids must name at least one subnet, and one in each zone of the tasks."
  }
}

variable "security_group_id" {
  description = "Security group of the application load balancer."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.security_group_id) > 0
    error_message = "security_group_id must not be empty: the load balancer would fall back to the VPC's default group."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of this region that covers origin_domain."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate, such as \"arn:aws:acm:eu-west-1:111111111111:certificate/ID\": there is no listener without TLS."
  }
}

variable "origin_domain" {
  description = "Host name by which the API calls the services, such as origin.dev.bookstore.example.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.origin_domain)) && length(var.origin_domain) <= 128
    error_message = "origin_domain must be a lower-case host name of up to 128 characters, such as \"origin.dev.bookstore.example.com\"."
  }
}

variable "services" {
  description = "Public services by name. priority orders their rules, paths are at most two: a rule holds five values, of which the host, the source and the colour take three."
  type = map(object({
    paths                        = list(string)
    priority                     = number
    port                         = optional(number, 8080)
    health_path                  = optional(string, "/health")
    health_codes                 = optional(string, "200")
    health_interval_seconds      = optional(number, 15)
    health_timeout_seconds       = optional(number, 5)
    healthy_checks               = optional(number, 2)
    unhealthy_checks             = optional(number, 3)
    slow_start_seconds           = optional(number, 30)
    deregistration_delay_seconds = optional(number, 30)
  }))
  nullable = false

  validation {
    condition     = length(var.services) > 0 && length(var.services) <= 30
    error_message = "services must hold 1 to 30 services: a listener has 100 rules, three of them for each service."
  }
  validation {
    condition     = alltrue([for service in keys(var.services) : can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", service)) && !strcontains(service, "--")])
    error_message = "services must be named in lower-case letters, digits and single hyphens, such as { catalog = { ... } }."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : length(service.paths) >= 1 && length(service.paths) <= 2])
    error_message = "paths must be one or two patterns, such as [\"/catalog\", \"/catalog/*\"]: give what needs more its own prefix."
  }
  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for path in service.paths : can(regex("^/[A-Za-z0-9_.$/~@:+&*?-]*$", path)) && length(path) <= 128]]))
    error_message = "each of paths must begin with a slash and hold up to 128 letters, digits and _-.$/~@:+&*?, such as \"/catalog/*\"."
  }
  validation {
    condition     = length(flatten([for service in values(var.services) : service.paths])) == length(distinct(flatten([for service in values(var.services) : service.paths])))
    error_message = "paths must differ: two services claim the same path, and only the one of lower priority number would get it."
  }
  validation {
    condition     = !contains(flatten([for service in values(var.services) : service.paths]), "/health")
    error_message = "paths must not hold \"/health\": the load balancer answers there itself; write it below the service's own, such as \"/catalog/health\"."
  }
  validation {
    condition     = length(distinct([for service in values(var.services) : service.priority])) == length(var.services)
    error_message = "priority must differ from service to service: give each its own number, such as 10, 20, 30."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.priority >= 1 && service.priority <= 4999 && floor(service.priority) == service.priority])
    error_message = "priority must be a whole number from 1 to 4999, such as 10."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.port >= 1024 && service.port <= 65535 && floor(service.port) == service.port])
    error_message = "port of each of services must be a whole number from 1024 to 65535, which a task that is not root can listen on, such as 8080."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : can(regex("^/[!-~]*$", service.health_path)) && length(service.health_path) <= 1024])
    error_message = "health_path must begin with a slash, such as \"/health\"."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : can(regex("^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$", service.health_codes))])
    error_message = "health_codes must be status codes from 200 to 499, such as \"200\" or \"200-299\"."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.health_timeout_seconds >= 2 && service.health_interval_seconds <= 300 && service.health_timeout_seconds < service.health_interval_seconds])
    error_message = "health_timeout_seconds must be 2 at least and below health_interval_seconds, which is 300 at most, such as 5 and 15."
  }
  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for checks in [service.healthy_checks, service.unhealthy_checks] : checks >= 2 && checks <= 10 && floor(checks) == checks]]))
    error_message = "healthy_checks and unhealthy_checks must be whole numbers from 2 to 10."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.slow_start_seconds == 0 || (service.slow_start_seconds >= 30 && service.slow_start_seconds <= 900 && floor(service.slow_start_seconds) == service.slow_start_seconds)])
    error_message = "slow_start_seconds must be 0 (no slow start, least outstanding requests instead) or from 30 to 900."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.deregistration_delay_seconds >= 0 && service.deregistration_delay_seconds <= 3600 && floor(service.deregistration_delay_seconds) == service.deregistration_delay_seconds])
    error_message = "deregistration_delay_seconds must be a whole number from 0 to 3600; above the longest request, such as 30."
  }
}

variable "access_log_bucket" {
  description = "Bucket of access and connection logs, which load balancers may write to and which no customer's key encrypts."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.access_log_bucket) > 0
    error_message = "access_log_bucket must be the name of the log bucket, such as module.logs.id (ELB.5)."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancers."
  type        = bool
  default     = true
  nullable    = false
}

variable "idle_timeout_seconds" {
  description = "Seconds that a silent connection stays open. The services must keep theirs open for longer, or callers see 502."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout_seconds >= 30 && var.idle_timeout_seconds <= 4000 && floor(var.idle_timeout_seconds) == var.idle_timeout_seconds
    error_message = "idle_timeout_seconds must be a whole number from 30, above the API's own 29 seconds, to 4000."
  }
}

variable "timeouts" {
  description = "How long Terraform waits for a load balancer or a listener."
  type = object({
    create = optional(string, "20m")
    update = optional(string, "20m")
    delete = optional(string, "20m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(s|m|h)$", value))])
    error_message = "timeouts must be durations such as \"90m\" or \"2h\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
