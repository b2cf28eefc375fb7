output "application_id" {
  description = "Id of the AppConfig application."
  value       = aws_appconfig_application.this.id
}

output "environment_id" {
  description = "Id of its environment."
  value       = aws_appconfig_environment.this.environment_id
}

output "profile_id" {
  description = "Id of the profile that holds the flags."
  value       = aws_appconfig_configuration_profile.this.configuration_profile_id
}

output "configuration_arn" {
  description = "ARN for the policies of readers: appconfig:StartConfigurationSession and appconfig:GetLatestConfiguration."
  value       = "${aws_appconfig_environment.this.arn}/configuration/${aws_appconfig_configuration_profile.this.configuration_profile_id}"
}

output "deployment_strategy_id" {
  description = "Id of the strategy that operators deploy with here."
  value       = aws_appconfig_deployment_strategy.this[var.strategy].id
}

output "deployment_strategy_ids" {
  description = "Ids of the strategies: all-at-once and gradual."
  value       = { for strategy, held in aws_appconfig_deployment_strategy.this : strategy => held.id }
}
