output "alb_arn" {
  description = "ARN of the application load balancer."
  value       = aws_lb.application.arn
}

output "alb_arn_suffix" {
  description = "Application load balancer as metrics name it."
  value       = aws_lb.application.arn_suffix
}

output "alb_dns_name" {
  description = "Host name of the application load balancer."
  value       = aws_lb.application.dns_name
}

output "alb_zone_id" {
  description = "Zone of the application load balancer's host name, for alias records."
  value       = aws_lb.application.zone_id
}

output "listener_arn" {
  description = "ARN of the HTTPS listener."
  value       = aws_lb_listener.https.arn
}

output "nlb_arn" {
  description = "ARN of the network load balancer, once it can reach the application load balancer: the target of the API's VPC link."
  value       = aws_lb.network.arn

  depends_on = [aws_lb_listener.network, aws_lb_target_group_attachment.network]
}

output "nlb_arn_suffix" {
  description = "Network load balancer as metrics name it."
  value       = aws_lb.network.arn_suffix
}

output "nlb_dns_name" {
  description = "Host name of the network load balancer."
  value       = aws_lb.network.dns_name
}

output "nlb_target_group_arn_suffix" {
  description = "Target group of the network load balancer as metrics name it."
  value       = aws_lb_target_group.network.arn_suffix
}

output "target_groups" {
  description = "Target groups by service and colour, once a listener forwards to them: before, ECS refuses them."
  value = {
    for service in keys(var.services) : service => {
      for color in local.colors : color => {
        arn        = aws_lb_target_group.this["${service}-${color}"].arn
        name       = aws_lb_target_group.this["${service}-${color}"].name
        arn_suffix = aws_lb_target_group.this["${service}-${color}"].arn_suffix
      }
    }
  }

  depends_on = [aws_lb_listener_rule.color, aws_lb_listener_rule.weighted]
}

output "request_metric_labels" {
  description = "Resource labels of ALBRequestCountPerTarget by service and colour, for scaling on requests."
  value = {
    for service in keys(var.services) : service => {
      for color in local.colors : color => "${aws_lb.application.arn_suffix}/${aws_lb_target_group.this["${service}-${color}"].arn_suffix}"
    }
  }
}

output "rule_arns" {
  description = "Weighted rules by service, whose weights releases shift."
  value       = { for service, rule in aws_lb_listener_rule.weighted : service => rule.arn }
}
