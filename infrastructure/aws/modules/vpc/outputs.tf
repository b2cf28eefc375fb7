output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "IPv4 block of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "zones" {
  description = "Availability zones of the subnets, in order."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Public subnets by zone, for load balancers and NAT gateways."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Private subnets by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "workload_subnet_ids" {
  description = "Private subnets of the zones that run workloads, by zone."
  value       = { for zone in local.workload_zones : zone => aws_subnet.private[zone].id }
}

output "database_subnet_ids" {
  description = "Isolated subnets by zone, for data stores."
  value       = { for zone, subnet in aws_subnet.database : zone => subnet.id }
}

output "nat_public_ips" {
  description = "Addresses that outbound traffic comes from, by zone, for allow lists of third parties."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "nat_gateway_ids" {
  description = "NAT gateways by zone, for their metrics."
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints. It has no rules of its own."
  value       = aws_security_group.endpoints.id
}

output "gateway_prefix_list_ids" {
  description = "Prefix lists of the gateway endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.prefix_list_id }
}

output "interface_endpoint_ids" {
  description = "Interface endpoints by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "flow_log_group_name" {
  description = "Log group of the flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}
