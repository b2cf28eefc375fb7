variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "environment" {
  description = "Environment that is planned and applied: the name of a file in environments/, such as dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters, digits and hyphens, such as \"dev\"."
  }
}

variable "connection_arn" {
  description = "CodeConnections connection to where the code is kept. It is made and authorised by hand, once."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/.+$", var.connection_arn))
    error_message = "connection_arn must be the ARN of a connection, such as \"arn:aws:codeconnections:eu-west-1:111111111111:connection/...\"."
  }
}

variable "repository" {
  description = "Repository at the connection's provider, owner and name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$", var.repository))
    error_message = "repository must be owner/name, such as \"example/bookstore-ops\"."
  }
}

variable "branch" {
  description = "Branch that is planned and applied."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch must be the plain name of a branch, such as \"main\"."
  }
}

variable "start_on_push" {
  description = "Start by itself when what it applies changes on the branch. Without, somebody starts it."
  type        = bool
  default     = true
  nullable    = false
}

variable "artifact_bucket" {
  description = "Name of the bucket that holds source and plans between the stages."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket must be the name of a bucket, such as \"bookstore-dev-artifacts-111111111111\"."
  }
}

variable "artifact_key_arn" {
  description = "KMS key of the artifacts. A plan may quote secrets, so the bucket alone does not do."
  type        = string
  nullable    = false
}

variable "state" {
  description = "Where the environment keeps its state, as its file in environments/ says: bucket, key of the object, KMS key of the bucket and lock table, if it has them."
  type = object({
    bucket         = string
    key            = string
    key_arn        = optional(string)
    lock_table_arn = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state.bucket)) && can(regex("^[^/*?][^*?]*$", var.state.key))
    error_message = "state must name a bucket and one object in it, such as { bucket = \"bookstore-dev-tfstate-111111111111\", key = \"bookstore/dev/terraform.tfstate\" }."
  }
}

variable "plan_policy_arns" {
  description = "Policies by name of the role that plans: it reads everything the tree describes and changes nothing."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.plan_policy_arns) > 0 && length(var.plan_policy_arns) <= 9
    error_message = "plan_policy_arns needs one to nine policies, such as { read = \"arn:aws:iam::aws:policy/ReadOnlyAccess\" }."
  }
  validation {
    condition     = alltrue([for arn in values(var.plan_policy_arns) : !can(regex(":policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$", arn))])
    error_message = "plan_policy_arns must only read: a plan needs no administrator."
  }
}

variable "plan_statements" {
  description = "What the role that plans must read beside plan_policy_arns: ReadOnlyAccess decrypts nothing and reads no secret, and a refresh asks for both."
  type = list(object({
    sid        = string
    actions    = list(string)
    resources  = list(string)
    conditions = optional(map(map(list(string))), {})
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for statement in var.plan_statements : can(regex("^[A-Za-z0-9]+$", statement.sid))])
    error_message = "sid of plan_statements must be letters and digits that say what for, such as \"ReadFunctionSettings\"."
  }
  validation {
    condition     = alltrue(flatten([for statement in var.plan_statements : [for action in statement.actions : can(regex("^([a-z0-9-]+:(BatchGet|Describe|Get|List)[A-Za-z]*|kms:Decrypt)$", action))]]))
    error_message = "actions of plan_statements must only read, such as \"secretsmanager:GetSecretValue\" or \"kms:Decrypt\": no wildcard, and nothing that changes."
  }
  validation {
    condition     = alltrue([for statement in var.plan_statements : length(statement.actions) > 0 && length(statement.resources) > 0 && !contains(statement.resources, "*")])
    error_message = "plan_statements must name actions and the resources they read, never \"*\"."
  }
}

variable "apply_policy_arns" {
  description = "Policies by name of the role that applies."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.apply_policy_arns) > 0 && length(var.apply_policy_arns) <= 9
    error_message = "apply_policy_arns needs one to nine policies, such as { deploy = \"arn:aws:iam::111111111111:policy/bookstore-deploy\" }."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the pipeline's roles: what they may never do, whatever their policies say. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy, such as \"arn:aws:iam::111111111111:policy/bookstore-boundary\"."
  }
}

