"""Jobs of AWS Backup: recovery points of databases and tables, their restores and their copies.

Every job is done when it begins. Schedules do not run: a plan takes nothing by itself.
"""

import time
import uuid
from typing import Any

from moto.backup.models import Vault, backup_backends
from moto.backup.responses import BackupResponse
from moto.core.exceptions import ServiceException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup, RestoredTable
from moto.rds.models import rds_backends

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("backup", BackupResponse)
_points = _service.collection("RecoveryPoint")
_jobs = _service.collection("Job", counted=False)

_TYPES = {"rds": "RDS", "dynamodb": "DynamoDB"}
# What a restore takes of a database's metadata, by its name there and in RDS's own API.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-rds.html
_OF_DATABASES = {
    "DBInstanceClass": "db_instance_class",
    "MultiAZ": "multi_az",
    "Port": "port",
    "PubliclyAccessible": "publicly_accessible",
}


def _vault(call: Call, name: str, region: str | None = None) -> Vault:
    return backup_backends[call.account][region or call.region].describe_backup_vault(name)


def _in(call: Call, region: str) -> Call:
    return Call(call.service, call.account, region, call.given)


def _once(call: Call, made: dict[str, Any]) -> dict[str, Any]:
    """Keep a job, unless the same was asked for before."""
    token = call.given.get("IdempotencyToken")
    for job in _jobs.of(call).values():
        if token is not None and job["token"] == token:
            found: dict[str, Any] = job
            return found
    job = {"id": str(uuid.uuid4()), "token": token, "at": time.time(), **made}
    kept: dict[str, Any] = _jobs.add(call, job["id"], job)
    return kept


def _point(call: Call, vault: Vault, arn: str, source: str, held: Any) -> dict[str, Any]:
    now = time.time()
    point = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": source,
        "ResourceType": _TYPES[source.split(":")[2]],
        "IamRoleArn": call.given["IamRoleArn"],
        "Status": "COMPLETED",
        "CreationDate": now,
        "CompletionDate": now,
        "BackupSizeInBytes": 0,
        "EncryptionKeyArn": vault.encryption_key_arn,
        "IsEncrypted": True,
        "held": held,
    }
    kept: dict[str, Any] = _points.add(call, arn, point)
    return kept


def _shown(point: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in point.items() if name != "held"}


@_service.adds("StartBackupJob")
def start_backup_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html"""
    vault, source = _vault(call, call.given["BackupVaultName"]), call.given["ResourceArn"]
    kind, name = source.split(":")[2], source.rpartition(":")[2].rpartition("/")[2]
    job = str(uuid.uuid4())
    if kind == "rds":
        backend = rds_backends[call.account][call.region]
        held = backend.create_db_snapshot(name, f"awsbackup:job-{job}", snapshot_type="awsbackup")
        arn = held.db_snapshot_arn
    elif kind == "dynamodb":
        table = dynamodb_backends[call.account][call.region].get_table(name)
        held = Backup(call.account, call.region, name, table, type_="AWS_BACKUP")
        arn = call.arn(f"recovery-point:{job}")
    else:
        raise ApiError("InvalidParameterValueException", f"{kind} is not backed up here.")
    point = _point(call, vault, arn, source, held)
    kept = _once(call, {"point": point["RecoveryPointArn"], "vault": vault.backup_vault_name})
    return {"BackupJobId": kept["id"], "RecoveryPointArn": arn, "CreationDate": kept["at"]}


@_service.adds("DescribeBackupJob")
def describe_backup_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupJob.html"""
    job = _jobs.find(call, call.given["BackupJobId"])
    return {
        "BackupJobId": job["id"],
        "BackupVaultName": job["vault"],
        "RecoveryPointArn": job["point"],
        "State": "COMPLETED",
        "PercentDone": "100.0",
        "CreationDate": job["at"],
        "CompletionDate": job["at"],
    }


