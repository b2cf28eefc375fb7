"""Windows that go on, moments outside of them refused, and restored tables under the right key.

Moto's window ends when it begins; it restores to whatever moment is asked for, and what it
restores has neither key nor billing mode.
"""

from datetime import UTC, datetime
from typing import Any

from moto.core.utils import unix_time
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from bookstore_ops.sandbox.extensions import replaces

_describe = DynamoDBBackend.describe_continuous_backups
_from_backup = DynamoHandler.restore_table_from_backup
_to_point_in_time = DynamoHandler.restore_table_to_point_in_time

_WINDOW = "PointInTimeRecoveryDescription"
_PREFIX = "com.amazonaws.dynamodb.v20120810#"


@replaces(DynamoDBBackend)
def describe_continuous_backups(self: Any, table_name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html"""
    described: dict[str, Any] = _describe(self, table_name)
    if "LatestRestorableDateTime" in described[_WINDOW]:
        described[_WINDOW]["LatestRestorableDateTime"] = unix_time()
    return described


@replaces(DynamoHandler)
def restore_table_from_backup(self: Any) -> Any:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html"""
    result = _from_backup(self)
    backup = self.dynamodb_backend.get_backup(self.body["BackupArn"])
    return _restored(self, result, backup.table)


@replaces(DynamoHandler)
def restore_table_to_point_in_time(self: Any) -> Any:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html"""
    source = self.body.get("SourceTableName")
    window = self.dynamodb_backend.describe_continuous_backups(source)[_WINDOW]
    if window["PointInTimeRecoveryStatus"] != "ENABLED":
        raise DynamodbException(
            f"{_PREFIX}PointInTimeRecoveryUnavailableException",
            f"Point in time recovery is not enabled for table '{source}'",
        )
    wanted = self.body.get("RestoreDateTime")
    # Moments are asked for in whole seconds.
    if wanted is not None and not (
        int(window["EarliestRestorableDateTime"])
        <= _seconds(wanted)
        <= window["LatestRestorableDateTime"]
    ):
        raise DynamodbException(
            f"{_PREFIX}InvalidRestoreTimeException",
            f"RestoreDateTime is not in the window of table '{source}'",
        )
    result = _to_point_in_time(self)
    return _restored(self, result, self.dynamodb_backend.get_table(source))


def _restored(handler: Any, result: Any, source: Any) -> Any:
    table = handler.dynamodb_backend.get_table(handler.body["TargetTableName"])
    table.billing_mode = source.billing_mode
    table.sse_specification = handler.body.get("SSESpecificationOverride") or (
        source.sse_specification
    )
    return type(result)(table.describe())


def _seconds(moment: Any) -> float:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)
