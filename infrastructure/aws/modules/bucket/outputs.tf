output "id" {
  description = "Name of the bucket, once its policy is in force."
  # Not the id: the name is known when it is planned, so that counts may depend on it.
  value = aws_s3_bucket.this.bucket

  depends_on = [aws_s3_bucket_policy.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "domain" {
  description = "Regional host name of the bucket."
  value       = aws_s3_bucket.this.bucket_regional_domain_name
}
