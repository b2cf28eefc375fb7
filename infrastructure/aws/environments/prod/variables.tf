variable "account_id" {
  description = "The one AWS account this environment may touch. Null trusts the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits in quotes, such as \"111111111111\"."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.region))
    error_message = "region must be an AWS region, such as \"eu-west-1\"."
  }
}

variable "replica_region" {
  description = "Second region, for disaster recovery. Null where there is none."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[1-9]$", var.replica_region))
    error_message = "replica_region must be an AWS region, such as \"eu-central-1\", or null."
  }
}

variable "project" {
  description = "Name of the product; with the environment it prefixes every name."
  type        = string
  default     = "bookstore"
  nullable    = false
}

variable "owner" {
  description = "Team that answers for the environment, as a tag."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.owner)) > 0
    error_message = "owner must name a team, such as \"platform\"."
  }
}

variable "cost_center" {
  description = "Cost centre that pays, as a tag."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.cost_center)) > 0
    error_message = "cost_center must name a cost centre, such as \"bookstore-dev\"."
  }
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = length(setintersection(
      [for key in keys(var.tags) : lower(key)],
      ["project", "environment", "owner", "costcenter", "managedby", "service", "name", "tier"],
    )) == 0
    error_message = "tags must not repeat a tag that the tree sets itself (Project, Environment, Owner, CostCenter, ManagedBy, Service, Name, Tier): use another key, or the variable of that name."
  }
}

# The groups below pass through: ../../variables.tf says what they may hold.

variable "network" {
  description = "The VPC; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "database" {
  description = "PostgreSQL; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "cache" {
  description = "Redis; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "search" {
  description = "OpenSearch; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "tables" {
  description = "DynamoDB tables; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "encryption" {
  description = "KMS keys; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "logs" {
  description = "Log groups and access logs; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "disaster_recovery" {
  description = "Copies in the replica region; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "services" {
  description = "The microservices; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "api" {
  description = "The way in; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "identity" {
  description = "Cognito; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "firewall" {
  description = "WAF and Shield; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "events" {
  description = "The event bus; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "secrets" {
  description = "Secrets Manager; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "images" {
  description = "ECR; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "monitoring" {
  description = "Alarms and dashboards; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "audit" {
  description = "CloudTrail; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "compliance" {
  description = "Config, Security Hub, GuardDuty; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "backups" {
  description = "AWS Backup; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "cost" {
  description = "Budgets; see ../../variables.tf."
  type        = any
  nullable    = false
}

variable "delivery" {
  description = "CodePipeline; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}

variable "golden_images" {
  description = "Image Builder; see ../../variables.tf."
  type        = any
  default     = {}
  nullable    = false
}
