mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:flow" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/flow" }
  }
}

variables {
  name        = "bookstore-test"
  cidr        = "10.10.0.0/16"
  log_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "safe_by_default" {
  assert {
    condition = output.zones == tolist(["eu-west-1a", "eu-west-1b", "eu-west-1c"]) && alltrue([
      for subnets in [aws_subnet.public, aws_subnet.private, aws_subnet.database] : keys(subnets) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    ])
    error_message = "Each tier has a subnet in each of the three zones."
  }
  assert {
    condition = (
      [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.10.0.0/20", "10.10.16.0/20", "10.10.32.0/20"]
      && [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.10.64.0/20", "10.10.80.0/20", "10.10.96.0/20"]
      && [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.10.128.0/20", "10.10.144.0/20", "10.10.160.0/20"]
    )
    error_message = "Blocks must not move: subnets would be replaced."
  }
  assert {
    condition     = aws_vpc.this.enable_dns_support && aws_vpc.this.enable_dns_hostnames
    error_message = "Private DNS of the endpoints needs both."
  }
  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database)) : !subnet.map_public_ip_on_launch])
    error_message = "No subnet hands out public addresses (EC2.15)."
  }
  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"] && length(output.nat_public_ips) == 3
    error_message = "A zone must not lose its way out with another zone."
  }
  assert {
    condition     = alltrue([for zone, route in aws_route.private_internet : route.nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "Each private subnet leaves through its own zone."
  }
  assert {
    condition     = !contains([for route in aws_route.private_internet : route.route_table_id], aws_route_table.database.id) && aws_route.public_internet.route_table_id != aws_route_table.database.id
    error_message = "The database tier must have no default route."
  }
  assert {
    condition     = alltrue([for key, rule in aws_network_acl_rule.this : !startswith(key, "database_") || contains(["10.10.64.0/18", "10.10.128.0/18"], rule.cidr_block)])
    error_message = "The database tier talks to the private tier and itself only."
  }
  assert {
    condition = alltrue([
      for port in [22, 3389] : alltrue([
        for rule in aws_network_acl_rule.this : rule.egress || rule.cidr_block != "0.0.0.0/0" || port < rule.from_port || port > rule.to_port
      ])
    ])
    error_message = "22 and 3389 stay closed to the world (EC2.21)."
  }
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default security group must have no rules (EC2.2)."
  }
  assert {
    condition     = length(aws_default_network_acl.this.ingress) == 0 && length(aws_default_network_acl.this.egress) == 0
    error_message = "The default ACL must have no rules."
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "events", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm", "sts", "xray"])
    error_message = "The specification's services all have an interface endpoint."
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["s3", "dynamodb"])
    error_message = "S3 and DynamoDB have gateway endpoints."
  }
  assert {
    condition = alltrue([
      for endpoint in merge(aws_vpc_endpoint.interface, aws_vpc_endpoint.gateway) :
      jsondecode(endpoint.policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == "111111111111"
    ])
    error_message = "Every endpoint policy names the account."
  }
  assert {
    condition     = [for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement.Sid] == ["OwnAccountOnly", "EcrImageLayers"]
    error_message = "Image layers come from a bucket of ECR; no other foreign bucket is reached."
  }
  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.flow.retention_in_days == 365
    error_message = "All traffic, a year, under the logs key."
  }
}

run "objects_of_aws_are_read_where_asked_for" {
  command = plan

  variables {
    public_objects = ["arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*"]
  }

  assert {
    condition = [for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement if statement.Sid == "PublicObjects"] == [{
      Sid       = "PublicObjects"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "s3:GetObject"
      Resource  = ["arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*"]
    }]
    error_message = "They are read, and nothing else of that bucket is done."
  }
  assert {
    condition     = [for statement in jsondecode(aws_vpc_endpoint.gateway["dynamodb"].policy).Statement : statement.Sid] == ["OwnAccountOnly"]
    error_message = "The other endpoint stays the account's own."
  }
}

run "cheap_single_zone_workloads" {
  command = plan

  variables {
    single_nat_gateway  = true
    workload_zone_count = 1
    interface_endpoints = ["logs"]
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a"] && length(distinct([for route in aws_route.private_internet : route.nat_gateway_id])) == 1 && length(aws_route.private_internet) == 3
    error_message = "One gateway serves all three private subnets."
  }
  assert {
    condition     = keys(output.workload_subnet_ids) == ["eu-west-1a"] && length(aws_vpc_endpoint.interface["logs"].subnet_ids) == 1
    error_message = "Workloads and endpoints stay in the first zone."
  }
  assert {
    condition     = length(output.database_subnet_ids) == 3
    error_message = "The subnets still span three zones."
  }
}

run "zones_by_name" {
  command = plan

  variables {
    availability_zones = ["eu-west-1c", "eu-west-1a"]
  }

  assert {
    condition     = output.zones == tolist(["eu-west-1c", "eu-west-1a"]) && aws_subnet.public["eu-west-1c"].cidr_block == "10.10.0.0/20"
    error_message = "Named zones are used in the order given."
  }
}
