mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:bookstore-test/some-AbCdEf" }
  }
}

variables {
  name = "bookstore-test"
  secrets = {
    session-signing  = { description = "Signs the sessions of users", rotation_days = 30 }
    payment-provider = { description = "API key that the payment provider issues" }
  }
  rotation_function_arn = "arn:aws:lambda:eu-west-1:111111111111:function:bookstore-test-secret-rotation"
  key_arn               = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
}

run "safe_by_default" {
  command = plan

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == var.key_arn && secret.recovery_window_in_days == 30]) && output.names == { session-signing = "bookstore-test/session-signing", payment-provider = "bookstore-test/payment-provider" }
    error_message = "Under the given key, and restorable for a month."
  }
  assert {
    condition     = length(aws_secretsmanager_secret_rotation.this) == 1 && aws_secretsmanager_secret_rotation.this["session-signing"].rotation_rules[0].automatically_after_days == 30 && aws_secretsmanager_secret_rotation.this["session-signing"].rotate_immediately && join(",", output.rotated) == "session-signing" && keys(output.placeholder_version_ids) == ["payment-provider", "session-signing"]
    error_message = "What is generated rotates, from the first minute; what a third party issues does not."
  }
  # No value is in the state.
  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.placeholder : startswith(version.secret_string, "placeholder:")])
    error_message = "Terraform knows placeholders only."
  }
  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.placeholder : version.version_stages == toset(["AWSCURRENT", "PLACEHOLDER"])])
    error_message = "A label of its own keeps the placeholder, or it would be written again over the value in use."
  }
  # Nobody else reads.
  assert {
    condition = alltrue([
      for policy in aws_secretsmanager_secret_policy.this : policy.block_public_policy && alltrue([for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny"])
    ])
    error_message = "The policies let nobody in."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_secretsmanager_secret_policy.this["payment-provider"].policy).Statement : statement.Condition if statement.Sid == "OnlyThisAccount"]) == { StringNotEquals = { "aws:PrincipalAccount" = "111111111111" }, Bool = { "aws:PrincipalIsAWSService" = "false" } }
    error_message = "Another account reads nothing, whatever its own policies say."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_secretsmanager_secret_policy.this["payment-provider"].policy).Statement : statement.Condition if statement.Sid == "OnlyTls"]) == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "Plain HTTP is denied."
  }
}

run "disposable" {
  command = plan

  variables {
    recovery_window_days = 0
    rotate_immediately   = false
  }

  assert {
    condition     = aws_secretsmanager_secret.this["session-signing"].recovery_window_in_days == 0 && !aws_secretsmanager_secret_rotation.this["session-signing"].rotate_immediately
    error_message = "An environment that comes and goes can take its names again at once."
  }
}

run "no_function_where_nothing_rotates" {
  command = plan

  variables {
    secrets               = { payment-provider = { description = "API key that the payment provider issues" } }
    rotation_function_arn = null
  }

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.this) == 0
    error_message = "Nothing rotates."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                  = "bookstore_test"
    secrets               = { "Session" = { description = "Signs the sessions of users" } }
    rotation_function_arn = "arn:aws:lambda:eu-west-1:111111111111:function:rotation:live"
    recovery_window_days  = 3
  }

  expect_failures = [var.name, var.secrets, var.rotation_function_arn, var.recovery_window_days]
}

run "refuses_a_name_that_ends_like_an_arn" {
  command = plan

  variables {
    secrets = { payment-stripe = { description = "API key that the payment provider issues" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_secret_nobody_knows" {
  command = plan

  variables {
    secrets = { session-signing = { description = "secret" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_rotation_once_a_year" {
  command = plan

  variables {
    secrets = { session-signing = { description = "Signs the sessions of users", rotation_days = 365 } }
  }

  expect_failures = [var.secrets]
}

run "refuses_rotation_without_a_function" {
  command = plan

  variables {
    rotation_function_arn = null
  }

  expect_failures = [aws_secretsmanager_secret_rotation.this]
}
