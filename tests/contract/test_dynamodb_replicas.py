"""Global tables: a replica is a table of its own with the same items."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import OTHER_REGION, REGION, Client


@pytest.fixture
def dynamodb(client: Client) -> Any:
    """DynamoDB in the shared account."""
    return client("dynamodb")


@pytest.fixture
def elsewhere(client: Client) -> Any:
    """DynamoDB in another region of the same account."""
    return client("dynamodb", region=OTHER_REGION)


@pytest.fixture
def table(dynamodb: Any, name: str) -> str:
    """A table with streams and an index."""
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-time",
                "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "of", "Value": "original"}],
    )
    return name


def replicate(dynamodb: Any, table: str, **settings: Any) -> dict[str, Any]:
    create = {"RegionName": OTHER_REGION, **settings}
    made = dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": create}])
    return dict(made["TableDescription"])


def described(dynamodb: Any, table: str) -> dict[str, Any]:
    return dict(dynamodb.describe_table(TableName=table)["Table"])


def test_a_table_lists_its_replicas(dynamodb: Any, table: str) -> None:
    replicate(dynamodb, table)
    (replica,) = described(dynamodb, table)["Replicas"]
    assert (replica["RegionName"], replica["ReplicaStatus"]) == (OTHER_REGION, "ACTIVE")


def test_a_replica_is_a_table_in_its_region(dynamodb: Any, elsewhere: Any, table: str) -> None:
    replicate(dynamodb, table)
    replica = described(elsewhere, table)
    assert f":{OTHER_REGION}:" in replica["TableArn"]
    assert [index["IndexName"] for index in replica["GlobalSecondaryIndexes"]] == ["by-time"]
    assert [other["RegionName"] for other in replica["Replicas"]] == [REGION]


def test_an_item_written_here_is_read_there(dynamodb: Any, elsewhere: Any, table: str) -> None:
    replicate(dynamodb, table)
    dynamodb.put_item(TableName=table, Item={"id": {"S": "1"}, "at": {"N": "1"}})
    assert elsewhere.get_item(TableName=table, Key={"id": {"S": "1"}})["Item"]["at"] == {"N": "1"}


def test_a_replica_has_its_own_tags(dynamodb: Any, elsewhere: Any, table: str) -> None:
    replicate(dynamodb, table)
    arn = described(elsewhere, table)["TableArn"]
    elsewhere.tag_resource(ResourceArn=arn, Tags=[{"Key": "of", "Value": "replica"}])
    tags = elsewhere.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "of", "Value": "replica"}]


def test_a_replica_has_its_own_protection(dynamodb: Any, elsewhere: Any, table: str) -> None:
    replicate(dynamodb, table)
    elsewhere.update_table(TableName=table, DeletionProtectionEnabled=True)
    assert described(elsewhere, table)["DeletionProtectionEnabled"]
    assert not described(dynamodb, table)["DeletionProtectionEnabled"]


def test_a_replica_has_its_own_point_in_time_recovery(
    dynamodb: Any, elsewhere: Any, table: str
) -> None:
    replicate(dynamodb, table)
    elsewhere.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert status == "DISABLED"


def test_a_replica_is_encrypted_with_its_own_key(
    client: Client, dynamodb: Any, elsewhere: Any, name: str
) -> None:
    here = client("kms").create_key()["KeyMetadata"]["Arn"]
    there = client("kms", region=OTHER_REGION).create_key()["KeyMetadata"]["Arn"]
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": here},
    )
    replicate(dynamodb, name, KMSMasterKeyId=there)
    assert described(elsewhere, name)["SSEDescription"]["KMSMasterKeyArn"] == there
    assert described(dynamodb, name)["Replicas"][0]["KMSMasterKeyId"] == there


def test_a_deleted_replica_is_gone_there_and_here(
    dynamodb: Any, elsewhere: Any, table: str
) -> None:
    replicate(dynamodb, table)
    delete = {"Delete": {"RegionName": OTHER_REGION}}
    dynamodb.update_table(TableName=table, ReplicaUpdates=[delete])
    assert "Replicas" not in described(dynamodb, table)
    assert table not in elsewhere.list_tables()["TableNames"]


def test_a_protected_replica_is_not_deleted(dynamodb: Any, elsewhere: Any, table: str) -> None:
    replicate(dynamodb, table)
    elsewhere.update_table(TableName=table, DeletionProtectionEnabled=True)
    with pytest.raises(ClientError, match="protected"):
        dynamodb.update_table(
            TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": OTHER_REGION}}]
        )


def test_an_unknown_replica_is_not_deleted(dynamodb: Any, table: str) -> None:
    with pytest.raises(ClientError, match="was not found"):
        dynamodb.update_table(
            TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": OTHER_REGION}}]
        )
