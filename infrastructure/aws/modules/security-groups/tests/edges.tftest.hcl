mock_provider "aws" {}

variables {
  name                       = "bookstore-test"
  vpc_id                     = "vpc-1"
  endpoint_security_group_id = "sg-endpoints"
  gateway_prefix_list_ids    = { s3 = "pl-s3", dynamodb = "pl-dynamodb" }
}

run "exactly_the_edges_of_the_specification" {
  assert {
    condition = {
      for key, rule in aws_vpc_security_group_ingress_rule.edge : key => [rule.referenced_security_group_id, rule.security_group_id, tostring(rule.from_port)]
      } == {
      alb_to_ecs        = [output.ids["alb"], output.ids["ecs"], "8080"]
      ecs_to_rds        = [output.ids["ecs"], output.ids["rds"], "5433"]
      ecs_to_redis      = [output.ids["ecs"], output.ids["redis"], "6380"]
      ecs_to_opensearch = [output.ids["ecs"], output.ids["opensearch"], "443"]
      ecs_to_endpoints  = [output.ids["ecs"], "sg-endpoints", "443"]
    }
    error_message = "ALB to ECS; ECS to RDS, Redis, OpenSearch and the endpoints; nothing else."
  }
  assert {
    condition = {
      for key, rule in aws_vpc_security_group_egress_rule.edge : key => [rule.security_group_id, rule.referenced_security_group_id, rule.from_port]
      } == {
      for key, rule in aws_vpc_security_group_ingress_rule.edge : key => [rule.referenced_security_group_id, rule.security_group_id, rule.from_port]
    }
    error_message = "Every edge is open at both of its ends."
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.internet : [rule.security_group_id, rule.cidr_ipv4, tostring(rule.from_port)]] == [[output.ids["alb"], "0.0.0.0/0", "80"], [output.ids["alb"], "0.0.0.0/0", "443"]]
    error_message = "The internet reaches the load balancer on 80 and 443, and nothing else."
  }
  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_egress_rule.gateway), [aws_vpc_security_group_egress_rule.ecs_to_internet]) : rule.security_group_id == output.ids["ecs"] && rule.from_port == 443 && rule.to_port == 443])
    error_message = "Only the services go out, and only by HTTPS."
  }
  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_ingress_rule.internet), values(aws_vpc_security_group_ingress_rule.edge),
        values(aws_vpc_security_group_egress_rule.edge), values(aws_vpc_security_group_egress_rule.gateway),
        [aws_vpc_security_group_egress_rule.ecs_to_internet],
      ) : rule.ip_protocol == "tcp" && rule.from_port == rule.to_port && length(rule.description) > 0
    ])
    error_message = "Every rule is one TCP port with a description."
  }
}

run "ports_are_data" {
  command = plan

  variables {
    ports = { application = 9000, database = 15432 }
  }

  assert {
    condition     = output.ports == { application = 9000, database = 15432, redis = 6380, opensearch = 443 }
    error_message = "Given ports are used, the others keep their defaults."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.edge["ecs_to_rds"].to_port == 15432 && aws_vpc_security_group_egress_rule.edge["alb_to_ecs"].to_port == 9000
    error_message = "Rules follow the ports."
  }
}

run "refuses_bad_names_and_low_ports" {
  command = plan

  variables {
    name  = "x"
    ports = { application = 80 }
  }

  expect_failures = [var.name, var.ports]
}

run "refuses_duplicate_ports" {
  command = plan

  variables {
    ports = { database = 6380 }
  }

  expect_failures = [var.ports]
}
