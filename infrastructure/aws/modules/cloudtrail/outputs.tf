output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "log_group_name" {
  description = "Log group of the trail's events, which metric filters read."
  value       = aws_cloudwatch_log_group.this.name
}

output "bucket" {
  description = "Bucket of the trail's files."
  value       = module.bucket.id
}
