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

output "cache" {
  description = "Where Redis answers."
  value = {
    primary_endpoint = module.redis.primary_endpoint
    reader_endpoint  = module.redis.reader_endpoint
    port             = module.redis.port
    users            = { for service, user in module.redis.users : service => user.id }
  }
}

output "search" {
  description = "Where OpenSearch answers, and the role that administers it."
  value = {
    domain_name    = module.opensearch.domain_name
    endpoint       = module.opensearch.endpoint
    admin_role_arn = module.opensearch.admin_role_arn
  }
}

output "services" {
  description = "The microservices: cluster, ECS services and target groups by colour, rules whose weights releases shift, repositories."
  value = {
    cluster_name    = module.ecs.cluster_name
    namespace       = module.service_discovery.namespace
    names           = { for service, made in module.ecs_service : service => made.service_names }
    scaling         = { for service, made in module.ecs_service : service => { min_tasks = made.scaling.min_tasks, max_tasks = made.scaling.max_tasks } }
    task_families   = { for service, made in module.ecs_service : service => made.task_definition_family }
    log_group_names = { for service, made in module.ecs_service : service => made.log_group_name }
    target_groups   = { for service, groups in module.alb.target_groups : service => { for color, group in groups : color => group.arn } }
    rule_arns       = module.alb.rule_arns
    repositories    = module.ecr.urls
    release_alarms  = module.cloudwatch.release_alarms
  }
}

output "api" {
  description = "The way in: address, API, stage, and the name servers to enter in the parent zone (none where the zone was given)."
  value = {
    url            = module.api_gateway.url
    rest_api_id    = module.api_gateway.rest_api_id
    stage_name     = module.api_gateway.stage_name
    usage_plan_ids = module.api_gateway.usage_plan_ids
    alb_dns_name   = module.alb.alb_dns_name
    name_servers   = module.dns.name_servers
    web_acl_arn    = module.waf.web_acl_arn
  }
}

output "identity" {
  description = "User pool, its clients and the pages to sign in on."
  value = {
    user_pool_id = module.cognito.user_pool_id
    issuer       = module.cognito.issuer
    client_ids   = module.cognito.client_ids
    domain       = module.cognito.domain
  }
}

output "events" {
  description = "Bus, archive, queues with their dead-letter queues, topics and functions."
  value = {
    bus_name         = module.eventbridge.bus_name
    archive_arn      = module.eventbridge.archive_arn
    queue_urls       = module.sqs.urls
    dead_letter_urls = module.sqs.dead_letter_urls
    topic_arns       = module.sns.arns
    functions        = [module.order_events.name, module.audit_writer.name, module.secret_rotation.name]
    secret_arns      = module.secrets.arns
  }
}

output "monitoring" {
  description = "Dashboards and composite alarms, trail and flags."
  value = {
    dashboards           = module.cloudwatch.dashboard_names
    composite_alarm_arns = module.cloudwatch.composite_alarm_arns
    trail_arn            = module.cloudtrail.trail_arn
    budgets              = module.cost.budget_names
    flags = {
      application_id = module.feature_flags.application_id
      environment_id = module.feature_flags.environment_id
      profile_id     = module.feature_flags.profile_id
      strategy_ids   = module.feature_flags.deployment_strategy_ids
    }
  }
}

output "backup" {
  description = "Vaults of AWS Backup and the roles that back up and restore."
  value = {
    vault_name        = module.backup.vault_name
    plan_id           = module.backup.plan_id
    replica_vault_arn = module.backup.replica_vault_arn
    restore_role_arn  = module.backup.restore_role_arn
  }
}

