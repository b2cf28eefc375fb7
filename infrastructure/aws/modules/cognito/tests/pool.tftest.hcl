mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = {
      id       = "eu-west-1_pool"
      arn      = "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_pool"
      endpoint = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool"
    }
  }
  mock_resource "aws_cognito_user_pool_client" {
    defaults = { id = "client1" }
  }
}

variables {
  name          = "bookstore-test"
  domain_prefix = "bookstore-test-signin"
  scopes = {
    "books.read"   = "Look at and search the catalogue"
    "books.feed"   = "Follow every change of the catalogue"
    "orders.write" = "Place and cancel own orders"
  }
  clients = {
    web = {
      scopes        = ["books.read", "orders.write"]
      callback_urls = ["https://www.test.bookstore.example.com/signed-in"]
      logout_urls   = ["https://www.test.bookstore.example.com/"]
    }
    library = { flow = "client_credentials", scopes = ["books.feed"] }
  }
}

run "safe_by_default" {
  assert {
    condition = (
      aws_cognito_user_pool.this.user_pool_tier == "PLUS"
      && aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
      && aws_cognito_risk_configuration.this.compromised_credentials_risk_configuration[0].actions[0].event_action == "BLOCK"
      && aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    )
    error_message = "Threat protection acts, leaked passwords are refused, the pool cannot be deleted."
  }
  assert {
    condition = (
      aws_cognito_user_pool.this.mfa_configuration == "ON"
      && aws_cognito_user_pool.this.software_token_mfa_configuration[0].enabled
      && length(aws_cognito_user_pool.this.sms_configuration) == 0
      && one(aws_cognito_user_pool.this.account_recovery_setting[0].recovery_mechanism).name == "verified_email"
    )
    error_message = "A second factor from an application, recovery by e-mail, no text messages."
  }
  assert {
    condition = (
      aws_cognito_user_pool.this.password_policy[0].minimum_length == 14
      && aws_cognito_user_pool.this.password_policy[0].require_lowercase
      && aws_cognito_user_pool.this.password_policy[0].require_uppercase
      && aws_cognito_user_pool.this.password_policy[0].require_numbers
      && aws_cognito_user_pool.this.password_policy[0].require_symbols
      && aws_cognito_user_pool.this.password_policy[0].password_history_size == 5
    )
    error_message = "Long passwords of all classes."
  }
  assert {
    condition = (
      aws_cognito_user_pool.this.username_attributes == toset(["email"])
      && aws_cognito_user_pool.this.auto_verified_attributes == toset(["email"])
      && !aws_cognito_user_pool.this.username_configuration[0].case_sensitive
      && aws_cognito_user_pool.this.device_configuration[0].challenge_required_on_new_device
      && !aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    )
    error_message = "Customers sign up with a verified address; new devices are asked."
  }
  assert {
    condition     = aws_cognito_user_pool.this.email_configuration[0].email_sending_account == "COGNITO_DEFAULT" && length(aws_cognito_risk_configuration.this.account_takeover_risk_configuration) == 0
    error_message = "Without an SES identity Cognito sends, and nothing needs a sender."
  }
  assert {
    condition     = { for name, group in aws_cognito_user_group.this : name => group.precedence } == { administrators = 1, staff = 10, customers = 100 }
    error_message = "The bookstore's groups, the mightiest first."
  }
  # People sign in with a code.
  assert {
    condition = (
      aws_cognito_user_pool_client.this["web"].allowed_oauth_flows == toset(["code"])
      && !aws_cognito_user_pool_client.this["web"].generate_secret
      && aws_cognito_user_pool_client.this["web"].allowed_oauth_scopes == toset(["bookstore/books.read", "bookstore/orders.write", "email", "openid", "profile"])
      && aws_cognito_user_pool_client.this["web"].explicit_auth_flows == toset(["ALLOW_REFRESH_TOKEN_AUTH"])
    )
    error_message = "The code flow, no secret, no password past the sign-in pages."
  }
  assert {
    condition = alltrue([
      for client in aws_cognito_user_pool_client.this : client.prevent_user_existence_errors == "ENABLED"
      && client.enable_token_revocation && client.access_token_validity == 15 && client.refresh_token_validity == 24
      && client.token_validity_units[0].access_token == "minutes" && client.token_validity_units[0].refresh_token == "hours"
    ])
    error_message = "Short tokens that can be revoked; nobody learns who has an account."
  }
  # Machines have a secret.
  assert {
    condition = (
      aws_cognito_user_pool_client.this["library"].allowed_oauth_flows == toset(["client_credentials"])
      && aws_cognito_user_pool_client.this["library"].generate_secret
      && aws_cognito_user_pool_client.this["library"].allowed_oauth_scopes == toset(["bookstore/books.feed"])
    )
    error_message = "A partner's machine gets the API's scopes and nobody's profile."
  }
  # Outputs are what others need.
  assert {
    condition = (
      output.user_pool_id == "eu-west-1_pool"
      && output.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool"
      && output.domain == "bookstore-test-signin.auth.eu-west-1.amazoncognito.com"
      && output.scopes == toset(["bookstore/books.feed", "bookstore/books.read", "bookstore/orders.write"])
      && output.client_ids == { web = "client1", library = "client1" }
      && output.group_names == toset(["administrators", "customers", "staff"])
    )
    error_message = "Pool, issuer, host name, scopes as tokens carry them, clients and groups."
  }
}

