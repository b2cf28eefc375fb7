"""What goes with a VPC and a NAT gateway when they are deleted."""

from typing import Any

import pytest

from tests.contract.conftest import Client


@pytest.fixture
def ec2(client: Client) -> Any:
    """EC2 in the shared account."""
    return client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    """A VPC."""
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def test_the_default_network_acl_goes_with_the_vpc(ec2: Any, vpc: str) -> None:
    ec2.delete_vpc(VpcId=vpc)
    of_vpc = {"Name": "vpc-id", "Values": [vpc]}
    assert ec2.describe_network_acls(Filters=[of_vpc])["NetworkAcls"] == []


def test_the_interface_goes_with_the_nat_gateway(ec2: Any, vpc: str) -> None:
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
    in_subnet = {"Name": "subnet-id", "Values": [subnet]}
    assert ec2.describe_network_interfaces(Filters=[in_subnet])["NetworkInterfaces"] == []
    held = ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    assert "AssociationId" not in held
