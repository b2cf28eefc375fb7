# From the internet to the services: names, firewall, users, API, load balancers.
locals {
  # The name by which the API calls the services; it need not resolve.
  origin_domain = "origin.${var.api.domain}"
  # What the API's document lets clients ask for: people, and of these those who keep the shop.
  scopes = {
    for scope, text in yamldecode(file("${path.module}/api/openapi.yaml")).components.securitySchemes.accessToken.flows.authorizationCode.scopes :
    trimprefix(scope, "bookstore/") => text
  }
  customer_scopes = [for scope in keys(local.scopes) : scope if endswith(scope, ".read") || contains(["cart.write", "orders.write", "payments.write", "reviews.write", "users.write"], scope)]
  office_scopes   = [for scope in keys(local.scopes) : scope if endswith(scope, ".read") || contains(["books.write", "orders.manage", "payments.refund", "reviews.moderate", "users.manage"], scope)]

  shop_origins = coalesce(var.api.origins, ["https://www.${var.api.domain}"])
}

module "log_bucket" {
  source = "./modules/bucket"

  name            = "${local.name}-access-logs-${local.account_id}"
  log_delivery    = ["load_balancers", "s3"]
  expiration_days = var.logs.retention_days
  force_destroy   = var.logs.force_destroy
  tags            = { Service = "logs" }
}

module "dns" {
  source = "./modules/dns"

  name            = local.name
  domain          = var.api.domain
  hosted_zone_id  = var.api.hosted_zone_id
  certificate_arn = var.api.certificate_arn
  email           = var.api.email_identity
  force_destroy   = !var.api.deletion_protection
  timeouts        = { certificate = var.api.timeouts.certificate }
  tags            = { Service = "dns" }
}

module "alb" {
  source = "./modules/alb"

  name                = local.name
  vpc_id              = module.vpc.vpc_id
  vpc_cidr            = module.vpc.cidr
  public_subnet_ids   = values(module.vpc.public_subnet_ids)
  private_subnet_ids  = values(module.vpc.private_subnet_ids)
  security_group_id   = module.security_groups.ids["alb"]
  certificate_arn     = module.dns.certificate_arn
  origin_domain       = local.origin_domain
  access_log_bucket   = module.log_bucket.id
  deletion_protection = var.api.deletion_protection
  timeouts            = { create = var.api.timeouts.load_balancer, update = var.api.timeouts.load_balancer, delete = var.api.timeouts.load_balancer }
  services = {
    for service, settings in local.public_services : service => {
      paths    = settings.paths
      priority = settings.priority
    }
  }
  tags = { Service = "load-balancer" }
}

module "cognito" {
  source = "./modules/cognito"

  name                = local.name
  mfa                 = var.identity.mfa
  threat_protection   = var.identity.threat_protection
  deletion_protection = var.identity.deletion_protection
  self_sign_up        = var.identity.self_sign_up
  domain_prefix       = coalesce(var.identity.domain_prefix, "${local.name}-${local.account_id}")
  scopes              = local.scopes
  clients = merge(
    {
      web = {
        scopes        = local.customer_scopes
        callback_urls = [for origin in local.shop_origins : "${origin}/signed-in"]
        logout_urls   = [for origin in local.shop_origins : "${origin}/signed-out"]
      }
      office = {
        scopes        = local.office_scopes
        callback_urls = ["https://office.${var.api.domain}/signed-in"]
        logout_urls   = ["https://office.${var.api.domain}/signed-out"]
      }
    },
    { for client, wanted in var.identity.machine_clients : client => { flow = "client_credentials", scopes = wanted.scopes } },
  )
  email = var.identity.email
  tags  = { Service = "identity" }
}

module "api_gateway" {
  source = "./modules/api-gateway"

  name                = local.name
  document            = "${path.module}/api/openapi.yaml"
  services            = keys(local.public_services)
  nlb_arn             = module.alb.nlb_arn
  origin_domain       = local.origin_domain
  user_pool_arn       = module.cognito.user_pool_arn
  scopes              = module.cognito.scopes
  cors                = { origins = local.shop_origins }
  throttle            = var.api.throttle
  usage_plans         = var.api.usage_plans
  api_keys            = var.api.api_keys
  execution_log_level = var.api.execution_log_level
  manage_account      = var.api.service_role
  domain = {
    name            = "api.${var.api.domain}"
    certificate_arn = module.dns.certificate_arn
    zone_id         = module.dns.zone_id
  }
  log_key_arn        = module.kms.arns["logs"]
  log_retention_days = var.logs.retention_days
  tags               = { Service = "api" }
}

module "waf" {
  source = "./modules/waf"

  name = local.name
  resource_arns = {
    api           = module.api_gateway.stage_arn
    load-balancer = module.alb.alb_arn
    user-pool     = module.cognito.user_pool_arn
  }
  rate_limit_per_ip    = var.firewall.rate_limit_per_ip
  rate_limit_per_user  = var.firewall.rate_limit_per_user
  block_anonymous_ips  = var.firewall.block_anonymous_ips
  shared_cidrs         = [module.vpc.cidr]
  shield_advanced      = var.firewall.shield_advanced
  shield_resource_arns = { load-balancer = module.alb.alb_arn }
  log_key_arn          = module.kms.arns["logs"]
  log_retention_days   = var.logs.retention_days
  tags                 = { Service = "firewall" }
}
