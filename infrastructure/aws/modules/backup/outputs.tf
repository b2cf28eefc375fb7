output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault, which CloudWatch's metrics name."
  value       = aws_backup_vault.this.name
}

output "plan_id" {
  description = "Id of the plan."
  value       = aws_backup_plan.this.id
}

output "replica_vault_arn" {
  description = "ARN of the vault in the other region, null where nothing is copied."
  value       = one(aws_backup_vault.replica[*].arn)
}

output "role_arn" {
  description = "Role with which backups are taken and copied."
  value       = aws_iam_role.backup.arn
}

output "restore_role_arn" {
  description = "Role to name when a recovery point is restored."
  value       = aws_iam_role.restore.arn
}

output "failure_rule_arn" {
  description = "ARN of the rule that tells of failures, written out: known before the rule exists, so that a queue can name it."
  value       = local.failure_rule_arn
}
