mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn        = "arn:aws:dynamodb:eu-west-1:111111111111:table/t"
      stream_arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/t/stream/1"
    }
  }
}

mock_provider "aws" {
  alias = "replica"
}

variables {
  name    = "bookstore-test"
  key_arn = "arn:aws:kms:eu-west-1:111111111111:key/tables"
  tables = {
    audit-log = {
      hash_key   = "entity_id"
      range_key  = "occurred_at"
      attributes = { entity_id = "S", occurred_at = "S", actor_id = "S" }
      indexes    = { by-actor = { hash_key = "actor_id", range_key = "occurred_at" } }
    }
    counters = {
      hash_key         = "pk"
      attributes       = { pk = "S" }
      ttl_attribute    = "ttl"
      stream_view_type = "NEW_IMAGE"
    }
  }
}

run "safe_by_default" {
  command = plan

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : table.billing_mode == "PAY_PER_REQUEST"
      && table.deletion_protection_enabled
      && table.stream_enabled
      && table.point_in_time_recovery[0].enabled && table.point_in_time_recovery[0].recovery_period_in_days == 35
      && table.server_side_encryption[0].enabled && table.server_side_encryption[0].kms_key_arn == var.key_arn
      && table.ttl[0].enabled
    ])
    error_message = "On demand, protected, streaming, recoverable, encrypted, with expiry."
  }
  assert {
    condition     = output.names == { audit-log = "bookstore-test-audit-log", counters = "bookstore-test-counters" }
    error_message = "Names carry the prefix."
  }
  assert {
    condition     = aws_dynamodb_table.this["audit-log"].stream_view_type == "NEW_AND_OLD_IMAGES" && aws_dynamodb_table.this["counters"].stream_view_type == "NEW_IMAGE" && aws_dynamodb_table.this["counters"].ttl[0].attribute_name == "ttl"
    error_message = "A table's own settings win over the defaults."
  }
  assert {
    condition     = length(aws_dynamodb_table_replica.this) == 0 && output.replica_arns == {}
    error_message = "Replicas are asked for."
  }
}

run "replicas" {
  command = plan

  variables {
    replica = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/tables" }
    tables = {
      audit-log = { hash_key = "pk", attributes = { pk = "S" } }
    }
  }

  assert {
    condition = alltrue([
      for replica in aws_dynamodb_table_replica.this : replica.kms_key_arn == var.replica.key_arn
      && replica.point_in_time_recovery && replica.deletion_protection_enabled
    ]) && keys(output.replica_arns) == ["audit-log"]
    error_message = "Every replica is protected as its table is."
  }
}

run "disposable" {
  command = plan

  variables {
    deletion_protection         = false
    point_in_time_recovery_days = 7
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : !table.deletion_protection_enabled && table.point_in_time_recovery[0].enabled])
    error_message = "Protection is data; recovery is not."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                        = "b"
    point_in_time_recovery_days = 1
    timeouts                    = { create = "1 hour" }
    tables                      = { AuditLog = { hash_key = "pk", attributes = { pk = "S" } } }
  }

  expect_failures = [var.name, var.point_in_time_recovery_days, var.timeouts, var.tables]
}

run "refuses_an_unknown_attribute_type" {
  command = plan

  variables {
    tables = { audit-log = { hash_key = "pk", attributes = { pk = "string" } } }
  }

  expect_failures = [var.tables]
}

run "refuses_an_unknown_stream_view" {
  command = plan

  variables {
    tables = { audit-log = { hash_key = "pk", attributes = { pk = "S" }, stream_view_type = "ALL" } }
  }

  expect_failures = [var.tables]
}

run "refuses_a_key_without_a_type" {
  command = plan

  variables {
    tables = { audit-log = { hash_key = "pk", range_key = "sk", attributes = { pk = "S" } } }
  }

  expect_failures = [aws_dynamodb_table.this]
}

run "refuses_replicas_of_tables_that_stream_too_little" {
  command = plan

  variables {
    replica = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/tables" }
  }

  expect_failures = [aws_dynamodb_table_replica.this]
}

run "a_restored_table_takes_the_place_of_the_first" {
  command = plan

  variables {
    restored = { counters = "bookstore-test-counters-restored-20261126" }
  }

  assert {
    condition     = output.names == { audit-log = "bookstore-test-audit-log", counters = "bookstore-test-counters-restored-20261126" }
    error_message = "Only the one that is named has another name."
  }
  assert {
    condition     = aws_dynamodb_table.this["counters"].tags.Name == "bookstore-test-counters"
    error_message = "Its tags are those that the restore copies."
  }
}

run "a_restored_table_of_another_name_is_refused" {
  command = plan

  variables {
    restored = { counters = "somebody-elses" }
  }

  expect_failures = [aws_dynamodb_table.this["counters"]]
}
