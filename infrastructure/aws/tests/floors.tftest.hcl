mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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

# A prod that keeps every floor.
variables {
  environment = "prod"
  network     = { cidr = "10.30.0.0/16" }
  database = {
    instance_class = "db.r7g.large"
    read_replicas  = { reader = {} }
  }
  disaster_recovery = { enabled = true }
}

run "defaults_suit_prod" {
  command = plan

  assert {
    condition     = output.settings.database.multi_az && output.settings.database.backup_retention_days == 30 && output.settings.logs.retention_days == 365 && length(output.settings.network.interface_endpoints) == 11
    error_message = "What prod leaves out is at its floor."
  }
}

run "defaults_suit_staging" {
  command = plan

  variables {
    environment       = "staging"
    database          = { instance_class = "db.t4g.medium" }
    disaster_recovery = {}
  }

  assert {
    condition     = length(output.tables.replica_arns) == 0
    error_message = "Staging keeps no copies in a second region."
  }
}

run "dev_may_relax_cost" {
  command = plan

  variables {
    environment       = "dev"
    network           = { cidr = "10.10.0.0/16", zone_count = 2, workload_zone_count = 1, single_nat_gateway = true, interface_endpoints = [] }
    database          = { instance_class = "db.t4g.micro", multi_az = false, backup_retention_days = 7, deletion_protection = false, skip_final_snapshot = true }
    tables            = { deletion_protection = false, point_in_time_recovery_days = 7 }
    logs              = { retention_days = 7 }
    encryption        = { deletion_window_days = 7 }
    disaster_recovery = {}
  }

  assert {
    condition     = output.settings.network.zone_count == 2
    error_message = "Cost floors do not bind dev."
  }
}

run "refuses_an_unknown_environment" {
  command = plan

  variables {
    environment = "production"
    project     = "Book Store"
  }

  expect_failures = [var.environment, var.project]
}

# Every floor broken at once. Which message each gives is tested with a plan of
# prod from terraform.tfvars.example, in tests/infrastructure.
run "prod_does_not_relax" {
  command = plan

  variables {
    network           = { cidr = "10.30.0.0/16", zone_count = 2, workload_zone_count = 1, single_nat_gateway = true, interface_endpoints = [] }
    database          = { instance_class = "db.t4g.micro", multi_az = false, backup_retention_days = 7, deletion_protection = false, skip_final_snapshot = true }
    tables            = { deletion_protection = false }
    logs              = { retention_days = 7 }
    encryption        = { deletion_window_days = 7 }
    disaster_recovery = {}
  }

  expect_failures = [output.settings]
}

run "named_zones_count_too" {
  command = plan

  variables {
    network = { cidr = "10.30.0.0/16", availability_zones = ["eu-west-1a", "eu-west-1b"] }
  }

  expect_failures = [output.settings]
}

run "staging_needs_a_standby_too" {
  command = plan

  variables {
    environment       = "staging"
    database          = { instance_class = "db.t4g.medium", multi_az = false }
    disaster_recovery = {}
  }

  expect_failures = [output.settings]
}
