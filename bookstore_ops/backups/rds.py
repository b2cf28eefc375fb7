"""Snapshots of the database, and instances made of them beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookstore_ops.backups.hands import TASK_TAG, Order, marks_of, tag_list
from bookstore_ops.backups.look_aws import status_of
from bookstore_ops.backups.model import Status
from bookstore_ops.backups.store_hands import StoreHands

_FAILED = ("failed", "incompatible-", "inaccessible-", "restore-error", "storage-full")
# A database that is only looked at needs no second zone, and nobody pages for it.
_ALONE = {"MultiAZ": False, "DeletionProtection": False}

# What a restore takes from the snapshot or leaves at its default, and ModifyDBInstance sets: names
# as DescribeDBInstances has them.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
_FINISHED = (
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
)


class Rds(StoreHands):
    """See :class:`Hands`.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
    """

    longest_name = 63
    service = "rds"
    not_there = "DBInstanceNotFound"

    def create(self, name: str, tags: Mapping[str, str]) -> str:
        """See :class:`Hands`; the database's own tags are not copied where others are given."""
        with self._asking(f"take the snapshot {name} of {self._store.id}"):
            own = self._described(self._store.id).get("TagList", [])
            self._aws.create_db_snapshot(
                DBInstanceIdentifier=self._store.id,
                DBSnapshotIdentifier=name,
                Tags=[*own, *tag_list(tags)],
            )
        return name

    def backup_status(self, backup: str) -> Status:
        """See :class:`Hands`."""
        with self._asking(f"look at the snapshot {backup}"):
            found = self._aws.describe_db_snapshots(DBSnapshotIdentifier=backup)["DBSnapshots"]
        return status_of(found[0]["Status"])

    def begin(self, order: Order) -> str:
        """See :class:`Hands`: in the same network, with the same settings, under the same key."""
        with self._asking(f"restore {order.target} from {order.source.words}"):
            source = self._described(self._store.id)
            given = _settings(source) | (_ALONE if order.spare else {})
            own = [] if order.spare else source.get("TagList", [])
            given["Tags"] = [*own, *tag_list(order.tags)]
            if order.source.moment is None:
                self._aws.restore_db_instance_from_db_snapshot(
                    DBSnapshotIdentifier=order.source.backup,
                    DBInstanceIdentifier=order.target,
                    **given,
                )
            else:
                self._aws.restore_db_instance_to_point_in_time(
                    SourceDBInstanceIdentifier=self._store.id,
                    TargetDBInstanceIdentifier=order.target,
                    RestoreTime=order.source.moment,
                    **given,
                )
        return ""

    def status(self, target: str, _job: str) -> Status | None:
        """See :class:`Hands`."""
        with self._asking(f"look at {target}"):
            found = self._find(target)
        if found is None:
            return None
        said = found["DBInstanceStatus"]
        if said.startswith(_FAILED):
            return "failed"
        return "ready" if said == "available" else "making"

    def is_ours(self, target: str, task: str, _job: str) -> bool:
        """See :class:`Hands`."""
        with self._asking(f"look at {target}"):
            found = self._find(target)
        tags = {tag["Key"]: tag["Value"] for tag in (found or {}).get("TagList", [])}
        return tags.get(TASK_TAG) == task

    def finish(self, target: str) -> None:
        """See :class:`Hands`."""
        with self._asking(f"give {target} the settings of {self._store.id}"):
            source = self._described(self._store.id)
            given = {name: source[name] for name in _FINISHED if source.get(name) is not None}
            if source.get("PerformanceInsightsEnabled"):
                given["EnablePerformanceInsights"] = True
            secret = source.get("MasterUserSecret")
            if secret and not self._described(target).get("MasterUserSecret"):
                given["ManageMasterUserPassword"] = True
                if secret.get("KmsKeyId"):
                    given["MasterUserSecretKmsKeyId"] = secret["KmsKeyId"]
            self._aws.modify_db_instance(
                DBInstanceIdentifier=target, ApplyImmediately=True, **given
            )

    def check(self, target: str) -> Sequence[str]:
        """See :class:`Hands`; no row is read: nobody outside of the network can."""
        with self._asking(f"look at {target}"):
            made, source = self._described(target), self._described(self._store.id)
        problems = [
            f"{name} is {made.get(name)}, that of {self._store.id} is {source.get(name)}"
            for name in ("Engine", "EngineVersion", "DBName", "StorageEncrypted", "KmsKeyId")
            if made.get(name) != source.get(name)
        ]
        if made["AllocatedStorage"] < source["AllocatedStorage"]:
            problems.append(f"it has {made['AllocatedStorage']} GiB only")
        return problems

    def remove(self, target: str) -> None:
        """See :class:`Hands`."""
        with self._asking(f"delete {target}"):
            found = self._find(target)
            if found is None or found["DBInstanceStatus"] == "deleting":
                return
            if found.get("DeletionProtection"):
                self._aws.modify_db_instance(
                    DBInstanceIdentifier=target, DeletionProtection=False, ApplyImmediately=True
                )
            self._aws.delete_db_instance(
                DBInstanceIdentifier=target, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
            )

    def ids(self, name: str) -> Mapping[str, str] | None:
        """What the state holds of the database of that name; None: there is none."""
        with self._asking(f"look at {name}"):
            found = self._find(name)
        if found is None:
            return None
        resource = found["DbiResourceId"]
        # Until version 5 the provider's id was the name.
        by_name = self._store.known.get("id") == self._store.id
        return {"id": name if by_name else resource, "identifier": name, "resource_id": resource}

    def unmark(self, name: str) -> None:
        """Take the marks of its restore away: the tree does not know them."""
        with self._asking(f"take the marks of {name} away"):
            found = self._described(name)
            marks = marks_of(found.get("TagList", []))
            if marks:
                self._aws.remove_tags_from_resource(
                    ResourceName=found["DBInstanceArn"], TagKeys=marks
                )

    def aside(self) -> str:
        """What the present database is called once another has its name: always the same."""
        with self._asking(f"look at {self._store.id}"):
            made = self._described(self._store.id)["InstanceCreateTime"]
        return f"{self._store.id[:44].rstrip('-')}-of-{made:%Y%m%d%H%M%S}"

    def rename(self, old: str, new: str) -> None:
        """Give a database another name, and with it another address.

        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html
        """
        with self._asking(f"rename {old} to {new}"):
            self._aws.modify_db_instance(
                DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True
            )

    def _described(self, name: str) -> dict[str, Any]:
        answer = self._aws.describe_db_instances(DBInstanceIdentifier=name)
        found: dict[str, Any] = answer["DBInstances"][0]
        return found


