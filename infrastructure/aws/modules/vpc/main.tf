data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:Only the first zone_count names are used, and availability_zones can pin them
  state = "available"

  # Local and Wavelength zones cannot hold NAT gateways or databases.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  zones          = length(var.availability_zones) > 0 ? var.availability_zones : slice(sort(data.aws_availability_zones.available.names), 0, min(var.zone_count, length(data.aws_availability_zones.available.names)))
  workload_zones = slice(local.zones, 0, min(coalesce(var.workload_zone_count, length(local.zones)), length(local.zones)))
  nat_zones      = var.single_nat_gateway ? slice(local.zones, 0, 1) : local.zones

  # One /18 per tier, so that a tier can be named by one block in a rule; the
  # fourth /18 stays free. Inside a tier, one /20 (4,091 addresses) per zone.
  tier_cidrs = {
    public   = cidrsubnet(var.cidr, 2, 0)
    private  = cidrsubnet(var.cidr, 2, 1)
    database = cidrsubnet(var.cidr, 2, 2)
  }
  subnet_cidrs = {
    for tier, block in local.tier_cidrs :
    tier => { for index, zone in local.zones : zone => cidrsubnet(block, 2, index) }
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = length(local.zones) >= (length(var.availability_zones) > 0 ? length(var.availability_zones) : var.zone_count)
      error_message = "Region ${local.region} offers ${length(local.zones)} zones to this account but zone_count is ${var.zone_count}: write a zone_count of ${length(local.zones)} or less, or choose another region."
    }
    precondition {
      condition     = alltrue([for zone in var.availability_zones : contains(data.aws_availability_zones.available.names, zone)])
      error_message = "availability_zones names a zone this account does not have: choose from ${join(", ", data.aws_availability_zones.available.names)}."
    }
    precondition {
      condition     = coalesce(var.workload_zone_count, 1) <= length(local.zones)
      error_message = "workload_zone_count is ${coalesce(var.workload_zone_count, 1)} but the network spans ${length(local.zones)} zones: write ${length(local.zones)} or less."
    }
    precondition {
      # Two blocks overlap when they agree up to the shorter of their prefixes.
      condition = alltrue([
        for peer in var.peer_cidrs :
        cidrhost("${split("/", peer)[0]}/${min(split("/", peer)[1], split("/", var.cidr)[1])}", 0)
        != cidrhost("${split("/", var.cidr)[0]}/${min(split("/", peer)[1], split("/", var.cidr)[1])}", 0)
      ])
      error_message = "cidr ${var.cidr} overlaps one of peer_cidrs (${join(", ", var.peer_cidrs)}): write a /16 that none of them contains."
    }
  }
}

# --- Subnets -----------------------------------------------------------------

resource "aws_subnet" "public" {
  for_each = local.subnet_cidrs.public

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-public-${each.key}", Tier = "public" })
}

resource "aws_subnet" "private" {
  for_each = local.subnet_cidrs.private

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-private-${each.key}", Tier = "private" })
}

resource "aws_subnet" "database" {
  for_each = local.subnet_cidrs.database

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-database-${each.key}", Tier = "database" })
}

# --- Ways out ----------------------------------------------------------------

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_eip" "nat" {
  #checkov:skip=CKV2_AWS_19:The addresses belong to NAT gateways, not to instances
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

# --- Routes ------------------------------------------------------------------

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public_internet" {
  #checkov:skip=CKV2_AWS_35:The public tier leaves through the internet gateway; that is what makes it public
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  route_table_id = aws_route_table.public.id
  subnet_id      = each.value.id
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route" "private_internet" {
  #checkov:skip=CKV2_AWS_35:It does leave through a NAT gateway, whose id the scanner cannot read from a plan
  for_each = aws_route_table.private

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = var.single_nat_gateway ? aws_nat_gateway.this[local.nat_zones[0]].id : aws_nat_gateway.this[each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = each.value.id
}

# No default route: the database tier reaches nothing outside the VPC.
resource "aws_route_table" "database" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  route_table_id = aws_route_table.database.id
  subnet_id      = each.value.id
}

# --- Closed defaults ---------------------------------------------------------

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-default-closed" })
}

resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id

  tags = merge(var.tags, { Name = "${var.name}-default-closed" })

  lifecycle {
    # A subnet that leaves its own ACL falls back here for a moment.
    ignore_changes = [subnet_ids]
  }
}

resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []

  tags = merge(var.tags, { Name = "${var.name}-default-closed" })
}

# --- Network ACLs ------------------------------------------------------------

