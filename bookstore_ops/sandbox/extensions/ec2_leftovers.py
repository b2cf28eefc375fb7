"""What EC2 deletes along with a VPC and a NAT gateway, and moto leaves behind."""

from typing import Any

from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.vpcs import VPCBackend

from bookstore_ops.sandbox.extensions import replaces

_delete_vpc = VPCBackend.delete_vpc
_delete_nat_gateway = NatGatewayBackend.delete_nat_gateway


@replaces(VPCBackend)
def delete_vpc(self: Any, vpc_id: str) -> Any:
    """The default network ACL goes with the VPC.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
    """
    vpc = _delete_vpc(self, vpc_id)
    for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id and acl.default]:
        del self.network_acls[acl.id]
    return vpc


@replaces(NatGatewayBackend)
def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
    """The elastic address is disassociated, and the network interface goes with the gateway.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
    """
    gateway = _delete_nat_gateway(self, nat_gateway_id)
    for address in self.addresses:
        if address.eni is gateway._eni:
            address.eni, address.association_id = None, None
    self.enis.pop(gateway._eni.id, None)
    return gateway
