"""Access logs of buckets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import REGION, Client

TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture
def s3(client: Client) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any, name: str) -> Iterator[str]:
    """A bucket that logs may be delivered to once its policy says so."""
    for bucket in (name, f"{name}-logs"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield name
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
    for bucket in (name, f"{name}-logs"):
        for held in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=held["Key"])
        s3.delete_bucket(Bucket=bucket)


def _may_be_logged_to(s3: Any, bucket: str) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}-logs/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [TLS_ONLY, allow]}
    s3.put_bucket_policy(Bucket=f"{bucket}-logs", Policy=json.dumps(policy))


@pytest.mark.parametrize(
    "form",
    [None, {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}, {"SimplePrefix": {}}],
)
def test_logs_go_where_the_policy_lets_them(
    s3: Any, bucket: str, form: dict[str, Any] | None
) -> None:
    _may_be_logged_to(s3, bucket)
    enabled: dict[str, Any] = {"TargetBucket": f"{bucket}-logs", "TargetPrefix": "s3/"}
    if form is not None:
        enabled["TargetObjectKeyFormat"] = form
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled


def test_logs_go_nowhere_else(s3: Any, bucket: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": [TLS_ONLY]}
    s3.put_bucket_policy(Bucket=f"{bucket}-logs", Policy=json.dumps(policy))
    enabled = {"TargetBucket": f"{bucket}-logs", "TargetPrefix": "s3/"}
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
