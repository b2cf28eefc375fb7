data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_region" "replica" {
  provider = aws.replica
}

locals {
  name = "${var.project}-${var.environment}"

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # One key per domain of data, so that access to one never opens another.
  keys = merge({
    logs      = { description = "log groups", log_groups = true }
    database  = { description = "PostgreSQL storage, snapshots and Performance Insights", via_services = ["rds", "backup"] }
    secrets   = { description = "Secrets Manager", via_services = ["rds", "secretsmanager"] }
    tables    = { description = "DynamoDB tables", via_services = ["dynamodb", "backup"] }
    cache     = { description = "Redis disks and snapshots", via_services = ["elasticache"] }
    search    = { description = "OpenSearch indexes and snapshots", via_services = ["es"] }
    registry  = { description = "container images", via_services = ["ecr"] }
    functions = { description = "environments of Lambda functions", via_services = ["lambda"] }
    # Queues and topics receive what AWS services send by themselves.
    messages = {
      description  = "event bus, queues and topics"
      via_services = ["events", "sns", "sqs"]
      services = [
        "backup", "budgets", "cloudwatch", "codestar-notifications", "costalerts", "events", "events.rds", "rds", "sns",
      ]
    }
    buckets = { description = "audit trail and artifacts", via_services = ["s3"], services = ["config"], trails = true }
    backups = { description = "recovery points", via_services = ["backup", "dynamodb", "rds", "s3"], services = ["backup"] }
    }, var.golden_images.enabled ? {
    images = { description = "snapshots of machine images", via_services = ["ec2", "imagebuilder"] }
  } : {})
  replica_keys = ["backups", "database", "tables"]
}

module "kms" {
  source = "./modules/kms"

  name                 = local.name
  keys                 = local.keys
  administrators       = var.encryption.administrators
  deletion_window_days = var.encryption.deletion_window_days
  tags                 = { Service = "encryption" }
}

module "kms_replica" {
  source = "./modules/kms"
  count  = var.disaster_recovery.enabled ? 1 : 0

  providers = { aws = aws.replica }

  name                 = local.name
  keys                 = { for domain in local.replica_keys : domain => local.keys[domain] }
  administrators       = var.encryption.administrators
  deletion_window_days = var.encryption.deletion_window_days
  tags                 = { Service = "encryption" }
}

module "vpc" {
  source = "./modules/vpc"

  name                = local.name
  cidr                = var.network.cidr
  peer_cidrs          = var.network.peer_cidrs
  zone_count          = var.network.zone_count
  availability_zones  = var.network.availability_zones
  workload_zone_count = var.network.workload_zone_count
  single_nat_gateway  = var.network.single_nat_gateway
  interface_endpoints = var.network.interface_endpoints
  # What Image Builder and the package manager of Amazon Linux read from buckets of AWS.
  public_objects = var.golden_images.enabled ? [
    for bucket in [
      "al2023-repos-${local.region}-de612dc2", "amazon-ssm-${local.region}",
      "ec2imagebuilder-managed-resources-${local.region}-prod", "ec2imagebuilder-toe-${local.region}-prod",
    ] : "arn:${local.partition}:s3:::${bucket}/*"
  ] : []
  log_retention_days = var.logs.retention_days
  log_key_arn        = module.kms.arns["logs"]
  tags               = { Service = "network" }
}

module "security_groups" {
  source = "./modules/security-groups"

  name                       = local.name
  vpc_id                     = module.vpc.vpc_id
  endpoint_security_group_id = module.vpc.endpoint_security_group_id
  gateway_prefix_list_ids    = module.vpc.gateway_prefix_list_ids
  ports                      = { database = var.database.port, redis = var.cache.port }
  tags                       = { Service = "network" }
}

