output "network" {
  description = "VPC, subnets by tier and zone, outbound addresses."
  value = {
    vpc_id              = module.vpc.vpc_id
    cidr                = module.vpc.cidr
    zones               = module.vpc.zones
    public_subnet_ids   = module.vpc.public_subnet_ids
    private_subnet_ids  = module.vpc.private_subnet_ids
    workload_subnet_ids = module.vpc.workload_subnet_ids
    database_subnet_ids = module.vpc.database_subnet_ids
    nat_public_ips      = module.vpc.nat_public_ips
  }
}

output "security_group_ids" {
  description = "Security groups by role."
  value       = module.security_groups.ids
}

output "key_arns" {
  description = "KMS keys by domain."
  value       = module.kms.arns
}

output "database" {
  description = "Where PostgreSQL answers, and where its administrator's secret is."
  value = {
    identifier       = module.rds.identifier
    endpoint         = module.rds.endpoint
    reader_endpoints = module.rds.reader_endpoints
    port             = module.rds.port
    name             = module.rds.database_name
    resource_id      = module.rds.resource_id
    admin_secret_arn = module.rds.admin_secret_arn
  }
}

output "tables" {
  description = "DynamoDB tables by purpose."
  value = {
    names        = module.dynamodb.names
    arns         = module.dynamodb.arns
    stream_arns  = module.dynamodb.stream_arns
    replica_arns = module.dynamodb.replica_arns
  }
}

# Everything in effect, defaults included, and the floors of staging and prod:
# a plan that breaks one fails here and says what to write.
output "settings" {
  description = "The settings in effect, defaults included."
  value = {
    network           = var.network
    database          = var.database
    tables            = var.tables
    encryption        = var.encryption
    logs              = var.logs
    disaster_recovery = var.disaster_recovery
  }

  precondition {
    condition     = var.environment == "dev" || max(var.network.zone_count * (length(var.network.availability_zones) == 0 ? 1 : 0), length(var.network.availability_zones)) >= 3
    error_message = "${var.environment} spans three zones: write network = { zone_count = 3 }, or name three availability_zones."
  }
  precondition {
    condition     = var.environment == "dev" || var.network.workload_zone_count == null
    error_message = "${var.environment} runs workloads in every zone: remove network.workload_zone_count."
  }
  precondition {
    condition     = var.environment == "dev" || !var.network.single_nat_gateway
    error_message = "${var.environment} has a NAT gateway per zone: write network = { single_nat_gateway = false }."
  }
  precondition {
    condition = var.environment == "dev" || length(setsubtract([
      "ecr.api", "ecr.dkr", "events", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm", "sts", "xray",
    ], var.network.interface_endpoints)) == 0
    error_message = "${var.environment} reaches AWS services inside its network: remove network.interface_endpoints to have them all, or add the missing ones."
  }
  precondition {
    condition     = var.environment == "dev" || var.database.multi_az
    error_message = "${var.environment} keeps a standby database: write database = { multi_az = true }."
  }
  precondition {
    condition     = var.environment == "dev" || (var.database.deletion_protection && var.tables.deletion_protection)
    error_message = "${var.environment} protects its data from deletion: write deletion_protection = true in database and in tables."
  }
  precondition {
    condition     = var.environment == "dev" || !var.database.skip_final_snapshot
    error_message = "${var.environment} keeps a last snapshot of a deleted database: write database = { skip_final_snapshot = false }."
  }
  precondition {
    condition     = var.environment == "dev" || var.logs.retention_days >= 365
    error_message = "${var.environment} keeps logs for a year: write logs = { retention_days = 365 } or more."
  }
  precondition {
    condition     = var.environment != "prod" || var.database.backup_retention_days >= 30
    error_message = "prod keeps 30 days of database backups: write database = { backup_retention_days = 30 } or more."
  }
  precondition {
    condition     = var.environment != "prod" || length(var.database.read_replicas) > 0
    error_message = "prod has a read replica: write database = { read_replicas = { reader = {} } }."
  }
  precondition {
    condition     = var.environment != "prod" || var.disaster_recovery.enabled
    error_message = "prod keeps copies in a second region: write disaster_recovery = { enabled = true } and replica_region."
  }
  precondition {
    condition     = var.environment != "prod" || var.encryption.deletion_window_days == 30
    error_message = "prod waits 30 days before a key is lost: write encryption = { deletion_window_days = 30 }."
  }
  precondition {
    condition     = !var.disaster_recovery.enabled || data.aws_region.replica.name != data.aws_region.current.name
    error_message = "disaster_recovery needs a second region: write replica_region, such as \"eu-central-1\", different from region."
  }
}
