"""Jobs of AWS Backup: recovery points of databases and tables, their restores and copies."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, OTHER_REGION, Client

ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"


@pytest.fixture
def backup(client: Client) -> Any:
    """AWS Backup in the shared account."""
    return client("backup")


@pytest.fixture
def vault(client: Client, name: str) -> str:
    """A vault, and its namesake in another region."""
    for region in (None, OTHER_REGION):
        made = client("backup", region=region) if region else client("backup")
        made.create_backup_vault(BackupVaultName=name)
    return name


def table(client: Client, name: str) -> str:
    """The ARN of a table with an item."""
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("dynamodb").put_item(TableName=name, Item={"id": {"S": "one"}})
    return str(client("dynamodb").describe_table(TableName=name)["Table"]["TableArn"])


def database(client: Client, name: str) -> str:
    """The ARN of a database."""
    made = client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin_user",
        MasterUserPassword="not-a-secret",
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def take(backup: Any, vault: str, arn: str) -> str:
    job = backup.start_backup_job(BackupVaultName=vault, ResourceArn=arn, IamRoleArn=ROLE)
    described = backup.describe_backup_job(BackupJobId=job["BackupJobId"])
    assert described["State"] == "COMPLETED"
    return str(described["RecoveryPointArn"])


def points(backup: Any, vault: str) -> list[str]:
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
    return [str(point["RecoveryPointArn"]) for point in listed]


def restore(backup: Any, vault: str, point: str, token: str, **metadata: str) -> dict[str, Any]:
    found = backup.get_recovery_point_restore_metadata(
        BackupVaultName=vault, RecoveryPointArn=point
    )
    job = backup.start_restore_job(
        RecoveryPointArn=point,
        Metadata=found["RestoreMetadata"] | metadata,
        IamRoleArn=ROLE,
        IdempotencyToken=token,
    )["RestoreJobId"]
    return dict(backup.describe_restore_job(RestoreJobId=job))


def test_a_table_is_backed_up_restored_and_copied(
    client: Client, backup: Any, vault: str, name: str
) -> None:
    point = take(backup, vault, table(client, name))
    assert points(backup, vault) == [point]
    first = restore(backup, vault, point, "one", targetTableName=f"{name}-2")
    again = restore(backup, vault, point, "one", targetTableName=f"{name}-2")
    other = restore(backup, vault, point, "two", targetTableName=f"{name}-2")
    assert first["RestoreJobId"] == again["RestoreJobId"]
    assert first["CreatedResourceArn"].endswith(f"table/{name}-2")
    assert (other["Status"], "exists" in other["StatusMessage"]) == ("FAILED", True)
    assert client("dynamodb").describe_table(TableName=f"{name}-2")["Table"]["ItemCount"] == 1
    there = client("backup", region=OTHER_REGION)
    arn = there.describe_backup_vault(BackupVaultName=vault)["BackupVaultArn"]
    job = backup.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName=vault,
        DestinationBackupVaultArn=arn,
        IamRoleArn=ROLE,
    )["CopyJobId"]
    copied = backup.describe_copy_job(CopyJobId=job)["CopyJob"]
    assert copied["State"] == "COMPLETED"
    assert points(there, vault) == [copied["DestinationRecoveryPointArn"]]


def test_a_recovery_point_of_a_database_is_a_snapshot(
    client: Client, backup: Any, vault: str, name: str
) -> None:
    short = name[:40].strip("-")
    point = take(backup, vault, database(client, short))
    made = restore(backup, vault, point, "db", DBInstanceIdentifier=f"{short}-2")
    assert made["CreatedResourceArn"].endswith(f"db:{short}-2")
    snapshots = client("rds").describe_db_snapshots(SnapshotType="awsbackup")["DBSnapshots"]
    assert point in {snapshot["DBSnapshotArn"] for snapshot in snapshots}
    backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)
    assert points(backup, vault) == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        restore(backup, vault, point, "gone", DBInstanceIdentifier=f"{short}-3")
