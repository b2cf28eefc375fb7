resource "aws_service_discovery_private_dns_namespace" "this" {
  name        = var.namespace
  description = "Names of the services of ${var.name}"
  vpc         = var.vpc_id

  tags = merge(var.tags, { Name = var.namespace })
}