def _settings(source: Mapping[str, Any]) -> dict[str, Any]:
    """What a restore is told, so that it is as its source: names differ from the description's."""
    given: dict[str, Any] = {
        "DBInstanceClass": source["DBInstanceClass"],
        "MultiAZ": source.get("MultiAZ", False),
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": source.get("AutoMinorVersionUpgrade", True),
        "CopyTagsToSnapshot": source.get("CopyTagsToSnapshot", True),
        "DeletionProtection": source.get("DeletionProtection", False),
        "EnableIAMDatabaseAuthentication": source.get("IAMDatabaseAuthenticationEnabled", False),
    }
    if source.get("StorageType"):
        given["StorageType"] = source["StorageType"]
    if source.get("DBSubnetGroup"):
        given["DBSubnetGroupName"] = source["DBSubnetGroup"]["DBSubnetGroupName"]
    groups = [group["VpcSecurityGroupId"] for group in source.get("VpcSecurityGroups", [])]
    if groups:
        given["VpcSecurityGroupIds"] = groups
    settings = [group["DBParameterGroupName"] for group in source.get("DBParameterGroups", [])]
    if settings:
        given["DBParameterGroupName"] = settings[0]
    if source.get("Endpoint", {}).get("Port"):
        given["Port"] = source["Endpoint"]["Port"]
    if source.get("EnabledCloudwatchLogsExports"):
        given["EnableCloudwatchLogsExports"] = source["EnabledCloudwatchLogsExports"]
    return given
