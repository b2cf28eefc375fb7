"""Replication groups have members, and lose them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


@pytest.fixture
def cache(client: Client) -> Any:
    """ElastiCache in the shared account."""
    return client("elasticache")


@pytest.fixture
def group(cache: Any) -> Iterator[str]:
    """A primary with one replica."""
    cache.create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="d",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t4g.small",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        TransitEncryptionEnabled=True,
        CacheParameterGroupName="default.redis7",
        SecurityGroupIds=["sg-1"],
        SnapshotRetentionLimit=5,
    )
    yield "sessions"
    cache.delete_replication_group(ReplicationGroupId="sessions")


def described(cache: Any, group: str) -> dict[str, Any]:
    found = cache.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"]
    return dict(found[0])


def test_a_group_has_as_many_members_as_asked_for(cache: Any, group: str) -> None:
    assert described(cache, group)["MemberClusters"] == ["sessions-001", "sessions-002"]


def test_every_member_is_a_cluster(cache: Any, group: str) -> None:
    member = cache.describe_cache_clusters(CacheClusterId="sessions-002")["CacheClusters"][0]
    assert member["EngineVersion"] == "7.1.0"
    assert member["ReplicationGroupId"] == group
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"
    assert member["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]


def test_a_change_of_the_group_reaches_its_members(cache: Any, group: str) -> None:
    cache.modify_replication_group(
        ReplicationGroupId=group,
        PreferredMaintenanceWindow="mon:01:00-mon:02:00",
        UserGroupIdsToAdd=["app"],
    )
    member = cache.describe_cache_clusters(CacheClusterId="sessions-001")["CacheClusters"][0]
    assert member["PreferredMaintenanceWindow"] == "mon:01:00-mon:02:00"
    assert described(cache, group)["UserGroupIds"] == ["app"]


def test_the_members_stand_in_the_regions_own_zones(cache: Any, group: str) -> None:
    nodes = described(cache, group)["NodeGroups"][0]["NodeGroupMembers"]
    assert [node["PreferredAvailabilityZone"] for node in nodes] == ["eu-west-1a", "eu-west-1b"]


def test_replicas_come_and_go(cache: Any, group: str) -> None:
    cache.increase_replica_count(ReplicationGroupId=group, NewReplicaCount=3, ApplyImmediately=True)
    grown = described(cache, group)
    assert grown["MemberClusters"] == [f"sessions-00{number}" for number in (1, 2, 3, 4)]
    added = grown["NodeGroups"][0]["NodeGroupMembers"][3]
    assert added["PreferredAvailabilityZone"] == "eu-west-1a"
    assert added["ReadEndpoint"]["Address"].startswith("sessions-004.")
    member = cache.describe_cache_clusters(CacheClusterId="sessions-004")["CacheClusters"][0]
    assert member["ReplicationGroupId"] == group
    cache.decrease_replica_count(ReplicationGroupId=group, NewReplicaCount=1, ApplyImmediately=True)
    assert described(cache, group)["MemberClusters"] == ["sessions-001", "sessions-002"]
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        cache.describe_cache_clusters(CacheClusterId="sessions-003")


def test_a_subnet_group_takes_other_subnets(cache: Any, client: Client, name: str) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    first, second = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        for number in (1, 2)
    )
    cache.create_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=[first]
    )
    cache.modify_cache_subnet_group(CacheSubnetGroupName=name, SubnetIds=[first, second])
    found = cache.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]
    # AWS promises no order, and the sandbox puts a subnet into any zone.
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == {first, second}
    assert found["CacheSubnetGroupDescription"] == "d"


def test_a_user_may_do_something_else(cache: Any, name: str) -> None:
    user = name[-40:].strip("-")
    cache.create_user(
        UserId=user,
        UserName=user,
        Engine="redis",
        AccessString="on ~a:* +@read",
        AuthenticationMode={"Type": "iam"},
    )
    cache.modify_user(UserId=user, AccessString="on ~b:* +@read")
    cache.modify_user(UserId=user, AppendAccessString="+@write")
    found = cache.describe_users(UserId=user)["Users"][0]
    assert found["AccessString"] == "on ~b:* +@read +@write"
    assert found["Authentication"]["Type"] == "iam"


def test_a_deleted_group_takes_its_members_with_it(cache: Any) -> None:
    cache.create_replication_group(
        ReplicationGroupId="gone",
        ReplicationGroupDescription="d",
        CacheNodeType="cache.t4g.small",
        NumCacheClusters=2,
    )
    cache.delete_replication_group(ReplicationGroupId="gone")
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        cache.describe_cache_clusters(CacheClusterId="gone-001")
    with pytest.raises(ClientError, match="ReplicationGroupNotFound"):
        described(cache, "gone")
