output "bus_name" {
  description = "Name of the bus, which publishers give to PutEvents."
  value       = aws_cloudwatch_event_bus.this.name
}

output "bus_arn" {
  description = "ARN of the bus, written out: known before the bus exists, so that its own dead-letter queue can name it."
  value       = local.bus_arn
}

output "rule_names" {
  description = "Names of the rules by suffix, with the audit rule under audit. For metrics."
  value       = merge({ audit = local.audit_rule_name }, local.rule_names)
}

output "rule_arns" {
  description = "ARNs of the rules by suffix, with the audit rule under audit, written out: known before the rules exist, so that queues can name them."
  value       = merge({ audit = local.audit_rule_arn }, local.rule_arns)
}

output "archive_arn" {
  description = "ARN of the archive, from which events are replayed."
  value       = aws_cloudwatch_event_archive.this.arn
}

output "archive_name" {
  description = "Name of the archive."
  value       = aws_cloudwatch_event_archive.this.name
}

output "registry_name" {
  description = "Name of the schema registry."
  value       = aws_schemas_registry.this.name
}

output "schema_arns" {
  description = "ARNs of the schemas by detail-type."
  value       = { for name, schema in aws_schemas_schema.this : name => schema.arn }
}

output "log_group_name" {
  description = "Log group that holds every event."
  value       = aws_cloudwatch_log_group.audit.name
}
