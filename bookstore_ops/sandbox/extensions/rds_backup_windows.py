"""Which moments an instance can be restored to, and refusing those that it cannot.

Moto tells no window of automated backups, restores to whatever moment is asked for, and takes what
it makes so for a replica of its source.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
"""

from datetime import UTC, datetime
from typing import Any

from moto.core.utils import utcnow
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstanceAutomatedBackup, RDSBackend

from bookstore_ops.sandbox.extensions import adds, replaces
from bookstore_ops.sandbox.extensions.rds_backup_replication import ReplicatedBackup

_restore = RDSBackend.restore_db_instance_to_point_in_time


def _own_window(self: Any) -> dict[str, datetime]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreWindow.html"""
    begun = min(snapshot.created for snapshot in self.automated_snapshots)
    return {"EarliestTime": begun, "LatestTime": utcnow()}


def _replicated_window(self: Any) -> dict[str, datetime]:
    return {"EarliestTime": self.begun, "LatestTime": utcnow()}


adds(DBInstanceAutomatedBackup, "restore_window")(property(_own_window))
adds(ReplicatedBackup, "restore_window")(property(_replicated_window))


@replaces(RDSBackend)
def restore_db_instance_to_point_in_time(
    self: Any, source_db_identifier: str, target_db_identifier: str, overrides: dict[str, Any]
) -> Any:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html"""
    wanted = overrides.get("restore_time")
    if wanted is not None:
        source = self.describe_db_instances(db_instance_identifier=source_db_identifier)[0]
        if wanted.tzinfo is None:
            wanted = wanted.replace(tzinfo=UTC)
        # A window ends with whole seconds, as the moments do that are asked for.
        begun = source.created.replace(tzinfo=UTC, microsecond=0)
        if not begun <= wanted <= utcnow().replace(tzinfo=UTC):
            raise RDSClientError(
                "InvalidRestoreFault",
                f"The specified time {wanted:%Y-%m-%dT%H:%M:%SZ} is not in the restore window.",
            )
    if target_db_identifier in self.databases:
        raise RDSClientError("DBInstanceAlreadyExists", "DB instance already exists")
    own = {n: v for n, v in overrides.items() if n != "source_db_instance_identifier"}
    return _restore(self, source_db_identifier, target_db_identifier, own)
