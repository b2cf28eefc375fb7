mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      arn                = "arn:aws:rds:eu-west-1:111111111111:db:bookstore-test"
      address            = "bookstore-test.example.eu-west-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:admin", kms_key_id = "", secret_status = "active" }]
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/monitoring" }
  }
}

mock_provider "aws" {
  alias = "replica"
}

variables {
  name               = "bookstore-test"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-rds"]
  instance_class     = "db.r7g.large"
  key_arn            = "arn:aws:kms:eu-west-1:111111111111:key/database"
  secret_key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "safe_by_default" {
  assert {
    condition = (
      aws_db_instance.primary.multi_az
      && aws_db_instance.primary.deletion_protection
      && !aws_db_instance.primary.skip_final_snapshot
      && aws_db_instance.primary.final_snapshot_identifier == "bookstore-test-final"
      && !aws_db_instance.primary.delete_automated_backups
      && aws_db_instance.primary.backup_retention_period == 30
      && aws_db_instance.primary.copy_tags_to_snapshot
    )
    error_message = "A standby, protection, a last snapshot and a month of backups without asking."
  }
  assert {
    condition = (
      aws_db_instance.primary.storage_encrypted
      && aws_db_instance.primary.kms_key_id == var.key_arn
      && aws_db_instance.primary.performance_insights_kms_key_id == var.key_arn
      && aws_db_instance.primary.master_user_secret_kms_key_id == var.secret_key_arn
      && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365])
    )
    error_message = "Everything at rest is under the given keys."
  }
  assert {
    condition = (
      aws_db_instance.primary.manage_master_user_password
      && aws_db_instance.primary.password == null
      && aws_db_instance.primary.iam_database_authentication_enabled
      && !aws_db_instance.primary.publicly_accessible
      && aws_db_instance.primary.port == 5433
      && aws_db_instance.primary.username == "bookstore_admin"
    )
    error_message = "No password here, no public address, no default port or name."
  }
  assert {
    condition     = aws_db_instance.primary.monitoring_interval > 0 && aws_db_instance.primary.performance_insights_enabled && aws_db_instance.primary.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    error_message = "Monitored, with its logs exported."
  }
  assert {
    condition     = one([for parameter in aws_db_parameter_group.this.parameter : parameter.value if parameter.name == "rds.force_ssl"]) == "1" && aws_db_parameter_group.this.family == "postgres15"
    error_message = "PostgreSQL 15 that refuses connections without TLS."
  }
  assert {
    condition     = length(aws_db_instance.replica) == 0 && length(aws_db_instance_automated_backups_replication.this) == 0
    error_message = "Readers and copies are asked for."
  }
  assert {
    condition     = values(output.log_group_names) == ["/aws/rds/instance/bookstore-test/postgresql", "/aws/rds/instance/bookstore-test/upgrade"]
    error_message = "The log groups RDS will write to exist first."
  }
  assert {
    condition     = output.admin_secret_arn == "arn:aws:secretsmanager:eu-west-1:111111111111:secret:admin"
    error_message = "The administrator's secret can be found."
  }
  # Nobody is told by default.
  assert {
    condition     = length(aws_db_event_subscription.this) == 0 && !contains(keys(aws_db_instance.primary.tags), "Backup")
    error_message = "Events and tags of backups are asked for."
  }
}

run "readers_and_copies" {
  command = plan

  variables {
    read_replicas      = { reader = {}, reports = { instance_class = "db.t4g.medium" } }
    backup_replication = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/database", retention_days = 14 }
  }

  assert {
    condition     = { for key, replica in aws_db_instance.replica : key => replica.instance_class } == { reader = "db.r7g.large", reports = "db.t4g.medium" }
    error_message = "A reader has the primary's size unless told."
  }
  assert {
    condition = alltrue([
      for replica in aws_db_instance.replica : replica.replicate_source_db == "bookstore-test"
      && replica.storage_encrypted && replica.iam_database_authentication_enabled && replica.deletion_protection
      && replica.performance_insights_enabled && replica.parameter_group_name == aws_db_parameter_group.this.name
    ])
    error_message = "Readers are protected as the primary is."
  }
  assert {
    condition     = aws_db_instance_automated_backups_replication.this[0].retention_period == 14 && aws_db_instance_automated_backups_replication.this[0].kms_key_id == var.backup_replication.key_arn
    error_message = "Backups are copied under the other region's key."
  }
  assert {
    condition     = output.instance_identifiers == { primary = "bookstore-test", reader = "bookstore-test-reader", reports = "bookstore-test-reports" } && length(output.log_group_names) == 6
    error_message = "Every instance is named, with log groups of its own."
  }
}

