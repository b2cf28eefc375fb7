data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Sign-in pages of the commercial partition; China has no such domains.
  domain_suffix = data.aws_partition.current.partition == "aws-us-gov" ? "amazoncognito-us-gov.com" : "amazoncognito.com"
}

resource "aws_cognito_user_pool" "this" {
  name                = var.name
  user_pool_tier      = "PLUS" # threat protection is part of no lower one
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"

  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]

  username_configuration {
    case_sensitive = false
  }

  schema {
    name                = "email"
    attribute_data_type = "String"
    required            = true
    mutable             = true

    string_attribute_constraints {
      min_length = "3"
      max_length = "254"
    }
  }

  # A changed address counts once its owner has shown that it is theirs.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  password_policy {
    minimum_length                   = var.password.minimum_length
    password_history_size            = var.password.history
    temporary_password_validity_days = var.password.temporary_validity_days
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
  }

  mfa_configuration = var.mfa

  software_token_mfa_configuration {
    enabled = true
  }

  device_configuration {
    challenge_required_on_new_device      = true
    device_only_remembered_on_user_prompt = true
  }

  # Not by text message: a telephone number can be taken over.
  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_sign_up
  }

  user_pool_add_ons {
    advanced_security_mode = var.threat_protection
  }

  email_configuration {
    email_sending_account  = var.email == null ? "COGNITO_DEFAULT" : "DEVELOPER"
    from_email_address     = try(var.email.from, null)
    source_arn             = try(var.email.source_arn, null)
    reply_to_email_address = try(var.email.reply_to, null)
    configuration_set      = try(var.email.configuration_set, null)
  }

  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_cognito_risk_configuration" "this" {
  user_pool_id = aws_cognito_user_pool.this.id

  # A password found in a leak is refused wherever it is typed.
  compromised_credentials_risk_configuration {
    event_filter = ["PASSWORD_CHANGE", "SIGN_IN", "SIGN_UP"]

    actions {
      event_action = var.threat_protection == "ENFORCED" ? "BLOCK" : "NO_ACTION"
    }
  }

  # The provider wants a sender of notices for these, hence only with an SES identity.
  dynamic "account_takeover_risk_configuration" {
    for_each = var.email == null ? [] : [var.email]

    content {
      notify_configuration {
        from       = account_takeover_risk_configuration.value.from
        source_arn = account_takeover_risk_configuration.value.source_arn
        reply_to   = account_takeover_risk_configuration.value.reply_to

        block_email {
          subject   = "We stopped a sign-in to your account"
          text_body = "We stopped a sign-in to your account at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password."
          html_body = "<p>We stopped a sign-in to your account at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password.</p>"
        }
        mfa_email {
          subject   = "A sign-in from a new place"
          text_body = "Somebody signed in to your account with its second factor at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password."
          html_body = "<p>Somebody signed in to your account with its second factor at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password.</p>"
        }
        no_action_email {
          subject   = "A sign-in to your account"
          text_body = "Somebody signed in to your account at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password."
          html_body = "<p>Somebody signed in to your account at {login-time} from {city}, {country}, address {ip-address}. If it was not you, change your password.</p>"
        }
      }

      actions {
        low_action {
          event_action = "NO_ACTION"
          notify       = false
        }
        medium_action {
          event_action = "MFA_IF_CONFIGURED"
          notify       = true
        }
        high_action {
          event_action = var.threat_protection == "ENFORCED" ? "BLOCK" : "NO_ACTION"
          notify       = true
        }
      }
    }
  }
}

resource "aws_cognito_user_group" "this" {
  for_each = var.groups

  name         = each.key
  user_pool_id = aws_cognito_user_pool.this.id
  description  = each.value.description
  precedence   = each.value.precedence
}

resource "aws_cognito_resource_server" "this" {
  identifier   = var.resource_server
  name         = var.name
  user_pool_id = aws_cognito_user_pool.this.id

  dynamic "scope" {
    for_each = var.scopes

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

# The secret of a machine's client is made by Cognito and comes back into the state with
# everything else of the client, marked sensitive. Nothing of this tree reads it or puts it
# out, and the state is encrypted; whoever must not have it there gives the partner a client
# made outside Terraform.
resource "aws_cognito_user_pool_client" "this" {
  for_each = var.clients

  name            = "${var.name}-${each.key}"
  user_pool_id    = aws_cognito_user_pool.this.id
  generate_secret = each.value.flow == "client_credentials"

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = [each.value.flow]
  allowed_oauth_scopes = concat(
    each.value.flow == "code" ? ["email", "openid", "profile"] : [],
    [for scope in sort(each.value.scopes) : "${aws_cognito_resource_server.this.identifier}/${scope}"],
  )
  supported_identity_providers = ["COGNITO"]
  callback_urls                = each.value.callback_urls
  logout_urls                  = each.value.logout_urls

  # Passwords are typed on the sign-in pages only; a client that saw one could keep it.
  explicit_auth_flows = ["ALLOW_REFRESH_TOKEN_AUTH"]

  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  auth_session_validity         = 3

  access_token_validity  = each.value.access_token_minutes
  id_token_validity      = each.value.access_token_minutes
  refresh_token_validity = each.value.refresh_token_hours

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }

  lifecycle {
    precondition {
      condition     = length(setsubtract(each.value.scopes, keys(var.scopes))) == 0
      error_message = "clients: ${each.key} asks for scopes that the API does not have: ${join(", ", setsubtract(each.value.scopes, keys(var.scopes)))}. Write some of ${join(", ", keys(var.scopes))}."
    }
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  domain                = var.domain_prefix
  user_pool_id          = aws_cognito_user_pool.this.id
  managed_login_version = var.managed_login_version
}
