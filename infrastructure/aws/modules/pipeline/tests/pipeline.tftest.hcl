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
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-infrastructure" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/codebuild/bookstore-test" }
  }
  mock_resource "aws_codebuild_project" {
    defaults = { arn = "arn:aws:codebuild:eu-west-1:111111111111:project/bookstore-test" }
  }
  mock_resource "aws_codepipeline" {
    defaults = { arn = "arn:aws:codepipeline:eu-west-1:111111111111:bookstore-test-infrastructure" }
  }
}

variables {
  name               = "bookstore-test"
  environment        = "test"
  connection_arn     = "arn:aws:codeconnections:eu-west-1:111111111111:connection/1"
  repository         = "example/bookstore-ops"
  artifact_bucket    = "bookstore-test-artifacts-111111111111"
  artifact_key_arn   = "arn:aws:kms:eu-west-1:111111111111:key/buckets"
  state              = { bucket = "bookstore-test-tfstate-111111111111", key = "bookstore/test/terraform.tfstate" }
  plan_policy_arns   = { read = "arn:aws:iam::aws:policy/ReadOnlyAccess" }
  apply_policy_arns  = { deploy = "arn:aws:iam::111111111111:policy/bookstore-deploy" }
  approval_topic_arn = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-approvals"
  failure_topic_arn  = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-warning"
  topic_key_arn      = "arn:aws:kms:eu-west-1:111111111111:key/messages"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "plan_approval_apply" {
  assert {
    condition     = aws_codepipeline.this.stage[*].name == tolist(["Source", "Plan", "Approve", "Apply"]) && aws_codepipeline.this.pipeline_type == "V2" && aws_codepipeline.this.execution_mode == "QUEUED"
    error_message = "Nothing is applied that was not planned and approved; runs wait for each other."
  }
  assert {
    condition     = aws_codepipeline.this.stage[3].action[0].input_artifacts == tolist(["source", "plan"]) && aws_codepipeline.this.stage[3].action[0].configuration.PrimarySource == "source"
    error_message = "The apply gets the plan that the plan stage made."
  }
  assert {
    condition     = { for variable in jsondecode(aws_codepipeline.this.stage[3].action[0].configuration.EnvironmentVariables) : variable.name => variable.value } == { CONFIRM = "#{Plan.CONFIRM}", PLAN_SHA256 = "#{Plan.PLAN_SHA256}" }
    error_message = "And is told which plan was approved."
  }
  assert {
    condition = (
      aws_codepipeline.this.stage[2].action[0].category == "Approval"
      && aws_codepipeline.this.stage[2].action[0].timeout_in_minutes == 90
      && aws_codepipeline.this.stage[2].action[0].configuration.NotificationArn == var.approval_topic_arn
      && strcontains(aws_codepipeline.this.stage[2].action[0].configuration.CustomData, "#{Plan.SUMMARY}")
    )
    error_message = "Somebody is told what waits, and for how long."
  }
  assert {
    condition     = alltrue([for index in [2, 3] : aws_codepipeline.this.stage[index].before_entry[0].condition[0].result == "SKIP" && aws_codepipeline.this.stage[index].before_entry[0].condition[0].rule[0].configuration.Variable == "#{Plan.CHANGES}"])
    error_message = "A plan without changes asks nobody."
  }
  assert {
    condition     = aws_codepipeline.this.trigger[0].git_configuration[0].push[0].branches[0].includes == tolist(["main"]) && aws_codepipeline.this.stage[0].action[0].configuration.DetectChanges == "false"
    error_message = "It starts when the tree changes on the branch."
  }
  # Builds.
  assert {
    condition = alltrue([
      for stage, project in aws_codebuild_project.this :
      !project.environment[0].privileged_mode
      && project.encryption_key == var.artifact_key_arn
      && project.concurrent_build_limit == 1
      && project.logs_config[0].cloudwatch_logs[0].group_name == aws_cloudwatch_log_group.this[stage].name
      && project.source[0].buildspec == file("./buildspecs/${stage}.yml")
    ])
    error_message = "Unprivileged, encrypted, one at a time, logged, with the buildspecs of this module."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365])
    error_message = "Logs are encrypted and kept."
  }
  assert {
    condition = { for variable in aws_codebuild_project.this["plan"].environment[0].environment_variable : variable.name => variable.value } == {
      BSOPS_ENV              = "test"
      BSOPS_PACKAGE          = "."
      LOCK_TIMEOUT           = "10m"
      TERRAFORM_VERSION      = "1.11.4"
      TERRAFORM_SHA256       = "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633"
      TERRAFORM_ARCHITECTURE = "arm64"
      ARTIFACT_BUCKET        = "bookstore-test-artifacts-111111111111"
      ARTIFACT_KEY           = "arn:aws:kms:eu-west-1:111111111111:key/buckets"
    }
    error_message = "The buildspecs get their settings."
  }
  assert {
    condition     = one([for store in aws_codepipeline.this.artifact_store : store.encryption_key[0].id]) == var.artifact_key_arn
    error_message = "Plans may quote secrets: they lie under the given key."
  }
  # Least privilege.
  assert {
    condition     = !contains(flatten([for statement in jsondecode(aws_iam_role_policy.build["plan"].policy).Statement : statement.Action if statement.Sid == "State"]), "s3:PutObject") && contains(flatten([for statement in jsondecode(aws_iam_role_policy.build["apply"].policy).Statement : statement.Action if statement.Sid == "State"]), "s3:PutObject")
    error_message = "A plan cannot write the state."
  }
  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.build)[*].policy, [aws_iam_role_policy.pipeline.policy]) : [
        for statement in jsondecode(policy).Statement : [for entry in concat(flatten([statement.Action]), flatten([statement.Resource])) : entry != "*" && !endswith(entry, ":*") || statement.Sid == "Logs"]
      ]
    ]))
    error_message = "Every action and every resource is named."
  }
  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.build)[*].policy, [aws_iam_role_policy.pipeline.policy]) : [
        for statement in jsondecode(policy).Statement : can(statement.Condition.StringEquals["kms:ViaService"]) if startswith(flatten([statement.Action])[0], "kms:")
      ]
    ]))
    error_message = "Keys are used through their services only."
  }
  assert {
    condition     = { for key, attachment in aws_iam_role_policy_attachment.build : key => attachment.policy_arn } == { plan-read = "arn:aws:iam::aws:policy/ReadOnlyAccess", apply-deploy = "arn:aws:iam::111111111111:policy/bookstore-deploy" }
    error_message = "Each role has its own policies."
  }
  assert {
    condition     = jsondecode(aws_iam_role.build["plan"].assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:codebuild:eu-west-1:111111111111:project/bookstore-test-infrastructure-plan" && jsondecode(aws_iam_role.pipeline.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:codepipeline:eu-west-1:111111111111:bookstore-test-infrastructure"
    error_message = "A role serves its own project or pipeline only."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.failed.event_pattern).detail == { pipeline = ["bookstore-test-infrastructure"], state = ["FAILED", "STOPPED"] } && aws_cloudwatch_event_target.failed.arn == var.failure_topic_arn
    error_message = "A run that fails is told."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.failed.dead_letter_config) == 0 && output.failure_rule_arn == "arn:aws:events:eu-west-1:111111111111:rule/bookstore-test-infrastructure-failed" && aws_cloudwatch_event_rule.failed.name == "bookstore-test-infrastructure-failed"
    error_message = "A queue can name the rule before it exists."
  }
  assert {
    condition     = keys(output.role_arns) == ["apply", "pipeline", "plan"] && output.pipeline_name == "bookstore-test-infrastructure" && output.log_group_names["plan"] == "/aws/codebuild/bookstore-test-infrastructure-plan"
    error_message = "Who builds, and where it is logged."
  }
}

