locals {
  # The only line in which the environments' code differs.
  environment = "dev"

  tags = merge(var.tags, {
    Project     = var.project
    Environment = local.environment
    Owner       = var.owner
    CostCenter  = var.cost_center
    ManagedBy   = "terraform"
  })
}

provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.tags
  }
}

# The second region of disaster recovery; the first one's twin where there is none.
provider "aws" {
  alias = "replica"

  region              = coalesce(var.replica_region, var.region)
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.tags
  }
}

module "bookstore" {
  source = "../.."

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  project           = var.project
  environment       = local.environment
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
