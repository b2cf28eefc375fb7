mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/bookstore-test/1" }
  }
  mock_resource "aws_wafv2_ip_set" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:111111111111:regional/ipset/bookstore-test-shared/1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:aws-waf-logs-bookstore-test" }
  }
}

variables {
  name = "bookstore-test"
  resource_arns = {
    api = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/live"
    alb = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/bookstore-test/1"
  }
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

# Planned only: applying a web ACL takes long even where nothing is real.
run "safe_by_default" {
  command = plan

  variables {
    shield_resource_arns = { alb = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/bookstore-test/1" }
  }

  # Managed rules block.
  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : rule.name => rule.statement[0].managed_rule_group_statement[0].name
      if length(rule.statement[0].managed_rule_group_statement) > 0
      } == {
      reputation = "AWSManagedRulesAmazonIpReputationList"
      bad-inputs = "AWSManagedRulesKnownBadInputsRuleSet"
      common     = "AWSManagedRulesCommonRuleSet"
      sqli       = "AWSManagedRulesSQLiRuleSet"
      anonymous  = "AWSManagedRulesAnonymousIpList"
    }
    error_message = "All of AWS's groups are on."
  }
  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].none) == (rule.name == "anonymous" ? 0 : 1)
      if length(rule.override_action) > 0
    ])
    error_message = "They act as AWS made them; only anonymous addresses are counted."
  }
  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : rule.visibility_config[0].cloudwatch_metrics_enabled && rule.visibility_config[0].sampled_requests_enabled])
    error_message = "Every rule has metrics and samples."
  }
  assert {
    condition     = [for name in output.rule_metric_names : name] == ["bookstore-test-reputation", "bookstore-test-rate-per-ip", "bookstore-test-rate-per-user", "bookstore-test-bad-inputs", "bookstore-test-common", "bookstore-test-sqli", "bookstore-test-anonymous"] && toset(output.rule_metric_names) == toset([for rule in aws_wafv2_web_acl.this.rule : rule.visibility_config[0].metric_name])
    error_message = "Alarms find the rules by their metrics."
  }
  # Rates are limited.
  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : rule.name => [rule.statement[0].rate_based_statement[0].aggregate_key_type, rule.statement[0].rate_based_statement[0].limit]
      if length(rule.statement[0].rate_based_statement) > 0
    } == { rate-per-ip = ["IP", 2000], rate-per-user = ["CUSTOM_KEYS", 1000] }
    error_message = "Per address and per user."
  }
  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule : rule.action[0].block[0].custom_response[0].response_code == 429
      if length(rule.statement[0].rate_based_statement) > 0
    ])
    error_message = "Who asks too often is told so."
  }
  assert {
    condition = one([
      for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0].custom_key[0].header[0].name if rule.name == "rate-per-user"
    ]) == "authorization"
    error_message = "A user is who the token says."
  }
  assert {
    condition     = length(aws_wafv2_ip_set.shared) == 0
    error_message = "No addresses are shared unless named."
  }
  # Logged without secrets.
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "aws-waf-logs-bookstore-test" && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "An encrypted group of the name WAF asks for."
  }
  assert {
    condition     = toset([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[0].name]) == toset(["authorization", "cookie"])
    error_message = "Tokens and cookies are not logged."
  }
  assert {
    condition     = aws_wafv2_web_acl_logging_configuration.this.logging_filter[0].default_behavior == "DROP"
    error_message = "Only what a rule found is kept."
  }
  # In front of what it is given.
  assert {
    condition     = tomap({ for key, association in aws_wafv2_web_acl_association.this : key => association.resource_arn }) == var.resource_arns && length(aws_shield_protection.this) == 0 && length(aws_shield_subscription.this) == 0
    error_message = "Each resource is behind the web ACL; Shield Advanced protects nothing unasked."
  }
}

run "tuned" {
  variables {
    block_anonymous_ips  = true
    log_allowed_requests = true
    rate_limit_per_ip    = 500
    rule_actions         = { AWSManagedRulesCommonRuleSet = { SizeRestrictions_BODY = "count" } }
    timeouts             = { create = "10m" }
    shared_cidrs         = ["10.10.0.0/16"]
    shield_advanced      = true
    shield_resource_arns = { alb = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/bookstore-test/1" }
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : length(rule.override_action[0].none) == 1 if length(rule.override_action) > 0])
    error_message = "Anonymous addresses are blocked where that is asked for."
  }
  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : rule.name => { for override in rule.statement[0].managed_rule_group_statement[0].rule_action_override : override.name => length(override.action_to_use[0].count) }
      if try(length(rule.statement[0].managed_rule_group_statement[0].rule_action_override) > 0, false)
    } == { common = { SizeRestrictions_BODY = 1 } }
    error_message = "A single rule can be counted."
  }
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this.logging_filter) == 0 && aws_wafv2_web_acl_association.this["api"].timeouts.create == "10m"
    error_message = "Everything can be logged."
  }
  assert {
    condition     = [for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0].limit if rule.name == "rate-per-ip"] == [500]
    error_message = "The limit is data."
  }
  assert {
    condition = aws_wafv2_ip_set.shared[0].addresses == toset(["10.10.0.0/16"]) && alltrue([
      for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0].scope_down_statement[0].not_statement[0].statement[0].ip_set_reference_statement[0].arn == aws_wafv2_ip_set.shared[0].arn
      if length(rule.statement[0].rate_based_statement) > 0
    ])
    error_message = "The load balancer's callers are not one caller."
  }
  assert {
    condition     = aws_shield_protection.this["alb"].name == "bookstore-test-alb" && length(aws_shield_subscription.this) == 1 && aws_shield_subscription.this[0].skip_destroy
    error_message = "The account is subscribed, and the load balancer protected."
  }
  assert {
    condition = (
      jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Principal.Service == "delivery.logs.amazonaws.com"
      && jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Resource == "arn:aws:logs:eu-west-1:111111111111:log-group:aws-waf-logs-bookstore-test:*"
      && jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
    )
    error_message = "Only log delivery for this account writes, into this group only."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                 = "-bookstore"
    resource_arns        = { api = "live" }
    rate_limit_per_ip    = 5
    rate_limit_per_user  = 0
    shared_cidrs         = ["0.0.0.0/0"]
    rule_actions         = { AWSManagedRulesLinuxRuleSet = {} }
    log_retention_days   = 1
    shield_resource_arns = { api = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/live" }
    timeouts             = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.resource_arns,
    var.rate_limit_per_ip,
    var.rate_limit_per_user,
    var.shared_cidrs,
    var.rule_actions,
    var.log_retention_days,
    var.shield_resource_arns,
    var.timeouts,
  ]
}

run "refuses_an_unknown_action" {
  command = plan

  variables {
    rule_actions = { AWSManagedRulesCommonRuleSet = { SizeRestrictions_BODY = "ignore" } }
  }

  expect_failures = [var.rule_actions]
}

run "refuses_to_let_log4shell_in" {
  command = plan

  variables {
    rule_actions = { AWSManagedRulesKnownBadInputsRuleSet = { Log4JRCE_HEADER = "count" } }
  }

  expect_failures = [var.rule_actions]
}
