"""Restored tables: under their key, of a moment within the window."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


@pytest.fixture
def dynamodb(client: Client) -> Any:
    """DynamoDB in the shared account."""
    return client("dynamodb")


@pytest.fixture
def table(dynamodb: Any, name: str, key_arn: str) -> str:
    """An encrypted table with an item."""
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn},
    )
    dynamodb.put_item(TableName=name, Item={"id": {"S": "one"}})
    return name


def window(dynamodb: Any, table: str) -> Any:
    described = dynamodb.describe_continuous_backups(TableName=table)
    return described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def test_a_table_is_restored_from_a_backup_under_the_key_that_is_asked_for(
    client: Client, dynamodb: Any, table: str
) -> None:
    other = client("kms").create_key()["KeyMetadata"]["Arn"]
    arn = dynamodb.create_backup(TableName=table, BackupName="one")["BackupDetails"]["BackupArn"]
    dynamodb.restore_table_from_backup(
        TargetTableName=f"{table}-2",
        BackupArn=arn,
        SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other},
    )
    made = dynamodb.describe_table(TableName=f"{table}-2")["Table"]
    assert made["SSEDescription"]["KMSMasterKeyArn"] == other
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert made["ItemCount"] == 1


def test_a_table_is_restored_to_a_moment_within_its_window_only(dynamodb: Any, table: str) -> None:
    def restore(moment: Any) -> Any:
        return dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=f"{table}-2", RestoreDateTime=moment
        )

    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    first = window(dynamodb, table)
    second = window(dynamodb, table)
    assert first["LatestRestorableDateTime"] < second["LatestRestorableDateTime"]
    with pytest.raises(ClientError, match="InvalidRestoreTimeException"):
        restore(first["EarliestRestorableDateTime"] - timedelta(hours=1))
    restore(first["LatestRestorableDateTime"])
    assert dynamodb.describe_table(TableName=f"{table}-2")["Table"]["SSEDescription"]


def test_without_a_window_there_is_no_moment(dynamodb: Any, table: str) -> None:
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailableException"):
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=f"{table}-2", UseLatestRestorableTime=True
        )
