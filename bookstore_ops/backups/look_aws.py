"""What AWS's services keep of their own stores, in the words of :mod:`model`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bookstore_ops.backups.model import Backup, Found, Status, Store, Window
from bookstore_ops.backups.places import is_protected
from bookstore_ops.backups.sight import Sight
from bookstore_ops.errors import OperationFailed

_GIB = 1024**3
_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
# Automated snapshots of OpenSearch are kept for two weeks, one an hour.
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
_SNAPSHOTS_KEPT = timedelta(days=14)
_HOUR = 3600

_READY = {"available", "AVAILABLE", "COMPLETED", "exporting"}
_MAKING = {"creating", "CREATING", "copying"}


def rds(sight: Sight, store: Store, region: str) -> Found:
    """Snapshots, and the window of the automated backups, which may be replicated.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceAutomatedBackup.html
    """
    cloud = sight.cloud
    with cloud.asking(f"list the snapshots of {store.id} in {region}"):
        pages = cloud.pages("rds", region, "describe_db_snapshots", DBInstanceIdentifier=store.id)
        found = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    with cloud.asking(f"read the window of {store.id} in {region}"):
        answer = cloud.client("rds", region).describe_db_instance_automated_backups(
            DBInstanceIdentifier=store.id
        )
        windows = [each.get("RestoreWindow") or {} for each in answer["DBInstanceAutomatedBackups"]]
        latest = max((w["LatestTime"] for w in windows if "LatestTime" in w), default=None)
        earliest = min((w["EarliestTime"] for w in windows if "EarliestTime" in w), default=None)
        if region == store.region:
            # Told of the instance within a minute; the automated backup follows later.
            instances = cloud.client("rds", region).describe_db_instances(
                DBInstanceIdentifier=store.id
            )["DBInstances"]
            latest = instances[0].get("LatestRestorableTime", latest)
    backups = [
        Backup(
            id=snapshot["DBSnapshotIdentifier"],
            kind=snapshot["SnapshotType"],
            region=region,
            status=status_of(snapshot["Status"]),
            # A copy is of the moment of its original.
            taken=snapshot.get("OriginalSnapshotCreateTime") or snapshot.get("SnapshotCreateTime"),
            size_bytes=snapshot["AllocatedStorage"] * _GIB,
            encrypted=snapshot["Encrypted"],
            arn=snapshot["DBSnapshotArn"],
        )
        for snapshot in found
    ]
    return _found(backups, Window(earliest=earliest, latest=latest) if latest else None)


def dynamodb(sight: Sight, store: Store, region: str) -> Found:
    """Backups on demand, and the window of point-in-time recovery.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
    """
    cloud = sight.cloud
    with cloud.asking(f"list the backups of {store.id} in {region}"):
        pages = cloud.pages("dynamodb", region, "list_backups", TableName=store.id)
        found = [summary for page in pages for summary in page["BackupSummaries"]]
    with cloud.asking(f"read the window of {store.id} in {region}"):
        described = (
            cloud.client("dynamodb", region)
            .describe_continuous_backups(TableName=store.id)["ContinuousBackupsDescription"]
            .get("PointInTimeRecoveryDescription", {})
        )
    encrypted = bool(store.known.get("server_side_encryption"))
    backups = [
        Backup(
            id=summary["BackupName"],
            kind="on demand",  # those of AWS Backup are listed in its vault
            region=region,
            status=status_of(summary["BackupStatus"]),
            taken=summary["BackupCreationDateTime"],
            size_bytes=summary.get("BackupSizeBytes"),
            encrypted=encrypted,
            arn=summary["BackupArn"],
        )
        for summary in found
        if summary["BackupStatus"] != "DELETED"
    ]
    window = None
    if described.get("PointInTimeRecoveryStatus") == "ENABLED":
        window = Window(
            earliest=described.get("EarliestRestorableDateTime"),
            latest=described["LatestRestorableDateTime"],
        )
    return _found(backups, window)


def redis(sight: Sight, store: Store, region: str) -> Found:
    """Snapshots; there is no window.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Snapshot.html
    """
    cloud = sight.cloud
    with cloud.asking(f"list the snapshots of {store.id} in {region}"):
        pages = cloud.pages(
            "elasticache", region, "describe_snapshots", ReplicationGroupId=store.id
        )
        found = [snapshot for page in pages for snapshot in page["Snapshots"]]
    backups = [
        Backup(
            id=snapshot["SnapshotName"],
            kind=snapshot["SnapshotSource"],
            region=region,
            status=status_of(snapshot["SnapshotStatus"]),
            taken=min(
                (n["SnapshotCreateTime"] for n in _nodes(snapshot) if "SnapshotCreateTime" in n),
                default=None,
            ),
            size_bytes=sum(_bytes(node.get("CacheSize", "")) for node in _nodes(snapshot)) or None,
            encrypted=bool(store.known.get("at_rest_encryption_enabled")),
        )
        for snapshot in found
    ]
    return _found(backups)


def amis(sight: Sight, store: Store, region: str) -> Found:
    """The machine images that the pipeline has built; their tag says so.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
    """
    with sight.cloud.asking(f"list the machine images of {store.id}"):
        pages = sight.cloud.pages(
            "ec2",
            region,
            "describe_images",
            Owners=["self"],
            Filters=[{"Name": "tag:Name", "Values": [store.id]}],
        )
        found = [image for page in pages for image in page["Images"]]
    backups = [
        Backup(
            id=image["ImageId"],
            kind="golden image",
            region=region,
            status=status_of(image["State"]),
            taken=datetime.fromisoformat(image["CreationDate"]),
            size_bytes=sum(disk.get("VolumeSize", 0) for disk in _disks(image)) * _GIB,
            encrypted=all(disk.get("Encrypted", False) for disk in _disks(image)),
        )
        for image in found
    ]
    return _found(backups)


def _disks(image: dict[str, Any]) -> list[dict[str, Any]]:
    return [each["Ebs"] for each in image.get("BlockDeviceMappings", []) if "Ebs" in each]


def opensearch(sight: Sight, store: Store, region: str) -> Found:
    """Whether the hourly snapshots succeed: AWS's API lists none, only the domain itself does.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html
    """
    with sight.cloud.asking(f"read whether the snapshots of {store.id} succeed"):
        pages = sight.cloud.pages(
            "cloudwatch",
            region,
            "get_metric_data",
            MetricDataQueries=[
                {
                    "Id": "failed",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/ES",
                            "MetricName": "AutomatedSnapshotFailure",
                            "Dimensions": [
                                {"Name": "DomainName", "Value": store.id},
                                {"Name": "ClientId", "Value": sight.account_id},
                            ],
                        },
                        "Period": _HOUR,
                        "Stat": "Maximum",
                    },
                }
            ],
            StartTime=sight.at - _SNAPSHOTS_KEPT,
            EndTime=sight.at + timedelta(hours=1),
        )
        told = [
            pair
            for page in pages
            for result in page["MetricDataResults"]
            for pair in zip(result["Timestamps"], result["Values"], strict=True)
        ]
    if not told:
        raise OperationFailed(
            f"nobody tells whether the snapshots of {store.id} succeed",
            why="CloudWatch has no AutomatedSnapshotFailure of it in two weeks, and AWS's API does "
            "not list automated snapshots",
        )
    succeeded: list[datetime] = [moment for moment, failed in told if failed == 0]
    if not succeeded:
        return Found(missing="every automated snapshot of the last two weeks failed")
    # The metric of an hour is of the snapshot that was taken in it.
    return Found(reached=min(max(succeeded), sight.at))


def vault(sight: Sight, store: Store, region: str) -> Found:
    """Recovery points; as good as that of the resource whose newest is the oldest.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html
    """
    cloud = sight.cloud
    with cloud.asking(f"list the recovery points in {store.id} in {region}"):
        pages = cloud.pages(
            "backup", region, "list_recovery_points_by_backup_vault", BackupVaultName=store.id
        )
        found = [point for page in pages for point in page["RecoveryPoints"]]
    names = {each.arn: each.name for each in sight.stores if each.arn}
    backups = [
        Backup(
            id=point["RecoveryPointArn"],
            kind="recovery point",
            region=region,
            status=status_of(point["Status"]),
            taken=point["CreationDate"],
            size_bytes=point.get("BackupSizeInBytes"),
            encrypted=point.get("IsEncrypted"),
            of=names.get(point["ResourceArn"], point["ResourceArn"].rpartition(":")[2]),
        )
        for point in found
    ]
    wanted = [each.name for each in sight.stores if is_protected(each)]
    newest = {
        name: max(
            (b.taken for b in backups if b.of == name and b.status == "ready" and b.taken),
            default=None,
        )
        for name in wanted
    }
    lacking = [name for name, moment in newest.items() if moment is None]
    if lacking:
        return _found(backups, missing=f"no recovery point yet of {', '.join(lacking)}")
    reached = min((moment for moment in newest.values() if moment), default=None)
    return _found(backups, reached=reached)


def _found(
    backups: list[Backup],
    window: Window | None = None,
    *,
    reached: datetime | None = None,
    missing: str = "",
) -> Found:
    ordered = sorted(backups, key=lambda b: b.taken.timestamp() if b.taken else 0, reverse=True)
    return Found(backups=tuple(ordered), window=window, reached=reached, missing=missing)


def status_of(said: str) -> Status:
    """How far a backup is, from the word of its service."""
    if said in _READY:
        return "ready"
    return "making" if said in _MAKING else "failed"


def _nodes(snapshot: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from snapshot.get("NodeSnapshots", [])


def _bytes(text: str) -> int:
    """A size as ElastiCache tells it: ``12 MB``."""
    number, _, unit = text.partition(" ")
    return int(float(number) * _UNITS[unit]) if unit in _UNITS else 0
