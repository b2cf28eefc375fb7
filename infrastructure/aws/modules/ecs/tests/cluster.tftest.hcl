mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:sessions" }
  }
}

variables {
  name        = "bookstore-test"
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "production_without_asking" {
  assert {
    condition     = one(aws_ecs_cluster.this.setting).name == "containerInsights" && one(aws_ecs_cluster.this.setting).value == "enhanced"
    error_message = "Container Insights sees tasks and containers."
  }
  assert {
    condition     = output.capacity_provider_strategy == [{ capacity_provider = "FARGATE", weight = 1, base = 0 }]
    error_message = "Nothing is taken back at two minutes' notice."
  }
  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "Both providers are there to be chosen."
  }
  assert {
    condition     = length(aws_ecs_cluster.this.configuration) == 0 && length(aws_cloudwatch_log_group.sessions) == 0 && output.execute_command == null
    error_message = "No sessions."
  }
  assert {
    condition     = aws_cloudwatch_log_group.insights.name == "/aws/ecs/containerinsights/bookstore-test/performance" && aws_cloudwatch_log_group.insights.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.insights.retention_in_days == 365
    error_message = "Container Insights writes to an encrypted log group that ends."
  }
  assert {
    condition     = output.cluster_name == "bookstore-test" && output.cluster_arn == aws_ecs_cluster.this.arn && output.log_group_names == { insights = "/aws/ecs/containerinsights/bookstore-test/performance" }
    error_message = "The cluster can be found."
  }
}

run "spot" {
  command = plan

  variables {
    spot               = true
    container_insights = "enabled"
  }

  assert {
    condition     = output.capacity_provider_strategy == [{ capacity_provider = "FARGATE_SPOT", weight = 4, base = 0 }] && one(aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy).capacity_provider == "FARGATE_SPOT"
    error_message = "All tasks run on Spot, those started by hand too."
  }
  assert {
    condition     = one(aws_ecs_cluster.this.setting).value == "enabled"
    error_message = "Metrics by service cost less."
  }
}

run "spot_above_a_base" {
  command = plan

  variables {
    spot           = true
    on_demand_base = 1
  }

  assert {
    condition     = { for entry in output.capacity_provider_strategy : entry.capacity_provider => entry.base } == { FARGATE_SPOT = 0, FARGATE = 1 } && alltrue([for entry in output.capacity_provider_strategy : entry.weight > 0])
    error_message = "The base runs on Fargate, with a weight: without one it would get no task."
  }
}

run "sessions_are_recorded" {
  variables {
    execute_command    = true
    log_retention_days = 30
    session_key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/sessions"
  }

  assert {
    condition = (
      one(one(aws_ecs_cluster.this.configuration).execute_command_configuration).logging == "OVERRIDE"
      && one(one(aws_ecs_cluster.this.configuration).execute_command_configuration).kms_key_id == var.session_key_arn
      && one(one(one(aws_ecs_cluster.this.configuration).execute_command_configuration).log_configuration).cloud_watch_encryption_enabled
      && one(one(one(aws_ecs_cluster.this.configuration).execute_command_configuration).log_configuration).cloud_watch_log_group_name == "/aws/ecs/bookstore-test/sessions"
    )
    error_message = "Every session is logged, and the log must be encrypted."
  }
  assert {
    condition     = aws_cloudwatch_log_group.sessions[0].kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.sessions[0].retention_in_days == 30
    error_message = "The log is under the key of logs."
  }
  assert {
    condition     = output.execute_command == { log_group_arn = "arn:aws:logs:eu-west-1:111111111111:log-group:sessions", session_key_arn = var.session_key_arn } && output.log_group_names["sessions"] == "/aws/ecs/bookstore-test/sessions"
    error_message = "Services receive what they need to allow sessions."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    container_insights = "disabled"
    on_demand_base     = 0.5
    log_retention_days = 45
    name               = "bookstore--test"
  }

  expect_failures = [var.container_insights, var.on_demand_base, var.log_retention_days, var.name]
}
