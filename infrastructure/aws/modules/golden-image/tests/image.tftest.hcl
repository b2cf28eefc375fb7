mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mocked" }
  }
  mock_resource "aws_imagebuilder_component" {
    defaults = { arn = "arn:aws:imagebuilder:eu-west-1:111111111111:component/hardening/1.0.0/1" }
  }
  mock_resource "aws_imagebuilder_image_recipe" {
    defaults = { arn = "arn:aws:imagebuilder:eu-west-1:111111111111:image-recipe/bookstore-test-base/1.0.0" }
  }
  mock_resource "aws_imagebuilder_infrastructure_configuration" {
    defaults = { arn = "arn:aws:imagebuilder:eu-west-1:111111111111:infrastructure-configuration/bookstore-test-base" }
  }
  mock_resource "aws_imagebuilder_distribution_configuration" {
    defaults = { arn = "arn:aws:imagebuilder:eu-west-1:111111111111:distribution-configuration/bookstore-test-base" }
  }
  mock_resource "aws_imagebuilder_image_pipeline" {
    defaults = { arn = "arn:aws:imagebuilder:eu-west-1:111111111111:image-pipeline/bookstore-test-base" }
  }
}

variables {
  name               = "bookstore-test"
  subnet_id          = "subnet-a"
  security_group_ids = ["sg-build"]
  key_arn            = "arn:aws:kms:eu-west-1:111111111111:key/images"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "hardened_encrypted_and_private" {
  assert {
    condition     = aws_imagebuilder_image_recipe.this.parent_image == "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-arm64/x.x.x" && contains(aws_imagebuilder_image_recipe.this.component[*].component_arn, aws_imagebuilder_component.hardening.arn) && length(aws_imagebuilder_image_recipe.this.component) == 3
    error_message = "The latest Amazon Linux 2023, updated, hardened and rebooted."
  }
  assert {
    condition     = [for phase in yamldecode(aws_imagebuilder_component.hardening.data).phases : phase.name] == ["build", "test"] && strcontains(aws_imagebuilder_component.hardening.data, "systemctl mask sshd.service") && strcontains(aws_imagebuilder_component.hardening.data, "kernel.kptr_restrict = 2")
    error_message = "The hardening closes SSH, sets the kernel and tests itself."
  }
  assert {
    condition = (
      one(one(aws_imagebuilder_image_recipe.this.block_device_mapping).ebs).encrypted == "true"
      && one(one(aws_imagebuilder_image_recipe.this.block_device_mapping).ebs).kms_key_id == var.key_arn
      && one(one(aws_imagebuilder_image_recipe.this.block_device_mapping).ebs).volume_type == "gp3"
      && one(one(aws_imagebuilder_distribution_configuration.this.distribution).ami_distribution_configuration).kms_key_id == var.key_arn
      && aws_imagebuilder_component.hardening.kms_key_id == var.key_arn
    )
    error_message = "Volumes, images and the component are under the given key."
  }
  assert {
    condition     = length(one(one(aws_imagebuilder_distribution_configuration.this.distribution).ami_distribution_configuration).launch_permission) == 0
    error_message = "No other account may use the images."
  }
  assert {
    condition = (
      one(aws_imagebuilder_infrastructure_configuration.this.instance_metadata_options).http_tokens == "required"
      && one(aws_imagebuilder_infrastructure_configuration.this.instance_metadata_options).http_put_response_hop_limit == 1
      && aws_imagebuilder_infrastructure_configuration.this.terminate_instance_on_failure
      && aws_imagebuilder_infrastructure_configuration.this.key_pair == null
      && length(aws_imagebuilder_infrastructure_configuration.this.logging) == 0
    )
    error_message = "The building instance needs tokens for its metadata, has no key pair and never stays."
  }
  assert {
    condition     = keys(aws_iam_role_policy_attachment.build) == ["AmazonSSMManagedInstanceCore", "EC2InstanceProfileForImageBuilder"] && [for statement in jsondecode(aws_iam_role_policy.build.policy).Statement : statement.Sid] == ["ReadComponent"]
    error_message = "Its role is what Image Builder asks for."
  }
  assert {
    condition     = one(aws_imagebuilder_image_pipeline.this.schedule).pipeline_execution_start_condition == "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE" && one(aws_imagebuilder_image_pipeline.this.image_tests_configuration).image_tests_enabled && !one(aws_imagebuilder_image_pipeline.this.image_scanning_configuration).image_scanning_enabled
    error_message = "It builds when there are updates, and tests what it built."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/imagebuilder/bookstore-test-base" && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "Builds write to an encrypted log group that ends."
  }
  assert {
    condition     = one(one(aws_imagebuilder_lifecycle_policy.this.policy_detail).filter).value == 5 && one(one(aws_imagebuilder_lifecycle_policy.this.policy_detail).action).type == "DELETE"
    error_message = "Five images are kept."
  }
  assert {
    condition     = jsondecode(aws_iam_role.lifecycle.assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    error_message = "Old images are deleted for this account only."
  }
  assert {
    condition     = output.pipeline_arn == aws_imagebuilder_image_pipeline.this.arn && output.image_name == "bookstore-test-base" && output.build_role_arn == aws_iam_role.build.arn && output.log_group_name == aws_cloudwatch_log_group.this.name
    error_message = "The pipeline and its images can be found."
  }
}

run "choices" {
  command = plan

  variables {
    recipe_version         = "1.2.3"
    architecture           = "x86_64"
    instance_type          = "t3.medium"
    volume_gib             = 30
    share_with_account_ids = ["222222222222"]
    keep_images            = 3
    scan                   = true
    log_bucket             = { name = "bookstore-test-logs", arn = "arn:aws:s3:::bookstore-test-logs" }
    topic_arn              = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-warning"
    log_retention_days     = 30
  }

  assert {
    condition     = aws_imagebuilder_image_recipe.this.parent_image == "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x" && aws_imagebuilder_image_recipe.this.version == "1.2.3" && aws_imagebuilder_component.hardening.version == "1.2.3" && one(one(aws_imagebuilder_image_recipe.this.block_device_mapping).ebs).volume_size == 30
    error_message = "Architecture, version and size are data."
  }
  assert {
    condition     = one(one(one(aws_imagebuilder_distribution_configuration.this.distribution).ami_distribution_configuration).launch_permission).user_ids == toset(["222222222222"])
    error_message = "Only the accounts named may start instances."
  }
  assert {
    condition     = one(one(aws_imagebuilder_infrastructure_configuration.this.logging).s3_logs).s3_bucket_name == "bookstore-test-logs" && jsondecode(aws_iam_role_policy.build.policy).Statement[1].Resource == ["arn:aws:s3:::bookstore-test-logs/image-builder/*"] && aws_imagebuilder_infrastructure_configuration.this.sns_topic_arn == var.topic_arn
    error_message = "Logs go to one place of the bucket, news to the topic."
  }
  assert {
    condition     = one(aws_imagebuilder_image_pipeline.this.image_scanning_configuration).image_scanning_enabled && one(one(aws_imagebuilder_lifecycle_policy.this.policy_detail).filter).value == 3 && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Scanning, keeping and retention are data."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    recipe_version     = "1.0"
    architecture       = "ARM64"
    instance_type      = "t4g"
    volume_gib         = 4
    security_group_ids = []
    # Share with a short id.
    share_with_account_ids = ["2222"]
    schedule               = "cron(0 3 * * sun)"
    keep_images            = 1
    log_retention_days     = 45
    name                   = "Bookstore"
  }

  expect_failures = [
    var.recipe_version,
    var.architecture,
    var.instance_type,
    var.volume_gib,
    var.security_group_ids,
    var.share_with_account_ids,
    var.schedule,
    var.keep_images,
    var.log_retention_days,
    var.name,
  ]
}

run "instance_of_another_architecture" {
  command = plan

  variables {
    instance_type = "t3.medium"
  }

  expect_failures = [aws_imagebuilder_image_pipeline.this]
}
