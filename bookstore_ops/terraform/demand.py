"""What a plan asks of an account's quotas: how much more of each than is there now.

Counted from ``terraform show -json PLAN``, where it is read for its details anyway. What is
deleted is not taken off: Terraform may make the new before it deletes the old.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

# Where all is kept that is counted; for NAT gateways the zone follows (see ``in_zone``).
VPCS = "vpcs"
ELASTIC_IPS = "elastic_ips"
NAT_GATEWAYS = "nat_gateways"
NETWORK_INTERFACES = "network_interfaces"
SECURITY_GROUPS = "security_groups"
FARGATE_VCPU = "fargate_vcpu"
FARGATE_SPOT_VCPU = "fargate_spot_vcpu"
DB_INSTANCES = "db_instances"
DB_STORAGE_GIB = "db_storage_gib"
LOG_GROUPS = "log_groups"
ALL = (
    VPCS,
    ELASTIC_IPS,
    NAT_GATEWAYS,
    NETWORK_INTERFACES,
    SECURITY_GROUPS,
    FARGATE_VCPU,
    FARGATE_SPOT_VCPU,
    DB_INSTANCES,
    DB_STORAGE_GIB,
    LOG_GROUPS,
)

# Of these, one resource is one of what is counted.
_SINGLE = {
    "aws_vpc": VPCS,
    "aws_eip": ELASTIC_IPS,
    "aws_security_group": SECURITY_GROUPS,
    "aws_db_instance": DB_INSTANCES,
    "aws_cloudwatch_log_group": LOG_GROUPS,
}
_UNITS_PER_VCPU = 1024
_SPOT = "FARGATE_SPOT"


class _Change(msgspec.Struct):
    actions: list[str]
    before: msgspec.Raw = msgspec.Raw(b"null")
    after: msgspec.Raw = msgspec.Raw(b"null")


class _ResourceChange(msgspec.Struct):
    address: str
    change: _Change
    module_address: str = ""
    mode: str = "managed"
    type: str = ""
    index: Any = None


class _Document(msgspec.Struct):
    resource_changes: list[_ResourceChange] = []


class _Instance(msgspec.Struct):
    attributes: dict[str, Any] = {}
    index_key: Any = None


class _Held(msgspec.Struct):
    mode: str
    type: str
    name: str
    module: str = ""
    instances: list[_Instance] = []


class _State(msgspec.Struct):
    resources: list[_Held] = []


class _Resource(msgspec.Struct, frozen=True):
    """One resource that is counted, before and after; None: it is not there."""

    type: str
    module: str
    index: Any
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    together: bool


def in_zone(key: str, zone: str) -> str:
    """The name under which the part of ``key`` in one zone is kept."""
    return f"{key}:{zone}"


def read_demand(document: bytes) -> dict[str, float]:
    """How much more a plan asks for, by what is counted; all of :data:`ALL` but what is zoned.

    What nothing in the plan tells is left out: it is not zero.

    Raises:
        msgspec.MsgspecError: it is no output of ``terraform show -json PLAN``.
    """
    plan = msgspec.json.decode(document, type=_Document)
    resources = [_resource(raw) for raw in plan.resource_changes if _is_counted(raw)]
    before = _World([(each, each.before) for each in resources if each.before is not None])
    after = _World([(each, each.after) for each in resources if each.after is not None])
    demand = dict.fromkeys((key for key in ALL if key != NAT_GATEWAYS), 0.0)
    untold: set[str] = set()
    for resource in resources:
        had = {} if resource.together else _weights(resource, resource.before, before)
        for key, wanted in _weights(resource, resource.after, after).items():
            held = had.get(key, 0.0)
            if wanted is None or held is None:
                untold.add(key)
            else:
                demand[key] = demand.get(key, 0.0) + max(0.0, wanted - held)
    return {key: value for key, value in demand.items() if key not in untold}


def read_whole(state: bytes) -> dict[str, float]:
    """The same for making all that a state file holds anew, as in another region.

    Raises:
        msgspec.MsgspecError: it is no state file.
    """
    held = msgspec.json.decode(state, type=_State)
    changes = [
        {
            "address": f"{resource.module}.{resource.type}.{resource.name}",
            "module_address": resource.module,
            "mode": resource.mode,
            "type": resource.type,
            "index": instance.index_key,
            "change": {"actions": ["create"], "after": instance.attributes},
        }
        for resource in held.resources
        for instance in resource.instances
    ]
    return read_demand(msgspec.json.encode({"resource_changes": changes}))


def _is_counted(raw: _ResourceChange) -> bool:
    counted = {*_SINGLE, *_COUNTERS, *_TOLD_BY}
    return raw.mode == "managed" and raw.type in counted


def _resource(raw: _ResourceChange) -> _Resource:
    change = raw.change
    return _Resource(
        raw.type,
        raw.module_address,
        raw.index,
        msgspec.json.decode(change.before, type=dict[str, Any] | None),
        msgspec.json.decode(change.after, type=dict[str, Any] | None),
        # create_before_destroy: for a while both are there.
        change.actions[:2] == ["create", "delete"],
    )


def _vcpu(cpu: object) -> float | None:
    """``1024`` or ``1 vCPU``; None where it is neither.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    number, _, unit = str(cpu).strip().partition(" ")
    try:
        return float(number) / (1 if unit.strip().lower() == "vcpu" else _UNITS_PER_VCPU)
    except ValueError:
        return None


