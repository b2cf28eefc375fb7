"""Bucket policies see TLS; what else they deny, they deny."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client

_DENY_PLAIN_HTTP = {
    "Sid": "DenyPlainHttp",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
_DENY_OLD_TLS = {
    **_DENY_PLAIN_HTTP,
    "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
}
_DENY_WRITES = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": "*",
}


def bucket_with(s3: Any, name: str, *statements: dict[str, Any]) -> str:
    s3.create_bucket(Bucket=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


@pytest.mark.parametrize("statement", [_DENY_PLAIN_HTTP, _DENY_OLD_TLS], ids=["plain", "old-tls"])
def test_a_policy_against_plain_http_lets_requests_through(
    client: Client, name: str, statement: dict[str, Any]
) -> None:
    s3 = client("s3", region="us-east-1")
    bucket = bucket_with(s3, name, statement)
    s3.put_object(Bucket=bucket, Key="key", Body=b"value")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"value"


def test_a_policy_against_writes_denies_them(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    bucket = bucket_with(s3, name, _DENY_PLAIN_HTTP, _DENY_WRITES)
    with pytest.raises(ClientError, match=r"Denied|Forbidden"):
        s3.put_object(Bucket=bucket, Key="key", Body=b"value")


def test_a_statement_that_wants_tls_applies(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    only_over_tls = {**_DENY_WRITES, "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}
    bucket = bucket_with(s3, name, only_over_tls)
    with pytest.raises(ClientError, match=r"Denied|Forbidden"):
        s3.put_object(Bucket=bucket, Key="key", Body=b"value")


def test_the_policy_reads_back_as_written(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    bucket = bucket_with(s3, name, _DENY_PLAIN_HTTP)
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy["Statement"] == [_DENY_PLAIN_HTTP]
