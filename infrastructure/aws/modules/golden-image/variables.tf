variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}


variable "recipe_version" {
  description = "Version of the recipe and its component. Raise it with every change of them: Image Builder never changes a version it has."
  type        = string
  default     = "1.0.0"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{1,6}\\.[0-9]{1,6}\\.[0-9]{1,6}$", var.recipe_version))
    error_message = "recipe_version must be three numbers, such as \"1.0.1\"."
  }
}

variable "architecture" {
  description = "Architecture of the image: arm64 or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be \"arm64\" or \"x86_64\"."
  }
}

variable "instance_type" {
  description = "Instance that builds and tests the image, of the image's architecture."
  type        = string
  default     = "t4g.medium"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type must be an instance type, such as \"t4g.medium\" for arm64 or \"t3.medium\" for x86_64."
  }
}

variable "volume_gib" {
  description = "Size of the image's root volume."
  type        = number
  default     = 16
  nullable    = false

  validation {
    condition     = var.volume_gib >= 8 && var.volume_gib <= 500 && floor(var.volume_gib) == var.volume_gib
    error_message = "volume_gib must be a whole number from 8 (the parent image's size) to 500."
  }
}

variable "subnet_id" {
  description = "Private subnet in which images are built."
  type        = string
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups of the building instance. It needs HTTPS out and nothing in."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must not be empty: Image Builder would fall back to the VPC's default group."
  }
}

variable "key_arn" {
  description = "KMS key of the images' snapshots."
  type        = string
  nullable    = false
}

variable "share_with_account_ids" {
  description = "Accounts that may start instances from the images. The key's policy must let them too."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.share_with_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "share_with_account_ids must be account ids of twelve digits, such as [\"222222222222\"]."
  }
}

variable "schedule" {
  description = "When the pipeline looks for updates of what the image is made from, UTC; it builds only where there are some."
  type        = string
  default     = "cron(0 3 ? * sun *)"
  nullable    = false

  validation {
    condition     = can(regex("^cron\\([^ ()]+( [^ ()]+){5}\\)$", var.schedule))
    error_message = "schedule must be a cron expression of six fields, such as \"cron(0 3 ? * sun *)\"."
  }
}

variable "keep_images" {
  description = "Images of the recipe's version that are kept, the newest first; older ones are deleted with their snapshots."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.keep_images >= 2 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images must be a whole number from 2, so that there is one to go back to, to 1000."
  }
}

variable "scan" {
  description = "Have Amazon Inspector, which the account must have switched on, scan each image."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_bucket" {
  description = "Bucket that receives the logs of builds. Null leaves them in the log group only."
  type = object({
    name = string
    arn  = string
  })
  default = null
}

variable "topic_arn" {
  description = "SNS topic that hears of finished and failed builds. Null for none."
  type        = string
  default     = null
}

variable "log_key_arn" {
  description = "KMS key of the log group."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs of builds are kept."
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