run "events_are_told_and_backups_find_the_primary" {
  command = plan

  variables {
    read_replicas = { reader = {} }
    events        = { topic_arn = "arn:aws:sns:eu-west-1:111111111111:warnings" }
    backup_tags   = { Backup = "true" }
  }

  assert {
    condition     = { for key, subscription in aws_db_event_subscription.this : key => subscription.source_type } == { instances = "db-instance", parameters = "db-parameter-group", security-groups = "db-security-group" }
    error_message = "Instances, parameters and security groups are watched."
  }
  assert {
    condition     = aws_db_event_subscription.this["instances"].source_ids == toset(["bookstore-test", "bookstore-test-reader"]) && length(setsubtract(["configuration change", "failover", "failure", "low storage", "maintenance"], aws_db_event_subscription.this["instances"].event_categories)) == 0
    error_message = "Every instance, and whatever is critical (RDS.20)."
  }
  assert {
    condition     = aws_db_event_subscription.this["parameters"].source_ids == toset(["bookstore-test-postgres15"]) && aws_db_event_subscription.this["parameters"].event_categories == toset(["configuration change"]) && aws_db_event_subscription.this["security-groups"].event_categories == toset(["configuration change", "failure"])
    error_message = "Changes of parameters and security groups (RDS.21, RDS.22)."
  }
  assert {
    condition     = alltrue([for subscription in aws_db_event_subscription.this : subscription.sns_topic == var.events.topic_arn])
    error_message = "All to the given topic."
  }
  assert {
    condition     = aws_db_instance.primary.tags.Backup == "true" && !contains(keys(aws_db_instance.replica["reader"].tags), "Backup")
    error_message = "The primary alone is backed up."
  }
  assert {
    condition     = output.replica_identifiers == { reader = "bookstore-test-reader" } && output.subnet_group_name == "bookstore-test"
    error_message = "Alarms and restores find what they need."
  }
}

run "long_history_is_the_advanced_mode" {
  command = plan

  variables {
    performance_insights_retention_days = 465
  }

  assert {
    condition     = aws_db_instance.primary.database_insights_mode == "advanced"
    error_message = "RDS keeps more than a week of history in the advanced mode only."
  }
}

run "disposable" {
  command = plan

  variables {
    multi_az            = false
    deletion_protection = false
    skip_final_snapshot = true
  }

  assert {
    condition     = aws_db_instance.primary.final_snapshot_identifier == null && aws_db_instance.primary.delete_automated_backups && !aws_db_instance.primary.deletion_protection
    error_message = "A disposable database leaves nothing behind."
  }
  assert {
    condition     = aws_db_instance.primary.storage_encrypted && aws_db_instance.primary.iam_database_authentication_enabled
    error_message = "Security does not relax with cost."
  }
}

run "parameters_and_timeouts_are_data" {
  command = plan

  variables {
    parameters = { work_mem = { value = "65536", apply_method = "immediate" } }
    timeouts   = { create = "2h" }
  }

  assert {
    condition     = one([for parameter in aws_db_parameter_group.this.parameter : parameter.value if parameter.name == "work_mem"]) == "65536" && length(aws_db_parameter_group.this.parameter) == 7
    error_message = "Given parameters join the module's own."
  }
  assert {
    condition     = aws_db_instance.primary.timeouts.create == "2h" && aws_db_instance.primary.timeouts.update == "90m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                                = "bookstore--test"
    subnet_ids                          = ["subnet-a"]
    security_group_ids                  = []
    engine_version                      = "16.3"
    instance_class                      = "r7g.large"
    database_name                       = "Book-Store"
    admin_username                      = "postgres"
    port                                = 5432
    allocated_storage_gib               = 10
    read_replicas                       = { primary = {} }
    backup_retention_days               = 1
    backup_replication                  = { key_arn = "arn:aws:kms:eu-central-1:111111111111:key/1", retention_days = 90 }
    backup_window                       = "2-3"
    maintenance_window                  = "Sunday"
    monitoring_interval_seconds         = 0
    performance_insights_retention_days = 30
    parameters                          = { "rds.force_ssl" = { value = "0" } }
    log_retention_days                  = 0
    timeouts                            = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.subnet_ids,
    var.security_group_ids,
    var.engine_version,
    var.instance_class,
    var.database_name,
    var.admin_username,
    var.port,
    var.allocated_storage_gib,
    var.read_replicas,
    var.backup_retention_days,
    var.backup_replication,
    var.backup_window,
    var.maintenance_window,
    var.monitoring_interval_seconds,
    var.performance_insights_retention_days,
    var.parameters,
    var.log_retention_days,
    var.timeouts,
  ]
}

run "refuses_an_unknown_apply_method" {
  command = plan

  variables {
    parameters = { work_mem = { value = "65536", apply_method = "now" } }
  }

  expect_failures = [var.parameters]
}

run "refuses_storage_that_cannot_grow" {
  command = plan

  variables {
    allocated_storage_gib     = 100
    max_allocated_storage_gib = 110
  }

  expect_failures = [aws_db_instance.primary]
}