run "a_plan_reads_what_the_managed_policy_leaves_out" {
  command = plan

  variables {
    plan_statements = [{
      sid        = "ReadFunctionSettings"
      actions    = ["kms:Decrypt"]
      resources  = ["arn:aws:kms:eu-west-1:111111111111:key/functions"]
      conditions = { StringEquals = { "kms:ViaService" = ["lambda.eu-west-1.amazonaws.com"] } }
    }]
  }

  assert {
    condition = { for stage, policy in aws_iam_role_policy.build : stage => [for statement in jsondecode(policy.policy).Statement : statement if statement.Sid == "ReadFunctionSettings"] } == {
      apply = []
      plan = [{
        Sid       = "ReadFunctionSettings"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = ["arn:aws:kms:eu-west-1:111111111111:key/functions"]
        Condition = { StringEquals = { "kms:ViaService" = ["lambda.eu-west-1.amazonaws.com"] } }
      }]
    }
    error_message = "The role that plans has them; the one that applies has policies of its own."
  }
}

run "what_cannot_be_told_is_kept" {
  command = plan

  variables {
    dead_letter_arn = "arn:aws:sqs:eu-west-1:111111111111:bookstore-test-undelivered"
  }

  assert {
    condition     = aws_cloudwatch_event_target.failed.dead_letter_config[0].arn == var.dead_letter_arn
    error_message = "A failed run that the topic did not take is not lost."
  }
}

