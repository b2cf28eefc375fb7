"""Recovery points of AWS Backup: taken by jobs, and restored by jobs, of databases and tables."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.dynamodb import DynamoDb
from bookstore_ops.backups.hands import TASK_TAG, Hands, Order, Source, tag_list
from bookstore_ops.backups.model import Kind, Status, Store
from bookstore_ops.backups.places import is_protected
from bookstore_ops.backups.rds import Rds
from bookstore_ops.errors import Refused

# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupJob.html
_DONE, _FAILED = {"COMPLETED"}, {"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}
_BETWEEN = ","


class VaultHands:
    """See :class:`Hands`. One recovery point is made for each store that is protected.

    ``of`` is the store that a recovery point is of; it is known once one is chosen.
    """

    longest_name = 63
    by_job = True

    def __init__(
        self, cloud: Cloud, store: Store, stores: Sequence[Store], of: Store | None = None
    ) -> None:
        self._cloud = cloud
        self._store = store
        self._stores = stores
        self._of = of
        self._backup = cloud.client("backup", store.region)

    def narrowed(self, source: Source) -> Hands:
        """See :class:`Hands`."""
        for each in self._stores:
            if each.name == source.of and each.kind in {Kind.RDS, Kind.DYNAMODB}:
                return VaultHands(self._cloud, self._store, self._stores, each)
        raise Refused(
            f"bsops cannot restore {source.backup}",
            why=f"it is of {source.of or 'something'}, which is no database and no table of the "
            "state",
            next_step="restore it in AWS Backup's console",
        )

    def id_of(self, source: Source) -> str:
        """See :class:`Hands`."""
        found = next((each.id for each in self._stores if each.name == source.of), "")
        return found or self._store.id

    def create(self, _name: str, tags: Mapping[str, str]) -> str:
        """See :class:`Hands`; the id is that of the jobs: their recovery points come later."""
        protected = [each for each in self._stores if is_protected(each)]
        role = self._store.known.get("backup_role_arn")
        if not role or not protected:
            raise Refused(
                f"AWS Backup has nothing to do in {self._store.id}",
                why='no store has the tag Backup = "true"' if role else "its plan selects nothing",
                next_step="bsops plan ENV   (modules/backup makes its plan and its selections)",
            )
        jobs = []
        days = self._store.known.get("keep_days")
        kept = {"Lifecycle": {"DeleteAfterDays": days}} if days else {}
        for each in protected:
            with self._asking(f"have a recovery point taken of {each.name}"):
                job = self._backup.start_backup_job(
                    BackupVaultName=self._store.id,
                    ResourceArn=each.arn,
                    IamRoleArn=role,
                    RecoveryPointTags={tag["Key"]: tag["Value"] for tag in tag_list(tags)},
                    **kept,
                )
            jobs.append(job["BackupJobId"])
        return _BETWEEN.join(jobs)

    def backup_status(self, backup: str) -> Status:
        """See :class:`Hands`: as far as the last of the jobs."""
        with self._asking("look at the backup jobs"):
            found = {
                self._backup.describe_backup_job(BackupJobId=job)["State"]
                for job in backup.split(_BETWEEN)
            }
        if found & _FAILED:
            return "failed"
        return "ready" if found <= _DONE else "making"

    def begin(self, order: Order) -> str:
        """See :class:`Hands`; asked twice for one task, AWS Backup knows the job again."""
        arn = order.source.backup
        with self._asking(f"restore {order.target} from {order.source.words}"):
            answer = self._backup.get_recovery_point_restore_metadata(
                BackupVaultName=self._store.id, RecoveryPointArn=arn
            )
            job = self._backup.start_restore_job(
                RecoveryPointArn=arn,
                Metadata=self._metadata(dict(answer["RestoreMetadata"]), order),
                IamRoleArn=self._store.known["restore_role_arn"],
                ResourceType="RDS" if self._is_database else "DynamoDB",
                IdempotencyToken=order.tags[TASK_TAG],
            )
        return str(job["RestoreJobId"])

    def status(self, target: str, job: str) -> Status | None:
        """See :class:`Hands`."""
        made = self._inner.status(target, "")
        if not job:
            return made
        with self._asking(f"look at the job that makes {target}"):
            said = self._backup.describe_restore_job(RestoreJobId=job)["Status"]
        if said in _FAILED:
            return "failed"
        return made if said in _DONE else "making"

    def is_ours(self, target: str, _task: str, job: str) -> bool:
        """See :class:`Hands`: the job says what it has made."""
        if not job:
            return False
        with self._asking(f"look at the job that makes {target}"):
            made = self._backup.describe_restore_job(RestoreJobId=job).get("CreatedResourceArn", "")
        return bool(made.endswith((f":{target}", f"/{target}")))

    def finish(self, target: str) -> None:
        """See :class:`Hands`."""
        self._inner.finish(target)

    def check(self, target: str) -> Sequence[str]:
        """See :class:`Hands`."""
        return self._inner.check(target)

    def remove(self, target: str) -> None:
        """See :class:`Hands`."""
        self._inner.remove(target)

    @property
    def _is_database(self) -> bool:
        return self._of is not None and self._of.kind is Kind.RDS

    @property
    def _inner(self) -> Rds | DynamoDb:
        of = self._of or self._store
        return Rds(self._cloud, of) if self._is_database else DynamoDb(self._cloud, of)

    def _metadata(self, metadata: dict[str, str], order: Order) -> dict[str, str]:
        """What a restore is told: that of the recovery point, under another name.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-rds.html
        https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
        """
        if self._is_database:
            alone = {"MultiAZ": "false", "DeletionProtection": "false"} if order.spare else {}
            return metadata | {"DBInstanceIdentifier": order.target} | alone
        key = self._key()
        given = {"encryptionType": "KMS", "kmsMasterKeyArn": key} if key else {}
        return metadata | {"targetTableName": order.target} | given

    def _key(self) -> str:
        held: Any = self._of.known.get("server_side_encryption") if self._of else None
        return str(held[0].get("kms_key_arn") or "") if held else ""

    def _asking(self, doing: str) -> AbstractContextManager[None]:
        return self._cloud.asking(doing)
