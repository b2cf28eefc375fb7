mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_resource "aws_appconfig_application" {
    defaults = { id = "app1234" }
  }
  mock_resource "aws_appconfig_environment" {
    defaults = {
      arn            = "arn:aws:appconfig:eu-west-1:111111111111:application/app1234/environment/env1234"
      environment_id = "env1234"
    }
  }
  mock_resource "aws_appconfig_configuration_profile" {
    defaults = { configuration_profile_id = "pro1234" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-flag-alarms" }
  }
}

override_resource {
  target = aws_appconfig_deployment_strategy.this["all-at-once"]
  values = { id = "once123" }
}

override_resource {
  target = aws_appconfig_deployment_strategy.this["gradual"]
  values = { id = "grad123" }
}

variables {
  name = "bookstore-test"
  flags = {
    new-checkout = {
      description = "the checkout in one page"
      temporary   = true
      attributes = {
        percent = { type = "number", value = "10", minimum = 0, maximum = 100 }
        theme   = { value = "dark", allowed = ["dark", "light"], description = "colours" }
        beta    = { type = "boolean", value = "true" }
        code    = { value = "A1", pattern = "^[A-Z][0-9]$" }
      }
    }
    reviews = { description = "reviews of books", enabled = true }
  }
}

run "flags_have_the_shape_that_appconfig_reads" {
  assert {
    condition = jsondecode(aws_appconfig_hosted_configuration_version.first.content) == {
      version = "1"
      flags = {
        new-checkout = {
          name         = "new-checkout"
          description  = "the checkout in one page"
          _deprecation = { status = "planned" }
          attributes = {
            percent = { constraints = { type = "number", required = true, minimum = 0, maximum = 100 } }
            theme   = { description = "colours", constraints = { type = "string", required = true, enum = ["dark", "light"] } }
            beta    = { constraints = { type = "boolean", required = true } }
            code    = { constraints = { type = "string", required = true, pattern = "^[A-Z][0-9]$" } }
          }
        }
        reviews = { name = "reviews", description = "reviews of books" }
      }
      values = {
        new-checkout = { enabled = false, percent = 10, theme = "dark", beta = true, code = "A1" }
        reviews      = { enabled = true }
      }
    }
    error_message = "Flags, their limits and their typed values are written as AppConfig's schema says."
  }
  assert {
    condition     = aws_appconfig_configuration_profile.this.type == "AWS.AppConfig.FeatureFlags" && aws_appconfig_configuration_profile.this.location_uri == "hosted" && aws_appconfig_hosted_configuration_version.first.content_type == "application/json"
    error_message = "The profile holds flags, hosted by AppConfig."
  }
  # Gradual spreads and is watched.
  assert {
    condition = (
      aws_appconfig_deployment_strategy.this["gradual"].growth_type == "LINEAR" &&
      aws_appconfig_deployment_strategy.this["gradual"].growth_factor == 20 &&
      aws_appconfig_deployment_strategy.this["gradual"].deployment_duration_in_minutes == 20 &&
      aws_appconfig_deployment_strategy.this["gradual"].final_bake_time_in_minutes == 30
    )
    error_message = "A fifth at a time, and half an hour of watching."
  }
  assert {
    condition     = aws_appconfig_deployment_strategy.this["all-at-once"].growth_factor == 100 && aws_appconfig_deployment_strategy.this["all-at-once"].deployment_duration_in_minutes == 0
    error_message = "All at once takes no time."
  }
  assert {
    condition     = output.deployment_strategy_id == "grad123" && output.deployment_strategy_ids == { all-at-once = "once123", gradual = "grad123" }
    error_message = "Operators deploy gradually unless told otherwise."
  }
  assert {
    condition     = aws_appconfig_deployment.first.deployment_strategy_id == "once123"
    error_message = "The first deployment is there at once, for services to start with."
  }
  # Readers find the configuration.
  assert {
    condition     = output.configuration_arn == "arn:aws:appconfig:eu-west-1:111111111111:application/app1234/environment/env1234/configuration/pro1234"
    error_message = "The ARN names the environment and the profile."
  }
  assert {
    condition     = output.application_id == aws_appconfig_application.this.id && output.environment_id == "env1234" && output.profile_id == "pro1234"
    error_message = "The ids are those of the resources."
  }
  # Without alarms nothing may look at them.
  assert {
    condition     = length(aws_iam_role.monitor) == 0 && length(aws_iam_role_policy.monitor) == 0 && length(aws_appconfig_environment.this.monitor) == 0
    error_message = "No alarms, no role."
  }
  assert {
    condition     = aws_appconfig_configuration_profile.this.kms_key_identifier == null
    error_message = "AppConfig's own key."
  }
}

