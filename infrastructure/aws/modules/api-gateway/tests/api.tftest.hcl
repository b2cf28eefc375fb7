mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/logs" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:access" }
  }
  mock_resource "aws_api_gateway_vpc_link" {
    defaults = { id = "link1" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { id = "api1", execution_arn = "arn:aws:execute-api:eu-west-1:111111111111:api1" }
  }
  mock_resource "aws_api_gateway_client_certificate" {
    defaults = { id = "certificate1" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = {
      arn        = "arn:aws:apigateway:eu-west-1::/restapis/api1/stages/live"
      invoke_url = "https://api1.execute-api.eu-west-1.amazonaws.com/live"
    }
  }
  mock_resource "aws_api_gateway_domain_name" {
    defaults = { regional_domain_name = "d-1.execute-api.eu-west-1.amazonaws.com", regional_zone_id = "Z1" }
  }
  mock_resource "aws_api_gateway_usage_plan" {
    defaults = { id = "plan1" }
  }
}

variables {
  name          = "bookstore-test"
  document      = "../../api/openapi.yaml"
  services      = ["cart", "catalog", "orders", "payments", "reviews", "search", "users"]
  nlb_arn       = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/bookstore-test/1"
  origin_domain = "origin.test.bookstore.example.com"
  user_pool_arn = "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_pool"
  scopes = [
    "bookstore/books.feed", "bookstore/books.read", "bookstore/books.write", "bookstore/cart.read", "bookstore/cart.write",
    "bookstore/orders.bulk", "bookstore/orders.manage", "bookstore/orders.read", "bookstore/orders.write",
    "bookstore/payments.read", "bookstore/payments.refund", "bookstore/payments.write",
    "bookstore/reviews.moderate", "bookstore/reviews.read", "bookstore/reviews.write",
    "bookstore/users.manage", "bookstore/users.read", "bookstore/users.write",
  ]
  cors        = { origins = ["https://www.test.bookstore.example.com", "https://admin.test.bookstore.example.com"] }
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "every_operation_is_checked_and_authorised" {
  assert {
    condition = alltrue(flatten([
      for path, item in jsondecode(aws_api_gateway_rest_api.this.body).paths : [
        for method, operation in item : (
          operation["x-amazon-apigateway-request-validator"] == "all"
          && (path == "/health" ? length(operation.security) == 0 : length(flatten([for requirement in operation.security : try(requirement.accessToken, [])])) > 0)
        ) if method != "options"
      ]
    ]))
    error_message = "All but the health check ask for a token with a scope, and all are validated."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes.accessToken["x-amazon-apigateway-authorizer"] == { type = "cognito_user_pools", providerARNs = [var.user_pool_arn] }
    error_message = "Tokens are those of the user pool."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-request-validators"].all == { validateRequestBody = true, validateRequestParameters = true }
    error_message = "Bodies and parameters are validated."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/orders/bulk"].post.security == [{ accessToken = ["bookstore/orders.bulk"] }, { clientKey = [] }]
    error_message = "A partner's operation asks for a token and for an API key."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes.clientKey == { type = "apiKey", name = "x-api-key", in = "header" }
    error_message = "API Gateway knows the header of API keys by this name."
  }
  assert {
    condition     = !strcontains(aws_api_gateway_rest_api.this.body, "x-bookstore")
    error_message = "What only this module reads stays here."
  }
  # Services answer through the link.
  assert {
    condition = alltrue(flatten([
      for path, item in jsondecode(aws_api_gateway_rest_api.this.body).paths : [
        for method, operation in item : (
          operation["x-amazon-apigateway-integration"].type == "http_proxy"
          && operation["x-amazon-apigateway-integration"].connectionType == "VPC_LINK"
          && operation["x-amazon-apigateway-integration"].connectionId == "link1"
          && operation["x-amazon-apigateway-integration"].uri == "https://origin.test.bookstore.example.com${path}"
          && operation["x-amazon-apigateway-integration"].httpMethod == upper(method)
          && operation["x-amazon-apigateway-integration"].requestParameters["integration.request.header.X-Bookstore-Color"] == "stageVariables.color"
          && operation["x-amazon-apigateway-integration"].requestParameters["integration.request.header.X-Request-Id"] == "context.requestId"
        ) if method != "options" && path != "/health"
      ]
    ]))
    error_message = "Every operation leads to the same path behind the VPC link, with the colour of the stage."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/users/me/addresses/{addressId}"].delete["x-amazon-apigateway-integration"].requestParameters["integration.request.path.addressId"] == "method.request.path.addressId"
    error_message = "Path parameters are passed on."
  }
  assert {
    condition = (
      jsondecode(aws_api_gateway_rest_api.this.body).paths["/health"].get["x-amazon-apigateway-integration"].type == "mock"
      && jsondecode(jsondecode(aws_api_gateway_rest_api.this.body).paths["/health"].get["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]) == { status = "ok" }
    )
    error_message = "The health check is answered by the gateway, as its example says."
  }
  assert {
    condition     = aws_api_gateway_vpc_link.this.target_arns[0] == var.nlb_arn
    error_message = "The link leads to the network load balancer."
  }
  assert {
    condition     = output.operations["placeOrder"] == { method = "POST", path = "/orders", service = "orders" }
    error_message = "Others find the operations here."
  }
  # Other origins are answered.
  assert {
    condition = alltrue([
      for path, item in jsondecode(aws_api_gateway_rest_api.this.body).paths : (
        item.options["x-amazon-apigateway-integration"].type == "mock"
        && strcontains(item.options["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"], "[\"https://admin.test.bookstore.example.com\", \"https://www.test.bookstore.example.com\"]")
        && !can(item.options.security)
      )
    ])
    error_message = "Every path answers a preflight for the given origins only."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/cart"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Methods"] == "'DELETE,GET,OPTIONS'"
    error_message = "A preflight names the methods of its path."
  }
  assert {
    condition     = strcontains(jsondecode(aws_api_gateway_rest_api.this.body).paths["/cart"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Headers"], "Authorization")
    error_message = "A token may be sent."
  }
  assert {
    condition = alltrue([
      for answer in values(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"]) : (
        answer.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
        && answer.responseParameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
      )
    ])
    error_message = "Errors of the gateway can be read by every page, as problems."
  }
  # Errors are problems.
  assert {
    condition = alltrue([
      for answer in values(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"]) :
      can(jsondecode(replace(answer.responseTemplates["application/json"], "\"detail\":$context.error.messageString", "\"detail\":\"\"")).title)
    ])
    error_message = "Every template is JSON once API Gateway has filled it in."
  }
  assert {
    condition = (
      jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].MISSING_AUTHENTICATION_TOKEN.statusCode == "404"
      && jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].THROTTLED.responseParameters["gatewayresponse.header.Retry-After"] == "'1'"
      && strcontains(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY.responseTemplates["application/json"], "\"detail\":\"$context.error.validationErrorString\"")
      && !can(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].DEFAULT_4XX.statusCode)
    )
    error_message = "A route that is not there is 404, a throttled request may come back, a refused body is told why."
  }
  # Documentation is published.
  assert {
    condition     = length([for part in jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-documentation"].documentationParts : part if part.location.type == "METHOD"]) == length(output.operations)
    error_message = "Every operation is documented."
  }
  assert {
    condition     = contains([for part in jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-documentation"].documentationParts : jsonencode(part.location)], jsonencode({ type = "RESPONSE", path = "/", method = "*", statusCode = "429" }))
    error_message = "Shared answers are documented once."
  }
  assert {
    condition = (
      startswith(output.documentation_version, "1.0.0-")
      && aws_api_gateway_stage.this.documentation_version == output.documentation_version
      && aws_api_gateway_documentation_version.this.version == jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-documentation"].version
    )
    error_message = "The stage publishes the documentation of its document."
  }
  # Safe by default.
  assert {
    condition = (
      aws_api_gateway_rest_api.this.endpoint_configuration[0].types == tolist(["REGIONAL"])
      && !aws_api_gateway_rest_api.this.disable_execute_api_endpoint
      && length(aws_api_gateway_domain_name.this) == 0
      && length(aws_route53_record.this) == 0
      && output.url == "https://api1.execute-api.eu-west-1.amazonaws.com/live"
    )
    error_message = "A regional API under the name of AWS, where no other is given."
  }
  assert {
    condition = (
      aws_api_gateway_stage.this.xray_tracing_enabled
      && aws_api_gateway_stage.this.client_certificate_id == "certificate1"
      && aws_api_gateway_stage.this.variables == tomap({ color = "live" })
      && jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format).requestId == "$context.requestId"
    )
    error_message = "Traced, logged as JSON, with a certificate for what is behind it; the load balancer weighs the colours."
  }
  assert {
    condition = (
      aws_api_gateway_method_settings.all.method_path == "*/*"
      && aws_api_gateway_method_settings.all.settings[0].metrics_enabled
      && aws_api_gateway_method_settings.all.settings[0].logging_level == "ERROR"
      && !aws_api_gateway_method_settings.all.settings[0].data_trace_enabled
      && !aws_api_gateway_method_settings.all.settings[0].caching_enabled
      && aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 500
    )
    error_message = "Measured, logged without bodies and limited."
  }
  assert {
    condition = alltrue([
      for group in [aws_cloudwatch_log_group.access, aws_cloudwatch_log_group.execution] : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365
    ]) && output.log_group_names == { access = "/aws/apigateway/bookstore-test/access", execution = "API-Gateway-Execution-Logs_api1/live" }
    error_message = "Both logs are encrypted and end."
  }
  assert {
    condition     = jsondecode(aws_iam_role.logs[0].assume_role_policy).Statement[0].Principal.Service == "apigateway.amazonaws.com" && aws_api_gateway_account.this[0].cloudwatch_role_arn == "arn:aws:iam::111111111111:role/logs"
    error_message = "API Gateway may write logs."
  }
  assert {
    condition     = output.stage_arn == "arn:aws:apigateway:eu-west-1::/restapis/api1/stages/live" && length(output.usage_plan_ids) == 0
    error_message = "A web ACL can be attached; plans are asked for."
  }
  # A change is deployed.
  assert {
    condition     = aws_api_gateway_deployment.this.triggers == tomap({ body = sha1(aws_api_gateway_rest_api.this.body), settings = "false/1024" })
    error_message = "Body and settings reach callers with a deployment."
  }
}

run "own_domain" {
  variables {
    domain = { name = "api.test.bookstore.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111111111111:certificate/1", zone_id = "Z9" }
  }

  assert {
    condition = (
      aws_api_gateway_rest_api.this.disable_execute_api_endpoint
      && aws_api_gateway_domain_name.this[0].security_policy == "TLS_1_2"
      && aws_api_gateway_domain_name.this[0].regional_certificate_arn == var.domain.certificate_arn
      && length(aws_api_gateway_domain_name.this[0].mutual_tls_authentication) == 0
      && aws_api_gateway_base_path_mapping.this[0].stage_name == "live"
      && aws_route53_record.this[0].zone_id == "Z9"
      && one(aws_route53_record.this[0].alias).name == "d-1.execute-api.eu-west-1.amazonaws.com"
      && output.url == "https://api.test.bookstore.example.com"
    )
    error_message = "Its own name over TLS 1.2, and no way around it."
  }
}

run "limits_and_timeouts_are_data" {
  variables {
    throttle               = { rate = 50, burst = 100, operations = { moderateReview = { rate = 5, burst = 10 } } }
    integration_timeout_ms = { default = 5000, operations = { payOrder = 25000 } }
    usage_plans = {
      partner = { description = "Partners", rate = 5, burst = 10, quota = { limit = 1000 }, operations = { placeBulkOrder = { rate = 1, burst = 2 } } }
    }
    api_keys = { library = { plan = "partner" } }
  }

  assert {
    condition = (
      aws_api_gateway_method_settings.operation["moderateReview"].method_path == "~1reviews~1{reviewId}~1moderation/PUT"
      && aws_api_gateway_method_settings.operation["moderateReview"].settings[0].throttling_rate_limit == 5
      && aws_api_gateway_method_settings.operation["moderateReview"].settings[0].metrics_enabled
      && aws_api_gateway_method_settings.operation["moderateReview"].settings[0].logging_level == "ERROR"
    )
    error_message = "A method with limits of its own is measured and logged like all."
  }
  assert {
    condition = (
      jsondecode(aws_api_gateway_rest_api.this.body).paths["/payments"].post["x-amazon-apigateway-integration"].timeoutInMillis == 25000
      && jsondecode(aws_api_gateway_rest_api.this.body).paths["/cart"].get["x-amazon-apigateway-integration"].timeoutInMillis == 5000
    )
    error_message = "Operations wait as long as they are told."
  }
  assert {
    condition = (
      one(aws_api_gateway_usage_plan.this["partner"].quota_settings).period == "DAY"
      && one(one(aws_api_gateway_usage_plan.this["partner"].api_stages).throttle).path == "/orders/bulk/POST"
      && aws_api_gateway_usage_plan_key.this["library"].usage_plan_id == "plan1"
      && output.usage_plan_ids == { partner = "plan1" }
    )
    error_message = "A client's key is under its plan."
  }
}

run "one_origin_alone_reads_errors" {
  command = plan

  variables {
    cors = { origins = ["https://www.test.bookstore.example.com"] }
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].UNAUTHORIZED.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://www.test.bookstore.example.com'"
    error_message = "With one origin, errors are for it alone."
  }
}

run "account_settings_of_somebody_else" {
  command = plan

  variables {
    manage_account = false
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.logs) == 0
    error_message = "The account's setting is left alone."
  }
}

run "takes_a_document_that_fits" {
  command = plan

  variables {
    document = "tests/documents/toys.yaml"
    services = ["toys"]
    scopes   = ["bookstore/toys.read"]
  }

  assert {
    condition     = keys(output.operations) == ["listToys"]
    error_message = "Any document will do that says who answers and what is asked for."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    name                      = "bookstore--test"
    services                  = []
    origin_domain             = "https://origin.test.bookstore.example.com/"
    scopes                    = ["books.read"]
    cors                      = { origins = ["http://localhost"] }
    throttle                  = { rate = 20000 }
    integration_timeout_ms    = { default = 30000 }
    usage_plans               = { "Partner!" = { description = "x", rate = 1, burst = 1, quota = { limit = 1 } } }
    api_keys                  = { "Library!" = { plan = "partner" } }
    domain                    = { name = "https://api", certificate_arn = "arn:aws:acm:eu-west-1:111111111111:certificate/1", zone_id = "Z9" }
    stage_name                = "Live!"
    execution_log_level       = "OFF"
    log_retention_days        = 0
    minimum_compression_bytes = -1
    document                  = "tests/documents/none.yaml"
  }

  expect_failures = [
    var.name,
    var.services,
    var.origin_domain,
    var.scopes,
    var.cors,
    var.throttle,
    var.integration_timeout_ms,
    var.usage_plans,
    var.api_keys,
    var.domain,
    var.stage_name,
    var.execution_log_level,
    var.log_retention_days,
    var.minimum_compression_bytes,
    var.document,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A service of the gateways name.
    services = ["cart", "catalog", "gateway", "orders", "payments", "reviews", "search", "users"]
    # Headers and ages that browsers do not take.
    cors = { origins = ["https://www.test.bookstore.example.com"], headers = ["*"], max_age_seconds = 90000 }
    # Plans without limits.
    usage_plans = { partner = { description = "x", rate = 0, burst = 1, quota = { limit = 0, period = "YEAR" } } }
    document    = "README.md"
  }

  expect_failures = [var.services, var.cors, var.usage_plans, var.document]
}

run "refuses_a_service_that_is_not_there" {
  command = plan

  variables {
    document = "tests/documents/toys.yaml"
    scopes   = ["bookstore/toys.read"]
    api_keys = { library = { plan = "partner" } }
  }

  expect_failures = [aws_api_gateway_rest_api.this, aws_api_gateway_api_key.this]
}

run "refuses_a_scope_that_nobody_grants" {
  command = plan

  variables {
    document = "tests/documents/toys.yaml"
    services = ["toys"]
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "refuses_an_operation_without_a_token" {
  command = plan

  variables {
    document = "tests/documents/open.yaml"
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "refuses_operations_that_are_not_there" {
  command = plan

  variables {
    throttle               = { operations = { sellHouse = { rate = 1, burst = 1 } } }
    integration_timeout_ms = { operations = { sellHouse = 1000 } }
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}
