output "pipeline_name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "pipeline_arn" {
  description = "ARN of the pipeline."
  value       = aws_codepipeline.this.arn
}

output "role_arns" {
  description = "Roles by name: plan, apply and pipeline. The policies of the artifacts' and the state's keys have to know them."
  value       = merge({ for stage, role in aws_iam_role.build : stage => role.arn }, { pipeline = aws_iam_role.pipeline.arn })
}

output "log_group_names" {
  description = "Log groups of the builds, by stage."
  value       = { for stage, group in aws_cloudwatch_log_group.this : stage => group.name }
}

output "failure_rule_arn" {
  description = "ARN of the rule that tells of failures, written out: known before the rule exists, so that a queue can name it."
  value       = local.failure_rule_arn
}
