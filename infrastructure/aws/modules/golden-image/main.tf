data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  image_name = "${var.name}-base"
  managed    = "arn:${local.partition}:imagebuilder:${local.region}:aws"

  # Settings of the kernel that CIS asks of every host.
  kernel_settings = {
    "kernel.dmesg_restrict"                  = 1
    "kernel.kptr_restrict"                   = 2
    "kernel.randomize_va_space"              = 2
    "fs.protected_hardlinks"                 = 1
    "fs.protected_symlinks"                  = 1
    "fs.suid_dumpable"                       = 0
    "net.ipv4.conf.all.accept_redirects"     = 0
    "net.ipv4.conf.all.accept_source_route"  = 0
    "net.ipv4.conf.all.log_martians"         = 1
    "net.ipv4.conf.all.rp_filter"            = 1
    "net.ipv4.conf.all.send_redirects"       = 0
    "net.ipv4.icmp_echo_ignore_broadcasts"   = 1
    "net.ipv4.tcp_syncookies"                = 1
    "net.ipv6.conf.all.accept_redirects"     = 0
    "net.ipv6.conf.default.accept_redirects" = 0
  }
}

# --- What the image is made of -----------------------------------------------

resource "aws_imagebuilder_component" "hardening" {
  name                  = "${var.name}-hardening"
  description           = "Hardens Amazon Linux 2023 and proves that it did"
  platform              = "Linux"
  supported_os_versions = ["Amazon Linux 2023"]
  version               = var.recipe_version
  kms_key_id            = var.key_arn

  data = yamlencode({
    schemaVersion = 1.0
    phases = [
      {
        name = "build"
        steps = [
          {
            name   = "KernelSettings"
            action = "ExecuteBash"
            inputs = {
              commands = concat(
                [for setting in sort(keys(local.kernel_settings)) : "echo '${setting} = ${local.kernel_settings[setting]}' >> /etc/sysctl.d/60-hardening.conf"],
                ["chmod 0644 /etc/sysctl.d/60-hardening.conf"],
              )
            }
          },
          {
            # Operators come through Session Manager: no daemon listens for them.
            name   = "NoSsh"
            action = "ExecuteBash"
            inputs = { commands = ["systemctl disable sshd.service", "systemctl mask sshd.service", "passwd -l root"] }
          },
          {
            name   = "SecurityUpdatesAndAudit"
            action = "ExecuteBash"
            inputs = { commands = ["dnf install -y audit amazon-ssm-agent dnf-automatic", "sed -i 's/^upgrade_type.*/upgrade_type = security/; s/^apply_updates.*/apply_updates = yes/' /etc/dnf/automatic.conf", "systemctl enable auditd.service dnf-automatic.timer"] }
          },
        ]
      },
      {
        name = "test"
        steps = [{
          name   = "Hardened"
          action = "ExecuteBash"
          inputs = {
            commands = [
              "set -e",
              "test \"$(sysctl -n kernel.kptr_restrict)\" = 2",
              "test \"$(sysctl -n net.ipv4.conf.all.accept_redirects)\" = 0",
              "test \"$(systemctl is-enabled sshd.service || true)\" = masked",
              "systemctl is-enabled auditd.service dnf-automatic.timer",
            ]
          }
        }]
      },
    ]
  })

  tags = var.tags

  lifecycle {
    # A recipe names a version of it: the next one comes before the last one goes.
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "this" {
  name              = local.image_name
  description       = "Hardened Amazon Linux 2023 of ${var.name}"
  parent_image      = "${local.managed}:image/amazon-linux-2023-${replace(var.architecture, "x86_64", "x86")}/x.x.x"
  version           = var.recipe_version
  working_directory = "/tmp"

  component {
    component_arn = "${local.managed}:component/update-linux/x.x.x"
  }
  component {
    component_arn = aws_imagebuilder_component.hardening.arn
  }
  component {
    component_arn = "${local.managed}:component/reboot-test-linux/x.x.x"
  }

  block_device_mapping {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.volume_gib
      encrypted             = true
      kms_key_id            = var.key_arn
      delete_on_termination = true
    }
  }

  systems_manager_agent {
    uninstall_after_build = false
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

# --- Where it is built -------------------------------------------------------

resource "aws_iam_role" "build" {
  name        = "${var.name}-image-build"
  description = "Instances that build images of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

# What Image Builder documents that its instances need, as managed policies of AWS.
resource "aws_iam_role_policy_attachment" "build" {
  for_each = toset(["AmazonSSMManagedInstanceCore", "EC2InstanceProfileForImageBuilder"])

  role       = aws_iam_role.build.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_iam_role_policy" "build" {
  name = "build-images"
  role = aws_iam_role.build.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "ReadComponent"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.key_arn]
        Condition = {
          StringEquals = { "kms:ViaService" = "imagebuilder.${local.region}.amazonaws.com" }
        }
      }],
      [for bucket in var.log_bucket[*] : {
        Sid      = "WriteBuildLogs"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${bucket.arn}/image-builder/*"]
      }],
    )
  })
}

resource "aws_iam_instance_profile" "build" {
  name = aws_iam_role.build.name
  role = aws_iam_role.build.name

  tags = var.tags
}

# Made before the first build: Image Builder would create it unencrypted and without end.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "/aws/imagebuilder/${local.image_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_imagebuilder_infrastructure_configuration" "this" {
  name                          = local.image_name
  description                   = "Builds ${local.image_name} without a way in"
  instance_profile_name         = aws_iam_instance_profile.build.name
  instance_types                = [var.instance_type]
  subnet_id                     = var.subnet_id
  security_group_ids            = var.security_group_ids
  sns_topic_arn                 = var.topic_arn
  terminate_instance_on_failure = true
  resource_tags                 = merge(var.tags, { Name = "${local.image_name}-build" })

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  dynamic "logging" {
    for_each = var.log_bucket[*]

    content {
      s3_logs {
        s3_bucket_name = logging.value.name
        s3_key_prefix  = "image-builder"
      }
    }
  }

  tags = var.tags
}

# --- Where it goes -----------------------------------------------------------

resource "aws_imagebuilder_distribution_configuration" "this" {
  name        = local.image_name
  description = "Images of ${local.image_name}, encrypted and private"

  distribution {
    region = local.region

    ami_distribution_configuration {
      name        = "${local.image_name}-{{ imagebuilder:buildDate }}"
      description = "Hardened Amazon Linux 2023 of ${var.name}"
      kms_key_id  = var.key_arn
      ami_tags    = merge(var.tags, { Name = local.image_name })

      dynamic "launch_permission" {
        for_each = length(var.share_with_account_ids) > 0 ? [var.share_with_account_ids] : []

        content {
          user_ids = launch_permission.value
        }
      }
    }
  }

  tags = var.tags
}

resource "aws_imagebuilder_image_pipeline" "this" {
  name                             = local.image_name
  description                      = "Builds ${local.image_name} when what it is made from has updates"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.this.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.this.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.this.arn
  enhanced_image_metadata_enabled  = true
  status                           = "ENABLED"

  image_scanning_configuration {
    image_scanning_enabled = var.scan
  }

  image_tests_configuration {
    image_tests_enabled = true
    timeout_minutes     = 60
  }

  schedule {
    schedule_expression                = var.schedule
    pipeline_execution_start_condition = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
    timezone                           = "Etc/UTC"
  }

  tags = var.tags

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.build, aws_iam_role_policy_attachment.build]

  lifecycle {
    precondition {
      condition     = (var.architecture == "arm64") == can(regex("^[a-z]+[0-9]+g[a-z-]*\\.", var.instance_type))
      error_message = "instance_type ${var.instance_type} does not run ${var.architecture}: write a Graviton type such as \"t4g.medium\" for arm64, or one such as \"t3.medium\" for x86_64."
    }
  }
}

# --- What becomes of old ones ------------------------------------------------

resource "aws_iam_role" "lifecycle" {
  name        = "${var.name}-image-lifecycle"
  description = "Deletes old images of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "imagebuilder.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "lifecycle" {
  role       = aws_iam_role.lifecycle.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy"
}

resource "aws_imagebuilder_lifecycle_policy" "this" {
  name           = local.image_name
  description    = "Keeps the newest images of ${local.image_name}"
  execution_role = aws_iam_role.lifecycle.arn
  resource_type  = "AMI_IMAGE"

  policy_detail {
    action {
      type = "DELETE"

      include_resources {
        amis      = true
        snapshots = true
      }
    }

    filter {
      type  = "COUNT"
      value = var.keep_images
    }
  }

  resource_selection {
    recipe {
      name             = aws_imagebuilder_image_recipe.this.name
      semantic_version = var.recipe_version
    }
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy_attachment.lifecycle]
}
