"""Replication groups with member clusters, which the provider reads one by one.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
"""

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse as Response

from bookstore_ops.sandbox.extensions import adds, replaces

_DEFAULT_VERSIONS = {"redis": "7.1.0", "valkey": "8.0.1"}

_create = ElastiCacheBackend.create_replication_group
_delete = ElastiCacheBackend.delete_replication_group
_modify = Response.modify_replication_group

# What a replication group shares with its members, by the name in ModifyReplicationGroup.
_SHARED = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheNodeType": "cache_node_type",
    "EngineVersion": "engine_version",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
}


def _full_version(engine: str, version: str | None) -> str:
    """Redis 7.1 is 7.1.0: ElastiCache takes two parts and answers three."""
    if not version:
        return _DEFAULT_VERSIONS.get(engine, "7.1.0")
    return version if version.count(".") >= 2 else f"{version}.0"


def _zone(region: str, index: int) -> str:
    return region + "abc"[index % 3]


def _share(backend: Any, group: Any) -> None:
    """Give the members what the group has."""
    for index, member in enumerate(group.member_clusters):
        cluster = backend.cache_clusters[member]
        for name in _SHARED.values():
            setattr(cluster, name, getattr(group, name, None))
        cluster.cache_parameter_group = {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        }
        cluster.security_groups = [
            {"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or []
        ]
        cluster.log_delivery_configurations = group.log_delivery_configurations
        cluster.preferred_availability_zone = _zone(backend.region_name, index)
        cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
        cluster.transit_encryption_enabled = group.transit_encryption_enabled
        cluster.transit_encryption_mode = group.transit_encryption_mode
        cluster.replication_group_log_delivery_enabled = True


def _make_members(backend: Any, group: Any, members: list[str]) -> None:
    for member in members:
        backend.create_cache_cluster(
            **dict.fromkeys(_CLUSTER_SETTINGS),
            cache_cluster_id=member,
            replication_group_id=group.replication_group_id,
            cache_node_type=group.cache_node_type,
            engine=group.engine,
            engine_version=group.engine_version,
            cache_subnet_group_name=group.cache_subnet_group_name,
            port=group.port,
            network_type=group.network_type,
            ip_discovery=group.ip_discovery,
            tags=group.tags,
        )
        backend.cache_clusters[member].replication_group_id = group.replication_group_id
        backend.cache_clusters[member].num_cache_nodes = 1


_CLUSTER_SETTINGS = (
    "az_mode",
    "preferred_availability_zone",
    "num_cache_nodes",
    "cache_parameter_group_name",
    "transit_encryption_enabled",
    "snapshot_name",
    "preferred_maintenance_window",
    "notification_topic_arn",
    "auto_minor_version_upgrade",
    "snapshot_retention_limit",
    "snapshot_window",
    "auth_token",
    "outpost_mode",
    "preferred_outpost_arn",
    "preferred_availability_zones",
    "cache_security_group_names",
    "security_group_ids",
    "snapshot_arns",
    "preferred_outpost_arns",
    "log_delivery_configurations",
    "cache_node_ids_to_remove",
    "cache_node_ids_to_reboot",
)


@replaces(ElastiCacheBackend)
def create_replication_group(self: Any, **given: Any) -> Any:
    """Moto counts replicas per node group only, and makes no member clusters.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
    sharded = (given.get("num_node_groups") or 1) > 1 or given.get("cluster_mode") == "enabled"
    if given.get("num_cache_clusters") and not sharded:
        given["replicas_per_node_group"] = given["num_cache_clusters"] - 1
    group = _create(self, **{**given, "cluster_mode": "enabled" if sharded else "disabled"})
    group.engine_version = _full_version(group.engine, group.engine_version)
    family = f"default.{group.engine}{group.engine_version.partition('.')[0]}"
    group.cache_parameter_group_name = group.cache_parameter_group_name or family
    group.preferred_maintenance_window = group.preferred_maintenance_window or "sun:05:00-sun:06:00"
    group.auto_minor_version_upgrade = str(group.auto_minor_version_upgrade).lower() != "false"
    if group.transit_encryption_enabled and not group.transit_encryption_mode:
        group.transit_encryption_mode = "required"
    for node_group in group.node_groups:
        for index, node in enumerate(node_group["node_group_members"]):
            node["preferred_availability_zone"] = _zone(self.region_name, index)
    _make_members(self, group, group.member_clusters)
    _share(self, group)
    return group


@replaces(Response)
def modify_replication_group(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html"""
    answer = _modify(self)
    backend = self.elasticache_backend
    group = backend.replication_groups[self._get_param("ReplicationGroupId")]
    for parameter, name in {
        **_SHARED,
        "CacheParameterGroupName": "cache_parameter_group_name",
        "SecurityGroupIds": "security_group_ids",
        "TransitEncryptionMode": "transit_encryption_mode",
    }.items():
        value = self._get_param(parameter)
        if value is not None:
            setattr(group, name, value)
    group.engine_version = _full_version(group.engine, group.engine_version)
    removed = self._get_param("UserGroupIdsToRemove", [])
    added = self._get_param("UserGroupIdsToAdd", [])
    group.user_group_ids = [g for g in group.user_group_ids if g not in removed] + list(added)
    logs = self._get_param("LogDeliveryConfigurations")
    if logs is not None:
        group.log_delivery_configurations = group._get_log_delivery_configurations(logs)
    _share(backend, group)
    return answer


def _replica(group: Any, number: int, zone: str) -> dict[str, Any]:
    node: dict[str, Any] = copy.deepcopy(group.node_groups[0]["node_group_members"][0])
    name = f"{group.replication_group_id}-{number:0>3}"
    address = node["read_endpoint"]["address"].partition(".")[2]
    node["read_endpoint"]["address"] = f"{name}.{address}"
    return node | {
        "cache_cluster_id": name,
        "current_role": "replica",
        "preferred_availability_zone": zone,
    }


@adds(Response)
def increase_replica_count(self: Any) -> ActionResult:
    """Of a group of one shard, as the tree has them.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
    """
    backend = self.elasticache_backend
    group = backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    first, last = len(group.member_clusters) + 1, int(self._get_param("NewReplicaCount")) + 1
    made = [
        _replica(group, number, _zone(backend.region_name, number - 1))
        for number in range(first, last + 1)
    ]
    group.node_groups[0]["node_group_members"] += made
    names = [node["cache_cluster_id"] for node in made]
    group.member_clusters += names
    _make_members(backend, group, names)
    _share(backend, group)
    return ActionResult({"ReplicationGroup": group})


@adds(Response)
def decrease_replica_count(self: Any) -> ActionResult:
    """Of a group of one shard, as the tree has them.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DecreaseReplicaCount.html
    """
    backend = self.elasticache_backend
    group = backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    kept = int(self._get_param("NewReplicaCount")) + 1
    for member in group.member_clusters[kept:]:
        backend.cache_clusters.pop(member, None)
    del group.member_clusters[kept:]
    del group.node_groups[0]["node_group_members"][kept:]
    return ActionResult({"ReplicationGroup": group})


@replaces(ElastiCacheBackend)
def delete_replication_group(
    self: Any, replication_group_id: str, retain_primary_cluster: bool | None
) -> Any:
    """Moto goes on listing it as being deleted; here it is gone, and its members with it.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html
    """
    members = list(self.describe_replication_groups(replication_group_id)[0].member_clusters)
    group = _delete(self, replication_group_id, retain_primary_cluster)
    for member in members[1 if retain_primary_cluster else 0 :]:
        self.cache_clusters.pop(member, None)
    del self.replication_groups[replication_group_id]
    return group
