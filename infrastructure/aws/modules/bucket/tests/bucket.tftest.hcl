mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name       = "bookstore-test-artifacts-111111111111"
  key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/buckets"
  log_bucket = "bookstore-test-logs-111111111111"
}

run "private_encrypted_and_versioned" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls
      && aws_s3_bucket_public_access_block.this.block_public_policy
      && aws_s3_bucket_public_access_block.this.ignore_public_acls
      && aws_s3_bucket_public_access_block.this.restrict_public_buckets
      && aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "Nobody outside, and no ACL, reaches the bucket."
  }
  assert {
    condition = (
      one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
      && one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
      && one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.key_arn
    )
    error_message = "Objects are under the given key."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.this.force_destroy
    error_message = "Old versions stay, and so does the bucket while it holds anything."
  }
  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == var.log_bucket && aws_s3_bucket_logging.this[0].target_prefix == "s3/bookstore-test-artifacts-111111111111/"
    error_message = "Who reads it is logged, under its name."
  }
  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.this) == 0 && !aws_s3_bucket.this.object_lock_enabled
    error_message = "A lock is asked for."
  }
  assert {
    condition     = output.id == "bookstore-test-artifacts-111111111111"
    error_message = "The bucket's name is known."
  }
  # Connections need TLS.
  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly", "Tls12AtLeast"]
    error_message = "The policy opens nothing by itself."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement :
      statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*"
      && statement.Resource == ["arn:aws:s3:::bookstore-test-artifacts-111111111111", "arn:aws:s3:::bookstore-test-artifacts-111111111111/*"]
    ])
    error_message = "Everybody is held to it, on bucket and objects."
  }
  assert {
    condition = (
      jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
      && jsondecode(aws_s3_bucket_policy.this.policy).Statement[1].Condition.NumericLessThan["s3:TlsVersion"] == "1.2"
    )
    error_message = "Plain HTTP and old TLS are refused."
  }
  # Objects stay unless told.
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration) == 0 && length(aws_s3_bucket_lifecycle_configuration.this.rule[0].transition) == 0
    error_message = "Current objects neither expire nor move."
  }
}

run "objects_age" {
  command = plan

  variables {
    expiration_days = 400
    noncurrent_days = 90
    transitions     = { STANDARD_IA = 30, GLACIER_IR = 90 }
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
      && aws_s3_bucket_lifecycle_configuration.this.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
      && aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration[0].days == 400
      && { for move in aws_s3_bucket_lifecycle_configuration.this.rule[0].transition : move.storage_class => move.days } == { STANDARD_IA = 30, GLACIER_IR = 90 }
    )
    error_message = "Old versions and unfinished uploads go, objects move and expire."
  }
}

run "a_bucket_that_logs_are_delivered_to" {
  command = plan

  variables {
    key_arn      = null
    log_bucket   = null
    log_delivery = ["s3", "load_balancers"]
  }

  assert {
    condition = (
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
      && one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == null
      && length(aws_s3_bucket_logging.this) == 0
    )
    error_message = "Encrypted by S3, and not logged into itself."
  }
  assert {
    condition = (
      jsondecode(aws_s3_bucket_policy.this.policy).Statement[2].Principal.Service == "logging.s3.amazonaws.com"
      && jsondecode(aws_s3_bucket_policy.this.policy).Statement[2].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
      && jsondecode(aws_s3_bucket_policy.this.policy).Statement[3].Principal.Service == "logdelivery.elasticloadbalancing.amazonaws.com"
      && jsondecode(aws_s3_bucket_policy.this.policy).Statement[3].Resource == "arn:aws:s3:::bookstore-test-artifacts-111111111111/*/AWSLogs/111111111111/*"
      && alltrue([for statement in slice(jsondecode(aws_s3_bucket_policy.this.policy).Statement, 2, 4) : statement.Action == "s3:PutObject" && statement.Effect == "Allow"])
    )
    error_message = "Both services may write this account's logs, and nothing else."
  }
}

run "only_the_services_named_deliver" {
  command = plan

  variables {
    key_arn      = null
    log_delivery = ["s3"]
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly", "Tls12AtLeast", "AccessLogsOfBuckets"]
    error_message = "Load balancers were not named."
  }
}

run "statements_of_its_own" {
  command = plan

  variables {
    policy_statements = [
      { Sid = "One", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:GetBucketAcl", Resource = "arn:aws:s3:::b" },
      { Sid = "Two", Effect = "Deny", Principal = "*", Action = ["s3:DeleteObject"], Resource = ["arn:aws:s3:::b/*"], Condition = { Bool = { "aws:ViaAWSService" = "false" } } },
    ]
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly", "Tls12AtLeast", "One", "Two"]
    error_message = "Given statements join the module's own, whatever their shape."
  }
}

run "locked" {
  command = plan

  variables {
    object_lock_days = 365
    object_lock_mode = "COMPLIANCE"
  }

  assert {
    condition = (
      aws_s3_bucket.this.object_lock_enabled
      && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].mode == "COMPLIANCE"
      && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].days == 365
    )
    error_message = "Nobody deletes for a year."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                 = "Bookstore.Logs"
    log_delivery         = ["cloudfront"]
    policy_statements    = [{ Sid = "NoPrincipal", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
    expiration_days      = 0
    noncurrent_days      = 0
    abort_multipart_days = 0.5
    transitions          = { STANDARD_IA = 10 }
    object_lock_days     = 0
    object_lock_mode     = "governance"
    timeouts             = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.log_delivery,
    var.policy_statements,
    var.expiration_days,
    var.noncurrent_days,
    var.abort_multipart_days,
    var.transitions,
    var.object_lock_days,
    var.object_lock_mode,
    var.timeouts,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A statement for everybody.
    policy_statements = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "s3:GetObject", Resource = "*" }]
    # An unknown storage class.
    transitions = { COLD = 30 }
  }

  expect_failures = [var.policy_statements, var.transitions]
}

run "refuses_a_bucket_without_a_key" {
  command = plan

  variables {
    key_arn = null
  }

  expect_failures = [aws_s3_bucket.this]
}

run "refuses_a_key_that_logs_cannot_use" {
  command = plan

  variables {
    log_delivery = ["load_balancers"]
  }

  expect_failures = [aws_s3_bucket.this]
}

run "refuses_a_lock_where_access_logs_come" {
  command = plan

  variables {
    key_arn          = null
    log_delivery     = ["s3"]
    object_lock_days = 30
  }

  expect_failures = [aws_s3_bucket.this]
}

run "refuses_to_promise_a_deletion_that_cannot_be" {
  command = plan

  variables {
    object_lock_days = 30
    object_lock_mode = "COMPLIANCE"
    force_destroy    = true
  }

  expect_failures = [aws_s3_bucket.this]
}

run "refuses_objects_that_expire_before_they_move" {
  command = plan

  variables {
    expiration_days = 60
    transitions     = { GLACIER_IR = 90 }
  }

  expect_failures = [aws_s3_bucket.this]
}
