variable "name" {
  description = "Name of the web ACL and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "resource_arns" {
  description = "Resources behind the web ACL, by a name of their own: the API's stage, the load balancer, the user pool."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.resource_arns) : can(regex("^arn:aws[a-z-]*:(apigateway|elasticloadbalancing|cognito-idp):", arn))])
    error_message = "resource_arns must be ARNs of API stages, application load balancers or user pools, such as { api = \"arn:aws:apigateway:eu-west-1::/restapis/ID/stages/live\" }."
  }
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send in five minutes."
  type        = number
  default     = 2000
  nullable    = false

  validation {
    condition     = var.rate_limit_per_ip >= 10 && var.rate_limit_per_ip <= 2000000000 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip must be a whole number from 10 to 2000000000, such as 2000."
  }
}

variable "rate_limit_per_user" {
  description = "Requests that one Authorization header, so one signed-in user, may send in five minutes from whatever addresses."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.rate_limit_per_user >= 10 && var.rate_limit_per_user <= 2000000000 && floor(var.rate_limit_per_user) == var.rate_limit_per_user
    error_message = "rate_limit_per_user must be a whole number from 10 to 2000000000, such as 1000."
  }
}

variable "shared_cidrs" {
  description = "Blocks whose addresses speak for many callers, such as the VPC's, through which the API reaches the load balancer: no limit per address there."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.shared_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0") && !strcontains(cidr, ":")])
    error_message = "shared_cidrs must be IPv4 blocks smaller than everything, such as [\"10.10.0.0/16\"]."
  }
}

variable "rule_actions" {
  description = "Actions over those of single rules of AWS's groups, by group and rule, such as { AWSManagedRulesCommonRuleSet = { SizeRestrictions_BODY = \"count\" } }."
  type        = map(map(string))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for group in keys(var.rule_actions) : contains([
      "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet",
    ], group)])
    error_message = "rule_actions is keyed by the groups in use: AWSManagedRulesAmazonIpReputationList, AWSManagedRulesAnonymousIpList, AWSManagedRulesCommonRuleSet, AWSManagedRulesKnownBadInputsRuleSet, AWSManagedRulesSQLiRuleSet."
  }
  validation {
    condition     = alltrue(flatten([for rules in values(var.rule_actions) : [for action in values(rules) : contains(["allow", "block", "count"], action)]]))
    error_message = "rule_actions must be \"allow\", \"block\" or \"count\"."
  }
  validation {
    condition     = alltrue([for rule, action in lookup(var.rule_actions, "AWSManagedRulesKnownBadInputsRuleSet", {}) : action == "block" || !startswith(rule, "Log4JRCE")])
    error_message = "rule_actions must leave the rules Log4JRCE_... blocking (CVE-2021-44228)."
  }
}

variable "block_anonymous_ips" {
  description = "Block addresses of anonymisers and hosting providers instead of counting them. Readers behind a VPN would be locked out."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_allowed_requests" {
  description = "Log every request instead of only those that a rule blocked or counted."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that WAF's log is kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_key_arn" {
  description = "KMS key of the log group."
  type        = string
  nullable    = false
}

variable "shield_advanced" {
  description = "Subscribe the account to Shield Advanced (3000 USD a month, for a year at least) and protect shield_resource_arns."
  type        = bool
  default     = false
  nullable    = false
}

variable "shield_resource_arns" {
  description = "What Shield Advanced protects, by a name of its own: load balancers, Elastic IP addresses, hosted zones. Ignored without shield_advanced."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.shield_resource_arns) : can(regex("^arn:aws[a-z-]*:(elasticloadbalancing|ec2|route53|cloudfront|globalaccelerator):", arn))])
    error_message = "shield_resource_arns must be ARNs of load balancers, Elastic IP addresses, hosted zones, distributions or accelerators; Shield Advanced knows no API stages."
  }
}

variable "timeouts" {
  description = "How long Terraform waits for an association."
  type = object({
    create = optional(string, "5m")
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
