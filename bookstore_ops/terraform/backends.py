"""Where state lies, and what holds it there: a file or an S3 object, and the locks beside it.

Reads only, but for locks that Terraform cannot break and the first digest of a bootstrap; every
other write goes through Terraform itself. The backend is the one that ``terraform init`` recorded
in ``.terraform/terraform.tfstate``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bookstore_ops.errors import (
    BsopsError,
    CredentialsError,
    EnvironmentMissing,
    OperationFailed,
)
from bookstore_ops.locks.lock import Lock, LockKind, parse_lock
from bookstore_ops.terraform.state import StateSummary, parse_state

# How AWS and botocore say that credentials are missing, expired or unknown.
_CREDENTIALS = (
    "ExpiredToken",
    "RequestExpired",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "UnrecognizedClientException",
    "Unable to locate credentials",
    "Token has expired",
)
LOG_IN = "log in again (aws sso login --profile PROFILE), then run the command again"


def is_about_credentials(error: Exception) -> bool:
    """Whether AWS refused the credentials themselves: missing, expired or unknown."""
    return any(code in str(error) for code in _CREDENTIALS)


class StateBackend(Protocol):
    """Where state lies."""

    def describe(self) -> str:
        """The place, in words of its kind."""

    def read(self) -> bytes | None:
        """The state file as it is; None where there is no state yet.

        Raises:
            OperationFailed: it cannot be read.
        """

    def read_state(self) -> StateSummary | None:
        """The state's identity; None where there is no state yet.

        Raises:
            OperationFailed: it cannot be read, or it is no state file.
        """

    def read_locks(self) -> list[Lock]:
        """What locks the state: nothing, one lock, or one in each place where two are kept.

        A lock that cannot be read is one all the same.

        Raises:
            BsopsError: it cannot be told whether there is one.
        """


@dataclass(frozen=True)
class LocalBackend:
    """State in a file beside the root module, before an environment is bootstrapped."""

    path: Path

    def describe(self) -> str:
        """The file."""
        return str(self.path)

    def read(self) -> bytes | None:
        """See :class:`StateBackend`.

        A first run that is killed leaves an empty file behind, which is no state yet; where
        Terraform has kept a backup there was one, and it is lost.
        """
        if not self.path.exists():
            return None
        content = self.path.read_bytes()
        if not content and not self.path.with_name(f"{self.path.name}.backup").exists():
            return None
        return content

    def read_state(self) -> StateSummary | None:
        """See :class:`StateBackend`."""
        content = self.read()
        return None if content is None else parse_state(content, self.describe())

    @property
    def lock_path(self) -> Path:
        """Where Terraform writes who holds the state."""
        return self.path.with_name(f".{self.path.name}.lock.info")

    def read_locks(self) -> list[Lock]:
        """See :class:`StateBackend`."""
        try:
            content = self.lock_path.read_bytes()
            modified = _rfc3339(self.lock_path.stat().st_mtime)
        except FileNotFoundError:
            return []
        return [parse_lock(content, LockKind.LOCAL, str(self.lock_path), modified=modified)]


@dataclass(frozen=True)
class S3Backend:
    """State in an S3 object, locked by a ``.tflock`` object or a DynamoDB item (or both).

    ``environ`` is the environment Terraform itself gets, so that the same credentials and the
    same endpoint are used. Source:
    https://developer.hashicorp.com/terraform/language/backend/s3
    """

    bucket: str
    key: str
    region: str
    lock_table: str | None
    environ: Mapping[str, str]
    encrypt: bool = False
    kms_key_id: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def describe(self) -> str:
        """The object's URL."""
        return f"s3://{self.bucket}/{self.key}"

    def read(self) -> bytes | None:
        """See :class:`StateBackend`."""
        found = self._object(self.key)
        return found and found[0]

    def read_current(self) -> tuple[bytes, str | None] | None:
        """The state object and its version, where the bucket keeps versions.

        Raises:
            OperationFailed: it cannot be read.
        """
        found = self._object(self.key)
        return found and (found[0], found[2])

    def read_state(self) -> StateSummary | None:
        """See :class:`StateBackend`."""
        content = self.read()
        return None if content is None else parse_state(content, self.describe())

    def read_locks(self) -> list[Lock]:
        """See :class:`StateBackend`.

        The lock object is asked for whether or not this root uses one: during a move from the
        table, others may.
        """
        locks: list[Lock] = []
        found = self._object(self.lock_key)
        if found is not None:
            content, modified, _ = found
            place = f"s3://{self.bucket}/{self.lock_key}"
            locks.append(parse_lock(content, LockKind.S3, place, modified=modified))
        if self.lock_table:
            locks += self._table_locks()
        return locks

    def delete_lock(self, lock: Lock) -> None:
        """Delete a lock that is no lock of Terraform's, which Terraform itself refuses to break.

        Raises:
            OperationFailed: it cannot be deleted.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if lock.kind is LockKind.S3:
                self.client("s3").delete_object(Bucket=self.bucket, Key=self.lock_key)
            else:
                self.client("dynamodb").delete_item(
                    TableName=self.lock_table, Key={"LockID": {"S": self.lock_item}}
                )
        except (ClientError, BotoCoreError) as error:
            raise self.unreadable(lock.place, error, doing="delete") from error

    @property
    def lock_key(self) -> str:
        """The key of the lock object."""
        return f"{self.key}.tflock"

    @property
    def lock_item(self) -> str:
        """The ``LockID`` of the lock's item; the digest's has ``-md5`` behind it."""
        return f"{self.bucket}/{self.key}"

    def read_digest(self) -> str | None:
        """The MD5 of the state object that the lock table keeps; None where it keeps none.

        Raises:
            OperationFailed: it cannot be read.
        """
        item = self._item(f"{self.lock_item}-md5")
        return None if item is None else str(item.get("Digest", {}).get("S", ""))

    def write_digest(self, digest: str, *, instead_of: str) -> None:
        """Replace the digest, unless it is another by now.

        Raises:
            OperationFailed: it is, or AWS does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client("dynamodb").update_item(
                TableName=self.lock_table,
                Key={"LockID": {"S": f"{self.lock_item}-md5"}},
                UpdateExpression="SET Digest = :new",
                ConditionExpression="Digest = :old",
                ExpressionAttributeValues={":new": {"S": digest}, ":old": {"S": instead_of}},
            )
        except (ClientError, BotoCoreError) as error:
            raise OperationFailed(
                f"cannot write the digest into the lock table {self.lock_table}",
                why=str(error),
                next_step="run the command again: it looks at the digest anew",
            ) from error

    def client(self, service: str) -> Any:
        """A client in the bucket's region that sees what Terraform sees; made once.

        The first call must come from the main thread: to make one, this process's environment
        is changed for a moment.
        """
        if service not in self._clients:
            from bookstore_ops.aws.session import client

            self._clients[service] = client(service, self.region, self.environ)
        return self._clients[service]

    def adopt(self, clients: Mapping[str, Any]) -> None:
        """Use clients made elsewhere, of the same region and with the same environment."""
        self._clients.update(clients)

    def _object(self, key: str) -> tuple[bytes, str, str | None] | None:
        """Content, time of the last change and version."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.client("s3").get_object(Bucket=self.bucket, Key=key)
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise self.unreadable(key, error) from error
        except BotoCoreError as error:
            raise self.unreadable(key, error) from error
        modified = _rfc3339(answer["LastModified"].timestamp())
        return content, modified, answer.get("VersionId")

    def _item(self, lock_id: str) -> dict[str, Any] | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.client("dynamodb").get_item(
                TableName=self.lock_table,
                Key={"LockID": {"S": lock_id}},
                ConsistentRead=True,
            )
        except (ClientError, BotoCoreError) as error:
            raise self.unreadable(f"lock table {self.lock_table}", error) from error
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _table_locks(self) -> list[Lock]:
        item = self._item(self.lock_item)
        if item is None:
            return []
        info = item.get("Info", {}).get("S", "")
        place = f"dynamodb:{self.lock_table}/{self.lock_item}"
        return [parse_lock(info.encode(), LockKind.DYNAMODB, place)]

    def unreadable(self, what: str, error: Exception, *, doing: str = "read") -> BsopsError:
        """The error for ``what`` of this backend that AWS would not give (or take)."""
        what = f"cannot {doing} {what} in s3://{self.bucket}"
        if is_about_credentials(error):
            return CredentialsError(what, why=str(error), next_step=LOG_IN)
        return OperationFailed(
            what,
            why=str(error),
            next_step="check the network and the credentials, then run the command again",
        )


def _rfc3339(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def same_backend(one: StateBackend, other: StateBackend) -> bool:
    """Whether both keep the same state, whoever asks."""
    match one, other:
        case LocalBackend(), LocalBackend():
            return one.path.resolve() == other.path.resolve()
        case S3Backend(), S3Backend():
            return (one.bucket, one.key) == (other.bucket, other.key)
        case _:
            return False


class _Backend(msgspec.Struct):
    type: str = "local"
    config: dict[str, Any] = {}


class _InitRecord(msgspec.Struct):
    backend: _Backend | None = None


def _recorded(root: Path) -> _Backend:
    try:
        content = (root / ".terraform" / "terraform.tfstate").read_bytes()
        return msgspec.json.decode(content, type=_InitRecord).backend or _Backend()
    except FileNotFoundError:
        return _Backend()
    except (OSError, msgspec.MsgspecError) as error:
        raise _damaged(root, str(error)) from error


def _damaged(root: Path, why: str) -> EnvironmentMissing:
    return EnvironmentMissing(
        f"the record of terraform init in {root / '.terraform'} is damaged",
        why=why,
        next_step=f"bsops init {root.name} --reconfigure",
    )


def open_backend(root: Path, environ: Mapping[str, str]) -> StateBackend:
    """The backend that the last ``terraform init`` of ``root`` configured.

    Raises:
        OperationFailed: it is of a kind bsops does not know.
        EnvironmentMissing: what init recorded cannot be read.
    """
    backend = _recorded(root)
    config = {key: value for key, value in backend.config.items() if value is not None}
    match backend.type:
        case "local":
            return LocalBackend(root / config.get("path", "terraform.tfstate"))
        case "s3" if {"bucket", "key"} <= config.keys():
            return S3Backend(
                bucket=config["bucket"],
                key=config["key"],
                region=config.get("region") or environ.get("AWS_REGION", "us-east-1"),
                lock_table=config.get("dynamodb_table"),
                environ=environ,
                encrypt=bool(config.get("encrypt")),
                kms_key_id=config.get("kms_key_id") or None,
            )
        case "s3":
            raise _damaged(root, "its s3 backend has no bucket or no key")
        case other:
            raise OperationFailed(
                f"the state of {root.name} lies in a {other} backend",
                why="bsops knows the local and the s3 backend",
                next_step=f"use terraform itself in {root}, or move the state to s3",
            )
