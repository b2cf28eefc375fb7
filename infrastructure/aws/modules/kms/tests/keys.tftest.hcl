mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111111111111:key/1" }
  }
}

variables {
  name = "bookstore-test"
  keys = {
    database = { description = "PostgreSQL", via_services = ["rds"] }
    logs     = { description = "log groups", log_groups = true }
  }
}

run "keys_rotate_and_have_names" {
  command = plan

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "Keys rotate, and wait the longest before they are lost."
  }
  assert {
    condition     = output.aliases == { database = "alias/bookstore-test/database", logs = "alias/bookstore-test/logs" } && keys(output.arns) == ["database", "logs"]
    error_message = "Each domain has its key and its alias."
  }
  # A key is used through its services only.
  assert {
    condition     = [for statement in jsondecode(aws_kms_key.this["database"].policy).Statement : statement.Sid] == ["Administration", "UseThroughServices", "GrantsForServices"]
    error_message = "A data key has administration, use and grants."
  }
  assert {
    condition = alltrue([
      for statement in slice(jsondecode(aws_kms_key.this["database"].policy).Statement, 1, 3) :
      statement.Condition.StringEquals["kms:ViaService"] == ["rds.eu-west-1.amazonaws.com"]
    ])
    error_message = "Use and grants only through RDS."
  }
  assert {
    condition = length(setintersection(
      jsondecode(aws_kms_key.this["database"].policy).Statement[0].Action,
      ["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"],
    )) == 0
    error_message = "Administrators cannot use the key for data."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this["logs"].policy).Statement[1].Principal.Service == "logs.eu-west-1.amazonaws.com" && length(jsondecode(aws_kms_key.this["logs"].policy).Statement) == 2
    error_message = "CloudWatch Logs uses the logs key, and nobody else does."
  }
}

run "a_service_uses_a_key_for_this_account_only" {
  command = plan

  variables {
    keys = {
      messages = { description = "queues", services = ["cloudwatch", "events", "events.rds"] }
      bus      = { description = "a bus", services = ["events"] }
      config   = { description = "records", services = ["config"] }
    }
  }

  assert {
    condition     = jsondecode(aws_kms_key.this["messages"].policy).Statement[1].Principal.Service == ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"] && jsondecode(aws_kms_key.this["messages"].policy).Statement[1].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
    error_message = "AWS services use the key on behalf of this account, and of no other."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this["messages"].policy).Statement[2].Principal.Service == ["events.amazonaws.com"] && !can(jsondecode(aws_kms_key.this["messages"].policy).Statement[2].Condition)
    error_message = "EventBridge names no account when it publishes to an encrypted topic."
  }
  assert {
    condition = { for domain, key in aws_kms_key.this : domain => [for statement in jsondecode(key.policy).Statement : statement.Sid] } == {
      bus      = ["Administration", "EventBridge"]
      config   = ["Administration", "ServicesForThisAccount"]
      messages = ["Administration", "ServicesForThisAccount", "EventBridge"]
    }
    error_message = "Only the services that were named."
  }
}

run "a_trail_encrypts_under_its_own_name" {
  command = plan

  variables {
    keys = { buckets = { description = "the trail", trails = true } }
  }

  assert {
    condition = (
      jsondecode(aws_kms_key.this["buckets"].policy).Statement[1].Condition.StringLike["kms:EncryptionContext:aws:cloudtrail:arn"] == "arn:aws:cloudtrail:*:111111111111:trail/*"
      && jsondecode(aws_kms_key.this["buckets"].policy).Statement[2].Action == "kms:DescribeKey"
    )
    error_message = "CloudTrail uses the key for trails of this account."
  }
}

run "administration_can_be_narrowed" {
  command = plan

  variables {
    administrators       = ["arn:aws:iam::111111111111:role/platform-admin"]
    deletion_window_days = 7
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : jsondecode(key.policy).Statement[0].Principal.AWS == ["arn:aws:iam::111111111111:role/platform-admin"] && key.deletion_window_in_days == 7])
    error_message = "Only the named roles administer."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                 = "-bookstore"
    administrators       = ["platform-admin"]
    deletion_window_days = 3
    keys                 = { Database = { description = "bad name", via_services = ["rds"] } }
  }

  expect_failures = [var.name, var.administrators, var.deletion_window_days, var.keys]
}

run "refuses_a_key_without_users" {
  command = plan

  variables {
    keys = { orphan = { description = "nobody" } }
  }

  expect_failures = [var.keys]
}

run "refuses_a_service_written_as_an_endpoint" {
  command = plan

  variables {
    keys = { database = { description = "PostgreSQL", via_services = ["rds.eu-west-1.amazonaws.com"] } }
  }

  expect_failures = [var.keys]
}

run "refuses_a_principal_written_in_full" {
  command = plan

  variables {
    keys = { messages = { description = "queues", services = ["events.amazonaws.com"] } }
  }

  expect_failures = [var.keys]
}
