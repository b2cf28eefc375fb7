mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }
}

variables {
  name        = "bookstore-test"
  cidr        = "10.10.0.0/16"
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "values_out_of_range" {
  command = plan

  variables {
    name                = "Bookstore_Test"
    cidr                = "10.10.0.0/20"
    peer_cidrs          = ["10.20.0.0"]
    zone_count          = 1
    availability_zones  = ["eu-west-1a", "eu-west-1a"]
    workload_zone_count = 0
    interface_endpoints = ["eventbridge"]
    log_retention_days  = 10
  }

  expect_failures = [
    var.name,
    var.cidr,
    var.peer_cidrs,
    var.zone_count,
    var.availability_zones,
    var.workload_zone_count,
    var.interface_endpoints,
    var.log_retention_days,
  ]
}

run "a_block_not_written_from_its_start" {
  command = plan

  variables {
    cidr = "10.10.1.0/16"
  }

  expect_failures = [var.cidr]
}

run "a_public_block" {
  command = plan

  variables {
    cidr = "52.10.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "overlap_with_a_wider_network" {
  command = plan

  variables {
    peer_cidrs = ["10.20.0.0/16", "10.0.0.0/8"]
  }

  expect_failures = [aws_vpc.this]
}

run "overlap_with_a_narrower_network" {
  command = plan

  variables {
    peer_cidrs = ["10.10.200.0/24"]
  }

  expect_failures = [aws_vpc.this]
}

run "more_zones_than_the_region_has" {
  command = plan

  variables {
    zone_count = 4
  }

  expect_failures = [aws_vpc.this]
}

run "a_zone_of_another_region" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-east-1b"]
  }

  expect_failures = [aws_vpc.this]
}

run "more_workload_zones_than_zones" {
  command = plan

  variables {
    zone_count          = 2
    workload_zone_count = 3
  }

  expect_failures = [aws_vpc.this]
}
