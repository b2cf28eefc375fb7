mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "333333333333" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }
}

mock_provider "aws" {
  alias = "replica"

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

# A prod that keeps every floor. What it says below each is tested with a plan of
# prod from terraform.tfvars.example, in tests/infrastructure.
variables {
  environment = "prod"
  network     = { cidr = "10.30.0.0/16" }
  database = {
    instance_class = "db.r7g.large"
    read_replicas  = { reader = {} }
  }
  cache             = { node_type = "cache.r7g.large" }
  search            = { instance_type = "r7g.large.search", dedicated_masters = { instance_type = "m7g.large.search" } }
  api               = { domain = "bookstore.example.com" }
  backups           = { lock_days = 7 }
  monitoring        = { critical_emails = ["on-call@example.com"] }
  cost              = { monthly_limit_usd = 12000 }
  disaster_recovery = { enabled = true }
}

run "defaults_suit_prod" {
  command = plan

  assert {
    condition     = output.settings.database.multi_az && output.settings.database.backup_retention_days == 30 && output.settings.logs.retention_days == 365 && length(output.settings.network.interface_endpoints) == 11
    error_message = "What prod leaves out is at its floor."
  }
}

run "refuses_an_unknown_environment" {
  command = plan

  variables {
    environment = "production"
    project     = "Book Store"
    services    = { overrides = { basket = { cpu = 512 } } }
    delivery    = { enabled = true }
  }

  expect_failures = [var.environment, var.project, var.services, var.delivery]
}