@_service.adds("ListRecoveryPointsByBackupVault")
def list_recovery_points_by_backup_vault(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByBackupVault.html"""
    vault = _vault(call, call.given["BackupVaultName"]).backup_vault_name
    held = _points.of(call).values()
    return {"RecoveryPoints": [_shown(p) for p in held if p["BackupVaultName"] == vault]}


@_service.adds("DeleteRecoveryPoint")
def delete_recovery_point(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html"""
    point = _points.remove(call, call.given["RecoveryPointArn"])
    if point["ResourceType"] == "RDS":
        snapshots = rds_backends[call.account][call.region].database_snapshots
        snapshots.pop(point["held"].db_snapshot_identifier, None)
    return {}


@_service.adds("GetRecoveryPointRestoreMetadata")
def get_recovery_point_restore_metadata(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetRecoveryPointRestoreMetadata.html"""
    point = _points.find(call, call.given["RecoveryPointArn"])
    held = point["held"]
    if point["ResourceType"] == "RDS":
        metadata = {
            "DBInstanceIdentifier": held.db_instance_identifier,
            "DBInstanceClass": held.database.db_instance_class,
            "MultiAZ": str(bool(held.database.multi_az)).lower(),
            "PubliclyAccessible": "false",
            "Engine": held.engine,
        }
    else:
        metadata = {"originalTableName": held.table.name, "encryptionType": "Default"}
    return {"RecoveryPointArn": point["RecoveryPointArn"], "RestoreMetadata": metadata}


@_service.adds("StartRestoreJob")
def start_restore_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html"""
    point = _points.find(call, call.given["RecoveryPointArn"])
    known = [job for job in _jobs.of(call).values() if job["token"] is not None]
    again = [job for job in known if job["token"] == call.given.get("IdempotencyToken")]
    if again:
        return {"RestoreJobId": again[0]["id"]}
    restore = _restore_database if point["ResourceType"] == "RDS" else _restore_table
    try:
        made = {"created": restore(call, point["held"], call.given["Metadata"])}
    except ServiceException as error:
        made = {"failed": str(error)}
    return {"RestoreJobId": _once(call, made)["id"]}


@_service.adds("DescribeRestoreJob")
def describe_restore_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRestoreJob.html"""
    job = _jobs.find(call, call.given["RestoreJobId"])
    answer = {"RestoreJobId": job["id"], "CreationDate": job["at"], "CompletionDate": job["at"]}
    if "failed" in job:
        return {**answer, "Status": "FAILED", "StatusMessage": job["failed"]}
    return {**answer, "Status": "COMPLETED", "CreatedResourceArn": job["created"]}


@_service.adds("StartCopyJob")
def start_copy_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html"""
    point = _points.find(call, call.given["RecoveryPointArn"])
    _, _, _, region, _, _, name = call.given["DestinationBackupVaultArn"].split(":", 6)
    vault, there = _vault(call, name, region), _in(call, region)
    held = point["held"]
    if point["ResourceType"] == "RDS":
        copied = rds_backends[call.account][region].copy_db_snapshot(
            held.db_snapshot_arn, held.db_snapshot_identifier
        )
        copied.snapshot_type = "awsbackup"
        made = _point(there, vault, copied.db_snapshot_arn, point["ResourceArn"], copied)
    else:
        arn = there.arn(f"recovery-point:{uuid.uuid4()}")
        made = _point(there, vault, arn, point["ResourceArn"], held)
    job = _once(call, {"copy": made["RecoveryPointArn"]})
    return {"CopyJobId": job["id"], "CreationDate": job["at"]}


@_service.adds("DescribeCopyJob")
def describe_copy_job(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeCopyJob.html"""
    job = _jobs.find(call, call.given["CopyJobId"])
    return {
        "CopyJob": {
            "CopyJobId": job["id"],
            "DestinationRecoveryPointArn": job["copy"],
            "State": "COMPLETED",
        }
    }


def _restore_database(call: Call, snapshot: Any, metadata: dict[str, str]) -> str:
    overrides: dict[str, Any] = {
        ours: {"true": True, "false": False}.get(metadata[name], metadata[name])
        for name, ours in _OF_DATABASES.items()
        if name in metadata
    }
    overrides["db_instance_identifier"] = metadata["DBInstanceIdentifier"]
    # Moto restores from snapshots of the kinds only that it takes itself.
    kind, snapshot.snapshot_type = snapshot.snapshot_type, "manual"
    try:
        made = rds_backends[call.account][call.region].restore_db_instance_from_db_snapshot(
            snapshot.db_snapshot_identifier, overrides
        )
    finally:
        snapshot.snapshot_type = kind
    return str(made.db_instance_arn)


def _restore_table(call: Call, backup: Any, metadata: dict[str, str]) -> str:
    tables, name = dynamodb_backends[call.account][call.region].tables, metadata["targetTableName"]
    if name in tables:
        raise ApiError("AlreadyExistsException", f"Table already exists: {name}")
    made = RestoredTable(name, account_id=call.account, region=call.region, backup=backup)
    made.billing_mode = backup.table.billing_mode
    made.sse_specification = backup.table.sse_specification
    if metadata.get("encryptionType") == "KMS":
        key = metadata["kmsMasterKeyArn"]
        made.sse_specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    tables[name] = made
    return str(made.table_arn)
