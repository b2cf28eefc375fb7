data "aws_region" "current" {}

locals {
  colors = toset(["blue", "green"])
  # The network load balancer asks here whether the application load balancer lives.
  health_path = "/health"

  target_groups = merge([
    for service, settings in var.services : {
      for color in local.colors : "${service}-${color}" => merge(settings, { service = service, color = color, name = "${var.name}-${service}-${color}" })
    }
  ]...)

  longest_service = max(32 - length("${var.name}--green"), 0)
}

resource "aws_lb" "application" {
  #checkov:skip=CKV2_AWS_28:Module waf puts its web ACL in front, by an association in a map that the scanner does not follow
  #checkov:skip=CKV_AWS_150:Protected from deletion in staging and prod, which the root's floors enforce; dev is disposable
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.public_subnet_ids
  security_groups    = [var.security_group_id]

  enable_deletion_protection = var.deletion_protection
  enable_http2               = true
  idle_timeout               = var.idle_timeout_seconds
  # Requests that proxies and servers may read differently are refused, not mended.
  desync_mitigation_mode     = "strictest"
  drop_invalid_header_fields = true
  xff_header_processing_mode = "append"
  enable_zonal_shift         = true

  access_logs {
    bucket  = var.access_log_bucket
    prefix  = "alb/${var.name}/access"
    enabled = true
  }

  connection_logs {
    bucket  = var.access_log_bucket
    prefix  = "alb/${var.name}/connection"
    enabled = true
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.application.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
  }

  tags = var.tags
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.application.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=31536000; includeSubDomains"
  routing_http_response_x_content_type_options_header_value    = "nosniff"
  routing_http_response_x_frame_options_header_value           = "DENY"

  # Whoever comes another way than through the API, or asks for no service, learns nothing.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ message = "Not found" })
      status_code  = "404"
    }
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = split(":", var.certificate_arn)[3] == data.aws_region.current.name
      error_message = "certificate_arn is of ${split(":", var.certificate_arn)[3]}: write a certificate of ${data.aws_region.current.name}, the load balancer's region."
    }
  }
}

# What cannot change without a new name is replaced in place: rules go first, then the group.
resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; tasks speak HTTP in private subnets, to which only its security group has a way
  for_each = local.target_groups

  name        = each.value.name
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = each.value.port
  protocol    = "HTTP"

  deregistration_delay = each.value.deregistration_delay_seconds
  slow_start           = each.value.slow_start_seconds
  # Slow start works with round robin only. A new task is warmed up by default; a service that
  # needs no warming gets the algorithm that avoids busy tasks.
  load_balancing_algorithm_type = each.value.slow_start_seconds > 0 ? "round_robin" : "least_outstanding_requests"

  health_check {
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = each.value.health_path
    matcher             = each.value.health_codes
    interval            = each.value.health_interval_seconds
    timeout             = each.value.health_timeout_seconds
    healthy_threshold   = each.value.healthy_checks
    unhealthy_threshold = each.value.unhealthy_checks
  }

  tags = merge(var.tags, { Name = each.value.name, Color = each.value.color })

  lifecycle {
    precondition {
      condition     = length(each.value.name) <= 32
      error_message = "services: the target group ${each.value.name} has ${length(each.value.name)} characters of 32 allowed: give ${each.value.service} a name of at most ${local.longest_service} characters."
    }
  }
}

resource "aws_lb_listener_rule" "health" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {
    path_pattern {
      values = [local.health_path]
    }
  }

  condition {
    source_ip {
      values = [var.vpc_cidr]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ status = "ok" })
      status_code  = "200"
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-health" })
}

# Whoever asks for a colour gets it: tests before a release, and the stages blue and green of the API.
resource "aws_lb_listener_rule" "color" {
  for_each = local.target_groups

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority * 10 + (each.value.color == "blue" ? 0 : 1)

  condition {
    http_header {
      http_header_name = "X-Bookstore-Color"
      values           = [each.value.color]
    }
  }

  condition {
    host_header {
      values = [var.origin_domain]
    }
  }

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  condition {
    source_ip {
      values = [var.vpc_cidr]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  tags = merge(var.tags, { Name = each.value.name })

  # A group cannot go while a rule forwards to it.
  lifecycle {
    replace_triggered_by = [aws_lb_target_group.this[each.key].arn]
  }
}

# A trigger of replacement takes the key of its own rule only: this holds both groups under it.
resource "terraform_data" "target_groups" {
  for_each = var.services

  input = [for color in local.colors : aws_lb_target_group.this["${each.key}-${color}"].arn]
}

resource "aws_lb_listener_rule" "weighted" {
  for_each = var.services

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority * 10 + 2

  condition {
    host_header {
      values = [var.origin_domain]
    }
  }

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  condition {
    source_ip {
      values = [var.vpc_cidr]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.this["${each.key}-blue"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.this["${each.key}-green"].arn
        weight = 0
      }
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    # Releases shift the weights; the next apply must not shift them back.
    ignore_changes = [action]
    # A group cannot go while a rule forwards to it.
    replace_triggered_by = [terraform_data.target_groups[each.key].input]
  }
}

resource "aws_lb" "network" {
  #checkov:skip=CKV_AWS_91:The listener passes TCP through; a network load balancer logs TLS listeners only, and the application load balancer logs every request
  #checkov:skip=CKV_AWS_150:Protected from deletion in staging and prod, which the root's floors enforce; dev is disposable
  name               = "${var.name}-api"
  load_balancer_type = "network"
  internal           = true
  subnets            = var.private_subnet_ids

  enable_deletion_protection       = var.deletion_protection
  enable_cross_zone_load_balancing = true
  enable_zonal_shift               = true

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = "${var.name}-api" })
}

resource "aws_lb_target_group" "network" {
  name        = "${var.name}-api"
  vpc_id      = var.vpc_id
  target_type = "alb"
  port        = 443
  protocol    = "TCP"

  health_check {
    protocol            = "HTTPS"
    port                = "traffic-port"
    path                = local.health_path
    matcher             = "200"
    interval            = 10
    timeout             = 6
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  tags = merge(var.tags, { Name = "${var.name}-api" })
}

resource "aws_lb_target_group_attachment" "network" {
  target_group_arn = aws_lb_target_group.network.arn
  target_id        = aws_lb.application.arn
  port             = 443

  # ELB registers an application load balancer only where it listens.
  depends_on = [aws_lb_listener.https]
}

resource "aws_lb_listener" "network" {
  #checkov:skip=CKV_AWS_2:TLS is not ended here but at the application load balancer, to which TCP is passed as it is
  #checkov:skip=CKV_AWS_103:TLS is not ended here but at the application load balancer, to which TCP is passed as it is
  load_balancer_arn = aws_lb.network.arn
  port              = 443
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.network.arn
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
  }

  tags = var.tags
}
