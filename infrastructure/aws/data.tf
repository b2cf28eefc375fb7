locals {
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

  events      = { topic_arn = module.sns.arns["warning"] }
  backup_tags = { Backup = "true" }
  tags        = { Service = "database" }
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
  restored                    = var.tables.restored
  timeouts                    = var.tables.timeouts
  tags                        = { Service = "tables", Backup = "true" }
}

module "redis" {
  source = "./modules/redis"

  name                    = local.name
  subnet_ids              = values(module.vpc.database_subnet_ids)
  security_group_ids      = [module.security_groups.ids["redis"]]
  key_arn                 = module.kms.arns["cache"]
  log_key_arn             = module.kms.arns["logs"]
  log_retention_days      = var.logs.retention_days
  engine_version          = var.cache.engine_version
  node_type               = var.cache.node_type
  port                    = var.cache.port
  replicas                = var.cache.replicas
  snapshot_retention_days = var.cache.snapshot_retention_days
  snapshot_window         = var.cache.snapshot_window
  maintenance_window      = var.cache.maintenance_window
  skip_final_snapshot     = var.cache.skip_final_snapshot
  apply_immediately       = var.cache.apply_immediately
  parameters              = var.cache.parameters
  restored                = var.cache.restored
  users                   = { for service, user in local.cache_users : service => { access_string = user } }
  timeouts                = var.cache.timeouts
  tags                    = { Service = "cache" }
}

module "opensearch" {
  source = "./modules/opensearch"

  name                = local.name
  subnet_ids          = slice(values(module.vpc.database_subnet_ids), 0, min(coalesce(var.search.zone_count, length(module.vpc.database_subnet_ids)), length(module.vpc.database_subnet_ids)))
  security_group_ids  = [module.security_groups.ids["opensearch"]]
  key_arn             = module.kms.arns["search"]
  log_key_arn         = module.kms.arns["logs"]
  log_retention_days  = var.logs.retention_days
  engine_version      = var.search.engine_version
  instance_type       = var.search.instance_type
  data_nodes          = var.search.data_nodes
  dedicated_masters   = var.search.dedicated_masters
  storage_gib         = var.search.storage_gib
  iops                = var.search.iops
  throughput_mib      = var.search.throughput_mib
  snapshot_hour       = var.search.snapshot_hour
  off_peak_start_hour = var.search.off_peak_start_hour
  service_linked_role = var.search.service_linked_role
  administrators      = var.encryption.administrators
  timeouts            = var.search.timeouts
  tags                = { Service = "search" }
}