run "own_sender" {
  command = plan

  variables {
    email = { from = "Bookstore <no-reply@bookstore.example.com>", source_arn = "arn:aws:ses:eu-west-1:111111111111:identity/bookstore.example.com", reply_to = "help@bookstore.example.com" }
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.email_configuration[0].email_sending_account == "DEVELOPER"
      && aws_cognito_user_pool.this.email_configuration[0].source_arn == var.email.source_arn
      && aws_cognito_risk_configuration.this.account_takeover_risk_configuration[0].actions[0].high_action[0].event_action == "BLOCK"
      && aws_cognito_risk_configuration.this.account_takeover_risk_configuration[0].actions[0].medium_action[0].event_action == "MFA_IF_CONFIGURED"
    )
    error_message = "SES sends, and people are told of risky sign-ins."
  }
}

run "looking_before_acting" {
  command = plan

  variables {
    threat_protection = "AUDIT"
    email             = { from = "no-reply@bookstore.example.com", source_arn = "arn:aws:ses:eu-west-1:111111111111:identity/bookstore.example.com" }
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "AUDIT"
      && aws_cognito_risk_configuration.this.compromised_credentials_risk_configuration[0].actions[0].event_action == "NO_ACTION"
      && aws_cognito_risk_configuration.this.account_takeover_risk_configuration[0].actions[0].high_action[0].event_action == "NO_ACTION"
    )
    error_message = "An audit stops nobody."
  }
}

run "disposable_and_by_invitation" {
  command = plan

  variables {
    mfa                 = "OPTIONAL"
    deletion_protection = false
    self_sign_up        = false
  }

  assert {
    condition = (
      aws_cognito_user_pool.this.mfa_configuration == "OPTIONAL"
      && aws_cognito_user_pool.this.deletion_protection == "INACTIVE"
      && aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
      && aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED"
    )
    error_message = "Security does not relax with the rest."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                  = "bookstore--test"
    mfa                   = "OFF"
    password              = { minimum_length = 8 }
    threat_protection     = "OFF"
    domain_prefix         = "my-aws-books"
    managed_login_version = 3
    groups                = { Staff = { description = "x", precedence = 1 } }
    resource_server       = "https://api"
    scopes                = { "bookstore/books.read" = "x" }
    clients               = { web = { flow = "implicit", scopes = ["books.read"] } }
    email                 = { from = "nobody", source_arn = "arn:aws:ses:eu-west-1:111111111111:identity/bookstore.example.com" }
  }

  expect_failures = [
    var.name,
    var.mfa,
    var.password,
    var.threat_protection,
    var.domain_prefix,
    var.managed_login_version,
    var.groups,
    var.resource_server,
    var.scopes,
    var.clients,
    var.email,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A password history beyond cognito.
    password = { history = 30 }
    # Groups of one precedence.
    groups = { a = { description = "x", precedence = 1 }, b = { description = "x", precedence = 1 } }
    scopes = {}
    # A client without scopes.
    clients = { web = { scopes = [], callback_urls = ["https://www.test.bookstore.example.com/"] } }
    # A sender that is no identity.
    email = { from = "no-reply@bookstore.example.com", source_arn = "arn:aws:sns:eu-west-1:111111111111:x" }
  }

  expect_failures = [var.password, var.groups, var.scopes, var.clients, var.email]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # Temporary passwords for long.
    password = { temporary_validity_days = 30 }
    # A client of a strange name.
    clients = { Web = { scopes = ["books.read"], callback_urls = ["https://www.test.bookstore.example.com/"] } }
    # A reply address that is none.
    email = { from = "no-reply@bookstore.example.com", source_arn = "arn:aws:ses:eu-west-1:111111111111:identity/bookstore.example.com", reply_to = "help" }
  }

  expect_failures = [var.password, var.clients, var.email]
}

run "refuses_a_code_flow_without_callback" {
  command = plan

  variables {
    clients = { web = { scopes = ["books.read"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_a_callback_for_a_machine" {
  command = plan

  variables {
    clients = { machine = { flow = "client_credentials", scopes = ["books.read"], callback_urls = ["https://www.test.bookstore.example.com/"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_a_callback_without_tls" {
  command = plan

  variables {
    clients = { web = { scopes = ["books.read"], callback_urls = ["http://www.test.bookstore.example.com/"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_a_callback_with_a_wildcard" {
  command = plan

  variables {
    clients = { web = { scopes = ["books.read"], callback_urls = ["https://www.test.bookstore.example.com/*"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_long_access_tokens" {
  command = plan

  variables {
    clients = { web = { scopes = ["books.read"], access_token_minutes = 1440, callback_urls = ["https://www.test.bookstore.example.com/"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_endless_refresh_tokens" {
  command = plan

  variables {
    clients = { web = { scopes = ["books.read"], refresh_token_hours = 87600, callback_urls = ["https://www.test.bookstore.example.com/"] } }
  }

  expect_failures = [var.clients]
}

run "refuses_a_scope_the_api_has_not" {
  command = plan

  variables {
    clients = { web = { scopes = ["toys.read"], callback_urls = ["https://www.test.bookstore.example.com/"] } }
  }

  expect_failures = [aws_cognito_user_pool_client.this]
}
