data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  pipeline         = "${var.name}-infrastructure"
  pipeline_arn     = "arn:${local.partition}:codepipeline:${local.region}:${local.account_id}:${local.pipeline}"
  failure_rule     = "${local.pipeline}-failed"
  failure_rule_arn = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.failure_rule}"
  bucket_arn       = "arn:${local.partition}:s3:::${var.artifact_bucket}"
  # CodePipeline keeps a pipeline's artifacts below the first twenty letters of its name.
  artifacts_arn = "${local.bucket_arn}/${substr(local.pipeline, 0, 20)}/*"
  state_arn     = "arn:${local.partition}:s3:::${var.state.bucket}"

  stages = {
    plan  = { minutes = var.timeouts.plan_minutes, policies = var.plan_policy_arns }
    apply = { minutes = var.timeouts.apply_minutes, policies = var.apply_policy_arns }
  }

  environment = {
    BSOPS_ENV              = var.environment
    BSOPS_PACKAGE          = var.package
    LOCK_TIMEOUT           = "${var.timeouts.lock_minutes}m"
    TERRAFORM_VERSION      = var.terraform.version
    TERRAFORM_SHA256       = var.terraform.sha256
    TERRAFORM_ARCHITECTURE = var.builder.architecture
    ARTIFACT_BUCKET        = var.artifact_bucket
    ARTIFACT_KEY           = var.artifact_key_arn
  }

  artifact_statements = [
    {
      Sid      = "Artifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
      Resource = [local.artifacts_arn]
    },
    {
      Sid      = "ArtifactBucket"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:GetBucketVersioning"]
      Resource = [local.bucket_arn]
    },
    {
      Sid       = "ArtifactKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource  = [var.artifact_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com" } }
    },
  ]

  # A plan reads the state under its lock; an apply also writes it.
  state_statements = {
    for stage in keys(local.stages) : stage => concat(
      [
        {
          Sid      = "State"
          Effect   = "Allow"
          Action   = stage == "apply" ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
          Resource = ["${local.state_arn}/${var.state.key}"]
        },
        {
          Sid      = "StateLock"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = ["${local.state_arn}/${var.state.key}.tflock"]
        },
        {
          # Who waits for the lock elsewhere sees that this run lives, and where.
          Sid      = "SignOfLife"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = ["${local.state_arn}/${var.state.key}.holder"]
        },
        {
          Sid      = "StateBucket"
          Effect   = "Allow"
          Action   = ["s3:ListBucket"]
          Resource = [local.state_arn]
        },
      ],
      var.state.key_arn == null ? [] : [{
        Sid       = "StateKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = [var.state.key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com" } }
      }],
      var.state.lock_table_arn == null ? [] : [{
        Sid      = "StateLockTable"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"]
        Resource = [var.state.lock_table_arn]
      }],
    )
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  for_each = local.stages

  name              = "/aws/codebuild/${local.pipeline}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

