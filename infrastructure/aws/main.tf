data "aws_region" "current" {}

data "aws_region" "replica" {
  provider = aws.replica
}

locals {
  name = "${var.project}-${var.environment}"

  # One key per domain of data, so that access to one never opens another.
  keys = {
    logs     = { description = "log groups", log_groups = true }
    database = { description = "PostgreSQL storage, snapshots and Performance Insights", via_services = ["rds"] }
    secrets  = { description = "Secrets Manager", via_services = ["rds", "secretsmanager"] }
    tables   = { description = "DynamoDB tables", via_services = ["dynamodb"] }
  }
  replica_keys = ["database", "tables"]

  tables = {
    audit-log = {
      hash_key  = "entity_id"
      range_key = "occurred_at"
      attributes = {
        entity_id   = "S"
        occurred_at = "S"
        actor_id    = "S"
      }
      indexes = {
        by-actor = { hash_key = "actor_id", range_key = "occurred_at" }
      }
    }
    # Carts, sessions and counters: generic keys, one table, many access patterns.
    high-throughput = {
      hash_key  = "pk"
      range_key = "sk"
      attributes = {
        pk     = "S"
        sk     = "S"
        gsi1pk = "S"
        gsi1sk = "S"
      }
      indexes = {
        gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" }
      }
    }
  }
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
  log_retention_days  = var.logs.retention_days
  log_key_arn         = module.kms.arns["logs"]
  tags                = { Service = "network" }
}

module "security_groups" {
  source = "./modules/security-groups"

  name                       = local.name
  vpc_id                     = module.vpc.vpc_id
  endpoint_security_group_id = module.vpc.endpoint_security_group_id
  gateway_prefix_list_ids    = module.vpc.gateway_prefix_list_ids
  ports                      = { database = var.database.port }
  tags                       = { Service = "network" }
}

module "rds" {
  source = "./modules/rds"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name               = local.name
  subnet_ids         = values(module.vpc.database_subnet_ids)
  security_group_ids = [module.security_groups.ids["rds"]]
  key_arn            = module.kms.arns["database"]
  secret_key_arn     = module.kms.arns["secrets"]
  log_key_arn        = module.kms.arns["logs"]

  engine_version                      = var.database.engine_version
  instance_class                      = var.database.instance_class
  port                                = var.database.port
  allocated_storage_gib               = var.database.allocated_storage_gib
  max_allocated_storage_gib           = var.database.max_allocated_storage_gib
  multi_az                            = var.database.multi_az
  read_replicas                       = var.database.read_replicas
  backup_retention_days               = var.database.backup_retention_days
  backup_window                       = var.database.backup_window
  maintenance_window                  = var.database.maintenance_window
  deletion_protection                 = var.database.deletion_protection
  skip_final_snapshot                 = var.database.skip_final_snapshot
  apply_immediately                   = var.database.apply_immediately
  monitoring_interval_seconds         = var.database.monitoring_interval_seconds
  performance_insights_retention_days = var.database.performance_insights_retention_days
  parameters                          = var.database.parameters
  log_retention_days                  = var.logs.retention_days
  timeouts                            = var.database.timeouts

  backup_replication = var.disaster_recovery.enabled ? {
    key_arn        = module.kms_replica[0].arns["database"]
    retention_days = var.disaster_recovery.backup_retention_days
  } : null

  tags = { Service = "database" }
}

module "dynamodb" {
  source = "./modules/dynamodb"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name                        = local.name
  tables                      = local.tables
  key_arn                     = module.kms.arns["tables"]
  replica                     = var.disaster_recovery.enabled ? { key_arn = module.kms_replica[0].arns["tables"] } : null
  point_in_time_recovery_days = var.tables.point_in_time_recovery_days
  deletion_protection         = var.tables.deletion_protection
  timeouts                    = var.tables.timeouts
  tags                        = { Service = "tables" }
}
