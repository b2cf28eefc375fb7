mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_lb" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/bookstore-test/1"
      arn_suffix = "app/bookstore-test/1"
      dns_name   = "bookstore-test-1.eu-west-1.elb.amazonaws.com"
      zone_id    = "Z32O12XQLNTSW2"
    }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/bookstore-test/1/2" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/bookstore-test-catalog-blue/3"
      arn_suffix = "targetgroup/bookstore-test-catalog-blue/3"
    }
  }
  mock_resource "aws_lb_listener_rule" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/bookstore-test/1/2/4" }
  }
}

variables {
  name               = "bookstore-test"
  vpc_id             = "vpc-1"
  vpc_cidr           = "10.10.0.0/16"
  public_subnet_ids  = ["subnet-public-a", "subnet-public-b"]
  private_subnet_ids = ["subnet-private-a", "subnet-private-b"]
  security_group_id  = "sg-alb"
  certificate_arn    = "arn:aws:acm:eu-west-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"
  origin_domain      = "origin.test.bookstore.example.com"
  access_log_bucket  = "bookstore-test-logs-111111111111"
  services = {
    catalog = { paths = ["/catalog", "/catalog/*"], priority = 10 }
    search  = { paths = ["/search"], priority = 20, slow_start_seconds = 0, health_path = "/ready", port = 9090 }
  }
}

run "safe_by_default" {
  assert {
    condition = (
      aws_lb.application.enable_deletion_protection
      && aws_lb.network.enable_deletion_protection
      && aws_lb.application.drop_invalid_header_fields
      && aws_lb.application.desync_mitigation_mode == "strictest"
      && aws_lb.application.enable_http2
      && aws_lb.application.idle_timeout == 60
      && aws_lb.application.security_groups == toset(["sg-alb"])
    )
    error_message = "Protected, and strict about what it forwards."
  }
  assert {
    condition = (
      aws_lb.application.access_logs[0].enabled && aws_lb.application.access_logs[0].bucket == var.access_log_bucket
      && aws_lb.application.connection_logs[0].enabled && aws_lb.application.connection_logs[0].bucket == var.access_log_bucket
    )
    error_message = "Requests and connections are logged."
  }
  assert {
    condition = (
      aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
      && aws_lb_listener.https.certificate_arn == var.certificate_arn
      && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
      && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    )
    error_message = "TLS 1.2 at least, and HTTP is sent to it."
  }
  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "What matches no rule is not there."
  }
  assert {
    condition = (
      aws_lb.network.internal
      && aws_lb.network.load_balancer_type == "network"
      && aws_lb.network.enable_cross_zone_load_balancing
      && !aws_lb.application.internal
      && aws_lb.network.subnets == toset(var.private_subnet_ids)
      && aws_lb.application.subnets == toset(var.public_subnet_ids)
    )
    error_message = "The way of the API is private."
  }
  # The network load balancer leads to the other.
  assert {
    condition = (
      aws_lb_target_group.network.target_type == "alb"
      && aws_lb_target_group.network.protocol == "TCP"
      && aws_lb_target_group.network.port == 443
      && aws_lb_target_group.network.health_check[0].protocol == "HTTPS"
      && aws_lb_target_group.network.health_check[0].path == "/health"
      && aws_lb_target_group_attachment.network.target_id == aws_lb.application.arn
      && aws_lb_listener.network.port == 443
    )
    error_message = "TCP to the application load balancer, whose health is asked over TLS."
  }
  assert {
    condition = (
      aws_lb_listener_rule.health.priority == 1
      && aws_lb_listener_rule.health.action[0].fixed_response[0].status_code == "200"
      && anytrue([for condition in aws_lb_listener_rule.health.condition : try(condition.source_ip[0].values == toset(["10.10.0.0/16"]), false)])
      && anytrue([for condition in aws_lb_listener_rule.health.condition : try(condition.path_pattern[0].values == toset(["/health"]), false)])
    )
    error_message = "The health check is answered, inside the VPC only."
  }
  # Blue and green.
  assert {
    condition = { for key, group in aws_lb_target_group.this : key => group.name } == {
      catalog-blue  = "bookstore-test-catalog-blue"
      catalog-green = "bookstore-test-catalog-green"
      search-blue   = "bookstore-test-search-blue"
      search-green  = "bookstore-test-search-green"
    }
    error_message = "Each service has a group of each colour."
  }
  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : group.target_type == "ip" && group.protocol == "HTTP" && group.vpc_id == "vpc-1"])
    error_message = "Tasks are targets by address."
  }
  assert {
    condition = (
      aws_lb_target_group.this["catalog-blue"].slow_start == 30
      && aws_lb_target_group.this["catalog-blue"].load_balancing_algorithm_type == "round_robin"
      && aws_lb_target_group.this["search-blue"].slow_start == 0
      && aws_lb_target_group.this["search-blue"].load_balancing_algorithm_type == "least_outstanding_requests"
    )
    error_message = "Slow start with round robin, which alone knows it."
  }
  assert {
    condition = (
      aws_lb_target_group.this["catalog-blue"].port == 8080
      && aws_lb_target_group.this["catalog-blue"].health_check[0].path == "/health"
      && aws_lb_target_group.this["search-green"].port == 9090
      && aws_lb_target_group.this["search-green"].health_check[0].path == "/ready"
    )
    error_message = "Port and health check are the service's."
  }
  assert {
    condition     = { for key, rule in aws_lb_listener_rule.color : key => rule.priority } == { catalog-blue = 100, catalog-green = 101, search-blue = 200, search-green = 201 } && { for key, rule in aws_lb_listener_rule.weighted : key => rule.priority } == { catalog = 102, search = 202 }
    error_message = "A colour asked for comes before the weights."
  }
  assert {
    condition     = { for group in aws_lb_listener_rule.weighted["catalog"].action[0].forward[0].target_group : group.weight => group.arn... } == { 0 = [aws_lb_target_group.this["catalog-green"].arn], 100 = [aws_lb_target_group.this["catalog-blue"].arn] }
    error_message = "All traffic begins at blue."
  }
  # Only the API reaches a service.
  assert {
    condition = alltrue([
      for rule in concat(values(aws_lb_listener_rule.color), values(aws_lb_listener_rule.weighted)) :
      anytrue([for condition in rule.condition : try(condition.source_ip[0].values == toset(["10.10.0.0/16"]), false)])
      && anytrue([for condition in rule.condition : try(condition.host_header[0].values == toset(["origin.test.bookstore.example.com"]), false)])
    ])
    error_message = "Every rule asks for the VPC's addresses and the API's host name."
  }
  assert {
    condition = alltrue([
      for key, rule in aws_lb_listener_rule.color :
      anytrue([for condition in rule.condition : try(condition.http_header[0].http_header_name == "X-Bookstore-Color" && condition.http_header[0].values == toset([split("-", key)[1]]), false)])
    ])
    error_message = "A colour is asked for by its header."
  }
  assert {
    condition = alltrue([
      for rule in concat(values(aws_lb_listener_rule.color), values(aws_lb_listener_rule.weighted)) :
      sum([for condition in rule.condition : sum([
        try(length(condition.host_header[0].values), 0), try(length(condition.path_pattern[0].values), 0),
        try(length(condition.source_ip[0].values), 0), try(length(condition.http_header[0].values), 0),
      ])]) <= 5
    ])
    error_message = "A rule holds five values at most."
  }
  # Others find the targets.
  assert {
    condition = (
      output.target_groups["catalog"]["green"].name == "bookstore-test-catalog-green"
      && output.request_metric_labels["catalog"]["blue"] == "app/bookstore-test/1/targetgroup/bookstore-test-catalog-blue/3"
      && keys(output.rule_arns) == ["catalog", "search"]
      && output.nlb_arn == aws_lb.network.arn
      && output.alb_arn_suffix == "app/bookstore-test/1"
    )
    error_message = "Services, scaling, releases and the API find what they need."
  }
}

