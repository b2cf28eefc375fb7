data "aws_caller_identity" "current" {}

locals {
  types = { for name, flag in var.flags : name => {
    for type in ["string", "number", "boolean"] : type => { for key, attribute in flag.attributes : key => attribute if attribute.type == type }
  } }

  # https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
  content = {
    version = "1"
    flags = { for name, flag in var.flags : name => merge(
      { name = name, description = flag.description },
      flag.temporary ? { _deprecation = { status = "planned" } } : {},
      length(flag.attributes) == 0 ? {} : { attributes = { for key, attribute in flag.attributes : key => merge(
        attribute.description == null ? {} : { description = attribute.description },
        { constraints = merge(
          { type = attribute.type, required = true },
          attribute.allowed == null ? {} : { enum = attribute.allowed },
          attribute.pattern == null ? {} : { pattern = attribute.pattern },
          attribute.minimum == null ? {} : { minimum = attribute.minimum },
          attribute.maximum == null ? {} : { maximum = attribute.maximum },
        ) },
      ) } },
    ) }
    # Merged by type, since the two sides of a conditional would become one type.
    values = { for name, flag in var.flags : name => merge(
      { enabled = flag.enabled },
      { for key, attribute in local.types[name].string : key => attribute.value },
      { for key, attribute in local.types[name].number : key => tonumber(attribute.value) },
      { for key, attribute in local.types[name].boolean : key => tobool(attribute.value) },
    ) }
  }

  strategies = {
    # For what must be off now, and where nobody is hurt.
    all-at-once = { duration_minutes = 0, step_percent = 100, bake_minutes = 0 }
    gradual     = var.gradual
  }
}

resource "aws_appconfig_application" "this" {
  name        = var.name
  description = "Feature flags of ${var.name}"

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_appconfig_environment" "this" {
  application_id = aws_appconfig_application.this.id
  name           = var.name
  description    = "Where the services of ${var.name} read their flags"

  dynamic "monitor" {
    for_each = var.alarm_arns

    content {
      alarm_arn      = monitor.value
      alarm_role_arn = aws_iam_role.monitor[0].arn
    }
  }

  tags = merge(var.tags, { Name = var.name })

  depends_on = [aws_iam_role_policy.monitor]
}

resource "aws_appconfig_configuration_profile" "this" {
  application_id     = aws_appconfig_application.this.id
  name               = "flags"
  description        = "Feature flags of ${var.name}"
  location_uri       = "hosted"
  type               = "AWS.AppConfig.FeatureFlags"
  kms_key_identifier = var.key_arn

  tags = merge(var.tags, { Name = "${var.name}-flags" })
}

resource "aws_appconfig_hosted_configuration_version" "first" {
  application_id           = aws_appconfig_application.this.id
  configuration_profile_id = aws_appconfig_configuration_profile.this.configuration_profile_id
  description              = "Flags that ${var.name} was made with"
  content_type             = "application/json"
  content                  = jsonencode(local.content)

  lifecycle {
    # Operators write later versions, and AppConfig puts times of its own into this one. A changed
    # content would replace this version, and the deployment below would take everybody's flags
    # back to their first values.
    ignore_changes = [content, description]
  }
}

resource "aws_appconfig_deployment_strategy" "this" {
  for_each = local.strategies

  # The provider crashes on a changed growth_factor; a changed name makes another strategy instead.
  name                           = each.key == "gradual" ? "${var.name}-gradual-${each.value.step_percent}-percent" : "${var.name}-${each.key}"
  description                    = each.key == "gradual" ? "${each.value.step_percent} percent at a time over ${each.value.duration_minutes} minutes, watched ${each.value.bake_minutes} more" : "Everybody at once, unwatched"
  deployment_duration_in_minutes = each.value.duration_minutes
  growth_type                    = "LINEAR"
  growth_factor                  = each.value.step_percent
  final_bake_time_in_minutes     = each.value.bake_minutes
  replicate_to                   = "NONE"

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_appconfig_deployment" "first" {
  application_id           = aws_appconfig_application.this.id
  environment_id           = aws_appconfig_environment.this.environment_id
  configuration_profile_id = aws_appconfig_configuration_profile.this.configuration_profile_id
  configuration_version    = aws_appconfig_hosted_configuration_version.first.version_number
  # Services must find flags at once, and there is no earlier version to go back to.
  deployment_strategy_id = aws_appconfig_deployment_strategy.this["all-at-once"].id
  description            = "Flags that ${var.name} was made with"
  kms_key_identifier     = var.key_arn

  tags = merge(var.tags, { Name = "${var.name}-first" })

  lifecycle {
    # What is deployed from now on is the operators' decision: another version, strategy or key
    # here would start a deployment of the first values over theirs.
    ignore_changes = [configuration_version, deployment_strategy_id, description, kms_key_identifier]
  }
}

resource "aws_iam_role" "monitor" {
  count = length(var.alarm_arns) > 0 ? 1 : 0

  name        = "${var.name}-flag-alarms"
  description = "AppConfig watches alarms while it deploys flags"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "appconfig.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })

  tags = merge(var.tags, { Name = "${var.name}-flag-alarms" })
}

resource "aws_iam_role_policy" "monitor" {
  #checkov:skip=CKV_AWS_355:composite alarms are described to those only who may describe all alarms
  count = length(var.alarm_arns) > 0 ? 1 : 0

  name = "watch-alarms"
  role = aws_iam_role.monitor[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "cloudwatch:DescribeAlarms"
      Resource = "*"
    }]
  })
}
