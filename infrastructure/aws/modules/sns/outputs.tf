output "arns" {
  description = "Topic ARNs by suffix."
  value       = { for suffix, topic in aws_sns_topic.this : suffix => topic.arn }

  # A publisher needs the topic's policy, not only the topic.
  depends_on = [aws_sns_topic_policy.this]
}

output "names" {
  description = "Topic names by suffix, for metrics."
  value       = local.names
}

output "log_group_names" {
  description = "Log groups of deliveries by topic, those of failures under TOPIC/failure."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}