run "disposable" {
  command = plan

  variables {
    deletion_protection  = false
    idle_timeout_seconds = 120
    timeouts             = { create = "30m" }
  }

  assert {
    condition     = !aws_lb.application.enable_deletion_protection && !aws_lb.network.enable_deletion_protection && aws_lb.application.idle_timeout == 120
    error_message = "A disposable environment can be deleted."
  }
  assert {
    condition     = aws_lb.application.timeouts.create == "30m" && aws_lb.application.timeouts.delete == "20m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "takes_the_longest_name" {
  command = plan

  variables {
    services = { recommend = { paths = ["/recommend"], priority = 10 } }
  }

  assert {
    condition     = length(aws_lb_target_group.this["recommend-green"].name) <= 32
    error_message = "What is not refused fits."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                 = "internal-bookstore"
    vpc_cidr             = "0.0.0.0/0"
    public_subnet_ids    = ["subnet-a"]
    private_subnet_ids   = []
    security_group_id    = ""
    certificate_arn      = ""
    origin_domain        = "https://origin"
    services             = {}
    access_log_bucket    = ""
    idle_timeout_seconds = 10
    timeouts             = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.vpc_cidr,
    var.public_subnet_ids,
    var.private_subnet_ids,
    var.security_group_id,
    var.certificate_arn,
    var.origin_domain,
    var.services,
    var.access_log_bucket,
    var.idle_timeout_seconds,
    var.timeouts,
  ]
}

run "refuses_badly_named_services" {
  command = plan

  variables {
    services = { Catalog = { paths = ["/catalog"], priority = 10 } }
  }

  expect_failures = [var.services]
}

run "refuses_the_same_path_twice" {
  command = plan

  variables {
    services = {
      catalog = { paths = ["/books"], priority = 10 }
      search  = { paths = ["/books"], priority = 20 }
    }
  }

  expect_failures = [var.services]
}

run "refuses_the_same_priority_twice" {
  command = plan

  variables {
    services = {
      catalog = { paths = ["/catalog"], priority = 10 }
      search  = { paths = ["/search"], priority = 10 }
    }
  }

  expect_failures = [var.services]
}

run "refuses_more_paths_than_a_rule_holds" {
  command = plan

  variables {
    services = { catalog = { paths = ["/a", "/b", "/c"], priority = 10 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_path_without_a_slash" {
  command = plan

  variables {
    services = { catalog = { paths = ["catalog"], priority = 10 } }
  }

  expect_failures = [var.services]
}

run "refuses_the_path_of_the_load_balancer_itself" {
  command = plan

  variables {
    services = { catalog = { paths = ["/health"], priority = 10 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_priority_out_of_range" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 5000 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_port_that_needs_root" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, port = 80 } }
  }

  expect_failures = [var.services]
}

run "refuses_health_checks_that_overlap" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, health_timeout_seconds = 15 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_path_without_a_slash" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, health_path = "health" } }
  }

  expect_failures = [var.services]
}

run "refuses_to_call_an_error_healthy" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, health_codes = "200-599" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_single_health_check" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, healthy_checks = 1 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_slow_start_out_of_range" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, slow_start_seconds = 10 } }
  }

  expect_failures = [var.services]
}

run "refuses_an_endless_deregistration" {
  command = plan

  variables {
    services = { catalog = { paths = ["/catalog"], priority = 10, deregistration_delay_seconds = 4000 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"
    services        = { recommendations = { paths = ["/recommendations"], priority = 10 } }
  }

  expect_failures = [aws_lb_listener.https, aws_lb_target_group.this]
}
