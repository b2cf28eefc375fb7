# What is watched, by whom, and what is recorded.
locals {
  # Memory of the database's instances, GiB: twice as much with every size, from what "large" has in each family.
  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
  database_class = split(".", var.database.instance_class)
  database_memory_gib = lookup({ r = 16, x = 32 }, substr(local.database_class[1], 0, 1), 8) * lookup({
    micro     = 0.125, small = 0.25, medium = 0.5, large = 1, xlarge = 2, "2xlarge" = 4, "4xlarge" = 8,
    "8xlarge" = 16, "12xlarge" = 24, "16xlarge" = 32, "24xlarge" = 48,
  }, local.database_class[2], 1)
}

module "cloudtrail" {
  source = "./modules/cloudtrail"

  name               = local.name
  key_arn            = module.kms.arns["buckets"]
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  log_bucket         = module.log_bucket.id
  retention_days     = var.audit.retention_days
  object_lock_days   = var.audit.object_lock_days
  object_lock_mode   = var.audit.object_lock_mode
  data_events        = var.audit.data_events
  insights           = var.audit.insights
  force_destroy      = var.audit.force_destroy
  tags               = { Service = "audit" }
}

module "compliance" {
  source = "./modules/compliance"

  name            = local.name
  config          = var.compliance.config
  security_hub    = var.compliance.security_hub
  guardduty       = var.compliance.guardduty
  access_analyzer = var.compliance.access_analyzer
  key_arn         = module.kms.arns["buckets"]
  log_bucket      = module.log_bucket.id
  retention_days  = var.audit.retention_days
  force_destroy   = var.audit.force_destroy
  tags            = { Service = "audit" }
}

module "cloudwatch" {
  source = "./modules/cloudwatch"

  name        = local.name
  environment = var.environment
  level       = var.monitoring.level
  topics = {
    critical = module.sns.arns["critical"]
    warning  = module.sns.arns["warning"]
    info     = module.sns.arns["info"]
  }
  actions_enabled = var.monitoring.actions_enabled

  services = {
    for service, settings in local.services : service => {
      public              = settings.public
      cluster_name        = module.ecs.cluster_name
      service_names       = module.ecs_service[service].service_names
      log_group_name      = module.ecs_service[service].log_group_name
      target_groups       = settings.public ? { for color, group in module.alb.target_groups[service] : color => group.arn_suffix } : {}
      min_tasks           = settings.min_tasks
      always_on           = var.services.off_hours == null
      latency_p95_seconds = var.monitoring.latency_p95_ms / 1000
      slo_availability    = var.monitoring.slo_availability
    }
  }
  load_balancer = {
    alb_arn_suffix              = module.alb.alb_arn_suffix
    nlb_arn_suffix              = module.alb.nlb_arn_suffix
    nlb_target_group_arn_suffix = module.alb.nlb_target_group_arn_suffix
  }
  api = {
    name                  = module.api_gateway.rest_api_name
    stage                 = module.api_gateway.stage_name
    access_log_group_name = module.api_gateway.log_group_names.access
  }
  database = {
    instances             = module.rds.instance_identifiers
    log_group_name        = module.rds.log_group_names["primary_postgresql"]
    allocated_storage_gib = var.database.allocated_storage_gib
    memory_gib            = local.database_memory_gib
  }
  redis = {
    replication_group_id = module.redis.replication_group_id
    nodes                = var.cache.replicas + 1
  }
  opensearch = {
    domain_name       = module.opensearch.domain_name
    account_id        = local.account_id
    storage_gib       = var.search.storage_gib
    nodes             = var.search.data_nodes + try(var.search.dedicated_masters.count, 0)
    dedicated_masters = var.search.dedicated_masters != null
  }
  tables = {
    for table, name in module.dynamodb.names :
    table => { name = name, replica_region = var.disaster_recovery.enabled ? data.aws_region.replica.name : null }
  }
  queues = {
    for queue, settings in local.queues : queue => {
      name             = module.sqs.names[queue]
      dead_letter_name = module.sqs.dead_letter_names[queue]
      max_age_seconds  = var.monitoring.queue_age_seconds
    } if queue != "undelivered"
  }
  dead_letter_queues = { undelivered = module.sqs.names["undelivered"] }
  functions = {
    order-events    = { name = module.order_events.name, timeout_seconds = module.order_events.timeout_seconds }
    audit-writer    = { name = module.audit_writer.name, timeout_seconds = module.audit_writer.timeout_seconds, stream = true }
    secret-rotation = { name = module.secret_rotation.name, timeout_seconds = module.secret_rotation.timeout_seconds }
  }
  bus = {
    name       = module.eventbridge.bus_name
    rule_names = module.eventbridge.rule_names
  }
  sns_topics   = module.sns.names
  nat_gateways = module.vpc.nat_gateway_ids
  certificates = { domain = module.dns.certificate_arn }
  waf          = { web_acl_name = module.waf.web_acl_name }
  backup       = { vault_name = module.backup.vault_name }
  trail        = { log_group_name = module.cloudtrail.log_group_name }
  tags         = { Service = "monitoring" }
}

module "cost" {
  source = "./modules/cost"

  name                  = local.name
  environment           = var.environment
  monthly_limit_usd     = var.cost.monthly_limit_usd
  service_limits_usd    = var.cost.service_limits_usd
  anomaly_threshold_usd = var.cost.anomaly_threshold_usd
  anomaly_monitor_arn   = var.cost.anomaly_monitor_arn
  emails                = var.cost.emails
  topic                 = { arn = module.sns.arns["warning"] }
  tags                  = { Service = "monitoring" }
}
