"""Where state lies, and what holds it there: a file or an S3 object, and the locks beside it.

Reads only; every write goes through Terraform itself, but for the first one of a bootstrap. The
backend is the one that ``terraform init`` recorded in ``.terraform/terraform.tfstate``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bookstore_ops.errors import EnvironmentMissing, OperationFailed
from bookstore_ops.locks.lock import Lock, LockKind, parse_lock
from bookstore_ops.terraform.state import StateSummary, parse_state


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
            OperationFailed: it cannot be told whether there is one.
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

    def describe(self) -> str:
        """The object's URL."""
        return f"s3://{self.bucket}/{self.key}"

    def read(self) -> bytes | None:
        """See :class:`StateBackend`."""
        found = self._object(self.key)
        return found and found[0]

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
            content, modified = found
            place = f"s3://{self.bucket}/{self.lock_key}"
            locks.append(parse_lock(content, LockKind.S3, place, modified=modified))
        if self.lock_table:
            locks += self._table_locks()
        return locks

    @property
    def lock_key(self) -> str:
        """The key of the lock object."""
        return f"{self.key}.tflock"

    @property
    def lock_item(self) -> str:
        """The ``LockID`` of the lock's item; the digest's has ``-md5`` behind it."""
        return f"{self.bucket}/{self.key}"

    def client(self, service: str) -> Any:
        """A client in the bucket's region that sees what Terraform sees."""
        from bookstore_ops.aws.session import client

        return client(service, self.region, self.environ)

    def _object(self, key: str) -> tuple[bytes, str] | None:
        """Content and time of the last change."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.client("s3").get_object(Bucket=self.bucket, Key=key)
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise self._unreadable(key, error) from error
        except BotoCoreError as error:
            raise self._unreadable(key, error) from error
        return content, _rfc3339(answer["LastModified"].timestamp())

    def _table_locks(self) -> list[Lock]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            item = self.client("dynamodb").get_item(
                TableName=self.lock_table,
                Key={"LockID": {"S": self.lock_item}},
                ConsistentRead=True,
            )
        except (ClientError, BotoCoreError) as error:
            raise self._unreadable(f"lock table {self.lock_table}", error) from error
        if "Item" not in item:
            return []
        info = item["Item"].get("Info", {}).get("S", "")
        place = f"dynamodb:{self.lock_table}/{self.lock_item}"
        return [parse_lock(info.encode(), LockKind.DYNAMODB, place)]

    def _unreadable(self, what: str, error: Exception) -> OperationFailed:
        return OperationFailed(
            f"cannot read {what} in s3://{self.bucket}",
            why=str(error),
            next_step="check the network and the credentials, then run the command again",
        )


def _rfc3339(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
            )
        case "s3":
            raise _damaged(root, "its s3 backend has no bucket or no key")
        case other:
            raise OperationFailed(
                f"the state of {root.name} lies in a {other} backend",
                why="bsops knows the local and the s3 backend",
                next_step=f"use terraform itself in {root}, or move the state to s3",
            )