# Everything in effect, defaults included, and the floors of staging and prod:
# a plan that breaks one fails here and says what to write.
output "settings" {
  description = "The settings in effect, defaults included."
  value = {
    network           = var.network
    database          = var.database
    cache             = var.cache
    search            = var.search
    tables            = var.tables
    encryption        = var.encryption
    logs              = var.logs
    disaster_recovery = var.disaster_recovery
    services          = var.services
    api               = var.api
    identity          = var.identity
    firewall          = var.firewall
    events            = var.events
    secrets           = var.secrets
    images            = var.images
    monitoring        = var.monitoring
    audit             = var.audit
    compliance        = var.compliance
    backups           = var.backups
    cost              = var.cost
    delivery          = var.delivery
    golden_images     = var.golden_images
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
    condition     = var.environment == "dev" || (var.cache.replicas >= 1 && !var.cache.skip_final_snapshot)
    error_message = "${var.environment} keeps a replica of Redis and its last snapshot: write cache = { replicas = 1, skip_final_snapshot = false } or more replicas."
  }
  precondition {
    condition     = var.environment == "dev" || (var.search.data_nodes >= 3 && var.search.dedicated_masters != null && var.search.zone_count == null)
    error_message = "${var.environment} spreads OpenSearch over its zones, with masters of their own: write search = { data_nodes = 3, dedicated_masters = { instance_type = \"m7g.medium.search\" } } and remove zone_count."
  }
  precondition {
    condition     = var.environment == "dev" || (!var.services.spot && var.services.off_hours == null && !var.services.execute_command)
    error_message = "${var.environment} runs by day and night on capacity that nobody takes back, and nobody opens a shell in it: remove services.spot, off_hours and execute_command."
  }
  precondition {
    condition     = var.environment == "dev" || alltrue([for service in values(local.services) : service.min_tasks >= 2])
    error_message = "${var.environment} runs each service in two zones at least: write services = { min_tasks = 2 } or more, also in overrides."
  }
  precondition {
    condition     = var.environment == "dev" || (var.api.deletion_protection && var.identity.deletion_protection)
    error_message = "${var.environment} protects its way in and its users from deletion: write deletion_protection = true in api and in identity."
  }
  precondition {
    condition     = var.environment == "dev" || (var.identity.mfa == "ON" && var.identity.threat_protection == "ENFORCED")
    error_message = "${var.environment} asks everybody for a second factor and refuses risky sign-ins: write identity = { mfa = \"ON\", threat_protection = \"ENFORCED\" }."
  }
  precondition {
    condition     = var.environment == "dev" || (var.monitoring.level == "full" && var.monitoring.actions_enabled)
    error_message = "${var.environment} is watched in full and tells somebody: write monitoring = { level = \"full\" } and remove actions_enabled."
  }
  precondition {
    condition     = var.environment == "dev" || var.secrets.recovery_window_days >= 7
    error_message = "${var.environment} can restore a deleted secret for a week at least: write secrets = { recovery_window_days = 30 }."
  }
  precondition {
    condition     = var.environment == "dev" || !anytrue([var.logs.force_destroy, var.audit.force_destroy, var.backups.force_destroy, var.images.force_delete])
    error_message = "${var.environment} deletes nothing along with its container: remove force_destroy from logs, audit and backups, and force_delete from images."
  }
  precondition {
    condition     = var.environment == "dev" || (var.audit.object_lock_mode == "COMPLIANCE" && var.audit.object_lock_days >= 90 && var.audit.retention_days >= 365)
    error_message = "${var.environment} keeps an audit trail that nobody can delete: write audit = { object_lock_mode = \"COMPLIANCE\", object_lock_days = 365 }."
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
    condition     = var.environment != "prod" || length(var.monitoring.critical_emails) > 0
    error_message = "prod wakes somebody: write monitoring = { critical_emails = [\"on-call@example.com\"] } with your own address."
  }
  precondition {
    condition     = var.environment != "prod" || (var.backups.daily_retention_days >= 30 && var.backups.lock_days != null)
    error_message = "prod keeps 30 days of recovery points and locks its vault: write backups = { daily_retention_days = 35, lock_days = 7 }."
  }
  precondition {
    condition     = !var.disaster_recovery.enabled || data.aws_region.replica.name != data.aws_region.current.name
    error_message = "disaster_recovery needs a second region: write replica_region, such as \"eu-central-1\", different from region."
  }
}
