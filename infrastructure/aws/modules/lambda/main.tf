data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  full_name = "${var.name}-${var.function}"
  # Written out, so that a plan shows the whole policies.
  arn           = "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${local.full_name}"
  log_group     = "/aws/lambda/${local.full_name}"
  log_group_arn = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${local.log_group}"
  package       = coalesce(var.package, "${path.module}/functions/${var.function}.zip")

  queues   = { for key, source in var.event_sources : key => source if source.kind == "sqs" }
  streams  = { for key, source in var.event_sources : key => source if source.kind == "dynamodb" }
  failures = sort(distinct(concat([var.dead_letter_queue_arn], [for stream in values(local.streams) : stream.dead_letter_arn])))

  statements = concat(
    [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local.log_group_arn}:*"]
    }],
    [{
      Sid    = "SendTraces"
      Effect = "Allow"
      Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      # X-Ray knows no resources for these.
      Resource = ["*"]
    }],
    [{
      Sid      = "SendFailures"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = local.failures
    }],
    [for key in keys(local.queues) : {
      Sid      = "Receive${replace(title(key), "-", "")}"
      Effect   = "Allow"
      Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = [local.queues[key].arn]
    }],
    [for key in keys(local.streams) : {
      Sid      = "Read${replace(title(key), "-", "")}"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      Resource = [local.streams[key].arn]
    }],
    [for key in keys(local.streams) : {
      Sid    = "List${replace(title(key), "-", "")}"
      Effect = "Allow"
      Action = ["dynamodb:ListStreams"]
      # The streams the table had and has: the action knows no single one.
      Resource = [replace(local.streams[key].arn, "/\\/stream\\/.*$/", "/stream/*")]
    }],
    [for service in sort(keys(var.data_keys)) : {
      Sid       = "KeyOf${title(service)}"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [var.data_keys[service]]
      Condition = { StringEquals = { "kms:ViaService" = "${service}.${local.region}.amazonaws.com" } }
    }],
    [for statement in var.statements : merge(
      {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = sort(statement.actions)
        Resource = sort(statement.resources)
      },
      length(statement.conditions) == 0 ? {} : { Condition = statement.conditions },
    )],
  )
}

# Made before the function: Lambda would create it unencrypted and without end.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "this" {
  name        = local.full_name
  description = "What the function ${local.full_name} may do"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  #checkov:skip=CKV_AWS_290:Only the two X-Ray actions have no resource to name; every other statement names its own
  #checkov:skip=CKV_AWS_355:Only the two X-Ray actions have no resource to name; every other statement names its own
  name = "work"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements
  })
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:Failed asynchronous calls go to a queue by the on-failure destination below, which also says why they failed; with a dead-letter queue too they would arrive twice
  #checkov:skip=CKV_AWS_117:It touches AWS's APIs only; outside the VPC it can reach no database, and the network needs no edge for it
  #checkov:skip=CKV_AWS_272:The package is in this repository, reviewed and hashed into the plan; a signing profile would sign the same bytes in the same pipeline
  function_name = local.full_name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename         = local.package
  source_code_hash = filebase64sha256(local.package)
  handler          = var.handler
  runtime          = var.runtime
  architectures    = [var.architecture]
  # Every change of code or settings is a version, which the alias names: Terraform releases functions.
  publish = true

  memory_size                    = var.memory_mib
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.key_arn

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []

    content {
      variables = environment.value
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = var.log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = local.full_name })

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that everything calls"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_function_event_invoke_config" "live" {
  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_event_age_in_seconds = var.async_max_age_seconds
  maximum_retry_attempts       = var.async_max_retries

  destination_config {
    on_failure {
      destination = var.dead_letter_queue_arn
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queues

  event_source_arn                   = each.value.arn
  function_name                      = aws_lambda_alias.live.arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batching_window_seconds
  kms_key_arn                        = length(each.value.filters) > 0 ? var.key_arn : null
  # One bad message does not bring the good ones back.
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) > 0 ? [each.value.filters] : []

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  # Without a limit here the poller takes more than the function may run, and throttled messages become dead letters.
  scaling_config {
    maximum_concurrency = coalesce(each.value.max_concurrency, max(2, var.reserved_concurrency))
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = coalesce(each.value.max_concurrency, max(2, var.reserved_concurrency)) <= var.reserved_concurrency
      error_message = "The queue ${each.key} would run ${coalesce(each.value.max_concurrency, max(2, var.reserved_concurrency))} batches at once, and reserved_concurrency is ${var.reserved_concurrency}: write max_concurrency = ${var.reserved_concurrency} or less, or a higher reserved_concurrency (2 at least)."
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = local.streams

  event_source_arn                   = each.value.arn
  function_name                      = aws_lambda_alias.live.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batching_window_seconds
  parallelization_factor             = each.value.parallelization
  kms_key_arn                        = length(each.value.filters) > 0 ? var.key_arn : null
  function_response_types            = ["ReportBatchItemFailures"]
  # A record that cannot be handled is found, set aside and does not stop its shard.
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = each.value.max_retries
  maximum_record_age_in_seconds  = each.value.max_age_seconds

  destination_config {
    on_failure {
      destination_arn = each.value.dead_letter_arn
    }
  }

  dynamic "filter_criteria" {
    for_each = length(each.value.filters) > 0 ? [each.value.filters] : []

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_permission" "this" {
  for_each = var.invokers

  statement_id   = each.key
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  qualifier      = each.value.unqualified ? null : aws_lambda_alias.live.name
  principal      = each.value.principal
  source_arn     = each.value.source_arn
  source_account = local.account_id
}
