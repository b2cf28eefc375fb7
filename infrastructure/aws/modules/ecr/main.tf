resource "aws_ecr_repository" "this" {
  for_each = var.repositories

  name = "${var.name}/${each.value}"
  # A tag names one image for ever: what was tested is what runs.
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  timeouts {
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = "${var.name}/${each.value}" })
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = var.repositories

  repository = aws_ecr_repository.this[each.value].name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire images that lost their tag or never had one"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.untagged_days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Keep the newest tagged images"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = var.keep_images
        }
        action = { type = "expire" }
      },
    ]
  })
}
