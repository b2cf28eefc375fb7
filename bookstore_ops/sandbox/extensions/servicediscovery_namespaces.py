"""Private namespaces of Cloud Map: a hosted zone of their own name, gone with them."""

from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time
from moto.route53 import route53_backends
from moto.servicediscovery import models
from moto.servicediscovery.exceptions import ConflictingDomainExists
from moto.servicediscovery.models import Namespace, ServiceDiscoveryBackend, random_id
from moto.utilities.utils import get_partition

from bookstore_ops.sandbox.extensions import replaces

_delete_namespace = ServiceDiscoveryBackend.delete_namespace
_delete_service = ServiceDiscoveryBackend.delete_service


@replaces(models)
@dataclass
class Operation:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_Operation.html

    A record of what was asked for, not a thing that somebody has: no model of moto's.
    """

    operation_type: str
    targets: dict[str, str]
    id: str = field(default_factory=lambda: f"{random_id(32)}-{random_id(8)}")
    status: str = "SUCCESS"
    created: float = field(default_factory=unix_time)

    def to_json(self, short: bool = False) -> dict[str, Any]:
        if short:
            return {"Id": self.id, "Status": self.status}
        return {
            "Id": self.id,
            "Status": self.status,
            "Type": self.operation_type,
            "CreateDate": self.created,
            "UpdateDate": self.created,
            "Targets": self.targets,
        }


def _zones(backend: Any) -> Any:
    return route53_backends[backend.account_id][get_partition(backend.region_name)]


@replaces(ServiceDiscoveryBackend)
def create_private_dns_namespace(
    self: Any,
    *,
    name: str,
    creator_request_id: str,
    description: str,
    vpc: str,
    tags: list[dict[str, str]],
    properties: dict[str, Any] | None,
) -> str:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html"""
    if any((held.vpc, held.name) == (vpc, name) for held in self.namespaces.values()):
        raise ConflictingDomainExists(vpc)
    zone = _zones(self).create_hosted_zone(
        f"{name}.",
        private_zone=True,
        vpcid=vpc,
        vpcregion=self.region_name,
        comment="Created by AWS Cloud Map",
    )
    namespace = Namespace(
        account_id=self.account_id,
        region=self.region_name,
        name=name,
        ns_type="DNS_PRIVATE",
        creator_request_id=creator_request_id,
        description=description,
        dns_properties={
            **(properties or {}).get("DnsProperties", {}),
            "HostedZoneId": zone.id.removeprefix("/hostedzone/"),
        },
        http_properties={"HttpName": name},
        vpc=vpc,
    )
    self.namespaces[namespace.id] = namespace
    if tags:
        self.tagger.tag_resource(namespace.arn, tags)
    operation: str = self._create_operation("CREATE_NAMESPACE", {"NAMESPACE": namespace.id})
    return operation


@replaces(ServiceDiscoveryBackend)
def delete_namespace(self: Any, namespace_id: str) -> str:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteNamespace.html"""
    if any(service.namespace_id == namespace_id for service in self.services.values()):
        raise JsonRESTError("ResourceInUse", f"{namespace_id} has services")
    held = self.namespaces.get(namespace_id)
    operation: str = _delete_namespace(self, namespace_id)
    if held is not None and held.type.startswith("DNS_"):
        # With its records, which are Cloud Map's too.
        _zones(self).zones.pop(held.dns_properties["HostedZoneId"], None)
    return operation


@replaces(ServiceDiscoveryBackend)
def delete_service(self: Any, service_id: str) -> None:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html"""
    if service_id in self.services and self.services[service_id].instances:
        raise JsonRESTError("ResourceInUse", f"{service_id} has instances")
    _delete_service(self, service_id)
