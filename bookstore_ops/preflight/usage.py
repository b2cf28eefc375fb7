"""What of a quota an account uses now: counted with the calls that describe it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bookstore_ops.preflight.context import Aws
from bookstore_ops.terraform import demand

_UNITS_PER_VCPU = 1024
_TASKS_AT_ONCE = (
    100  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
)
_GOING = ("pending", "available", "deleting")

Used = dict[str, float]


def _pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def _number(aws: Aws, service: str, operation: str, key: str) -> float:
    return float(sum(1 for _ in _pages(aws.client(service), operation, key)))


def vpcs(aws: Aws) -> Used:
    """The VPCs of the region."""
    return {demand.VPCS: _number(aws, "ec2", "describe_vpcs", "Vpcs")}


def elastic_ips(aws: Aws) -> Used:
    """The elastic IPs of the region."""
    return {demand.ELASTIC_IPS: float(len(aws.client("ec2").describe_addresses()["Addresses"]))}


def nat_gateways(aws: Aws) -> Used:
    """The NAT gateways of each zone."""
    ec2 = aws.client("ec2")
    going = [{"Name": "state", "Values": list(_GOING)}]
    subnets = [
        gateway.get("SubnetId")
        for gateway in _pages(ec2, "describe_nat_gateways", "NatGateways", Filters=going)
    ]
    zones = {
        subnet["SubnetId"]: subnet["AvailabilityZone"]
        for subnet in _pages(ec2, "describe_subnets", "Subnets")
    }
    # One that serves a whole region lies in no subnet, and counts in no zone.
    counted = Counter(zones[subnet] for subnet in subnets if subnet in zones)
    return {demand.in_zone(demand.NAT_GATEWAYS, zone): float(n) for zone, n in counted.items()}


def network_interfaces(aws: Aws) -> Used:
    """The network interfaces of the region."""
    operation = "describe_network_interfaces"
    return {demand.NETWORK_INTERFACES: _number(aws, "ec2", operation, "NetworkInterfaces")}


def security_groups(aws: Aws) -> Used:
    """The security groups of the region."""
    operation = "describe_security_groups"
    return {demand.SECURITY_GROUPS: _number(aws, "ec2", operation, "SecurityGroups")}


def fargate(aws: Aws) -> Used:
    """The vCPUs of all tasks that run on Fargate, and on its Spot."""
    ecs = aws.client("ecs")
    used = {demand.FARGATE_VCPU: 0.0, demand.FARGATE_SPOT_VCPU: 0.0}
    for cluster in _pages(ecs, "list_clusters", "clusterArns"):
        tasks = list(_pages(ecs, "list_tasks", "taskArns", cluster=cluster))
        for first in range(0, len(tasks), _TASKS_AT_ONCE):
            some = tasks[first : first + _TASKS_AT_ONCE]
            for task in ecs.describe_tasks(cluster=cluster, tasks=some)["tasks"]:
                provider = task.get("capacityProviderName") or task.get("launchType", "")
                if provider.startswith("FARGATE"):
                    spot = provider == "FARGATE_SPOT"
                    key = demand.FARGATE_SPOT_VCPU if spot else demand.FARGATE_VCPU
                    used[key] += float(task.get("cpu") or 0) / _UNITS_PER_VCPU
    return used


def databases(aws: Aws) -> Used:
    """The DB instances of the region, and their storage."""
    found = list(_pages(aws.client("rds"), "describe_db_instances", "DBInstances"))
    # Aurora's grows by itself, and does not count.
    own = [each for each in found if not str(each.get("Engine", "")).startswith("aurora")]
    return {
        demand.DB_INSTANCES: float(len(found)),
        demand.DB_STORAGE_GIB: float(sum(each.get("AllocatedStorage", 0) for each in own)),
    }


def log_groups(aws: Aws) -> Used:
    """The log groups of the region."""
    return {demand.LOG_GROUPS: _number(aws, "logs", "describe_log_groups", "logGroups")}
