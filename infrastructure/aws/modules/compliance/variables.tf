variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "config" {
  description = "Record every resource with AWS Config and judge them by config_rules."
  type        = bool
  default     = false
  nullable    = false
}

variable "security_hub" {
  description = "Turn Security Hub on with security_standards. Its controls need AWS Config in this account and region."
  type        = bool
  default     = false
  nullable    = false
}

variable "guardduty" {
  description = "Turn GuardDuty on with protection of S3, Lambda, RDS logins and Fargate tasks."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_analyzer" {
  description = "Find resources that are shared outside of the account."
  type        = bool
  default     = false
  nullable    = false
}

variable "service_linked_role" {
  description = "Make the service-linked role of AWS Config. An account has one: false where it exists."
  type        = bool
  default     = true
  nullable    = false
}

variable "config_rules" {
  description = "Managed rules of AWS Config by name: identifier, and input_parameters as the rule takes them."
  type = map(object({
    identifier       = string
    input_parameters = optional(map(string), {})
  }))
  default = {
    access-keys-rotated           = { identifier = "ACCESS_KEYS_ROTATED", input_parameters = { maxAccessKeyAge = "90" } }
    alb-http-redirected           = { identifier = "ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK" }
    alb-waf-enabled               = { identifier = "ALB_WAF_ENABLED" }
    cloudtrail-enabled            = { identifier = "CLOUD_TRAIL_ENABLED" }
    cloudtrail-encrypted          = { identifier = "CLOUD_TRAIL_ENCRYPTION_ENABLED" }
    cloudtrail-validated          = { identifier = "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED" }
    default-security-group-closed = { identifier = "VPC_DEFAULT_SECURITY_GROUP_CLOSED" }
    dynamodb-recoverable          = { identifier = "DYNAMODB_PITR_ENABLED" }
    flow-logs-enabled             = { identifier = "VPC_FLOW_LOGS_ENABLED" }
    iam-no-administrators         = { identifier = "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS" }
    keys-rotated                  = { identifier = "CMK_BACKING_KEY_ROTATION_ENABLED" }
    mfa-for-console               = { identifier = "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS" }
    rds-encrypted                 = { identifier = "RDS_STORAGE_ENCRYPTED" }
    rds-not-public                = { identifier = "RDS_INSTANCE_PUBLIC_ACCESS_CHECK" }
    root-has-no-keys              = { identifier = "IAM_ROOT_ACCESS_KEY_CHECK" }
    root-has-mfa                  = { identifier = "ROOT_ACCOUNT_MFA_ENABLED" }
    s3-account-not-public         = { identifier = "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC" }
    s3-buckets-not-public         = { identifier = "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED" }
    s3-tls-only                   = { identifier = "S3_BUCKET_SSL_REQUESTS_ONLY" }
    secrets-rotated               = { identifier = "SECRETSMANAGER_ROTATION_ENABLED_CHECK" }
    ssh-restricted                = { identifier = "INCOMING_SSH_DISABLED" }
  }
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.config_rules) : can(regex("^[a-z][a-z0-9-]{0,63}$", name))])
    error_message = "config_rules must be named in up to 64 lower-case letters, digits and hyphens, such as rds-encrypted."
  }
  validation {
    condition     = alltrue([for rule in values(var.config_rules) : can(regex("^[A-Z0-9_]+$", rule.identifier))])
    error_message = "identifier of each of config_rules must be that of a managed rule in capitals, such as \"RDS_STORAGE_ENCRYPTED\"."
  }
}

variable "security_standards" {
  description = "Standards of Security Hub, by a name of their own."
  type        = map(string)
  default = {
    cis         = "cis-aws-foundations-benchmark/v/5.0.0"
    foundations = "aws-foundational-security-best-practices/v/1.0.0"
  }
  nullable = false

  validation {
    condition     = alltrue([for standard in values(var.security_standards) : can(regex("^[a-z0-9-]+/v/[0-9]+\\.[0-9]+\\.[0-9]+$", standard))])
    error_message = "security_standards must be the end of a standard's ARN after standards/, such as \"aws-foundational-security-best-practices/v/1.0.0\"."
  }
}

variable "key_arn" {
  description = "KMS key of AWS Config's bucket, whose policy must let config.amazonaws.com use it."
  type        = string
  nullable    = false
}

variable "log_bucket" {
  description = "Bucket that receives the access log of AWS Config's bucket."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.log_bucket) > 0
    error_message = "log_bucket must be the name of the log bucket, such as module.logs.id."
  }
}

variable "retention_days" {
  description = "Days that AWS Config keeps the history of resources, in its store and in its bucket."
  type        = number
  default     = 2557
  nullable    = false

  validation {
    condition     = var.retention_days >= 30 && var.retention_days <= 2557 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 30 to 2557, the seven years AWS Config keeps at most."
  }
}

variable "force_destroy" {
  description = "Delete the objects of AWS Config's bucket with it."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeouts" {
  description = "How long Terraform waits: create, update and delete for the bucket, standards for a standard's controls."
  type = object({
    create    = optional(string, "20m")
    update    = optional(string, "20m")
    delete    = optional(string, "60m")
    standards = optional(string, "15m")
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
