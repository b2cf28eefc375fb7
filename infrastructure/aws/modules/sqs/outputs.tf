output "arns" {
  description = "Queue ARNs by suffix."
  value       = { for suffix, queue in aws_sqs_queue.this : suffix => queue.arn }
}

output "urls" {
  description = "Queue URLs by suffix."
  value       = { for suffix, queue in aws_sqs_queue.this : suffix => queue.url }
}

output "names" {
  description = "Queue names by suffix, for metrics."
  value       = local.names
}

output "dead_letter_arns" {
  description = "ARNs of the dead-letter queues, by the suffix of their queue."
  value       = { for suffix, queue in aws_sqs_queue.dead_letter : suffix => queue.arn }
}

output "dead_letter_urls" {
  description = "URLs of the dead-letter queues, by the suffix of their queue."
  value       = { for suffix, queue in aws_sqs_queue.dead_letter : suffix => queue.url }
}

output "dead_letter_names" {
  description = "Names of the queues that hold what nothing could handle, by suffix: the dead-letter queues, and the queues that are the last resort of others. For alarms on their depth."
  value       = merge({ for suffix, name in local.names : suffix => name if !var.queues[suffix].dead_letter_queue }, local.dead_letter_names)
}
