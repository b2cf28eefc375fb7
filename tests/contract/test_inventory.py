"""What is counted as held in an account."""

import pytest

from bookstore_ops.sandbox.bootstrap import not_to_be_counted
from bookstore_ops.sandbox.health import RESOURCES, ask
from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import Client


def held(server: Server, account: str) -> dict[str, int]:
    """The counts of one account."""
    counted = (ask(server.port, RESOURCES, timeout=60) or {})["accounts"]
    return dict(counted.get(account, {}))


def test_what_is_made_is_counted(client: Client, server: Server) -> None:
    client("sqs", account="800000000001").create_queue(QueueName="q")
    assert held(server, "800000000001") == {"sqs.Queue": 1}


def test_what_is_deleted_is_not_counted(client: Client, server: Server) -> None:
    sqs = client("sqs", account="800000000002")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="q")["QueueUrl"])
    assert held(server, "800000000002") == {}


def test_what_an_account_is_born_with_is_not_counted(client: Client, server: Server) -> None:
    assert client("ec2", account="800000000003").describe_vpcs()["Vpcs"]
    assert held(server, "800000000003") == {}


def test_a_key_that_waits_for_its_deletion_is_not_counted(client: Client, server: Server) -> None:
    kms = client("kms", account="800000000004")
    kms.schedule_key_deletion(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    assert held(server, "800000000004") == {}


@pytest.mark.parametrize("alias", ["alias/aws/dynamodb", "alias/aws/secretsmanager"])
def test_a_key_of_awss_own_is_not_counted(client: Client, server: Server, alias: str) -> None:
    client("kms", account="800000000005").describe_key(KeyId=alias)
    assert held(server, "800000000005") == {}


def test_what_is_there_for_the_state_is_not_counted(client: Client, server: Server) -> None:
    key = client("kms", account="800000000006").create_key()["KeyMetadata"]["KeyId"]
    not_to_be_counted(server, key)
    not_to_be_counted(server, "bucket-of-the-state")
    client("s3", region="us-east-1", account="800000000006").create_bucket(
        Bucket="bucket-of-the-state"
    )
    assert held(server, "800000000006") == {}
