# What happens after a request: events, queues, topics, functions, and the secrets they rotate.
locals {
  # Which events go to which queues: data, tested against the events themselves.
  routes = jsondecode(file("${path.module}/events/rules.json"))

  # Queues by who works from them, and the longest that one message may take there, in seconds.
  queues = {
    inventory     = { consumer_timeout_seconds = 30 }
    notifications = { consumer_timeout_seconds = 30 }
    orders        = { consumer_timeout_seconds = 30 }
    payments      = { consumer_timeout_seconds = 30 }
    search        = { consumer_timeout_seconds = 60, visibility_timeout_seconds = 360 }
    # The last resort of what reached no queue at all.
    undelivered = { dead_letter_queue = false, retention_days = 14 }
  }
}

module "sns" {
  source = "./modules/sns"

  name = local.name
  topics = {
    critical = {
      display_name = "${title(var.project)} ${var.environment} critical"
      services     = [for service in ["backup", "cloudwatch", "events"] : "${service}.amazonaws.com"]
    }
    warning = {
      display_name = "${title(var.project)} ${var.environment} warning"
      services     = [for service in ["backup", "budgets", "cloudwatch", "costalerts", "events", "events.rds"] : "${service}.amazonaws.com"]
    }
    # What stands behind an alarm, for those who look it up.
    info = {
      display_name = "${title(var.project)} ${var.environment} info"
      services     = ["cloudwatch.amazonaws.com"]
    }
  }
  subscriptions = merge(
    { for email in var.monitoring.critical_emails : "critical-${email}" => { topic = "critical", protocol = "email", endpoint = email } },
    { for email in var.monitoring.warning_emails : "warning-${email}" => { topic = "warning", protocol = "email", endpoint = email } },
  )
  key_arn            = module.kms.arns["messages"]
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  tags               = { Service = "events" }
}

module "sqs" {
  source = "./modules/sqs"

  name   = local.name
  queues = local.queues
  senders = merge(
    {
      for queue in setsubtract(keys(local.queues), ["undelivered"]) :
      queue => { source_arns = [for route, wanted in local.routes : module.eventbridge.rule_arns[route] if contains(wanted.queues, queue)] }
    },
    {
      undelivered = {
        source_arns = concat(
          [module.eventbridge.bus_arn, module.eventbridge.rule_arns["audit"], module.backup.failure_rule_arn],
          module.pipeline[*].failure_rule_arn,
        )
      }
    },
  )
  key_arn = module.kms.arns["messages"]
  tags    = { Service = "events" }
}

module "eventbridge" {
  source = "./modules/eventbridge"

  name = local.name
  rules = {
    for route, wanted in local.routes : route => {
      description = wanted.description
      pattern     = jsonencode(wanted.pattern)
      targets = {
        for queue in wanted.queues : queue => {
          kind            = "queue"
          arn             = module.sqs.arns[queue]
          dead_letter_arn = module.sqs.dead_letter_arns[queue]
        }
      }
    }
  }
  schemas = {
    for file in fileset("${path.module}/events/schemas", "*.json") : trimsuffix(file, ".json") => file("${path.module}/events/schemas/${file}")
  }
  archive_days       = var.events.archive_days
  publishers         = var.events.publishers
  dead_letter_arn    = module.sqs.arns["undelivered"]
  key_arn            = module.kms.arns["messages"]
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  tags               = { Service = "events" }
}

module "secrets" {
  source = "./modules/secrets"

  name = local.name
  secrets = {
    order-links      = { description = "Key that signs the links to an order in e-mails", rotation_days = var.secrets.rotation_days }
    payment-provider = { description = "API key of the payment provider, who issues it" }
  }
  rotation_function_arn = module.secret_rotation.arn
  recovery_window_days  = var.secrets.recovery_window_days
  key_arn               = module.kms.arns["secrets"]
  tags                  = { Service = "secrets" }
}

module "order_events" {
  source = "./modules/lambda"

  name        = local.name
  function    = "order-events"
  description = "Keeps the state of each order by its events and publishes what follows from them"
  environment = {
    EVENT_BUS_NAME = module.eventbridge.bus_name
    TABLE_NAME     = module.dynamodb.names["high-throughput"]
  }
  statements = [
    {
      sid        = "KeepOrders"
      actions    = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
      resources  = [module.dynamodb.arns["high-throughput"]]
      conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["ORDER#*"] } }
    },
    {
      sid       = "PublishEvents"
      actions   = ["events:PutEvents"]
      resources = [module.eventbridge.bus_arn]
    },
  ]
  data_keys = {
    dynamodb = module.kms.arns["tables"]
    sqs      = module.kms.arns["messages"]
  }
  event_sources = {
    orders = { kind = "sqs", arn = module.sqs.arns["orders"], max_concurrency = 5 }
  }
  dead_letter_queue_arn = module.sqs.arns["undelivered"]
  key_arn               = module.kms.arns["functions"]
  log_key_arn           = module.kms.arns["logs"]
  log_retention_days    = var.logs.retention_days
  tags                  = { Service = "functions" }
}

module "audit_writer" {
  source = "./modules/lambda"

  name        = local.name
  function    = "audit-writer"
  description = "Writes every change of the high-throughput table into the audit log"
  environment = { AUDIT_TABLE_NAME = module.dynamodb.names["audit-log"] }
  statements = [{
    sid       = "WriteAuditLog"
    actions   = ["dynamodb:PutItem"]
    resources = [module.dynamodb.arns["audit-log"]]
  }]
  data_keys = {
    dynamodb = module.kms.arns["tables"]
    sqs      = module.kms.arns["messages"]
  }
  event_sources = {
    changes = {
      kind            = "dynamodb"
      arn             = module.dynamodb.stream_arns["high-throughput"]
      dead_letter_arn = module.sqs.arns["undelivered"]
    }
  }
  dead_letter_queue_arn = module.sqs.arns["undelivered"]
  key_arn               = module.kms.arns["functions"]
  log_key_arn           = module.kms.arns["logs"]
  log_retention_days    = var.logs.retention_days
  tags                  = { Service = "functions" }
}

module "secret_rotation" {
  source = "./modules/lambda"

  name        = local.name
  function    = "secret-rotation"
  description = "Replaces the values of generated secrets, in the four steps of Secrets Manager"
  statements = [{
    sid = "RotateSecrets"
    actions = [
      "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ]
    resources = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.name}/*"]
    # Only secrets that name this function for their rotation; written out, since they name it themselves.
    conditions = { StringEquals = { "secretsmanager:resource/AllowRotationLambdaArn" = ["arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.name}-secret-rotation"] } }
  }]
  data_keys = {
    secretsmanager = module.kms.arns["secrets"]
    sqs            = module.kms.arns["messages"]
  }
  invokers = {
    secrets-manager = {
      principal   = "secretsmanager.amazonaws.com"
      source_arn  = "arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.name}/*"
      unqualified = true
    }
  }
  dead_letter_queue_arn = module.sqs.arns["undelivered"]
  reserved_concurrency  = 2
  key_arn               = module.kms.arns["functions"]
  log_key_arn           = module.kms.arns["logs"]
  log_retention_days    = var.logs.retention_days
  tags                  = { Service = "secrets" }
}
