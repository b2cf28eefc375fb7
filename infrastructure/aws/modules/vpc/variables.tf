variable "name" {
  description = "Prefix of every name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, such as \"bookstore-dev\"."
  }
}

variable "cidr" {
  description = "Private IPv4 block of the VPC, always a /16."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16") && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr must be a whole /16 (three tiers of /20 subnets need it), written from its first address, such as \"10.10.0.0/16\"."
  }
  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.cidr))
    error_message = "cidr must lie in private address space: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }
}

variable "peer_cidrs" {
  description = "Blocks this network may be routed to (other environments, offices) and therefore must not overlap."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for block in var.peer_cidrs : can(cidrhost(block, 0))])
    error_message = "peer_cidrs must be IPv4 blocks, such as [\"10.20.0.0/16\"]."
  }
}

variable "zone_count" {
  description = "How many availability zones the subnets span, where availability_zones does not name them."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "zone_count must be 2, 3 or 4: databases and load balancers need two zones, and each tier has room for four."
  }
}

variable "availability_zones" {
  description = "Zones to use, in order. Empty takes the first zone_count zones of the region."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.availability_zones) == 0 || (contains([2, 3, 4], length(var.availability_zones)) && length(distinct(var.availability_zones)) == length(var.availability_zones))
    error_message = "availability_zones must be empty or name 2 to 4 different zones, such as [\"eu-west-1a\", \"eu-west-1b\", \"eu-west-1c\"]."
  }
}

variable "workload_zone_count" {
  description = "How many of the zones run workloads and interface endpoints. Null means all."
  type        = number
  default     = null

  validation {
    condition     = var.workload_zone_count == null || try(var.workload_zone_count >= 1 && floor(var.workload_zone_count) == var.workload_zone_count, false)
    error_message = "workload_zone_count must be a whole number from 1 to zone_count, or null for all zones."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones instead of one per zone: cheaper, and its zone takes all outbound traffic with it."
  type        = bool
  default     = false
  nullable    = false
}

variable "interface_endpoints" {
  description = "AWS services reached through interface endpoints, by the last part of the service name."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "events", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm", "sts", "xray"]
  nullable    = false

  validation {
    condition = length(setsubtract(var.interface_endpoints, [
      "ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "elasticloadbalancing", "events", "execute-api",
      "guardduty-data", "kms", "lambda", "logs", "monitoring", "rds-data", "secretsmanager", "sns", "sqs", "ssm",
      "ssmmessages", "states", "sts", "xray",
    ])) == 0
    error_message = "interface_endpoints has a service that this platform does not use: write names such as \"ecr.api\", \"logs\", \"secretsmanager\", \"events\" (EventBridge). S3 and DynamoDB always have gateway endpoints."
  }
}

variable "public_objects" {
  description = "ARNs of objects in buckets of AWS that hosts in the VPC read through the S3 endpoint, such as the packages of Amazon Linux. Tasks need none."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.public_objects : can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{2,62}/.*\\*$", arn))])
    error_message = "public_objects must be ARNs of the objects of one named bucket each, such as \"arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*\"."
  }
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period CloudWatch Logs knows, at least a week: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_key_arn" {
  description = "KMS key that encrypts the flow logs."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
