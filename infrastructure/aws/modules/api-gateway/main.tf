data "aws_partition" "current" {}

locals {
  document = yamldecode(file(var.document))
  methods  = ["delete", "get", "head", "patch", "post", "put"]

  # Every operation with its references to shared parameters and answers resolved: API Gateway
  # follows references to schemas only.
  operations = merge([
    for path, item in local.document.paths : {
      for method, operation in item : operation.operationId => {
        path     = path
        method   = upper(method)
        service  = operation["x-bookstore-service"]
        security = try(operation.security, local.document.security)
        source   = operation
        parameters = [
          for parameter in try(operation.parameters, []) :
          try(local.document.components.parameters[basename(parameter["$ref"])], parameter)
        ]
        responses = {
          for status, response in operation.responses :
          status => try(local.document.components.responses[basename(response["$ref"])], response)
        }
      } if contains(local.methods, method)
    }
  ]...)
  own_operations     = [for id, operation in local.operations : id if operation.service == "gateway"]
  services_operation = { for id, operation in local.operations : id => operation if operation.service != "gateway" }

  token_schemes = [for name, scheme in local.document.components.securitySchemes : name if scheme.type == "oauth2"]
  required_scopes = toset(flatten([
    for operation in local.operations : [
      for requirement in operation.security : [for scheme, scopes in requirement : scopes if contains(local.token_schemes, scheme)]
    ]
  ]))
  unprotected_operations = [
    for id, operation in local.services_operation : id
    if length(operation.security) == 0 || !alltrue([for requirement in operation.security : length(flatten([for scheme in local.token_schemes : try(requirement[scheme], [])])) > 0])
  ]
  named_operations = setunion(
    keys(var.throttle.operations),
    keys(var.integration_timeout_ms.operations),
    flatten([for plan in values(var.usage_plans) : keys(plan.operations)]),
  )
}

# What API Gateway shows as documentation, taken from the document's own words.
locals {
  documentation_parts = concat(
    [{
      location   = { type = "API" }
      properties = { info = { description = local.document.info.description }, tags = try(local.document.tags, []) }
    }],
    [for name in local.token_schemes : {
      location   = { type = "AUTHORIZER", name = name }
      properties = { description = local.document.components.securitySchemes[name].description }
    }],
    [for name, schema in local.document.components.schemas : {
      location   = { type = "MODEL", name = name }
      properties = { description = schema.description }
    } if can(schema.description)],
    # Answers that operations share are said once: parts of the root are inherited.
    [for shared in distinct(flatten([
      for operation in local.operations : [
        for status, response in operation.source.responses : { status = status, name = basename(response["$ref"]) } if can(response["$ref"])
      ]
      ])) : {
      location   = { type = "RESPONSE", path = "/", method = "*", statusCode = shared.status }
      properties = { description = local.document.components.responses[shared.name].description }
    }],
    flatten([
      for operation in local.operations : concat(
        [{
          location   = { type = "METHOD", path = operation.path, method = operation.method }
          properties = { summary = operation.source.summary, description = operation.source.description, tags = operation.source.tags }
        }],
        [for parameter in operation.parameters : {
          location   = { type = local.part_types[parameter.in], path = operation.path, method = operation.method, name = parameter.name }
          properties = { description = parameter.description }
        } if can(parameter.description)],
        [for body in try([operation.source.requestBody], []) : {
          location   = { type = "REQUEST_BODY", path = operation.path, method = operation.method }
          properties = { description = body.description }
        } if can(body.description)],
        [for status, response in operation.source.responses : {
          location   = { type = "RESPONSE", path = operation.path, method = operation.method, statusCode = status }
          properties = { description = response.description }
        } if can(response.description)],
      )
    ]),
  )
  part_types            = { path = "PATH_PARAMETER", query = "QUERY_PARAMETER", header = "REQUEST_HEADER" }
  documentation_version = "${local.document.info.version}-${substr(sha1(jsonencode(local.documentation_parts)), 0, 8)}"
}

