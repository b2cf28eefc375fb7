variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "repositories" {
  description = "Repositories by the name after the prefix: \"catalog\" makes bookstore-dev/catalog."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.repositories) > 0
    error_message = "repositories must not be empty: name one for each image, such as [\"catalog\"]."
  }
  validation {
    condition     = alltrue([for repository in var.repositories : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", repository)) && length(repository) <= 63])
    error_message = "repositories must be named with up to 63 lower-case letters, digits and single hyphens, such as \"catalog\", without the prefix."
  }
}

variable "key_arn" {
  description = "KMS key of the images."
  type        = string
  nullable    = false
}

variable "keep_images" {
  description = "Tagged images that a repository keeps, the newest first."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.keep_images >= 10 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images must be a whole number from 10 to 1000: fewer could expire the image that a running service needs to start its next task."
  }
}

variable "untagged_days" {
  description = "Days until an image without a tag expires."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.untagged_days >= 1 && var.untagged_days <= 365 && floor(var.untagged_days) == var.untagged_days
    error_message = "untagged_days must be a whole number from 1 to 365, such as 7."
  }
}

variable "force_delete" {
  description = "Delete a repository with the images in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits for a repository's deletion."
  type = object({
    delete = optional(string, "20m")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for value in values(var.timeouts) : can(regex("^[0-9]+(s|m|h)$", value))])
    error_message = "timeouts must be durations such as \"20m\" or \"1h\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