locals {
  anywhere = "0.0.0.0/0"

  # Stateless, so return traffic needs its own lines. Port 3389 is left out of
  # the open ranges (EC2.21); a NAT flow that happens to draw it retries.
  acl_rules = {
    public = {
      in_http        = { number = 100, egress = false, cidr = local.anywhere, from = 80, to = 80 }
      in_https       = { number = 110, egress = false, cidr = local.anywhere, from = 443, to = 443 }
      in_return_low  = { number = 120, egress = false, cidr = local.anywhere, from = 1024, to = 3388 }
      in_return_high = { number = 130, egress = false, cidr = local.anywhere, from = 3390, to = 65535 }
      out_https      = { number = 100, egress = true, cidr = local.anywhere, from = 443, to = 443 }
      out_to_clients = { number = 110, egress = true, cidr = local.anywhere, from = 1024, to = 65535 }
    }
    private = {
      in_endpoints   = { number = 100, egress = false, cidr = var.cidr, from = 443, to = 443 }
      in_return_low  = { number = 110, egress = false, cidr = local.anywhere, from = 1024, to = 3388 }
      in_return_high = { number = 120, egress = false, cidr = local.anywhere, from = 3390, to = 65535 }
      out_https      = { number = 100, egress = true, cidr = local.anywhere, from = 443, to = 443 }
      out_vpc        = { number = 110, egress = true, cidr = var.cidr, from = 1024, to = 65535 }
    }
    database = {
      in_https     = { number = 100, egress = false, cidr = local.tier_cidrs.private, from = 443, to = 443 }
      in_private   = { number = 110, egress = false, cidr = local.tier_cidrs.private, from = 1024, to = 65535 }
      in_database  = { number = 120, egress = false, cidr = local.tier_cidrs.database, from = 1024, to = 65535 }
      out_private  = { number = 100, egress = true, cidr = local.tier_cidrs.private, from = 1024, to = 65535 }
      out_database = { number = 110, egress = true, cidr = local.tier_cidrs.database, from = 1024, to = 65535 }
    }
  }
  acl_rules_flat = merge([
    for tier, rules in local.acl_rules : { for name, rule in rules : "${tier}_${name}" => merge(rule, { tier = tier }) }
  ]...)
  acl_subnets = merge([
    for tier, subnets in { public = aws_subnet.public, private = aws_subnet.private, database = aws_subnet.database } :
    { for zone, subnet in subnets : "${tier}_${zone}" => { tier = tier, id = subnet.id } }
  ]...)
}

resource "aws_network_acl" "this" {
  #checkov:skip=CKV2_AWS_1:Attached below by aws_network_acl_association, which the scanner does not follow
  for_each = local.tier_cidrs

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_network_acl_rule" "this" {
  for_each = local.acl_rules_flat

  network_acl_id = aws_network_acl.this[each.value.tier].id
  rule_number    = each.value.number
  egress         = each.value.egress
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl_association" "this" {
  for_each = local.acl_subnets

  network_acl_id = aws_network_acl.this[each.value.tier].id
  subnet_id      = each.value.id
}

# --- Endpoints ---------------------------------------------------------------

locals {
  # Only this account's principals, and only this account's resources, pass.
  perimeter = {
    Sid       = "OwnAccountOnly"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "*"
    Resource  = "*"
    Condition = {
      StringEquals         = { "aws:PrincipalAccount" = local.account_id }
      StringEqualsIfExists = { "aws:ResourceAccount" = local.account_id }
    }
  }
  # ECR keeps image layers in a bucket of its own.
  image_layers = {
    Sid       = "EcrImageLayers"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "s3:GetObject"
    Resource  = "arn:${local.partition}:s3:::prod-${local.region}-starport-layer-bucket/*"
  }
  # Objects in buckets of AWS, which anybody may read.
  public_objects = {
    Sid       = "PublicObjects"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "s3:GetObject"
    Resource  = sort(var.public_objects)
  }
  gateway_statements = {
    s3       = concat([local.perimeter, local.image_layers], length(var.public_objects) > 0 ? [local.public_objects] : [])
    dynamodb = [local.perimeter]
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_statements

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([for table in aws_route_table.private : table.id], [aws_route_table.database.id])
  policy            = jsonencode({ Version = "2012-10-17", Statement = each.value })

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

# Its rules live with all the other edges, in the security-groups module.
resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5:Attached to the interface endpoints below
  name        = "${var.name}-endpoints"
  description = "Interface endpoints of ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone in local.workload_zones : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  policy              = jsonencode({ Version = "2012-10-17", Statement = [local.perimeter] })

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

# --- Flow logs ---------------------------------------------------------------

resource "aws_cloudwatch_log_group" "flow" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "/aws/vpc/${var.name}/flow-logs"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

resource "aws_iam_role" "flow" {
  name = "${var.name}-flow-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ec2:${local.region}:${local.account_id}:vpc-flow-log/*" }
      }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "flow" {
  name = "write-flow-logs"
  role = aws_iam_role.flow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.flow.arn}:*"]
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.flow.arn
  max_aggregation_interval = 60

  tags = merge(var.tags, { Name = var.name })
}