class _World:
    """What is there at one side of the plan, for what a resource says of itself by others only."""

    def __init__(self, held: list[tuple[_Resource, dict[str, Any]]]) -> None:
        self._vcpu: dict[str, set[float | None]] = {}
        self._storage: dict[str, float] = {}
        zones = set()
        for resource, values in held:
            if resource.type == "aws_ecs_task_definition":
                vcpu = _vcpu(values.get("cpu"))
                self._vcpu.setdefault(resource.module, set()).add(vcpu)
            if resource.type == "aws_db_instance" and values.get("allocated_storage"):
                self._storage[str(values.get("identifier"))] = float(values["allocated_storage"])
            if resource.type == "aws_subnet" and values.get("availability_zone"):
                zones.add(values["availability_zone"])
        self.zones = len(zones)

    def task_vcpu(self, module: str) -> float | None:
        """What one task of the service in ``module`` takes, if there is one definition there."""
        known = self._vcpu.get(module, set())
        return next(iter(known)) if len(known) == 1 else None

    def storage(self, values: Mapping[str, Any]) -> float | None:
        """A database's; a replica's is that of its source."""
        own = values.get("allocated_storage")
        if own is not None:
            return float(own)
        return self._storage.get(str(values.get("replicate_source_db")))

    def subnets(self, known: object) -> float:
        """How many: where their ids are not known yet, one a zone."""
        return float(len(known)) if isinstance(known, list) and known else float(self.zones)


def _weights(
    resource: _Resource, values: dict[str, Any] | None, world: _World
) -> dict[str, float | None]:
    if values is None:
        return {}
    weights: dict[str, float | None] = {}
    if resource.type in _SINGLE:
        weights[_SINGLE[resource.type]] = 1.0
    if resource.type in _COUNTERS:
        weights.update(_COUNTERS[resource.type](resource, values, world))
    return weights


_Counted = Iterator[tuple[str, float | None]]


def _vpc(_: _Resource, __: dict[str, Any], ___: _World) -> _Counted:
    # Each comes with a default security group.
    yield SECURITY_GROUPS, 1.0


def _nat_gateway(resource: _Resource, _: dict[str, Any], __: _World) -> _Counted:
    # Its subnet is not known before it is made; the tree makes one for each zone, by its name.
    zone = resource.index if isinstance(resource.index, str) else ""
    yield in_zone(NAT_GATEWAYS, zone), 1.0
    yield NETWORK_INTERFACES, 1.0


def _load_balancer(_: _Resource, values: dict[str, Any], world: _World) -> _Counted:
    yield NETWORK_INTERFACES, world.subnets(values.get("subnets"))


def _endpoint(_: _Resource, values: dict[str, Any], world: _World) -> _Counted:
    if values.get("vpc_endpoint_type") == "Interface":
        yield NETWORK_INTERFACES, world.subnets(values.get("subnet_ids"))


def _database(_: _Resource, values: dict[str, Any], world: _World) -> _Counted:
    yield DB_STORAGE_GIB, world.storage(values)
    yield NETWORK_INTERFACES, 2.0 if values.get("multi_az") else 1.0


def _cache(_: _Resource, values: dict[str, Any], __: _World) -> _Counted:
    shards = values.get("num_node_groups") or 1
    nodes = values.get("num_cache_clusters") or shards * (
        1 + (values.get("replicas_per_node_group") or 0)
    )
    yield NETWORK_INTERFACES, float(nodes)


def _domain(_: _Resource, values: dict[str, Any], __: _World) -> _Counted:
    cluster = (values.get("cluster_config") or [{}])[0]
    if values.get("vpc_options"):
        has_masters = cluster.get("dedicated_master_enabled")
        masters = (cluster.get("dedicated_master_count") or 0) if has_masters else 0
        yield NETWORK_INTERFACES, float((cluster.get("instance_count") or 1) + masters)


def _function(_: _Resource, values: dict[str, Any], world: _World) -> _Counted:
    for network in values.get("vpc_config") or ():
        yield NETWORK_INTERFACES, world.subnets(network.get("subnet_ids"))


def _service(resource: _Resource, values: dict[str, Any], world: _World) -> _Counted:
    if values.get("launch_type") in {"EC2", "EXTERNAL"}:
        return
    tasks = values.get("desired_count")
    if tasks is None:
        yield from dict.fromkeys((NETWORK_INTERFACES, FARGATE_VCPU, FARGATE_SPOT_VCPU)).items()
        return
    yield NETWORK_INTERFACES, float(tasks)
    each = world.task_vcpu(resource.module)
    spot = spot_tasks(tasks, values.get("capacity_provider_strategy") or ())
    for key, count in ((FARGATE_VCPU, tasks - spot), (FARGATE_SPOT_VCPU, spot)):
        if count:
            yield key, None if each is None else count * each


def spot_tasks(tasks: int, strategy: Sequence[Mapping[str, Any]]) -> int:
    """How many of a service's tasks run on Spot.

    The base of a provider is served first, the weights share the rest
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-capacity-providers.html).
    """
    spot = [each for each in strategy if each.get("capacity_provider") == _SPOT]
    base, certain = _sum(strategy, "base"), _sum(spot, "base")
    weight = _sum(strategy, "weight")
    if tasks <= base or not weight:
        return min(tasks, certain)
    return min(tasks, certain + round((tasks - base) * _sum(spot, "weight") / weight))


def _sum(strategy: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(int(each.get(name) or 0) for each in strategy)


_COUNTERS: dict[str, Callable[[_Resource, dict[str, Any], _World], _Counted]] = {
    "aws_vpc": _vpc,
    "aws_nat_gateway": _nat_gateway,
    "aws_lb": _load_balancer,
    "aws_vpc_endpoint": _endpoint,
    "aws_db_instance": _database,
    "aws_elasticache_replication_group": _cache,
    "aws_opensearch_domain": _domain,
    "aws_lambda_function": _function,
    "aws_ecs_service": _service,
}
# Counted by nobody, and what the others are told by.
_TOLD_BY = frozenset({"aws_ecs_task_definition", "aws_subnet"})
