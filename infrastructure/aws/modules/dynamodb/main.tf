resource "aws_dynamodb_table" "this" {
  for_each = var.tables

  name         = lookup(var.restored, each.key, "${var.name}-${each.key}")
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.hash_key
  range_key    = each.value.range_key

  stream_enabled   = true
  stream_view_type = each.value.stream_view_type

  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = each.value.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = "ALL"
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.point_in_time_recovery_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key_arn
  }

  ttl {
    enabled        = true
    attribute_name = each.value.ttl_attribute
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    # Replicas are resources of their own below, which protect and encrypt them.
    ignore_changes = [replica]

    precondition {
      condition = alltrue([
        for key in compact(concat(
          [each.value.hash_key, each.value.range_key],
          flatten([for index in values(each.value.indexes) : [index.hash_key, index.range_key]]),
        )) : contains(keys(each.value.attributes), key)
      ])
      error_message = "Table ${each.key} has a key that attributes does not declare: add it, such as attributes = { ${each.value.hash_key} = \"S\" }."
    }
    precondition {
      condition     = length(setsubtract(keys(var.restored), keys(var.tables))) == 0 && startswith(lookup(var.restored, each.key, "${var.name}-"), "${var.name}-")
      error_message = "restored must name keys of tables, and tables whose names begin with \"${var.name}-\", which roles and policies reach: such as { ${each.key} = \"${var.name}-${each.key}-restored\" }."
    }
  }
}

resource "aws_dynamodb_table_replica" "this" {
  for_each = var.replica == null ? {} : var.tables

  provider = aws.replica

  global_table_arn            = aws_dynamodb_table.this[each.key].arn
  kms_key_arn                 = var.replica.key_arn
  point_in_time_recovery      = true
  deletion_protection_enabled = var.deletion_protection

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    precondition {
      condition     = each.value.stream_view_type == "NEW_AND_OLD_IMAGES"
      error_message = "Table ${each.key} is to be replicated: write stream_view_type = \"NEW_AND_OLD_IMAGES\"."
    }
  }
}