variable "approval_topic_arn" {
  description = "SNS topic that is told when a plan waits for approval."
  type        = string
  nullable    = false
}

variable "approval_timeout_minutes" {
  description = "Minutes after which a plan nobody approved is dropped. Keep it below plan_ttl of the environment: a plan older than that is not applied."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.approval_timeout_minutes >= 5 && var.approval_timeout_minutes <= 1440 && floor(var.approval_timeout_minutes) == var.approval_timeout_minutes
    error_message = "approval_timeout_minutes must be a whole number from 5 to 1440, one day."
  }
}

variable "failure_topic_arn" {
  description = "SNS topic that is told when a run fails. Its policy must let events.amazonaws.com publish."
  type        = string
  nullable    = false
}

variable "dead_letter_arn" {
  description = "Queue that keeps what could not be told to failure_topic_arn; its policy must let the rule of output failure_rule_arn send. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.dead_letter_arn == null || can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:.+$", var.dead_letter_arn))
    error_message = "dead_letter_arn must be the ARN of a queue, such as module.sqs.arns[\"undelivered\"], or null."
  }
}

variable "topic_key_arn" {
  description = "KMS key of the approval topic, which the pipeline uses to tell."
  type        = string
  nullable    = false
}

variable "terraform" {
  description = "Terraform that plans and applies, and the SHA-256 of its archive for the builders' architecture, as HashiCorp publishes it."
  type = object({
    version = string
    sha256  = string
  })
  default = {
    version = "1.11.4"
    sha256  = "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633"
  }
  nullable = false

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.terraform.version)) && can(regex("^[0-9a-f]{64}$", var.terraform.sha256))
    error_message = "terraform must be one version and the 64 hexadecimal digits of its archive, such as { version = \"1.11.4\", sha256 = \"a43d...\" }."
  }
}

variable "package" {
  description = "What pip installs bsops from: \".\" (the checkout, so that tree and program fit) or one pinned release."
  type        = string
  default     = "."
  nullable    = false

  validation {
    condition     = can(regex("^(\\.|bookstore-ops==[0-9][0-9A-Za-z.]*)$", var.package))
    error_message = "package must be \".\" or a pinned release, such as \"bookstore-ops==1.0.0\"."
  }
}

variable "builder" {
  description = "Machine of the builds: CodeBuild's image, size and kind. The architecture must be that of terraform.sha256."
  type = object({
    image        = optional(string, "aws/codebuild/amazonlinux-aarch64-standard:3.0")
    compute_type = optional(string, "BUILD_GENERAL1_SMALL")
    type         = optional(string, "ARM_CONTAINER")
    architecture = optional(string, "arm64")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["arm64", "amd64"], var.builder.architecture) && contains(["ARM_CONTAINER", "LINUX_CONTAINER"], var.builder.type) && (var.builder.architecture == "arm64") == (var.builder.type == "ARM_CONTAINER")
    error_message = "builder must be type ARM_CONTAINER with architecture arm64, or LINUX_CONTAINER with amd64."
  }
  validation {
    condition     = contains(["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"], var.builder.compute_type)
    error_message = "builder.compute_type must be BUILD_GENERAL1_SMALL, BUILD_GENERAL1_MEDIUM or BUILD_GENERAL1_LARGE."
  }
}

variable "timeouts" {
  description = "Minutes a plan and an apply may take, and how many wait for a builder and for the state's lock."
  type = object({
    plan_minutes  = optional(number, 30)
    apply_minutes = optional(number, 180)
    queue_minutes = optional(number, 60)
    lock_minutes  = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for minutes in values(var.timeouts) : minutes >= 5 && minutes <= 480 && floor(minutes) == minutes])
    error_message = "timeouts must be whole numbers of minutes from 5 to 480."
  }
}

variable "log_key_arn" {
  description = "KMS key of the log groups."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the logs of the builds are kept."
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
