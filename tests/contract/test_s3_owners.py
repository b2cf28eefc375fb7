"""Whose bucket it is: the owner that a request expects, and policies about accounts."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, OTHER_ACCOUNT, Client
from tests.contract.test_secure_transport import bucket_with

_ONLY_THIS_ACCOUNT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}


@pytest.fixture
def bucket(client: Client, name: str) -> str:
    client("s3", region="us-east-1").create_bucket(Bucket=name)
    return name


def status(operation: Any, **arguments: Any) -> int:
    """The HTTP status of a request."""
    try:
        answer = operation(**arguments)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_the_owner_that_is_expected_may_ask(client: Client, bucket: str) -> None:
    s3 = client("s3", region="us-east-1")
    assert status(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner=ACCOUNT) == 200
    assert status(s3.get_bucket_versioning, Bucket=bucket, ExpectedBucketOwner=ACCOUNT) == 200


@pytest.mark.parametrize("operation", ["head_bucket", "get_bucket_versioning", "list_objects_v2"])
def test_another_owner_than_the_expected_one_is_refused(
    client: Client, bucket: str, operation: str
) -> None:
    s3 = client("s3", region="us-east-1", account=OTHER_ACCOUNT)
    asked = getattr(s3, operation)
    assert status(asked, Bucket=bucket, ExpectedBucketOwner=OTHER_ACCOUNT) == 403


def test_a_missing_bucket_is_missing_whoever_is_expected(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    assert status(s3.head_bucket, Bucket=name, ExpectedBucketOwner=ACCOUNT) == 404


def test_a_policy_for_one_account_lets_it_in_and_no_other(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    other = client("s3", region="us-east-1", account=OTHER_ACCOUNT)
    bucket_with(s3, name, _ONLY_THIS_ACCOUNT)
    s3.put_object(Bucket=name, Key="key", Body=b"value")
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == b"value"
    assert status(other.get_object, Bucket=name, Key="key") == 403