run "started_by_hand_within_a_boundary" {
  command = plan

  variables {
    start_on_push            = false
    package                  = "bookstore-ops==1.0.0"
    permissions_boundary_arn = "arn:aws:iam::111111111111:policy/bookstore-boundary"
    apply_policy_arns        = { deploy = "arn:aws:iam::aws:policy/AdministratorAccess" }
    state                    = { bucket = "bookstore-test-tfstate-111111111111", key = "bookstore/test/terraform.tfstate", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/state", lock_table_arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/locks" }
  }

  assert {
    condition     = length(aws_codepipeline.this.trigger) == 0
    error_message = "Nothing starts by itself."
  }
  assert {
    condition     = alltrue([for role in concat(values(aws_iam_role.build), [aws_iam_role.pipeline]) : role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "Every role is bounded."
  }
  assert {
    condition     = length(setintersection(["StateKey", "StateLockTable"], jsondecode(aws_iam_role_policy.build["plan"].policy).Statement[*].Sid)) == 2
    error_message = "The state's key and lock table can be used."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    dead_letter_arn = "undelivered"
    # Plans that change.
    plan_statements          = [{ sid = "Write", actions = ["secretsmanager:PutSecretValue"], resources = ["*"] }]
    name                     = "Bookstore"
    environment              = "Test"
    connection_arn           = "connection"
    repository               = "bookstore-ops"
    branch                   = "feature/*"
    artifact_bucket          = "Bucket"
    state                    = { bucket = "Bucket", key = "bookstore/*" }
    plan_policy_arns         = { all = "arn:aws:iam::aws:policy/AdministratorAccess" }
    apply_policy_arns        = {}
    permissions_boundary_arn = "boundary"
    approval_timeout_minutes = 10080
    terraform                = { version = "latest", sha256 = "1" }
    package                  = "bookstore-ops"
    builder                  = { architecture = "amd64" }
    timeouts                 = { plan_minutes = 1 }
    log_retention_days       = 0
  }

  expect_failures = [
    var.dead_letter_arn,
    var.plan_statements,
    var.name,
    var.environment,
    var.connection_arn,
    var.repository,
    var.branch,
    var.artifact_bucket,
    var.state,
    var.plan_policy_arns,
    var.apply_policy_arns,
    var.permissions_boundary_arn,
    var.approval_timeout_minutes,
    var.terraform,
    var.package,
    var.builder,
    var.timeouts,
    var.log_retention_days,
  ]
}

run "refuses_an_administrator_without_boundary" {
  command = plan

  variables {
    apply_policy_arns = { deploy = "arn:aws:iam::aws:policy/AdministratorAccess" }
  }

  expect_failures = [aws_iam_role_policy_attachment.build]
}
