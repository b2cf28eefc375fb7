# Both providers in one region, as an environment root sets them up without replica_region.
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
    defaults = { name = "eu-west-1" }
  }
}

run "the_second_region_is_another_one" {
  command = plan

  variables {
    environment       = "dev"
    network           = { cidr = "10.10.0.0/16" }
    database          = { instance_class = "db.t4g.micro" }
    disaster_recovery = { enabled = true }
  }

  expect_failures = [output.settings]
}
