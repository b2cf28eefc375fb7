"""Snapshots of Redis: when, how large, under which key; groups are made from those that exist."""

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


def test_a_snapshot_has_time_size_and_the_key_of_its_group(
    client: Client, key_arn: str, name: str
) -> None:
    elasticache, group = client("elasticache"), name[:20].strip("-")
    settings = {"Engine": "redis", "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 1}
    elasticache.create_replication_group(
        ReplicationGroupId=group,
        ReplicationGroupDescription="a test",
        AtRestEncryptionEnabled=True,
        KmsKeyId=key_arn,
        **settings,
    )
    elasticache.create_snapshot(ReplicationGroupId=group, SnapshotName=f"{group}-1")
    (snapshot,) = elasticache.describe_snapshots(SnapshotName=f"{group}-1")["Snapshots"]
    (node,) = snapshot["NodeSnapshots"]
    assert node["SnapshotCreateTime"].tzinfo is not None
    assert node["CacheSize"] == "3 MB"
    assert snapshot["KmsKeyId"] == key_arn
    made = {"ReplicationGroupDescription": "a test", **settings}
    elasticache.create_replication_group(
        ReplicationGroupId=f"{group}-2", SnapshotName=f"{group}-1", **made
    )
    with pytest.raises(ClientError, match="SnapshotNotFoundFault"):
        elasticache.create_replication_group(
            ReplicationGroupId=f"{group}-3", SnapshotName="none", **made
        )
