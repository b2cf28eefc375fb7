"""Snapshots of Redis: of which nodes and when, under which key, and groups made from one.

Moto tells neither time nor size of a snapshot, forgets the group's key, and takes any name of a
snapshot for a new group.
"""

from typing import Any

from moto.core.utils import utcnow
from moto.elasticache.exceptions import SnapshotNotFound
from moto.elasticache.models import ElastiCacheBackend, Snapshot
from moto.elasticache.responses import ElastiCacheResponse as Response

from bookstore_ops.sandbox.extensions import replaces

_make = Snapshot.__init__
_create_snapshot = ElastiCacheBackend.create_snapshot
_create_group = Response.create_replication_group

# No data are held: it is what an empty Redis takes.
_EMPTY = "3 MB"


@replaces(Snapshot, "__init__")
def make_snapshot(self: Any, *args: Any, **kwargs: Any) -> None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_NodeSnapshot.html"""
    _make(self, *args, **kwargs)
    member = self.cache_cluster_id or f"{self.replication_group_id}-001"
    self.node_snapshots = [
        {"CacheClusterId": member, "CacheSize": _EMPTY, "SnapshotCreateTime": utcnow()}
    ]


@replaces(ElastiCacheBackend)
def create_snapshot(self: Any, **given: Any) -> Any:
    """A snapshot is under the key of its group, unless another is named.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateSnapshot.html
    """
    snapshot = _create_snapshot(self, **given)
    group = self.replication_groups.get(given.get("replication_group_id"))
    if group is not None and snapshot.kms_key_id is None:
        snapshot.kms_key_id = group.kms_key_id
    return snapshot


@replaces(Response)
def create_replication_group(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"""
    named = self._get_param("SnapshotName")
    if named and named not in self.elasticache_backend.snapshots:
        raise SnapshotNotFound(named)
    return _create_group(self)