# What browsers ask before they call from another origin.
locals {
  # One answer can name one origin: which, is decided at each request.
  cors_template = <<-EOT
    #set($allowed = [${join(", ", [for origin in sort(var.cors.origins) : "\"${origin}\""])}])
    #set($origin = $input.params().header.get("Origin"))
    #if(!$origin || $origin == "")#set($origin = $input.params().header.get("origin"))#end
    #if($allowed.contains($origin))#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end
  EOT
  # Gateway responses know no conditions. Errors of the gateway itself tell nothing of anybody,
  # and no call carries cookies, so that any page may read them where several may call.
  cors_error_origin = length(var.cors.origins) == 1 ? one(var.cors.origins) : "*"

  preflight = {
    for path, item in local.document.paths : path => {
      operationId = "options${replace(title(replace(path, "/[^A-Za-z]+/", " ")), " ", "")}"
      responses = {
        "204" = {
          description = "What other origins may do."
          headers     = { for header in keys(local.preflight_headers) : header => { schema = { type = "string" } } }
        }
      }
      x-amazon-apigateway-integration = {
        type                = "mock"
        passthroughBehavior = "when_no_match"
        requestTemplates    = { "application/json" = jsonencode({ statusCode = 204 }) }
        responses = {
          default = {
            statusCode         = "204"
            responseTemplates  = { "application/json" = local.cors_template }
            responseParameters = { for header, value in merge(local.preflight_headers, { Access-Control-Allow-Methods = join(",", sort(concat(["OPTIONS"], [for method in keys(item) : upper(method) if contains(local.methods, method)]))) }) : "method.response.header.${header}" => "'${value}'" if header != "Access-Control-Allow-Origin" }
          }
        }
      }
    }
  }
  preflight_headers = {
    Access-Control-Allow-Headers = join(",", sort(var.cors.headers))
    Access-Control-Allow-Methods = ""
    Access-Control-Allow-Origin  = ""
    Access-Control-Max-Age       = tostring(var.cors.max_age_seconds)
    Vary                         = "Origin"
  }
}

# What the gateway answers where no service does, as RFC 9457 asks.
locals {
  gateway_errors = {
    ACCESS_DENIED                  = { status = "403", title = "Forbidden" }
    API_CONFIGURATION_ERROR        = { status = "500", title = "Internal Server Error" }
    AUTHORIZER_CONFIGURATION_ERROR = { status = "500", title = "Internal Server Error" }
    AUTHORIZER_FAILURE             = { status = "500", title = "Internal Server Error" }
    BAD_REQUEST_BODY               = { status = "400", title = "Bad Request", detail = "$context.error.validationErrorString" }
    BAD_REQUEST_PARAMETERS         = { status = "400", title = "Bad Request" }
    DEFAULT_4XX                    = { title = "The request was refused" }
    DEFAULT_5XX                    = { title = "The request failed" }
    EXPIRED_TOKEN                  = { status = "401", title = "Unauthorized" }
    INTEGRATION_FAILURE            = { status = "502", title = "Bad Gateway" }
    INTEGRATION_TIMEOUT            = { status = "504", title = "Gateway Timeout" }
    INVALID_API_KEY                = { status = "403", title = "Forbidden" }
    # A path or method that the document does not have; AWS would say 403.
    MISSING_AUTHENTICATION_TOKEN = { status = "404", title = "Not Found", detail = "There is no such operation." }
    QUOTA_EXCEEDED               = { status = "429", title = "Too Many Requests" }
    REQUEST_TOO_LARGE            = { status = "413", title = "Content Too Large" }
    RESOURCE_NOT_FOUND           = { status = "404", title = "Not Found" }
    THROTTLED                    = { status = "429", title = "Too Many Requests", retry_after = "1" }
    UNAUTHORIZED                 = { status = "401", title = "Unauthorized" }
    UNSUPPORTED_MEDIA_TYPE       = { status = "415", title = "Unsupported Media Type" }
    WAF_FILTERED                 = { status = "403", title = "Forbidden" }
  }

  gateway_responses = {
    for type, error in local.gateway_errors : type => merge(
      { for name, value in { statusCode = try(error.status, "") } : name => value if value != "" },
      {
        responseParameters = merge(
          {
            "gatewayresponse.header.Access-Control-Allow-Origin" = "'${local.cors_error_origin}'"
            "gatewayresponse.header.Cache-Control"               = "'no-store'"
            "gatewayresponse.header.Content-Type"                = "'application/problem+json'"
          },
          { for header, value in { "gatewayresponse.header.Retry-After" = try(error.retry_after, "") } : header => "'${value}'" if value != "" },
        )
        # Not jsonencode: API Gateway fills in the message with its quotes.
        responseTemplates = {
          "application/json" = join("", [
            "{\"type\":\"about:blank\",\"title\":${jsonencode(error.title)},",
            join("", [for status in try([error.status], []) : "\"status\":${status},"]),
            "\"detail\":${try(startswith(error.detail, "$") ? "\"${error.detail}\"" : jsonencode(error.detail), "$context.error.messageString")},",
            "\"instance\":\"urn:uuid:$context.requestId\"}",
          ])
        }
      },
    )
  }
}

