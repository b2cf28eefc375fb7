"""One lock on a state, wherever Terraform keeps it."""

from datetime import UTC, datetime
from enum import StrEnum

import msgspec


class LockKind(StrEnum):
    """Where a lock is kept: a file beside a local state, an S3 object, an item of a table."""

    LOCAL = "local"
    S3 = "s3"
    DYNAMODB = "dynamodb"


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A lock as Terraform wrote it; ``created`` is RFC 3339 in UTC, ``who`` is user@host.

    ``place`` says where it is kept, in words for people. ``problem``: why it cannot be read;
    then nothing but ``kind`` and ``place`` is known of it.

    Source: https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/locker.go
    """

    kind: LockKind
    place: str
    id: str = ""
    operation: str = ""
    who: str = ""
    version: str = ""
    created: str = ""
    path: str = ""
    info: str = ""
    problem: str = ""

    @property
    def created_at(self) -> datetime | None:
        """When it was taken; None where it does not say."""
        try:
            # Go writes nanoseconds, Python reads microseconds at most (and older ones exactly 6).
            whole, _, fraction = self.created.removesuffix("Z").partition(".")
            moment = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}")
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC)

    @property
    def age_seconds(self) -> float | None:
        """Seconds since it was taken; None where it does not say."""
        at = self.created_at
        return None if at is None else max(0.0, (datetime.now(UTC) - at).total_seconds())

    @property
    def host(self) -> str:
        """The host in ``who``."""
        return self.who.rpartition("@")[2]

    @property
    def command(self) -> str:
        """The operation as one types it: ``OperationTypeApply`` is ``apply``."""
        return self.operation.removeprefix("OperationType").lower()


class _Written(msgspec.Struct, rename="pascal"):
    id: str = msgspec.field(name="ID")
    operation: str = ""
    who: str = ""
    version: str = ""
    created: str = ""
    path: str = ""
    info: str = ""


def parse_lock(content: bytes, kind: LockKind, place: str, *, modified: str = "") -> Lock:
    """The lock in ``content``; what cannot be read is a lock all the same, with ``problem`` set.

    ``modified`` is when it was written, for one that does not say itself (RFC 3339, UTC).
    """
    try:
        written = msgspec.json.decode(content, type=_Written)
    except msgspec.MsgspecError as error:
        problem = f"{len(content)} bytes that are no lock: {error}" if content else "it is empty"
        return Lock(kind=kind, place=place, created=modified, problem=problem)
    return Lock(kind=kind, place=place, **msgspec.structs.asdict(written))