run "alarms_roll_back_through_a_role_of_their_own" {
  variables {
    alarm_arns = {
      api-5xx = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:api-5xx"
      latency = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:latency"
    }
    strategy = "all-at-once"
    gradual  = { duration_minutes = 60, step_percent = 10, bake_minutes = 15 }
    key_arn  = "arn:aws:kms:eu-west-1:111111111111:key/1"
  }

  assert {
    condition     = toset([for monitor in aws_appconfig_environment.this.monitor : monitor.alarm_arn]) == toset(values(var.alarm_arns)) && alltrue([for monitor in aws_appconfig_environment.this.monitor : monitor.alarm_role_arn == aws_iam_role.monitor[0].arn])
    error_message = "Every alarm is watched, through the role."
  }
  assert {
    condition     = jsondecode(aws_iam_role.monitor[0].assume_role_policy).Statement[0].Principal == { Service = "appconfig.amazonaws.com" } && jsondecode(aws_iam_role.monitor[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
    error_message = "AppConfig assumes the role, for this account only."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.monitor[0].policy).Statement : statement.Action] == ["cloudwatch:DescribeAlarms"]
    error_message = "The role reads alarms and does nothing else."
  }
  assert {
    condition     = output.deployment_strategy_id == "once123" && aws_appconfig_deployment_strategy.this["gradual"].growth_factor == 10 && aws_appconfig_deployment_strategy.this["gradual"].name == "bookstore-test-gradual-10-percent"
    error_message = "Strategy and its pace are data."
  }
  assert {
    condition     = aws_appconfig_configuration_profile.this.kms_key_identifier == var.key_arn
    error_message = "Flags are under the key given."
  }
}

run "later_values_are_the_operators" {
  command = plan

  variables {
    flags = { reviews = { description = "reviews of books", enabled = false } }
  }

  assert {
    condition     = keys(jsondecode(aws_appconfig_hosted_configuration_version.first.content).values) == ["new-checkout", "reviews"] && jsondecode(aws_appconfig_hosted_configuration_version.first.content).values.reviews.enabled
    error_message = "What was made first stays as it was."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name       = "bookstore--test"
    flags      = {}
    alarm_arns = { api = "api-5xx" }
    strategy   = "canary"
    gradual    = { duration_minutes = 0, step_percent = 100, bake_minutes = 0 }
    key_arn    = "alias/flags"
  }

  expect_failures = [var.name, var.flags, var.alarm_arns, var.strategy, var.gradual, var.key_arn]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # More alarms than appconfig watches.
    alarm_arns = { for number in range(6) : tostring(number) => "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:${number}" }
    # A flag named in capitals.
    flags = { NewCheckout = { description = "the checkout in one page" } }
  }

  expect_failures = [var.alarm_arns, var.flags]
}

run "refuses_a_flag_that_says_nothing_of_itself" {
  command = plan

  variables {
    flags = { new-checkout = { description = "" } }
  }

  expect_failures = [var.flags]
}

run "refuses_an_attribute_that_hides_the_flag" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { enabled = { type = "boolean", value = "true" } } } }
  }

  expect_failures = [var.flags]
}

run "refuses_more_attributes_than_a_flag_takes" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { for number in range(26) : "a${number}" => { value = "v" } } } }
  }

  expect_failures = [var.flags]
}

run "refuses_an_unknown_type" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { percent = { type = "integer", value = "1" } } } }
  }

  expect_failures = [var.flags]
}

run "refuses_a_value_of_another_type" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { percent = { type = "number", value = "ten" } } } }
  }

  expect_failures = [var.flags]
}

run "refuses_limits_of_another_type" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { percent = { type = "number", value = "10", allowed = ["10"] } } } }
  }

  expect_failures = [var.flags]
}

run "refuses_a_value_beyond_its_own_limits" {
  command = plan

  variables {
    flags = { new-checkout = { description = "d", attributes = { percent = { type = "number", value = "110", maximum = 100 } } } }
  }

  expect_failures = [var.flags]
}
