"""Automated backups replicated to another region."""

import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds.exceptions import DBInstanceNotFoundError, RDSClientError
from moto.rds.models import DBInstance, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from bookstore_ops.sandbox.extensions import adds, replaces

_DEFAULT_RETENTION_DAYS = 7

_describe = RDSBackend.describe_db_instance_automated_backups


class ReplicatedBackup:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceAutomatedBackup.html"""

    def __init__(self, backend: Any, source: Any, kms_key_id: str | None, days: int) -> None:
        self.source = source
        self.kms_key_id = kms_key_id
        self.backup_retention_period = days
        self.region = source.region
        self.db_instance_arn = source.db_instance_arn
        self.db_instance_identifier = source.db_instance_identifier
        self.dbi_resource_id = source.dbi_resource_id
        self.engine = source.engine
        self.engine_version = source.engine_version
        self.encrypted = source.storage_encrypted
        self.status = "replicating"
        self.begun = utcnow()
        where = f"{backend.partition}:rds:{backend.region_name}:{backend.account_id}"
        self.db_instance_automated_backups_arn = (
            f"arn:{where}:auto-backup:ab-{secrets.token_hex(20)}"
        )


def _replicated(backend: Any) -> dict[str, ReplicatedBackup]:
    """The backups replicated into a backend's region, by the source's ARN."""
    held: dict[str, ReplicatedBackup] = backend.__dict__.setdefault("replicated_backups", {})
    return held


def _source(account_id: str, arn: str) -> Any:
    region, name = arn.split(":")[3], arn.rpartition(":")[2]
    source = rds_backends[account_id][region].databases.get(name)
    if source is None:
        raise DBInstanceNotFoundError(name)
    return source


@adds(RDSResponse)
def start_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html"""
    arn = self.params["SourceDBInstanceArn"]
    source = _source(self.current_account, arn)
    if source.storage_encrypted and not self.params.get("KmsKeyId"):
        raise RDSClientError(
            "InvalidParameterCombination",
            "KmsKeyId is required to replicate backups of an encrypted DB instance.",
        )
    days = self.params.get("BackupRetentionPeriod") or _DEFAULT_RETENTION_DAYS
    backup = ReplicatedBackup(self.backend, source, self.params.get("KmsKeyId"), days)
    _replicated(self.backend)[arn] = backup
    return ActionResult({"DBInstanceAutomatedBackup": backup})


@adds(RDSResponse)
def stop_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBInstanceAutomatedBackupsReplication.html"""
    backup = _replicated(self.backend).pop(self.params["SourceDBInstanceArn"], None)
    if backup is None:
        raise DBInstanceNotFoundError(self.params["SourceDBInstanceArn"])
    return ActionResult({"DBInstanceAutomatedBackup": backup})


@replaces(RDSBackend)
def describe_db_instance_automated_backups(
    self: Any, db_instance_identifier: str | None = None, **given: Any
) -> list[Any]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstanceAutomatedBackups.html"""
    replicated = list(_replicated(self).values())
    arn = given.get("db_instance_automated_backups_arn")
    if arn is not None:
        found = [b for b in replicated if b.db_instance_automated_backups_arn == arn]
        if not found:
            raise RDSClientError(
                "DBInstanceAutomatedBackupNotFound", f"Automated backup {arn} not found."
            )
        return found
    if db_instance_identifier is not None:
        replicated = [b for b in replicated if b.db_instance_identifier == db_instance_identifier]
    return [*_describe(self, db_instance_identifier=db_instance_identifier), *replicated]


def db_instance_automated_backups_replications(self: Any) -> list[dict[str, str]]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceAutomatedBackupsReplication.html"""
    return [
        {"DBInstanceAutomatedBackupsArn": backup.db_instance_automated_backups_arn}
        for backend in list(rds_backends[self.account_id].values())
        for arn, backup in _replicated(backend).items()
        if arn == self.db_instance_arn
    ]


adds(DBInstance, "db_instance_automated_backups_replications")(
    property(db_instance_automated_backups_replications)
)
