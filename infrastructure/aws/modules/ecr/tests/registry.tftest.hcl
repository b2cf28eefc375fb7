mock_provider "aws" {}

variables {
  name         = "bookstore-test"
  repositories = ["catalog", "aws-otel-collector"]
  key_arn      = "arn:aws:kms:eu-west-1:111111111111:key/registry"
}

run "safe_by_default" {
  command = plan

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"
      && one(repository.image_scanning_configuration).scan_on_push
      && one(repository.encryption_configuration).encryption_type == "KMS"
      && one(repository.encryption_configuration).kms_key == var.key_arn
      && !repository.force_delete
    ])
    error_message = "Tags never move, pushes are scanned, images are under the given key and kept."
  }
  assert {
    condition     = output.names == { catalog = "bookstore-test/catalog", aws-otel-collector = "bookstore-test/aws-otel-collector" }
    error_message = "Every name begins with the prefix."
  }
  assert {
    condition     = keys(output.urls) == ["aws-otel-collector", "catalog"] && keys(output.arns) == ["aws-otel-collector", "catalog"]
    error_message = "Addresses and ARNs are found by the short name."
  }
  assert {
    condition = alltrue([
      for policy in aws_ecr_lifecycle_policy.this : [
        for rule in jsondecode(policy.policy).rules : [rule.selection.tagStatus, rule.selection.countType, rule.selection.countNumber, rule.action.type]
      ] == [["untagged", "sinceImagePushed", 7, "expire"], ["tagged", "imageCountMoreThan", 50, "expire"]]
    ])
    error_message = "Untagged images go after a week, and fifty tagged ones stay."
  }
}

run "sizes_are_data" {
  command = plan

  variables {
    keep_images   = 10
    untagged_days = 1
    force_delete  = true
    timeouts      = { delete = "5m" }
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["catalog"].policy).rules : rule.selection.countNumber] == [1, 10]
    error_message = "The lifecycle keeps what it is told."
  }
  assert {
    condition     = aws_ecr_repository.this["catalog"].force_delete && aws_ecr_repository.this["catalog"].timeouts.delete == "5m"
    error_message = "A disposable registry goes with its images, in the time given."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    repositories  = []
    keep_images   = 3
    untagged_days = 0
    name          = "bookstore-"
    # Timeout without unit.
    timeouts = { delete = "20" }
  }

  expect_failures = [var.repositories, var.keep_images, var.untagged_days, var.name, var.timeouts]
}

run "repository_with_prefix" {
  command = plan

  variables {
    repositories = ["bookstore/catalog"]
  }

  expect_failures = [var.repositories]
}

run "repository_in_capitals" {
  command = plan

  variables {
    repositories = ["Catalog"]
  }

  expect_failures = [var.repositories]
}
