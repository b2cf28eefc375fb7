locals {
  # Terraform drops attributes an object type does not know; these are the ones it dropped.
  unknown_settings = sort(flatten([
    for group, written in {
      network           = var.network
      database          = var.database
      tables            = var.tables
      encryption        = var.encryption
      logs              = var.logs
      disaster_recovery = var.disaster_recovery
    } : [for key in setsubtract(keys(written), keys(module.bookstore.settings[group])) : "${group}.${key}"]
  ]))
}

output "network" {
  description = "VPC, subnets by tier and zone, outbound addresses."
  value       = module.bookstore.network
}

output "security_group_ids" {
  description = "Security groups by role."
  value       = module.bookstore.security_group_ids
}

output "key_arns" {
  description = "KMS keys by domain."
  value       = module.bookstore.key_arns
}

output "database" {
  description = "Where PostgreSQL answers, and where its administrator's secret is."
  value       = module.bookstore.database
}

output "tables" {
  description = "DynamoDB tables by purpose."
  value       = module.bookstore.tables
}

output "settings" {
  description = "The settings in effect, defaults included."
  value       = module.bookstore.settings

  precondition {
    condition     = length(local.unknown_settings) == 0
    error_message = "these settings do not exist: ${join(", ", local.unknown_settings)}. ../../variables.tf lists those that do."
  }
}
