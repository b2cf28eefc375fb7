output "recorder_name" {
  description = "Recorder of AWS Config; null where it is off."
  value       = one(aws_config_configuration_recorder.this[*].name)
}

output "bucket" {
  description = "Bucket of AWS Config's snapshots and history; null where it is off."
  value       = one(module.bucket[*].id)
}

output "config_rule_names" {
  description = "Rules of AWS Config, by the names given to them."
  value       = { for name, rule in aws_config_config_rule.this : name => rule.name }
}

output "security_hub_arn" {
  description = "ARN of Security Hub; null where it is off."
  value       = one(aws_securityhub_account.this[*].arn)
}

output "guardduty_detector_id" {
  description = "Detector of GuardDuty; null where it is off."
  value       = one(aws_guardduty_detector.this[*].id)
}

output "access_analyzer_arn" {
  description = "ARN of the access analyzer; null where it is off."
  value       = one(aws_accessanalyzer_analyzer.this[*].arn)
}
