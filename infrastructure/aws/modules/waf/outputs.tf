output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "web_acl_name" {
  description = "Name of the web ACL, the dimension WebACL of its metrics."
  value       = aws_wafv2_web_acl.this.name
}

output "log_group_name" {
  description = "Log group of WAF's log."
  value       = aws_cloudwatch_log_group.this.name
}

output "rule_metric_names" {
  description = "Names of the rules in metrics (dimension Rule), in order of priority."
  value       = [for name in local.rule_names : "${var.name}-${name}"]
}
