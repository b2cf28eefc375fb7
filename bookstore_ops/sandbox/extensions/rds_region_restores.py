"""Restoring from automated backups that were replicated from another region."""

from types import SimpleNamespace
from typing import Any

from moto.rds.models import RDSBackend

from bookstore_ops.sandbox.extensions import rds_backup_windows as windows
from bookstore_ops.sandbox.extensions import replaces

# Moto's own: it asks its backend for the source, and has it make the new one.
_copy = RDSBackend.restore_db_instance_to_point_in_time


@replaces(RDSBackend)
def restore_db_instance_to_point_in_time(
    self: Any, source_db_identifier: str | None, target_db_identifier: str, overrides: Any
) -> Any:
    """The source is in another region, or is no more; its backups are here.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html
    """
    arn = overrides.get("source_db_instance_automated_backups_arn")
    if arn is None:
        restore = windows.restore_db_instance_to_point_in_time
        return restore(self, source_db_identifier or "", target_db_identifier, overrides)
    (backup,) = self.describe_db_instance_automated_backups(db_instance_automated_backups_arn=arn)
    here = SimpleNamespace(
        describe_db_instances=lambda **_: [backup.source],
        create_db_instance=self.create_db_instance,
    )
    made = _copy(here, backup.db_instance_identifier, target_db_identifier, overrides)
    if not overrides.get("availability_zone"):
        made.availability_zone = f"{self.region_name}a"
    return made
