"""What the state needs in AWS: found, made, held to, mended; others' things left alone."""

import hashlib
import json

import pytest

from bookstore_ops.bootstrap.bucket import LogBucket, StateBucket
from bookstore_ops.bootstrap.key import StateKey
from bookstore_ops.bootstrap.settings import Finding, Resource, mend, survey
from bookstore_ops.bootstrap.table import LockTable
from bookstore_ops.errors import Refused
from tests.contract.conftest import ACCOUNT, OTHER_REGION, REGION, Client

TAGS = {"ManagedBy": "bsops"}


class Account:
    """All that one state needs, under names of the test's own."""

    def __init__(self, client: Client, name: str) -> None:
        self.bucket, self.table = f"state-{name}", f"locks-{name}"
        self.s3 = client("s3")
        self.kms = client("kms")
        self.dynamodb = client("dynamodb")

    def resources(self) -> list[Resource]:
        """Anew, as each run makes them."""
        key = StateKey(self.kms, self.bucket, ACCOUNT, TAGS)
        logs = LogBucket(self.s3, self.bucket, REGION, ACCOUNT, TAGS)
        state = StateBucket(self.s3, self.bucket, REGION, ACCOUNT, TAGS, key=key, logs=logs)
        return [key, logs, state, LockTable(self.dynamodb, self.table, TAGS)]

    def mend(self) -> list[str]:
        """Make all as it should be; what was said."""
        said: list[str] = []
        mend(self.resources(), said.append)
        return said

    def findings(self) -> list[Finding]:
        return survey(self.resources())

    def key_id(self) -> str:
        """The id of the key that the alias names."""
        return str(self.kms.describe_key(KeyId=f"alias/{self.bucket}")["KeyMetadata"]["KeyId"])


@pytest.fixture
def account(client: Client, name: str) -> Account:
    return Account(client, hashlib.sha256(name.encode()).hexdigest()[:8])


def test_what_is_missing_is_made_and_a_second_run_changes_nothing(account: Account) -> None:
    assert [finding.setting for finding in account.findings()] == [None] * 4
    assert "making the" in account.mend()[0]
    assert account.findings() == []
    assert account.mend() == []
    rules = account.s3.get_bucket_encryption(Bucket=account.bucket)
    (rule,) = rules["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_each_setting_that_drifted_is_found_and_mended(account: Account) -> None:
    account.mend()
    bucket = {"Bucket": account.bucket}
    account.s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Suspended"})
    account.s3.delete_public_access_block(**bucket)
    account.s3.delete_bucket_ownership_controls(**bucket)
    account.s3.delete_bucket_encryption(**bucket)
    account.s3.delete_bucket_policy(**bucket)
    account.s3.delete_bucket_lifecycle(**bucket)
    account.s3.delete_bucket_tagging(**bucket)
    account.s3.put_bucket_logging(**bucket, BucketLoggingStatus={})
    key = account.key_id()
    account.kms.disable_key_rotation(KeyId=key)
    table = {"TableName": account.table}
    account.dynamodb.update_table(**table, DeletionProtectionEnabled=False)
    account.dynamodb.update_continuous_backups(
        **table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert {finding.setting for finding in account.findings()} == {
        "yearly rotation",
        "block of public access",
        "object ownership",
        "policy",
        "encryption",
        "versioning",
        "lifecycle",
        "tags",
        "access log",
        "deletion protection",
        "point-in-time recovery",
    }
    account.mend()
    assert account.findings() == []


def test_what_others_added_stays(account: Account) -> None:
    account.mend()
    bucket = {"Bucket": account.bucket}
    policy = json.loads(account.s3.get_bucket_policy(**bucket)["Policy"])
    theirs = {**policy["Statement"][0], "Sid": "Theirs"}
    account.s3.put_bucket_policy(
        **bucket, Policy=json.dumps({**policy, "Statement": [theirs, policy["Statement"][1]]})
    )
    account.s3.put_bucket_tagging(**bucket, Tagging={"TagSet": [{"Key": "T", "Value": "t"}]})
    (finding,) = [found for found in account.findings() if found.setting == "policy"]
    assert set(finding.wanted) - set(finding.found) == {"TlsOnly", "ThisAccountOnly"}
    account.mend()
    statements = json.loads(account.s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
    assert theirs in statements
    assert len(statements) == 4
    tags = account.s3.get_bucket_tagging(**bucket)["TagSet"]
    assert {"Key": "T", "Value": "t"} in tags


def test_a_key_that_a_killed_run_did_not_name_is_taken(account: Account) -> None:
    made = account.kms.create_key(Description=f"Encrypts the Terraform state in {account.bucket}")
    account.mend()
    assert account.key_id() == made["KeyMetadata"]["KeyId"]
    assert account.findings() == []


def test_a_key_that_is_about_to_end_is_refused(account: Account) -> None:
    account.mend()
    key = account.key_id()
    account.kms.schedule_key_deletion(KeyId=key)
    with pytest.raises(Refused, match="PendingDeletion") as raised:
        account.findings()
    assert f"aws kms cancel-key-deletion --key-id {key}" in str(raised.value.next_step)


def test_a_table_for_something_else_is_refused(account: Account) -> None:
    account.dynamodb.create_table(
        TableName=account.table,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(Refused, match="is no lock table"):
        account.findings()


def test_a_bucket_in_another_region_is_refused(account: Account, client: Client) -> None:
    client("s3", region=OTHER_REGION).create_bucket(
        Bucket=account.bucket, CreateBucketConfiguration={"LocationConstraint": OTHER_REGION}
    )
    with pytest.raises(Refused, match="is in eu-central-1, not in eu-west-1"):
        account.findings()