# The document as API Gateway takes it.
locals {
  # A service's answer through the VPC link, at the same path. The headers are the gateway's
  # whatever the caller sent; query and other headers pass as they are.
  proxies = {
    for id, operation in local.services_operation : id => {
      type                = "http_proxy"
      httpMethod          = operation.method
      uri                 = "https://${var.origin_domain}${operation.path}"
      connectionType      = "VPC_LINK"
      connectionId        = aws_api_gateway_vpc_link.this.id
      passthroughBehavior = "when_no_match"
      timeoutInMillis     = lookup(var.integration_timeout_ms.operations, id, var.integration_timeout_ms.default)
      requestParameters = merge(
        {
          "integration.request.header.X-Bookstore-Color" = "stageVariables.color"
          "integration.request.header.X-Request-Id"      = "context.requestId"
        },
        { for parameter in operation.parameters : "integration.request.path.${parameter.name}" => "method.request.path.${parameter.name}" if parameter.in == "path" },
      )
    }
  }

  # Answered by the gateway itself, with the document's example.
  mocks = {
    for id in local.own_operations : id => {
      type                = "mock"
      passthroughBehavior = "when_no_match"
      requestTemplates    = { "application/json" = jsonencode({ statusCode = 200 }) }
      responses = {
        default = {
          statusCode        = "200"
          responseTemplates = { "application/json" = jsonencode(local.operations[id].responses["200"].content["application/json"].example) }
        }
      }
    }
  }

  body = jsonencode({
    openapi = local.document.openapi
    info    = local.document.info
    paths = {
      for path, item in local.document.paths : path => merge(
        {
          for id, operation in local.operations : lower(operation.method) => merge(
            {
              operationId                           = id
              parameters                            = [for parameter in operation.parameters : { for name, value in parameter : name => value if !contains(["description", "example"], name) }]
              responses                             = operation.responses
              security                              = flatten([for requirement in operation.security : [for scheme, scopes in requirement : { (scheme) = scopes }]])
              x-amazon-apigateway-request-validator = "all"
              x-amazon-apigateway-integration       = merge(local.proxies, local.mocks)[id]
            },
            { for name, value in operation.source : name => { for key, part in value : key => part if key != "description" } if name == "requestBody" },
          ) if operation.path == path
        },
        { options = local.preflight[path] },
      )
    }
    components = {
      schemas = local.document.components.schemas
      securitySchemes = merge(
        {
          for name in local.token_schemes : name => {
            type                         = "apiKey"
            name                         = "Authorization"
            in                           = "header"
            x-amazon-apigateway-authtype = "cognito_user_pools"
            x-amazon-apigateway-authorizer = {
              type         = "cognito_user_pools"
              providerARNs = [var.user_pool_arn]
            }
          }
        },
        { for name, scheme in local.document.components.securitySchemes : name => { type = "apiKey", name = lower(scheme.name), in = "header" } if scheme.type == "apiKey" },
      )
    }
    x-amazon-apigateway-api-key-source    = "HEADER"
    x-amazon-apigateway-gateway-responses = local.gateway_responses
    x-amazon-apigateway-request-validators = {
      all = { validateRequestBody = true, validateRequestParameters = true }
    }
    x-amazon-apigateway-documentation = {
      version            = local.documentation_version
      documentationParts = local.documentation_parts
    }
  })
}

