locals {
  groups = {
    alb        = "Application load balancer of ${var.name}"
    ecs        = "ECS tasks of ${var.name}"
    rds        = "PostgreSQL of ${var.name}"
    redis      = "Redis of ${var.name}"
    opensearch = "OpenSearch of ${var.name}"
  }
  group_ids = merge(
    { for key, group in aws_security_group.this : key => group.id },
    { endpoints = var.endpoint_security_group_id },
  )

  # Every edge between two groups: one line here makes both of its rules.
  edges = {
    alb_to_ecs        = { from = "alb", to = "ecs", port = var.ports.application, description = "Requests from the load balancer to the services" }
    ecs_to_rds        = { from = "ecs", to = "rds", port = var.ports.database, description = "PostgreSQL from the services" }
    ecs_to_redis      = { from = "ecs", to = "redis", port = var.ports.redis, description = "Redis from the services" }
    ecs_to_opensearch = { from = "ecs", to = "opensearch", port = 443, description = "OpenSearch over HTTPS from the services" }
    ecs_to_endpoints  = { from = "ecs", to = "endpoints", port = 443, description = "AWS services through interface endpoints" }
  }

  internet_ports = {
    http  = { port = 80, description = "HTTP from anywhere, redirected to HTTPS" }
    https = { port = 443, description = "HTTPS from anywhere" }
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:Attached by the modules that receive these ids (ALB, ECS, RDS, Redis, OpenSearch)
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "internet" {
  #checkov:skip=CKV_AWS_260:The specification opens the load balancer to HTTP from anywhere; its listener only redirects to HTTPS
  for_each = local.internet_ports

  security_group_id = aws_security_group.this["alb"].id
  description       = each.value.description
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port

  tags = merge(var.tags, { Name = "internet_to_alb_${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each = local.edges

  security_group_id            = local.group_ids[each.value.to]
  referenced_security_group_id = local.group_ids[each.value.from]
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = merge(var.tags, { Name = each.key })
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  for_each = local.edges

  security_group_id            = local.group_ids[each.value.from]
  referenced_security_group_id = local.group_ids[each.value.to]
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = merge(var.tags, { Name = each.key })
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = var.gateway_prefix_list_ids

  security_group_id = aws_security_group.this["ecs"].id
  description       = "AWS service ${each.key} through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = merge(var.tags, { Name = "ecs_to_${each.key}" })
}

resource "aws_vpc_security_group_egress_rule" "ecs_to_internet" {
  security_group_id = aws_security_group.this["ecs"].id
  description       = "HTTPS to third parties (payments, e-mail) through the NAT gateway"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = merge(var.tags, { Name = "ecs_to_internet" })
}
