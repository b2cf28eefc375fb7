# The bookstore's microservices: what answers which path, and what each may use.
locals {
  # uses: database (PostgreSQL as a user of its own name), cache, search, tables (read and write),
  # users (the user pool), email, flags is everybody's, publish lets it put events on the bus.
  # queue: the queue it works from. paths make a service public: API Gateway, listener rules in the order of
  # priority (which is never renumbered), two colours.
  service_catalog = {
    catalog       = { priority = 10, paths = ["/catalog", "/catalog/*"], uses = ["database", "cache", "search", "publish"] }
    search        = { priority = 20, paths = ["/search", "/search/*"], uses = ["search", "cache"], queue = "search" }
    cart          = { priority = 30, paths = ["/cart", "/cart/*"], uses = ["cache", "tables"] }
    orders        = { priority = 40, paths = ["/orders", "/orders/*"], uses = ["database", "tables", "publish"], secrets = ["order-links"] }
    payments      = { priority = 50, paths = ["/payments", "/payments/*"], uses = ["database", "publish"], queue = "payments", secrets = ["payment-provider"] }
    users         = { priority = 60, paths = ["/users", "/users/*"], uses = ["database", "cache", "users", "publish"] }
    reviews       = { priority = 70, paths = ["/reviews", "/reviews/*"], uses = ["database", "search", "publish"] }
    inventory     = { uses = ["database", "publish"], queue = "inventory" }
    notifications = { uses = ["email"], queue = "notifications" }
  }

  services = {
    for service, wanted in local.service_catalog : service => {
      paths      = lookup(wanted, "paths", [])
      priority   = lookup(wanted, "priority", null)
      public     = length(lookup(wanted, "paths", [])) > 0
      uses       = wanted.uses
      queue      = lookup(wanted, "queue", null)
      secrets    = lookup(wanted, "secrets", [])
      cpu        = try(coalesce(var.services.overrides[service].cpu), var.services.cpu)
      memory_mib = try(coalesce(var.services.overrides[service].memory_mib), var.services.memory_mib)
      min_tasks  = try(coalesce(var.services.overrides[service].min_tasks), var.services.min_tasks)
      max_tasks  = try(coalesce(var.services.overrides[service].max_tasks), var.services.max_tasks)
      image      = try(coalesce(var.services.overrides[service].image), null)
    }
  }
  public_services = { for service, settings in local.services : service => settings if settings.public }

  # Redis users see the keys of their own service only.
  cache_users = {
    for service, settings in local.services :
    service => "on ~${service}:* resetchannels &${service}:* -@all +@read +@write +@connection +@transaction +@pubsub -@dangerous"
    if contains(settings.uses, "cache")
  }

  grants = {
    for service, settings in local.services : service => concat(
      [{
        sid     = "ReadFlags"
        actions = ["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"]
        # Environment and profile are made after the alarms that watch the services.
        resources  = ["arn:${local.partition}:appconfig:${local.region}:${local.account_id}:application/${module.feature_flags.application_id}/environment/*/configuration/*"]
        conditions = {}
      }],
      contains(settings.uses, "database") ? [{
        sid        = "ConnectToDatabase"
        actions    = ["rds-db:connect"]
        resources  = ["arn:${local.partition}:rds-db:${local.region}:${local.account_id}:dbuser:${module.rds.resource_id}/${service}"]
        conditions = {}
      }] : [],
      contains(settings.uses, "cache") ? [{
        sid        = "ConnectToCache"
        actions    = ["elasticache:Connect"]
        resources  = [module.redis.arn, module.redis.users[service].arn]
        conditions = {}
      }] : [],
      contains(settings.uses, "search") ? [{
        sid        = "UseSearch"
        actions    = ["es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
        resources  = ["${module.opensearch.arn}/*"]
        conditions = {}
      }] : [],
      contains(settings.uses, "tables") ? [{
        sid = "UseTable"
        actions = [
          "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ]
        resources  = [module.dynamodb.arns["high-throughput"], "${module.dynamodb.arns["high-throughput"]}/index/*"]
        conditions = {}
      }] : [],
      contains(settings.uses, "users") ? [{
        sid        = "LookUpUsers"
        actions    = ["cognito-idp:AdminGetUser", "cognito-idp:AdminUpdateUserAttributes", "cognito-idp:AdminUserGlobalSignOut"]
        resources  = [module.cognito.user_pool_arn]
        conditions = {}
      }] : [],
      contains(settings.uses, "email") ? [{
        sid        = "SendEmail"
        actions    = ["ses:SendEmail", "ses:SendTemplatedEmail"]
        resources  = ["arn:${local.partition}:ses:${local.region}:${local.account_id}:identity/${var.api.domain}"]
        conditions = { StringLike = { "ses:FromAddress" = ["*@${var.api.domain}"] } }
      }] : [],
      contains(settings.uses, "publish") ? [{
        sid        = "PublishEvents"
        actions    = ["events:PutEvents"]
        resources  = [module.eventbridge.bus_arn]
        conditions = { StringEquals = { "events:source" = ["bookstore.${service}"] } }
      }] : [],
      settings.queue != null ? [{
        sid        = "WorkFromQueue"
        actions    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources  = [module.sqs.arns[settings.queue]]
        conditions = {}
      }] : [],
    )
  }

  service_environments = {
    for service, settings in local.services : service => merge(
      {
        ENVIRONMENT           = var.environment
        SERVICE               = service
        APPCONFIG_APPLICATION = local.name
        APPCONFIG_ENVIRONMENT = local.name
        APPCONFIG_PROFILE     = "flags"
        LOG_FORMAT            = "json"
      },
      settings.public ? { OIDC_ISSUER = module.cognito.issuer } : {},
      contains(settings.uses, "database") ? {
        DATABASE_HOST = module.rds.endpoint
        DATABASE_NAME = module.rds.database_name
        DATABASE_PORT = tostring(module.rds.port)
        DATABASE_USER = service
      } : {},
      contains(settings.uses, "cache") ? {
        CACHE_HOST = module.redis.primary_endpoint
        CACHE_PORT = tostring(module.redis.port)
        CACHE_USER = module.redis.users[service].id
      } : {},
      contains(settings.uses, "search") ? { SEARCH_ENDPOINT = "https://${module.opensearch.endpoint}" } : {},
      contains(settings.uses, "tables") ? { TABLE_NAME = module.dynamodb.names["high-throughput"] } : {},
      contains(settings.uses, "users") ? { USER_POOL_ID = module.cognito.user_pool_id } : {},
      contains(settings.uses, "publish") ? { EVENT_BUS_NAME = module.eventbridge.bus_name } : {},
      settings.queue != null ? { QUEUE_URL = module.sqs.urls[settings.queue] } : {},
    )
  }
}

module "ecr" {
  source = "./modules/ecr"

  name         = local.name
  repositories = concat(keys(local.services), ["collector"])
  key_arn      = module.kms.arns["registry"]
  keep_images  = var.images.keep
  force_delete = var.images.force_delete
  tags         = { Service = "registry" }
}

module "service_discovery" {
  source = "./modules/service-discovery"

  name      = local.name
  vpc_id    = module.vpc.vpc_id
  namespace = "${local.name}.internal"
  tags      = { Service = "network" }
}

module "ecs" {
  source = "./modules/ecs"

  name               = local.name
  container_insights = var.services.container_insights
  spot               = var.services.spot
  execute_command    = var.services.execute_command
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  tags               = { Service = "cluster" }
}

module "ecs_service" {
  source   = "./modules/ecs-service"
  for_each = local.services

  name                       = local.name
  service                    = each.key
  cluster_name               = module.ecs.cluster_name
  cluster_arn                = module.ecs.cluster_arn
  capacity_provider_strategy = module.ecs.capacity_provider_strategy
  execute_command            = module.ecs.execute_command
  namespace_id               = module.service_discovery.namespace_id
  subnet_ids                 = values(module.vpc.workload_subnet_ids)
  security_group_ids         = [module.security_groups.ids["ecs"]]

  image           = coalesce(each.value.image, "${module.ecr.urls[each.key]}:${var.services.image_tag}")
  collector       = { image = "${module.ecr.urls["collector"]}:${var.services.collector_tag}" }
  repository_arns = [module.ecr.arns[each.key], module.ecr.arns["collector"]]
  architecture    = var.services.architecture
  cpu             = each.value.cpu
  memory_mib      = each.value.memory_mib
  min_tasks       = each.value.min_tasks
  max_tasks       = each.value.max_tasks
  off_hours       = var.services.off_hours
  keep_revisions  = var.services.keep_revisions

  target_groups         = each.value.public ? { for color, group in module.alb.target_groups[each.key] : color => group.arn } : {}
  request_metric_labels = each.value.public ? module.alb.request_metric_labels[each.key] : {}

  environment    = local.service_environments[each.key]
  secrets        = { for secret in each.value.secrets : upper(replace(secret, "-", "_")) => module.secrets.arns[secret] }
  secret_key_arn = module.kms.arns["secrets"]
  statements     = local.grants[each.key]
  data_keys = merge(
    contains(each.value.uses, "tables") ? { dynamodb = module.kms.arns["tables"] } : {},
    each.value.queue != null ? { sqs = module.kms.arns["messages"] } : {},
  )

  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  timeouts           = var.services.timeouts
  tags               = { Service = each.key }
}