# The roles that plan and apply: a plan cannot change what an apply may.
resource "aws_iam_role" "build" {
  for_each = local.stages

  name                 = "${local.pipeline}-${each.key}"
  description          = "CodeBuild as it runs bsops ${each.key} ${var.environment}"
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 28800
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = "arn:${local.partition}:codebuild:${local.region}:${local.account_id}:project/${local.pipeline}-${each.key}" } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "build" {
  for_each = local.stages

  name = "delivery"
  role = aws_iam_role.build[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this[each.key].arn}:*"]
      }],
      local.artifact_statements,
      local.state_statements[each.key],
      each.key == "apply" ? [{
        Sid      = "StateThatCouldNotBeSaved"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arn}/errored/${var.environment}/*"]
      }] : [],
      [for statement in var.plan_statements : merge(
        {
          Sid      = statement.sid
          Effect   = "Allow"
          Action   = statement.actions
          Resource = statement.resources
        },
        length(statement.conditions) == 0 ? {} : { Condition = statement.conditions },
      ) if each.key == "plan"],
    )
  })
}

locals {
  attachments = merge([for stage, settings in local.stages : { for name, arn in settings.policies : "${stage}-${name}" => { stage = stage, arn = arn } }]...)
}

resource "aws_iam_role_policy_attachment" "build" {
  for_each = local.attachments

  role       = aws_iam_role.build[each.value.stage].name
  policy_arn = each.value.arn

  lifecycle {
    precondition {
      condition     = var.permissions_boundary_arn != null || !can(regex(":policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$", each.value.arn))
      error_message = "${each.value.arn} needs a limit: write permissions_boundary_arn, or name policies that fit the tree."
    }
  }
}

resource "aws_codebuild_project" "this" {
  for_each = local.stages

  name                   = "${local.pipeline}-${each.key}"
  description            = "bsops ${each.key} ${var.environment}"
  service_role           = aws_iam_role.build[each.key].arn
  encryption_key         = var.artifact_key_arn
  build_timeout          = each.value.minutes
  queued_timeout         = var.timeouts.queue_minutes
  concurrent_build_limit = 1

  source {
    type      = "CODEPIPELINE"
    buildspec = file("${path.module}/buildspecs/${each.key}.yml")
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    image           = var.builder.image
    compute_type    = var.builder.compute_type
    type            = var.builder.type
    privileged_mode = false

    dynamic "environment_variable" {
      for_each = local.environment

      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = aws_cloudwatch_log_group.this[each.key].name
    }
  }

  tags = var.tags

  # Builds that start before their permissions fail for no reason of theirs.
  depends_on = [aws_iam_role_policy.build, aws_iam_role_policy_attachment.build]
}

resource "aws_iam_role" "pipeline" {
  name                 = local.pipeline
  description          = "CodePipeline as it delivers ${var.environment}"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codepipeline.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = local.pipeline_arn } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "pipeline" {
  name = "delivery"
  role = aws_iam_role.pipeline.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.artifact_statements, [
      {
        Sid    = "Source"
        Effect = "Allow"
        # The service checks the permission under the connection's older name too.
        Action   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
        Resource = [var.connection_arn]
      },
      {
        Sid      = "Builds"
        Effect   = "Allow"
        Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
        Resource = [for project in aws_codebuild_project.this : project.arn]
      },
      {
        Sid      = "AskForApproval"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [var.approval_topic_arn]
      },
      {
        Sid       = "ApprovalTopicKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [var.topic_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "sns.${local.region}.amazonaws.com" } }
      },
    ])
  })
}

resource "aws_codepipeline" "this" {
  name          = local.pipeline
  role_arn      = aws_iam_role.pipeline.arn
  pipeline_type = "V2"
  # One after the other, none dropped: a plan in the middle of an apply would be stale at once.
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = var.artifact_bucket

    encryption_key {
      type = "KMS"
      id   = var.artifact_key_arn
    }
  }

  dynamic "trigger" {
    for_each = var.start_on_push ? [1] : []

    content {
      provider_type = "CodeStarSourceConnection"

      git_configuration {
        source_action_name = "Source"

        push {
          branches {
            includes = [var.branch]
          }
          file_paths {
            includes = ["infrastructure/**", "environments/${var.environment}.toml"]
          }
        }
      }
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      namespace        = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {
        ConnectionArn        = var.connection_arn
        FullRepositoryId     = var.repository
        BranchName           = var.branch
        OutputArtifactFormat = "CODE_ZIP"
        # The trigger above decides, and only for files that matter.
        DetectChanges = "false"
      }
    }
  }

  stage {
    name = "Plan"

    action {
      name             = "Plan"
      namespace        = "Plan"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["plan"]
      configuration    = { ProjectName = aws_codebuild_project.this["plan"].name }
    }
  }

  stage {
    name = "Approve"

    # Nobody is asked to approve nothing.
    before_entry {
      condition {
        result = "SKIP"

        rule {
          name          = "PlanHasChanges"
          configuration = { Variable = "#{Plan.CHANGES}", Value = "0", Operator = "NE" }

          rule_type_id {
            category = "Rule"
            owner    = "AWS"
            provider = "VariableCheck"
            version  = "1"
          }
        }
      }
    }

    action {
      name               = "Approve"
      category           = "Approval"
      owner              = "AWS"
      provider           = "Manual"
      version            = "1"
      timeout_in_minutes = var.approval_timeout_minutes
      configuration = {
        NotificationArn = var.approval_topic_arn
        CustomData      = "#{Plan.SUMMARY}. Commit #{Source.CommitId}. Read the plan first: #{Plan.LOG_URL}"
      }
    }
  }

  stage {
    name = "Apply"

    before_entry {
      condition {
        result = "SKIP"

        rule {
          name          = "PlanHasChanges"
          configuration = { Variable = "#{Plan.CHANGES}", Value = "0", Operator = "NE" }

          rule_type_id {
            category = "Rule"
            owner    = "AWS"
            provider = "VariableCheck"
            version  = "1"
          }
        }
      }
    }

    action {
      name            = "Apply"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source", "plan"]
      configuration = {
        ProjectName   = aws_codebuild_project.this["apply"].name
        PrimarySource = "source"
        EnvironmentVariables = jsonencode([
          { name = "CONFIRM", value = "#{Plan.CONFIRM}", type = "PLAINTEXT" },
          { name = "PLAN_SHA256", value = "#{Plan.PLAN_SHA256}", type = "PLAINTEXT" },
        ])
      }
    }
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy.pipeline]
}

resource "aws_cloudwatch_event_rule" "failed" {
  name        = local.failure_rule
  description = "A run of ${local.pipeline} failed or was stopped"
  event_pattern = jsonencode({
    source      = ["aws.codepipeline"]
    detail-type = ["CodePipeline Pipeline Execution State Change"]
    detail      = { pipeline = [local.pipeline], state = ["FAILED", "STOPPED"] }
  })

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = var.failure_topic_arn

  dynamic "dead_letter_config" {
    for_each = var.dead_letter_arn[*]

    content {
      arn = dead_letter_config.value
    }
  }

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  input_transformer {
    input_paths    = { state = "$.detail.state", execution = "$.detail.execution-id" }
    input_template = "\"${local.pipeline}: run <execution> ended as <state>. Read the log of its last build, then: bsops plan ${var.environment}. Runbook: interrupted-or-failed-apply\""
  }
}