resource "aws_api_gateway_vpc_link" "this" {
  name        = var.name
  description = "From ${var.name} to its services"
  target_arns = [var.nlb_arn]

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_api_gateway_rest_api" "this" {
  name                         = var.name
  description                  = local.document.info.title
  body                         = local.body
  put_rest_api_mode            = "overwrite"
  fail_on_warnings             = var.fail_on_warnings
  api_key_source               = "HEADER"
  minimum_compression_size     = tostring(var.minimum_compression_bytes)
  disable_execute_api_endpoint = var.domain != null

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(setsubtract([for operation in local.services_operation : operation.service], var.services)) == 0
      error_message = "The document has operations of services that are not behind origin_domain: ${join(", ", setsubtract([for operation in local.services_operation : operation.service], var.services))}. Add them to services, or correct x-bookstore-service."
    }
    precondition {
      condition     = length(local.unprotected_operations) == 0
      error_message = "These operations can be called without an access token and a scope: ${join(", ", local.unprotected_operations)}. Write security for them in the document."
    }
    precondition {
      condition     = length(setsubtract(local.required_scopes, var.scopes)) == 0
      error_message = "The document asks for scopes that the user pool does not have: ${join(", ", setsubtract(local.required_scopes, var.scopes))}. Add them to the pool's resource server, or correct the document."
    }
    precondition {
      condition     = length(setsubtract(local.named_operations, keys(local.operations))) == 0
      error_message = "throttle, integration_timeout_ms or usage_plans name operations that the document does not have: ${join(", ", setsubtract(local.named_operations, keys(local.operations)))}. Write an operationId of the document."
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  description = "Document ${local.document.info.version}"

  # Settings of the API beside its body also reach callers with a deployment only.
  triggers = {
    body     = sha1(aws_api_gateway_rest_api.this.body)
    settings = "${aws_api_gateway_rest_api.this.disable_execute_api_endpoint}/${aws_api_gateway_rest_api.this.minimum_compression_size}"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# A snapshot of the parts the body brought: a changed word makes another.
resource "aws_api_gateway_documentation_version" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  version     = local.documentation_version
  description = local.document.info.title

  lifecycle {
    create_before_destroy = true
  }
}

# The API shows it to the load balancer. It lasts a year: replace it with
# terraform apply -replace, which makes the new one first.
resource "aws_api_gateway_client_certificate" "this" {
  description = "${var.name} to its services"

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "/aws/apigateway/${var.name}/access"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

# Made before the stage: API Gateway would create it unencrypted and without end.
resource "aws_cloudwatch_log_group" "execution" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "logs" {
  count = var.manage_account ? 1 : 0

  name = "${var.name}-api-gateway-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "logs" {
  count = var.manage_account ? 1 : 0

  role       = aws_iam_role.logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.logs]
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV2_AWS_29:The module waf attaches the web ACL, by the output stage_arn
  #checkov:skip=CKV_AWS_120:Answers differ by user and token, which a cache in front of the services would mix; they cache in Redis
  rest_api_id           = aws_api_gateway_rest_api.this.id
  deployment_id         = aws_api_gateway_deployment.this.id
  stage_name            = var.stage_name
  description           = "${local.document.info.title}, ${var.name}"
  documentation_version = aws_api_gateway_documentation_version.this.version
  client_certificate_id = aws_api_gateway_client_certificate.this.id
  xray_tracing_enabled  = true

  # Which of the two colours answers: live leaves it to the load balancer's weights.
  variables = { color = "live" }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      extendedRequestId  = "$context.extendedRequestId"
      traceId            = "$context.xrayTraceId"
      time               = "$context.requestTime"
      sourceIp           = "$context.identity.sourceIp"
      userAgent          = "$context.identity.userAgent"
      user               = "$context.authorizer.claims.sub"
      client             = "$context.authorizer.claims.client_id"
      apiKeyId           = "$context.identity.apiKeyId"
      method             = "$context.httpMethod"
      resource           = "$context.resourcePath"
      path               = "$context.path"
      protocol           = "$context.protocol"
      status             = "$context.status"
      responseLength     = "$context.responseLength"
      responseLatency    = "$context.responseLatency"
      integrationStatus  = "$context.integration.status"
      integrationLatency = "$context.integration.latency"
      integrationError   = "$context.integration.error"
      authorizerError    = "$context.authorizer.error"
      wafStatus          = "$context.waf.status"
      wafResponse        = "$context.wafResponseCode"
      errorType          = "$context.error.responseType"
      error              = "$context.error.message"
      canary             = "$context.isCanaryRequest"
      stage              = "$context.stage"
    })
  }

  tags = merge(var.tags, { Name = "${var.name}-${var.stage_name}" })

  depends_on = [aws_api_gateway_account.this, aws_cloudwatch_log_group.execution]

  lifecycle {
    # A release owns both while it moves traffic between the colours: put back here, a plan made
    # meanwhile would undo the release.
    ignore_changes = [canary_settings, variables]
  }
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:Answers differ by user and token, which a cache in front of the services would mix; they cache in Redis
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = var.execution_log_level
    data_trace_enabled     = false # it would log tokens and bodies
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
    caching_enabled        = false
    cache_data_encrypted   = true # should anybody switch the cache on
  }
}

