"""A cache made of a snapshot takes the place of the old one, and the next plan is empty."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from tests.e2e.test_backup_adoption import backup, no_difference
from tests.e2e.workspaces import Bench, make_bench

TREE = """\
variable "cache" {
  type     = object({ restored = optional(string) })
  default  = {}
  nullable = false
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = coalesce(var.cache.restored, "bookstore-dev")
  description          = "Cache and sessions"
  engine               = "redis"
  engine_version       = "7.1"
  node_type            = "cache.t4g.micro"
  port                 = 6379

  cluster_mode               = "disabled"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true

  at_rest_encryption_enabled = true
  kms_key_id                 = "KEY"
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  snapshot_retention_limit  = 1
  snapshot_window           = "03:00-04:00"
  final_snapshot_identifier = "bookstore-dev-final"
  maintenance_window        = "sun:05:00-sun:06:00"
  apply_immediately         = true

  tags = { Name = "bookstore-dev" }
}
"""

NOTHING_LEFT = "Nothing else names it: the plan is empty."


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A tree of one cache, which the state knows; nothing is applied, which would take longer."""
    made = make_bench(tmp_path_factory.mktemp("redis"))
    root = made.environment_root("dev")
    (root / "chain.tf").unlink()
    made.run("lock", "dev", "--sandbox")  # the sandbox makes the bucket with its first use
    key = made.aws("kms").create_key()["KeyMetadata"]["Arn"]
    (root / "cache.tf").write_text(TREE.replace("KEY", key))
    know(made, make_cache(made, key))
    yield made
    lifecycle.stop(made.workspace)


def make_cache(bench: Bench, key: str) -> dict[str, Any]:
    """The cache, as the tree says that it is."""
    made = bench.aws("elasticache").create_replication_group(
        ReplicationGroupId="bookstore-dev",
        ReplicationGroupDescription="Cache and sessions",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t4g.micro",
        Port=6379,
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        AtRestEncryptionEnabled=True,
        KmsKeyId=key,
        TransitEncryptionEnabled=True,
        TransitEncryptionMode="required",
        SnapshotRetentionLimit=1,
        SnapshotWindow="03:00-04:00",
        PreferredMaintenanceWindow="sun:05:00-sun:06:00",
        Tags=[{"Key": "Name", "Value": "bookstore-dev"}],
    )["ReplicationGroup"]
    return dict(made)


def know(bench: Bench, cache: dict[str, Any]) -> None:
    """Have the state know the cache as an apply would."""
    # What the tree says and AWS does not tell; the rest is read with the next refresh.
    attributes = {
        "id": "bookstore-dev",
        "replication_group_id": "bookstore-dev",
        "arn": cache["ARN"],
        "apply_immediately": True,
        "auth_token_update_strategy": "ROTATE",
        "final_snapshot_identifier": "bookstore-dev-final",
    }
    resource = {
        "mode": "managed",
        "type": "aws_elasticache_replication_group",
        "name": "this",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 2, "attributes": attributes}],
    }
    outputs = {
        "size": {"value": 1, "type": "number"},
        "secret": {"value": "hunter2-hunter2", "type": "string", "sensitive": True},
    }
    state = {"version": 4, "terraform_version": "1.6.6", "serial": 1, "lineage": "a-lineage"}
    content = {**state, "outputs": outputs, "resources": [resource], "check_results": None}
    place = load_environment(bench.workspace, "dev").state
    bench.aws("s3").put_object(
        Bucket=place.bucket, Key=place.key, Body=json.dumps(content).encode()
    )


def test_a_cache_is_restored_adopted_and_taken_back(bench: Bench) -> None:
    taken = backup(bench, "create", "dev", "redis")
    assert taken.code == 0, taken.err
    done = backup(bench, "restore", "dev", "redis", "--name", "bookstore-dev-r2", "--adopt")
    assert done.code == 0, done.err
    assert "bookstore-dev-r2 is redis now" in done.out
    # Not even what a restore leaves out: a group is made with all of its settings.
    assert NOTHING_LEFT in done.out
    values = bench.environment_root("dev") / "terraform.tfvars"
    assert 'restored = "bookstore-dev-r2"' in " ".join(values.read_text().split())
    no_difference(bench)
    back = backup(bench, "adopt", "dev", "redis", "bookstore-dev")
    assert back.code == 0, back.err
    assert NOTHING_LEFT in back.out
    no_difference(bench)
    found = bench.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert {each["ReplicationGroupId"] for each in found} == {"bookstore-dev", "bookstore-dev-r2"}
