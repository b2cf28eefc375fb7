data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  rotated    = { for suffix, secret in var.secrets : suffix => secret if secret.rotation_days != null }
  # Not a secret: it says what is missing to whoever reads the secret too early.
  placeholder = "placeholder: no value has been written yet"
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Generated values rotate by the schedule below; those without rotation_days are issued by third parties, who alone can replace them
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_window_days

  tags = merge(var.tags, { Name = "${var.name}/${each.key}" })
}

# Rotation needs a version to begin with. The values themselves never pass through Terraform or its state.
resource "aws_secretsmanager_secret_version" "placeholder" {
  for_each = var.secrets

  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = local.placeholder
  # A label of its own keeps this version alive: Secrets Manager drops versions without labels,
  # and Terraform would then write the placeholder anew, over the value in use.
  version_stages = ["AWSCURRENT", "PLACEHOLDER"]

  lifecycle {
    # The first rotation, or the operator who writes the value, moves AWSCURRENT on.
    ignore_changes = [secret_string, version_stages]
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyThisAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"]
        Resource  = "*" # in a secret's policy, this secret
        # Secrets Manager itself, when it rotates, acts without an account of its own.
        Condition = {
          StringNotEquals = { "aws:PrincipalAccount" = local.account_id }
          Bool            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*" # in a secret's policy, this secret
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_secretsmanager_secret_rotation" "this" {
  #checkov:skip=CKV_AWS_304:The variable takes 90 days at most; the scanner does not see the value in the source
  for_each = local.rotated

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = var.rotation_function_arn
  rotate_immediately  = var.rotate_immediately

  rotation_rules {
    automatically_after_days = each.value.rotation_days
  }

  lifecycle {
    precondition {
      condition     = var.rotation_function_arn != null
      error_message = "The secret ${each.key} has rotation_days: write rotation_function_arn = module.secret_rotation.arn, or leave rotation_days out for what a third party issues."
    }
  }

  depends_on = [aws_secretsmanager_secret_policy.this, aws_secretsmanager_secret_version.placeholder]
}
