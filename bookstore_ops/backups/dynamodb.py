"""Backups of tables on demand, and tables made of them beside the old."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookstore_ops.backups.hands import Order
from bookstore_ops.backups.look_aws import status_of
from bookstore_ops.backups.model import Status
from bookstore_ops.backups.store_hands import StoreHands


class DynamoDb(StoreHands):
    """See :class:`Hands`.

    A restored table has neither the tags, the time to live, the stream, the window nor the
    protection of its source; :meth:`finish` gives them to it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Restore.Tutorial.html
    """

    longest_name = 255
    service = "dynamodb"
    not_there = "ResourceNotFoundException"

    def create(self, name: str, _tags: Mapping[str, str]) -> str:
        """See :class:`Hands`; a backup of DynamoDB carries no tags."""
        with self._asking(f"take the backup {name} of {self._store.id}"):
            self._aws.create_backup(TableName=self._store.id, BackupName=name)
        return name

    def backup_status(self, backup: str) -> Status:
        """See :class:`Hands`."""
        with self._asking(f"look at the backup {backup}"):
            pages = self._cloud.pages(
                "dynamodb", self._store.region, "list_backups", TableName=self._store.id
            )
            found = [
                summary["BackupStatus"]
                for page in pages
                for summary in page["BackupSummaries"]
                if summary["BackupName"] == backup
            ]
        return status_of(found[0]) if found else "failed"

    def begin(self, order: Order) -> str:
        """See :class:`Hands`: under the same key."""
        with self._asking(f"restore {order.target} from {order.source.words}"):
            described = self._described(self._store.id).get("SSEDescription", {})
            given: dict[str, Any] = {"TargetTableName": order.target}
            if described.get("KMSMasterKeyArn"):
                given["SSESpecificationOverride"] = {
                    "Enabled": True,
                    "SSEType": "KMS",
                    "KMSMasterKeyId": described["KMSMasterKeyArn"],
                }
            if order.source.moment is None:
                self._aws.restore_table_from_backup(BackupArn=order.source.arn, **given)
            else:
                self._aws.restore_table_to_point_in_time(
                    SourceTableName=self._store.id, RestoreDateTime=order.source.moment, **given
                )
        return ""

    def status(self, target: str, _job: str) -> Status | None:
        """See :class:`Hands`."""
        with self._asking(f"look at {target}"):
            found = self._find(target)
        if found is None:
            return None
        restoring = found.get("RestoreSummary", {}).get("RestoreInProgress", False)
        if found["TableStatus"] == "ACTIVE" and not restoring:
            return "ready"
        return "failed" if found["TableStatus"].startswith("INACCESSIBLE") else "making"

    def is_ours(self, target: str, _task: str, _job: str) -> bool:
        """See :class:`Hands`; a restore takes no tags, but the table tells of what it was made."""
        with self._asking(f"look at {target}"):
            found = self._find(target)
        made_of = (found or {}).get("RestoreSummary", {}).get("SourceTableArn")
        return bool(made_of == self._store.arn)

    def finish(self, target: str) -> None:
        """See :class:`Hands`."""
        with self._asking(f"give {target} the settings of {self._store.id}"):
            source, made = self._described(self._store.id), self._described(target)
            tags = self._aws.list_tags_of_resource(ResourceArn=source["TableArn"])["Tags"]
            if tags:
                self._aws.tag_resource(ResourceArn=made["TableArn"], Tags=tags)
            self._keep_expiring(target)
            self._keep_window(target)
            stream = source.get("StreamSpecification", {})
            if stream.get("StreamEnabled") and not made.get("StreamSpecification"):
                self._update(target, StreamSpecification=stream)
            if source.get("DeletionProtectionEnabled"):
                self._update(target, DeletionProtectionEnabled=True)

    def check(self, target: str) -> Sequence[str]:
        """See :class:`Hands`; an item is read where the source has one."""
        with self._asking(f"look at {target}"):
            made, source = self._described(target), self._described(self._store.id)
            one = self._aws.scan(TableName=target, Limit=1)["Items"]
            had = source.get("ItemCount", 0)
        problems = []
        if made["KeySchema"] != source["KeySchema"]:
            problems.append("its keys are others")
        if _indexes(made) != _indexes(source):
            problems.append(f"its indexes are {_indexes(made)}, not {_indexes(source)}")
        key = source.get("SSEDescription", {}).get("KMSMasterKeyArn")
        if made.get("SSEDescription", {}).get("KMSMasterKeyArn") != key:
            problems.append("it is under another key")
        if had and not one:
            problems.append(f"it is empty, and {self._store.id} has {had} items")
        return problems

    def remove(self, target: str) -> None:
        """See :class:`Hands`."""
        with self._asking(f"delete {target}"):
            found = self._find(target)
            if found is None or found["TableStatus"] == "DELETING":
                return
            if found.get("DeletionProtectionEnabled"):
                self._update(target, DeletionProtectionEnabled=False)
            self._aws.delete_table(TableName=target)

    def unmark(self, name: str) -> None:
        """A table has no marks: a restore of one takes no tags."""

    def ids(self, name: str) -> Mapping[str, str] | None:
        """What the state holds of the table of that name; None: there is none."""
        with self._asking(f"look at {name}"):
            found = self._find(name)
        return found and {"id": name, "name": name, "arn": found["TableArn"]}

    def _update(self, target: str, **change: Any) -> None:
        """Change a table once it is at rest: DynamoDB makes one change at a time."""
        self._aws.get_waiter("table_exists").wait(TableName=target)
        self._aws.update_table(TableName=target, **change)

    def _keep_expiring(self, target: str) -> None:
        lives = self._aws.describe_time_to_live(TableName=self._store.id)
        wanted = lives["TimeToLiveDescription"]
        has = self._aws.describe_time_to_live(TableName=target)["TimeToLiveDescription"]
        if wanted.get("TimeToLiveStatus") == "ENABLED" != has.get("TimeToLiveStatus"):
            self._aws.update_time_to_live(
                TableName=target,
                TimeToLiveSpecification={
                    "Enabled": True,
                    "AttributeName": wanted["AttributeName"],
                },
            )

    def _keep_window(self, target: str) -> None:
        described = self._aws.describe_continuous_backups(TableName=self._store.id)
        wanted = described["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if wanted.get("PointInTimeRecoveryStatus") != "ENABLED":
            return
        given: dict[str, Any] = {"PointInTimeRecoveryEnabled": True}
        if wanted.get("RecoveryPeriodInDays"):
            given["RecoveryPeriodInDays"] = wanted["RecoveryPeriodInDays"]
        self._aws.update_continuous_backups(
            TableName=target, PointInTimeRecoverySpecification=given
        )

    def _described(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._aws.describe_table(TableName=name)["Table"]
        return found


def _indexes(table: Mapping[str, Any]) -> list[str]:
    return sorted(index["IndexName"] for index in table.get("GlobalSecondaryIndexes", []))