# A method with settings of its own has none of the stage's: all are said again.
resource "aws_api_gateway_method_settings" "operation" {
  #checkov:skip=CKV_AWS_225:Answers differ by user and token, which a cache in front of the services would mix; they cache in Redis
  for_each = { for id, limit in var.throttle.operations : id => limit if contains(keys(local.operations), id) }

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  # Slashes within the path are written ~1, as in a JSON pointer.
  method_path = "${replace(local.operations[each.key].path, "/", "~1")}/${local.operations[each.key].method}"

  settings {
    metrics_enabled        = true
    logging_level          = var.execution_log_level
    data_trace_enabled     = false
    throttling_rate_limit  = each.value.rate
    throttling_burst_limit = each.value.burst
    caching_enabled        = false
    cache_data_encrypted   = true
  }

  depends_on = [aws_api_gateway_method_settings.all]
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.usage_plans

  name        = "${var.name}-${each.key}"
  description = each.value.description

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name

    dynamic "throttle" {
      for_each = { for id, limit in each.value.operations : "${local.operations[id].path}/${local.operations[id].method}" => limit if contains(keys(local.operations), id) }

      content {
        path        = throttle.key
        rate_limit  = throttle.value.rate
        burst_limit = throttle.value.burst
      }
    }
  }

  throttle_settings {
    rate_limit  = each.value.rate
    burst_limit = each.value.burst
  }

  quota_settings {
    limit  = each.value.quota.limit
    period = each.value.quota.period
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_api_gateway_api_key" "this" {
  for_each = var.api_keys

  name        = "${var.name}-${each.key}"
  description = coalesce(each.value.description, "Client ${each.key}")
  enabled     = each.value.enabled

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    precondition {
      condition     = contains(keys(var.usage_plans), each.value.plan)
      error_message = "api_keys: ${each.key} is under the plan ${each.value.plan}, which usage_plans does not have. Add it there, or write one of ${join(", ", keys(var.usage_plans))}."
    }
  }
}

resource "aws_api_gateway_usage_plan_key" "this" {
  for_each = { for client, key in var.api_keys : client => key if contains(keys(var.usage_plans), key.plan) }

  key_id        = aws_api_gateway_api_key.this[each.key].id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this[each.value.plan].id
}

resource "aws_api_gateway_domain_name" "this" {
  count = var.domain == null ? 0 : 1

  domain_name              = var.domain.name
  regional_certificate_arn = var.domain.certificate_arn
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = merge(var.tags, { Name = var.domain.name })
}

resource "aws_api_gateway_base_path_mapping" "this" {
  count = var.domain == null ? 0 : 1

  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  domain_name = aws_api_gateway_domain_name.this[0].domain_name
}

resource "aws_route53_record" "this" {
  count = var.domain == null ? 0 : 1

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this[0].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this[0].regional_zone_id
    evaluate_target_health = false
  }
}
