output "pipeline_arn" {
  description = "ARN of the pipeline, with which a build is started by hand."
  value       = aws_imagebuilder_image_pipeline.this.arn
}

output "image_name" {
  description = "Name tag and beginning of the names of the images."
  value       = local.image_name
}

output "build_role_arn" {
  description = "Role of the instances that build, for policies of buckets and keys."
  value       = aws_iam_role.build.arn
}

output "log_group_name" {
  description = "Log group of the builds."
  value       = aws_cloudwatch_log_group.this.name
}
