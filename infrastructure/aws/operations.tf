# What operators hold on to: backups, flags, delivery, images.
module "backup" {
  source = "./modules/backup"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name      = local.name
  key_arn   = module.kms.arns["backups"]
  topic_arn = module.sns.arns["critical"]
  # As every other event that nobody took.
  dead_letter_arn = module.sqs.arns["undelivered"]
  rules = {
    daily   = { schedule = "cron(0 5 * * ? *)", retention_days = var.backups.daily_retention_days }
    weekly  = { schedule = "cron(0 6 ? * SUN *)", retention_days = var.backups.weekly_retention_days }
    monthly = { schedule = "cron(0 7 1 * ? *)", retention_days = var.backups.monthly_retention_days, cold_storage_after_days = var.backups.monthly_retention_days >= 120 ? 30 : null }
  }
  resource_arns = var.backups.state_bucket == null ? [] : ["arn:${local.partition}:s3:::${var.backups.state_bucket}"]
  copy          = var.disaster_recovery.enabled ? { key_arn = module.kms_replica[0].arns["backups"] } : null
  vault_lock    = var.backups.lock_days == null ? null : { min_retention_days = var.backups.lock_days }
  # A restored copy of the database comes up where the database is, not in the account's default VPC.
  restore_testing = var.backups.restore_testing ? {
    metadata = {
      RDS = {
        dbSubnetGroupName   = module.rds.subnet_group_name
        vpcSecurityGroupIds = jsonencode([module.security_groups.ids["rds"]])
      }
    }
  } : null
  force_destroy = var.backups.force_destroy
  tags          = { Service = "backup" }
}

module "feature_flags" {
  source = "./modules/feature-flags"

  name = local.name
  flags = {
    recommendations = { description = "Recommendations on the page of a book", temporary = true }
    express-checkout = {
      description = "Checkout on one page, for a share of the customers"
      temporary   = true
      attributes  = { percent = { type = "number", value = "0", minimum = 0, maximum = 100, description = "Share of the customers" } }
    }
    reviews-writable = { description = "Customers may write reviews", enabled = true }
  }
  strategy   = var.environment == "dev" ? "all-at-once" : "gradual"
  alarm_arns = { platform = module.cloudwatch.composite_alarm_arns["platform"] }
  tags       = { Service = "flags" }
}

module "golden_image" {
  source = "./modules/golden-image"
  count  = var.golden_images.enabled ? 1 : 0

  name               = local.name
  subnet_id          = values(module.vpc.private_subnet_ids)[0]
  security_group_ids = [module.security_groups.ids["ecs"]]
  key_arn            = module.kms.arns["images"]
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  tags               = { Service = "images" }
}

module "artifact_bucket" {
  source = "./modules/bucket"
  count  = var.delivery.enabled ? 1 : 0

  name            = "${local.name}-artifacts-${local.account_id}"
  key_arn         = module.kms.arns["buckets"]
  log_bucket      = module.log_bucket.id
  expiration_days = 90
  tags            = { Service = "delivery" }
}

module "pipeline" {
  source = "./modules/pipeline"
  count  = var.delivery.enabled ? 1 : 0

  name             = local.name
  environment      = var.environment
  connection_arn   = var.delivery.connection_arn
  repository       = var.delivery.repository
  branch           = var.delivery.branch
  artifact_bucket  = module.artifact_bucket[0].id
  artifact_key_arn = module.kms.arns["buckets"]
  state            = var.delivery.state
  plan_policy_arns = { read = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess" }
  plan_statements = [
    {
      sid        = "FunctionSettings"
      actions    = ["kms:Decrypt"]
      resources  = [module.kms.arns["functions"]]
      conditions = { StringEquals = { "kms:ViaService" = ["lambda.${local.region}.amazonaws.com"] } }
    },
    {
      # The versions that say that there is no value yet, and no others.
      sid        = "PlaceholdersOfSecrets"
      actions    = ["secretsmanager:GetSecretValue"]
      resources  = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.name}/*"]
      conditions = { StringEquals = { "secretsmanager:VersionId" = values(module.secrets.placeholder_version_ids) } }
    },
    {
      sid        = "KeyOfSecrets"
      actions    = ["kms:Decrypt"]
      resources  = [module.kms.arns["secrets"]]
      conditions = { StringEquals = { "kms:ViaService" = ["secretsmanager.${local.region}.amazonaws.com"] } }
    },
  ]
  apply_policy_arns        = var.delivery.apply_policy_arns
  permissions_boundary_arn = var.delivery.permissions_boundary_arn
  approval_topic_arn       = module.sns.arns["warning"]
  failure_topic_arn        = module.sns.arns["critical"]
  dead_letter_arn          = module.sqs.arns["undelivered"]
  topic_key_arn            = module.kms.arns["messages"]
  log_key_arn              = module.kms.arns["logs"]
  log_retention_days       = var.logs.retention_days
  tags                     = { Service = "delivery" }
}
