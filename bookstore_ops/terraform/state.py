"""What a state backend holds: the state's identity and its lock.

Reads only; every write goes through Terraform itself. The backend is the one that
``terraform init`` recorded in ``.terraform/terraform.tfstate``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bookstore_ops.errors import EnvironmentMissing, OperationFailed


class LockInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """A Terraform lock as it is written beside the state; ``created`` is RFC 3339 in UTC.

    Source: https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/locker.go
    """

    id: str = msgspec.field(name="ID")
    operation: str = ""
    who: str = ""
    version: str = ""
    created: str = ""
    path: str = ""
    info: str = ""


class StateSummary(msgspec.Struct, frozen=True):
    """A state's identity, and the managed instances in it by address.

    ``serial`` grows with each write of the same ``lineage``; a ``tainted`` instance is replaced by
    the next apply.
    """

    lineage: str = ""
    serial: int = 0
    addresses: frozenset[str] = frozenset()
    tainted: frozenset[str] = frozenset()

    @property
    def resources(self) -> int:
        """How many managed instances there are."""
        return len(self.addresses)


class _Instance(msgspec.Struct):
    index_key: str | int | None = None
    status: str = ""


class _Resource(msgspec.Struct):
    mode: str
    type: str
    name: str
    module: str = ""
    instances: list[_Instance] = []

    def address(self, instance: _Instance) -> str:
        key = (
            ""
            if instance.index_key is None
            else f"[{json.dumps(instance.index_key, ensure_ascii=False)}]"
        )
        module = f"{self.module}." if self.module else ""
        return f"{module}{self.type}.{self.name}{key}"


class _StateFile(msgspec.Struct):
    version: int
    lineage: str = ""
    serial: int = 0
    resources: list[_Resource] = []


class StateBackend(Protocol):
    """Where state lies."""

    def describe(self) -> str:
        """The place, in words of its kind."""

    def read_state(self) -> StateSummary | None:
        """The state's identity; None where there is no state yet.

        Raises:
            OperationFailed: it cannot be read, or it is no state file.
        """

    def read_lock(self) -> LockInfo | None:
        """The lock, if the state is locked.

        Raises:
            OperationFailed: it cannot be read.
        """


def parse_state(content: bytes, place: str) -> StateSummary:
    """Check that ``content`` is a whole state file and take its identity.

    Raises:
        OperationFailed: it is not.
    """
    try:
        state = msgspec.json.decode(content, type=_StateFile)
    except msgspec.MsgspecError as error:
        raise OperationFailed(
            f"the state in {place} is not a valid Terraform state ({len(content)} bytes)",
            why=str(error),
            next_step="restore an earlier version of it before anything else is applied",
        ) from error
    managed = [
        (resource.address(instance), instance.status)
        for resource in state.resources
        if resource.mode == "managed"
        for instance in resource.instances
    ]
    return StateSummary(
        state.lineage,
        state.serial,
        frozenset(address for address, _ in managed),
        frozenset(address for address, status in managed if status == "tainted"),
    )


def _parse_lock(content: bytes) -> LockInfo:
    try:
        return msgspec.json.decode(content, type=LockInfo)
    except msgspec.MsgspecError:
        return LockInfo(id="", info=f"unreadable lock of {len(content)} bytes")


@dataclass(frozen=True)
class LocalBackend:
    """State in a file beside the root module, before an environment is bootstrapped."""

    path: Path

    def describe(self) -> str:
        """The file."""
        return str(self.path)

    def read_state(self) -> StateSummary | None:
        """See :class:`StateBackend`.

        A first run that is killed leaves an empty file behind, which is no state yet; where
        Terraform has kept a backup there was one, and it is lost.
        """
        if not self.path.exists():
            return None
        content = self.path.read_bytes()
        if not content and not self.path.with_name(f"{self.path.name}.backup").exists():
            return None
        return parse_state(content, self.describe())

    def read_lock(self) -> LockInfo | None:
        """See :class:`StateBackend`."""
        lock = self.path.with_name(f".{self.path.name}.lock.info")
        return _parse_lock(lock.read_bytes()) if lock.exists() else None


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

    def read_state(self) -> StateSummary | None:
        """See :class:`StateBackend`."""
        content = self._object(self.key)
        return None if content is None else parse_state(content, self.describe())

    def read_lock(self) -> LockInfo | None:
        """See :class:`StateBackend`."""
        content = self._object(f"{self.key}.tflock")
        if content is not None:
            return _parse_lock(content)
        return self._table_lock() if self.lock_table else None

    def _client(self, service: str) -> Any:
        from bookstore_ops.aws.session import client

        return client(service, self.region, self.environ)

    def _object(self, key: str) -> bytes | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            content: bytes = (
                self._client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise self._unreadable(key, error) from error
        except BotoCoreError as error:
            raise self._unreadable(key, error) from error
        return content

    def _table_lock(self) -> LockInfo | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            item = self._client("dynamodb").get_item(
                TableName=self.lock_table,
                Key={"LockID": {"S": f"{self.bucket}/{self.key}"}},
                ConsistentRead=True,
            )
        except (ClientError, BotoCoreError) as error:
            raise self._unreadable(f"lock table {self.lock_table}", error) from error
        info = item.get("Item", {}).get("Info", {}).get("S")
        return _parse_lock(info.encode()) if info else None

    def _unreadable(self, what: str, error: Exception) -> OperationFailed:
        return OperationFailed(
            f"cannot read {what} in s3://{self.bucket}",
            why=str(error),
            next_step="check the network and the credentials, then run the command again",
        )


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
