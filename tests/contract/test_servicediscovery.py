"""Private namespaces of Cloud Map and the hosted zones behind them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookstore_ops.sandbox.health import RESOURCES, ask
from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import Client

ACCOUNT = "800000000101"


@pytest.fixture
def cloud_map(client: Client) -> Any:
    """Cloud Map in an account of this file's own."""
    return client("servicediscovery", account=ACCOUNT)


@pytest.fixture
def vpc_id(client: Client) -> str:
    """A VPC of that account."""
    made = client("ec2", account=ACCOUNT).create_vpc(CidrBlock="10.0.0.0/16")
    return str(made["Vpc"]["VpcId"])


def create(cloud_map: Any, vpc_id: str, name: str) -> str:
    """Make a namespace and return its id."""
    operation = cloud_map.create_private_dns_namespace(Name=name, Vpc=vpc_id)["OperationId"]
    done = cloud_map.get_operation(OperationId=operation)["Operation"]
    assert (done["Status"], done["Type"]) == ("SUCCESS", "CREATE_NAMESPACE")
    return str(done["Targets"]["NAMESPACE"])


def zone(client: Client, cloud_map: Any, namespace: str) -> dict[str, Any]:
    """The hosted zone of a namespace."""
    properties = cloud_map.get_namespace(Id=namespace)["Namespace"]["Properties"]
    zone_id = properties["DnsProperties"]["HostedZoneId"]
    return dict(client("route53", account=ACCOUNT).get_hosted_zone(Id=zone_id))


def test_a_namespace_has_a_private_zone_of_its_name(
    client: Client, cloud_map: Any, vpc_id: str
) -> None:
    made = zone(client, cloud_map, create(cloud_map, vpc_id, "named.internal"))
    assert made["HostedZone"]["Name"] == "named.internal."
    assert made["HostedZone"]["Config"]["PrivateZone"]
    assert [vpc["VPCId"] for vpc in made["VPCs"]] == [vpc_id]


def test_a_vpc_may_have_several_namespaces_of_different_names(cloud_map: Any, vpc_id: str) -> None:
    create(cloud_map, vpc_id, "one.internal")
    create(cloud_map, vpc_id, "two.internal")
    with pytest.raises(ClientError, match="ConflictingDomainExists"):
        create(cloud_map, vpc_id, "one.internal")


def test_a_namespace_goes_with_its_zone(client: Client, server: Server) -> None:
    account = "800000000102"
    cloud_map = client("servicediscovery", account=account)
    cloud_map.delete_namespace(Id=create(cloud_map, "vpc-1", "gone.internal"))
    counted = (ask(server.port, RESOURCES, timeout=60) or {})["accounts"]
    assert counted.get(account, {}) == {}


def test_a_deletion_can_be_followed(cloud_map: Any, vpc_id: str) -> None:
    namespace = create(cloud_map, vpc_id, "followed.internal")
    operation = cloud_map.delete_namespace(Id=namespace)["OperationId"]
    assert cloud_map.get_operation(OperationId=operation)["Operation"]["Status"] == "SUCCESS"


def test_what_is_in_use_is_not_deleted(cloud_map: Any, vpc_id: str) -> None:
    namespace = create(cloud_map, vpc_id, "used.internal")
    records = {"DnsRecords": [{"Type": "A", "TTL": 10}]}
    service = cloud_map.create_service(Name="catalog", NamespaceId=namespace, DnsConfig=records)
    service_id = service["Service"]["Id"]
    cloud_map.register_instance(
        ServiceId=service_id, InstanceId="task", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"}
    )
    with pytest.raises(ClientError, match="ResourceInUse"):
        cloud_map.delete_service(Id=service_id)
    with pytest.raises(ClientError, match="ResourceInUse"):
        cloud_map.delete_namespace(Id=namespace)
    cloud_map.deregister_instance(ServiceId=service_id, InstanceId="task")
    cloud_map.delete_service(Id=service_id)
    cloud_map.delete_namespace(Id=namespace)
