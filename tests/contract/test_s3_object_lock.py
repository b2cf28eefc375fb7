"""Locked buckets."""

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import REGION, Client


def test_a_lock_changes_while_objects_are_held(client: Client, name: str) -> None:
    s3 = client("s3")
    region = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=region, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    version = s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]

    unruled = {"ObjectLockEnabled": "Enabled"}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=unruled)
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == unruled

    locked = {"Bucket": name, "Key": "k", "VersionId": version}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**locked)
    s3.delete_object(**locked, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=name)


def test_a_lock_needs_versions(client: Client, name: str) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(ClientError, match="InvalidBucketState"):
        s3.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )
    s3.delete_bucket(Bucket=name)
