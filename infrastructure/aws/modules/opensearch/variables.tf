variable "name" {
  description = "Name of the domain and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 28 lower-case letters, digits and single hyphens, such as \"bookstore-dev\": OpenSearch allows no more."
  }
}

variable "subnet_ids" {
  description = "Isolated subnets of the nodes, one per zone. Their number is the number of zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = contains([1, 2, 3], length(var.subnet_ids)) && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "subnet_ids must name 1, 2 or 3 different subnets, each of another zone: one for a domain that may fail with its zone, three for the others."
  }
}

variable "security_group_ids" {
  description = "Security groups of the domain."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must not be empty: OpenSearch would fall back to the VPC's default group."
  }
}

variable "engine_version" {
  description = "OpenSearch version."
  type        = string
  default     = "OpenSearch_2.19"
  nullable    = false

  validation {
    condition     = can(regex("^OpenSearch_2\\.[0-9]+$", var.engine_version))
    error_message = "engine_version must be OpenSearch 2: write for example \"OpenSearch_2.19\"."
  }
}

variable "instance_type" {
  description = "Size of each data node."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+\\.[a-z0-9]+\\.search$", var.instance_type)) && !startswith(var.instance_type, "t2.")
    error_message = "instance_type must be an OpenSearch type other than t2, which has no fine-grained access control, such as \"t3.small.search\" or \"r7g.large.search\"."
  }
}

variable "data_nodes" {
  description = "Number of data nodes, the same in every zone."
  type        = number
  nullable    = false

  validation {
    condition     = var.data_nodes >= 1 && var.data_nodes <= 80 && floor(var.data_nodes) == var.data_nodes
    error_message = "data_nodes must be a whole number from 1 to 80, a multiple of the number of subnets."
  }
}

variable "dedicated_masters" {
  description = "Nodes that hold no data and keep the cluster together. Null for none."
  type = object({
    instance_type = string
    count         = optional(number, 3)
  })
  default = null

  validation {
    condition     = var.dedicated_masters == null || try(contains([3, 5], var.dedicated_masters.count), false)
    error_message = "dedicated_masters.count must be 3 (or 5): an even number or a single one cannot elect a leader when one is lost."
  }
  validation {
    condition     = var.dedicated_masters == null || can(regex("^[a-z0-9]+\\.[a-z0-9]+\\.search$", var.dedicated_masters.instance_type)) && !can(regex("^t[23]\\.", var.dedicated_masters.instance_type))
    error_message = "dedicated_masters.instance_type must be an OpenSearch type that is not burstable, such as \"m7g.large.search\"."
  }
}

variable "storage_gib" {
  description = "gp3 storage of each data node."
  type        = number
  nullable    = false

  validation {
    condition     = var.storage_gib >= 10 && var.storage_gib <= 24576 && floor(var.storage_gib) == var.storage_gib
    error_message = "storage_gib must be a whole number from 10 to 24576; the instance type may allow less."
  }
}

variable "iops" {
  description = "Operations per second of each node's storage."
  type        = number
  default     = 3000
  nullable    = false

  validation {
    condition     = var.iops >= 3000 && var.iops <= 16000 && floor(var.iops) == var.iops
    error_message = "iops must be a whole number from 3000, which gp3 includes, to 16000."
  }
}

variable "throughput_mib" {
  description = "MiB per second of each node's storage."
  type        = number
  default     = 125
  nullable    = false

  validation {
    condition     = var.throughput_mib >= 125 && var.throughput_mib <= 1000 && floor(var.throughput_mib) == var.throughput_mib
    error_message = "throughput_mib must be a whole number from 125, which gp3 includes, to 1000."
  }
}

variable "service_linked_role" {
  description = "Make the role with which OpenSearch enters a VPC. An account has one: false where it exists already."
  type        = bool
  default     = true
  nullable    = false
}

variable "administrators" {
  description = "ARNs of the roles that may take the administrator's role. Empty leaves it to the account's IAM policies."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "administrators must be ARNs of IAM roles or users, such as \"arn:aws:iam::111111111111:role/platform-admin\"."
  }
}

variable "snapshot_hour" {
  description = "Hour of the automated snapshot, UTC."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.snapshot_hour >= 0 && var.snapshot_hour <= 23 && floor(var.snapshot_hour) == var.snapshot_hour
    error_message = "snapshot_hour must be a whole number from 0 to 23."
  }
}

variable "off_peak_start_hour" {
  description = "Hour at which the daily ten hours for software updates and tuning begin, UTC."
  type        = number
  default     = 22
  nullable    = false

  validation {
    condition     = var.off_peak_start_hour >= 0 && var.off_peak_start_hour <= 23 && floor(var.off_peak_start_hour) == var.off_peak_start_hour
    error_message = "off_peak_start_hour must be a whole number from 0 to 23."
  }
}

variable "log_retention_days" {
  description = "Days that the domain's logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "key_arn" {
  description = "KMS key of indexes, logs on the nodes, swap files and automated snapshots."
  type        = string
  nullable    = false
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for the domain."
  type = object({
    create = optional(string, "90m")
    update = optional(string, "180m")
    delete = optional(string, "90m")
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
