data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # In the order of their priorities.
  rule_names = ["reputation", "rate-per-ip", "rate-per-user", "bad-inputs", "common", "sqli", "anonymous"]
}

# Many callers arrive from these addresses: a limit per address would stop them all at once.
resource "aws_wafv2_ip_set" "shared" {
  count = length(var.shared_cidrs) > 0 ? 1 : 0

  name               = "${var.name}-shared"
  description        = "Addresses that speak for many callers"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = var.shared_cidrs

  tags = merge(var.tags, { Name = "${var.name}-shared" })
}

# Each group is written out: a reader, and a scanner, sees what is on. They take about 1200 of the
# 1500 units that a web ACL has without further cost.
resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "AWS managed rules and rate limits of ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "throttled"
    content_type = "APPLICATION_JSON"
    content      = jsonencode({ message = "Too many requests: wait five minutes" })
  }

  rule {
    name     = "reputation"
    priority = 0

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAmazonIpReputationList"

        dynamic "rule_action_override" {
          for_each = lookup(var.rule_actions, "AWSManagedRulesAmazonIpReputationList", {})

          content {
            name = rule_action_override.key

            action_to_use {
              dynamic "allow" {
                for_each = rule_action_override.value == "allow" ? [1] : []
                content {}
              }

              dynamic "block" {
                for_each = rule_action_override.value == "block" ? [1] : []
                content {}
              }

              dynamic "count" {
                for_each = rule_action_override.value == "count" ? [1] : []
                content {}
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-reputation"
    }
  }

  rule {
    name     = "rate-per-ip"
    priority = 1

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "throttled"
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.rate_limit_per_ip
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        dynamic "scope_down_statement" {
          for_each = aws_wafv2_ip_set.shared

          content {
            not_statement {
              statement {
                ip_set_reference_statement {
                  arn = scope_down_statement.value.arn
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-rate-per-ip"
    }
  }

  # A request without the header is not counted here, but by its address alone.
  rule {
    name     = "rate-per-user"
    priority = 2

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "throttled"
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.rate_limit_per_user
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"

        custom_key {
          header {
            name = "authorization"

            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }

        dynamic "scope_down_statement" {
          for_each = aws_wafv2_ip_set.shared

          content {
            not_statement {
              statement {
                ip_set_reference_statement {
                  arn = scope_down_statement.value.arn
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-rate-per-user"
    }
  }

  rule {
    name     = "bad-inputs"
    priority = 3

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"

        dynamic "rule_action_override" {
          for_each = lookup(var.rule_actions, "AWSManagedRulesKnownBadInputsRuleSet", {})

          content {
            name = rule_action_override.key

            action_to_use {
              dynamic "allow" {
                for_each = rule_action_override.value == "allow" ? [1] : []
                content {}
              }

              dynamic "block" {
                for_each = rule_action_override.value == "block" ? [1] : []
                content {}
              }

              dynamic "count" {
                for_each = rule_action_override.value == "count" ? [1] : []
                content {}
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-bad-inputs"
    }
  }

  rule {
    name     = "common"
    priority = 4

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"

        dynamic "rule_action_override" {
          for_each = lookup(var.rule_actions, "AWSManagedRulesCommonRuleSet", {})

          content {
            name = rule_action_override.key

            action_to_use {
              dynamic "allow" {
                for_each = rule_action_override.value == "allow" ? [1] : []
                content {}
              }

              dynamic "block" {
                for_each = rule_action_override.value == "block" ? [1] : []
                content {}
              }

              dynamic "count" {
                for_each = rule_action_override.value == "count" ? [1] : []
                content {}
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-common"
    }
  }

  rule {
    name     = "sqli"
    priority = 5

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesSQLiRuleSet"

        dynamic "rule_action_override" {
          for_each = lookup(var.rule_actions, "AWSManagedRulesSQLiRuleSet", {})

          content {
            name = rule_action_override.key

            action_to_use {
              dynamic "allow" {
                for_each = rule_action_override.value == "allow" ? [1] : []
                content {}
              }

              dynamic "block" {
                for_each = rule_action_override.value == "block" ? [1] : []
                content {}
              }

              dynamic "count" {
                for_each = rule_action_override.value == "count" ? [1] : []
                content {}
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-sqli"
    }
  }

  rule {
    name     = "anonymous"
    priority = 6

    override_action {
      dynamic "none" {
        for_each = var.block_anonymous_ips ? [1] : []
        content {}
      }

      dynamic "count" {
        for_each = var.block_anonymous_ips ? [] : [1]
        content {}
      }
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAnonymousIpList"

        dynamic "rule_action_override" {
          for_each = lookup(var.rule_actions, "AWSManagedRulesAnonymousIpList", {})

          content {
            name = rule_action_override.key

            action_to_use {
              dynamic "allow" {
                for_each = rule_action_override.value == "allow" ? [1] : []
                content {}
              }

              dynamic "block" {
                for_each = rule_action_override.value == "block" ? [1] : []
                content {}
              }

              dynamic "count" {
                for_each = rule_action_override.value == "count" ? [1] : []
                content {}
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-anonymous"
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
    metric_name                = var.name
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = var.resource_arns

  web_acl_arn  = aws_wafv2_web_acl.this.arn
  resource_arn = each.value

  timeouts {
    create = var.timeouts.create
  }
}

# WAF writes to groups whose names begin with aws-waf-logs- only.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = "${var.name}-waf"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WafLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.this.arn}:*"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:*" }
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
      }
    }]
  })
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  # Tokens and sessions are secrets.
  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  dynamic "logging_filter" {
    for_each = var.log_allowed_requests ? [] : [1]

    content {
      default_behavior = "DROP"

      filter {
        behavior    = "KEEP"
        requirement = "MEETS_ANY"

        condition {
          action_condition {
            action = "BLOCK"
          }
        }

        condition {
          action_condition {
            action = "COUNT"
          }
        }

        # A rule of AWS's groups that was set to count.
        condition {
          action_condition {
            action = "EXCLUDED_AS_COUNT"
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.this]
}

resource "aws_shield_subscription" "this" {
  count = var.shield_advanced ? 1 : 0

  # A subscription is bought for a year and cannot be cancelled: destroying the tree leaves it. AWS
  # takes a change of its renewal in the last thirty days only.
  auto_renew   = "ENABLED"
  skip_destroy = true
}

resource "aws_shield_protection" "this" {
  for_each = var.shield_advanced ? var.shield_resource_arns : {}

  name         = "${var.name}-${each.key}"
  resource_arn = each.value

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_shield_subscription.this]
}
