data "aws_partition" "current" {}

locals {
  log_types = ["postgresql", "upgrade"]
  # Each instance writes to log groups of its own name.
  instance_names = merge({ primary = var.name }, { for key in keys(var.read_replicas) : key => "${var.name}-${key}" })
  log_groups = merge([
    for key, name in local.instance_names : { for type in local.log_types : "${key}_${type}" => "/aws/rds/instance/${name}/${type}" }
  ]...)

  # Fifteen months of history come with the advanced mode only; left alone, RDS uses standard.
  insights_mode = var.performance_insights_retention_days >= 465 ? "advanced" : null

  # What RDS tells of, and of whom: all of the kind where sources is null.
  events = {
    instances = {
      source_type = "db-instance"
      sources     = values(local.instance_names)
      categories  = ["availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance", "read replica", "recovery", "security"]
    }
    parameters = {
      source_type = "db-parameter-group"
      sources     = [aws_db_parameter_group.this.name]
      categories  = ["configuration change"]
    }
    security-groups = {
      source_type = "db-security-group"
      sources     = null
      categories  = ["configuration change", "failure"]
    }
  }

  parameters = merge(
    {
      "rds.force_ssl"              = { value = "1", apply_method = "immediate" }
      "log_connections"            = { value = "1", apply_method = "immediate" }
      "log_disconnections"         = { value = "1", apply_method = "immediate" }
      "log_statement"              = { value = "ddl", apply_method = "immediate" }
      "log_min_duration_statement" = { value = "1000", apply_method = "immediate" }
      "log_lock_waits"             = { value = "1", apply_method = "immediate" }
    },
    var.parameters,
  )
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Isolated subnets of ${var.name}"
  subnet_ids  = var.subnet_ids

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres15"
  description = "PostgreSQL 15 of ${var.name}: TLS only, DDL and slow statements logged"
  family      = "postgres15"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  tags = var.tags
}

# Made before the instance: RDS would create them unencrypted and without end.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-rds-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "primary" {
  #checkov:skip=CKV_AWS_157:Multi-AZ in staging and prod, which the root's floors enforce; dev relaxes it for cost
  #checkov:skip=CKV_AWS_293:Protected from deletion in staging and prod, which the root's floors enforce; dev is disposable
  #checkov:skip=CKV2_AWS_69:The parameter group sets rds.force_ssl in a dynamic block, which the scanner does not follow; a native test does
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = var.database_name
  port           = var.port

  username                            = var.admin_username
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.secret_key_arn
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  allocated_storage     = var.allocated_storage_gib
  max_allocated_storage = var.max_allocated_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period   = var.backup_retention_days
  backup_window             = var.backup_window
  maintenance_window        = var.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = var.skip_final_snapshot
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${var.name}-final"
  deletion_protection       = var.deletion_protection

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = var.apply_immediately

  monitoring_interval                   = var.monitoring_interval_seconds
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = var.performance_insights_retention_days
  database_insights_mode                = local.insights_mode
  enabled_cloudwatch_logs_exports       = local.log_types

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = var.name }, var.backup_tags)

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]

  lifecycle {
    precondition {
      condition     = var.max_allocated_storage_gib >= ceil(var.allocated_storage_gib * 1.26)
      error_message = "max_allocated_storage_gib is ${var.max_allocated_storage_gib}: write at least ${ceil(var.allocated_storage_gib * 1.26)}, a quarter above allocated_storage_gib, so that storage autoscaling has room."
    }
  }
}

resource "aws_db_instance" "replica" {
  #checkov:skip=CKV_AWS_157:A reader is made anew from the primary, which is Multi-AZ; a standby for it would double its price
  #checkov:skip=CKV2_AWS_69:The parameter group sets rds.force_ssl in a dynamic block, which the scanner does not follow; a native test does
  for_each = var.read_replicas

  identifier          = "${var.name}-${each.key}"
  replicate_source_db = aws_db_instance.primary.identifier
  instance_class      = coalesce(each.value.instance_class, var.instance_class)
  port                = var.port

  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  max_allocated_storage = var.max_allocated_storage_gib
  storage_encrypted     = true # under the primary's key: RDS allows no other in one region

  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.this.name

  # Backups of its own, so that a promoted reader is protected from its first hour.
  backup_retention_period  = 7
  backup_window            = var.backup_window
  maintenance_window       = var.maintenance_window
  copy_tags_to_snapshot    = true
  delete_automated_backups = true
  # RDS takes no final snapshot of a replica.
  skip_final_snapshot = true
  deletion_protection = var.deletion_protection

  auto_minor_version_upgrade = true
  apply_immediately          = var.apply_immediately

  monitoring_interval                   = var.monitoring_interval_seconds
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = var.performance_insights_retention_days
  database_insights_mode                = local.insights_mode
  enabled_cloudwatch_logs_exports       = local.log_types

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

resource "aws_db_instance_automated_backups_replication" "this" {
  count = var.backup_replication == null ? 0 : 1

  provider = aws.replica

  source_db_instance_arn = aws_db_instance.primary.arn
  kms_key_id             = var.backup_replication.key_arn
  retention_period       = var.backup_replication.retention_days

  timeouts {
    create = var.timeouts.create
    delete = var.timeouts.delete
  }
}

resource "aws_db_event_subscription" "this" {
  for_each = { for key, event in local.events : key => event if var.events != null }

  name             = "${var.name}-${each.key}"
  sns_topic        = var.events.topic_arn
  source_type      = each.value.source_type
  source_ids       = each.value.sources
  event_categories = each.value.categories

  tags = var.tags

  # RDS takes sources that exist.
  depends_on = [aws_db_instance.primary, aws_db_instance.replica]
}
