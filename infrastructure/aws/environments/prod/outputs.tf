locals {
  # Terraform drops attributes an object type does not know; these are the ones it dropped.
  unknown_settings = sort(flatten([
    for group, written in {
      network           = var.network
      database          = var.database
      cache             = var.cache
      search            = var.search
      tables            = var.tables
      encryption        = var.encryption
      logs              = var.logs
      disaster_recovery = var.disaster_recovery
      services          = var.services
      api               = var.api
      identity          = var.identity
      firewall          = var.firewall
      events            = var.events
      secrets           = var.secrets
      images            = var.images
      monitoring        = var.monitoring
      audit             = var.audit
      compliance        = var.compliance
      backups           = var.backups
      cost              = var.cost
      delivery          = var.delivery
      golden_images     = var.golden_images
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

output "cache" {
  description = "Where Redis answers."
  value       = module.bookstore.cache
}

output "search" {
  description = "Where OpenSearch answers, and the role that administers it."
  value       = module.bookstore.search
}

output "services" {
  description = "The microservices: cluster, ECS services and target groups by colour, rules whose weights releases shift, repositories."
  value       = module.bookstore.services
}

output "api" {
  description = "The way in: address, API, stage, and the name servers to enter in the parent zone (none where the zone was given)."
  value       = module.bookstore.api
}

output "identity" {
  description = "User pool, its clients and the pages to sign in on."
  value       = module.bookstore.identity
}

output "events" {
  description = "Bus, archive, queues with their dead-letter queues, topics and functions."
  value       = module.bookstore.events
}

output "monitoring" {
  description = "Dashboards and composite alarms, trail and flags."
  value       = module.bookstore.monitoring
}

output "backup" {
  description = "Vaults of AWS Backup and the roles that back up and restore."
  value       = module.bookstore.backup
}

output "settings" {
  description = "The settings in effect, defaults included."
  value       = module.bookstore.settings

  precondition {
    condition     = length(local.unknown_settings) == 0
    error_message = "these settings do not exist: ${join(", ", local.unknown_settings)}. ../../variables.tf lists those that do."
  }
}
