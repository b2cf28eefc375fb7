mock_provider "aws" {
  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::111111111111:anomalymonitor/1" }
  }
  mock_resource "aws_ce_anomaly_subscription" {
    defaults = { arn = "arn:aws:ce::111111111111:anomalysubscription/1" }
  }
}

variables {
  name              = "bookstore-test"
  environment       = "test"
  monthly_limit_usd = 300
  emails            = ["platform@example.com", "finance@example.com"]
}

run "the_environment_has_a_budget" {
  assert {
    condition = (
      aws_budgets_budget.this["environment"].limit_amount == "300.00" &&
      aws_budgets_budget.this["environment"].limit_unit == "USD" &&
      aws_budgets_budget.this["environment"].time_unit == "MONTHLY" &&
      aws_budgets_budget.this["environment"].budget_type == "COST"
    )
    error_message = "So many US dollars of cost a month."
  }
  assert {
    condition     = one(aws_budgets_budget.this["environment"].cost_filter).name == "TagKeyValue" && one(aws_budgets_budget.this["environment"].cost_filter).values == tolist(["user:Environment$test"])
    error_message = "It counts what carries the environment's tag."
  }
  assert {
    condition = toset([for notification in aws_budgets_budget.this["environment"].notification : "${notification.notification_type} ${notification.threshold}"]) == toset([
      "ACTUAL 80", "ACTUAL 100", "FORECASTED 100",
    ])
    error_message = "It tells of what was spent and of what is forecast."
  }
  assert {
    condition = alltrue([
      for notification in aws_budgets_budget.this["environment"].notification :
      notification.subscriber_email_addresses == var.emails && notification.threshold_type == "PERCENTAGE" && notification.comparison_operator == "GREATER_THAN"
    ])
    error_message = "It tells everybody, by percent."
  }
  assert {
    condition     = output.budget_names == { environment = "bookstore-test-environment" }
    error_message = "No budget of a service unless one is given."
  }
  # Anomalies of any service are mailed daily.
  assert {
    condition     = aws_ce_anomaly_monitor.services[0].monitor_type == "DIMENSIONAL" && aws_ce_anomaly_monitor.services[0].monitor_dimension == "SERVICE"
    error_message = "The monitor looks at each AWS service."
  }
  assert {
    condition     = keys(output.anomaly_subscription_arns) == ["daily"] && aws_ce_anomaly_subscription.this["daily"].frequency == "DAILY" && aws_ce_anomaly_subscription.this["daily"].monitor_arn_list == tolist([output.anomaly_monitor_arn])
    error_message = "Without a topic, e-mails once a day."
  }
  assert {
    condition     = toset([for subscriber in aws_ce_anomaly_subscription.this["daily"].subscriber : subscriber.address]) == var.emails && alltrue([for subscriber in aws_ce_anomaly_subscription.this["daily"].subscriber : subscriber.type == "EMAIL"])
    error_message = "To all addresses."
  }
  assert {
    condition     = aws_ce_anomaly_subscription.this["daily"].threshold_expression[0].dimension[0].key == "ANOMALY_TOTAL_IMPACT_ABSOLUTE" && aws_ce_anomaly_subscription.this["daily"].threshold_expression[0].dimension[0].values == toset(["50"])
    error_message = "From fifty dollars of impact."
  }
}

run "services_have_budgets_of_their_own" {
  command = plan

  variables {
    service_limits_usd = { database = 60.5 }
    actual_percents    = [50, 90]
    forecast_percents  = [120]
  }

  assert {
    condition     = one(aws_budgets_budget.this["service-database"].cost_filter).values == tolist(["user:Service$database"]) && aws_budgets_budget.this["service-database"].limit_amount == "60.50"
    error_message = "A service is counted by its tag."
  }
  assert {
    condition     = output.budget_names["service-database"] == "bookstore-test-service-database" && length(aws_budgets_budget.this["service-database"].notification) == 3
    error_message = "It is told of as the environment's."
  }
}

run "a_topic_is_told_as_it_happens" {
  command = plan

  variables {
    emails                = []
    topic                 = { arn = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-warning" }
    anomaly_threshold_usd = 20
  }

  assert {
    condition     = keys(output.anomaly_subscription_arns) == ["immediate"] && aws_ce_anomaly_subscription.this["immediate"].frequency == "IMMEDIATE" && one(aws_ce_anomaly_subscription.this["immediate"].subscriber).type == "SNS" && one(aws_ce_anomaly_subscription.this["immediate"].subscriber).address == var.topic.arn
    error_message = "The topic is told at once of anomalies, and no e-mail is sent."
  }
  assert {
    condition     = alltrue([for notification in aws_budgets_budget.this["environment"].notification : notification.subscriber_sns_topic_arns == toset([var.topic.arn])])
    error_message = "The topic is told of budgets too."
  }
}

run "the_accounts_own_monitor_is_used" {
  command = plan

  variables {
    anomaly_monitor_arn = "arn:aws:ce::111111111111:anomalymonitor/born-with"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.services) == 0 && output.anomaly_monitor_arn == var.anomaly_monitor_arn && aws_ce_anomaly_subscription.this["daily"].monitor_arn_list == tolist([var.anomaly_monitor_arn])
    error_message = "An account has one monitor of services only."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                  = "b"
    environment           = "Test"
    monthly_limit_usd     = 0
    service_limits_usd    = { Database = 1 }
    actual_percents       = []
    forecast_percents     = [0]
    emails                = ["platform at example.com"]
    topic                 = { arn = "bookstore-test-warning" }
    anomaly_threshold_usd = 0
    anomaly_monitor_arn   = "services"
  }

  expect_failures = [
    var.name,
    var.environment,
    var.monthly_limit_usd,
    var.service_limits_usd,
    var.actual_percents,
    var.forecast_percents,
    var.emails,
    var.topic,
    var.anomaly_threshold_usd,
    var.anomaly_monitor_arn,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # An address with a name.
    emails = ["Platform <platform@example.com>"]
    # A service for nothing.
    service_limits_usd = { database = 0 }
  }

  expect_failures = [var.emails, var.service_limits_usd]
}

run "refuses_an_address_without_a_domain" {
  command = plan

  variables {
    emails = ["platform@localhost"]
  }

  expect_failures = [var.emails]
}

run "refuses_more_addresses_than_a_budget_takes" {
  command = plan

  variables {
    emails = [for number in range(11) : "platform${number}@example.com"]
  }

  expect_failures = [var.emails]
}

run "refuses_to_tell_nobody" {
  command = plan

  variables {
    emails = []
  }

  expect_failures = [aws_budgets_budget.this]
}

run "refuses_more_notifications_than_a_budget_has" {
  command = plan

  variables {
    actual_percents   = [20, 40, 60, 80]
    forecast_percents = [80, 100]
  }

  expect_failures = [aws_budgets_budget.this]
}
