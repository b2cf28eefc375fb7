"""A ledger beside the environment's state that several processes write.

Every write is on condition of what was read (:mod:`states.objects`): who lost what they drive
learns of it with the next write.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed
from bookstore_ops.locks.signs import BEAT_SECONDS
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Holder, Kept, now, stamp
from bookstore_ops.states.objects import SharedObject

# Others may write of other things meanwhile; each of them writes a few times a minute.
_ATTEMPTS = 20
# How often they may write this one between a look and a write before that is odd.
_SEIZURES = 5

LedgerT = TypeVar("LedgerT", bound=msgspec.Struct)
KeptT = TypeVar("KeptT", bound=Kept)


class TakenOver(Exception):
    """Somebody else wrote it since; ``current`` is theirs, None if it is gone."""

    current: Any  # a release, or a rollout

    def __init__(self, current: Kept | None) -> None:
        super().__init__("somebody else drives this now")
        self.current = current


class LedgerStore(ABC, Generic[LedgerT, KeptT]):
    """Reads and writes one ledger; also the keeper of what is driven.

    A ledger is of ``kind``, holds ``what`` and lies at the state's key with ``suffix``.
    """

    what: ClassVar[str]
    suffix: ClassVar[str]
    kind: type[LedgerT]

    def __init__(self, s3: Any, bucket: str, state_key: str, again: str) -> None:
        self._object = SharedObject(s3, bucket, f"{state_key}.{self.suffix}")
        self._again = again
        self._ledger = self.kind()

    @abstractmethod
    def current(self, ledger: LedgerT, kept: KeptT) -> KeptT | None:
        """What the ledger has in the place of this one."""

    @abstractmethod
    def including(self, ledger: LedgerT, kept: KeptT, at: datetime) -> LedgerT:
        """The ledger with this one in its place."""

    @property
    def place(self) -> str:
        """The ledger's URL."""
        return self._object.place

    def read(self) -> LedgerT:
        """The ledger as it is now; an empty one at first.

        Raises:
            OperationFailed: it cannot be read, or a newer bsops wrote it otherwise.
        """
        with asking(f"read the {self.what} in {self.place}", self._again):
            content = self._object.read()
        try:
            self._ledger = (
                self.kind() if content is None else msgspec.json.decode(content, type=self.kind)
            )
        except msgspec.MsgspecError as error:
            raise OperationFailed(
                f"the {self.what} in {self.place} cannot be read",
                why=str(error),
                next_step="restore an earlier version of that object, which the bucket keeps; or "
                "install the newest version of bsops, if it was one that wrote it",
            ) from error
        return self._ledger

    def forget(self) -> None:
        """Delete the ledger; the bucket keeps its versions.

        Raises:
            OperationFailed: S3 does not do it.
        """
        with asking(f"delete the {self.what} in {self.place}", self._again):
            self._object.delete()
        self._ledger = self.kind()

    def begin(self, kept: KeptT, check: Callable[[LedgerT], None] = lambda _: None) -> KeptT:
        """Write a new one, unless one that is not over is in its place, or ``check`` raises.

        Raises:
            TakenOver: one is.
        """

        def free(current: KeptT | None) -> bool:
            if current is not None and not current.is_over:
                return False
            check(self._ledger)
            return True

        return self._write(kept, free)

    def save(self, kept: KeptT) -> KeptT:
        """Write it, and give it back with its new version.

        Raises:
            TakenOver: somebody else wrote it since.
        """

        def mine(current: KeptT | None) -> bool:
            return current is not None and _key_of(current) == _key_of(kept)

        return self._write(replace(kept, holder=_seen(kept.holder)), mine)

    def check(self, kept: KeptT) -> KeptT:
        """See that it is still held, leaving a sign of life where that is due.

        Raises:
            TakenOver: somebody else wrote it since.
        """
        current = self.current(self.read(), kept)
        if current is None or _key_of(current) != _key_of(kept):
            raise TakenOver(current)
        if kept.holder is None:
            return kept
        seen = datetime.fromisoformat(kept.holder.seen)
        return self.save(kept) if (now() - seen).total_seconds() > BEAT_SECONDS else kept

    def seize(self, kept: KeptT, change: Callable[[KeptT], KeptT], holder: Holder | None) -> KeptT:
        """Write the change of it over whatever its driver wrote meanwhile: who drove it stops.

        Raises:
            TakenOver: it is over by now, or another is in its place.
        """
        for attempt in range(_SEIZURES):
            try:
                return self.save(replace(change(kept), holder=holder))
            except TakenOver:
                current = self.current(self._ledger, kept)
                if current is None or current.id != kept.id or current.is_over:
                    raise
                if attempt + 1 == _SEIZURES:
                    raise
                kept = current
        raise AssertionError("unreachable")

    def let_go(self, kept: KeptT, run: str) -> KeptT | None:
        """Say that nobody drives it, so that others need not wait for a sign of life to grow old.

        None: this ``run`` drives it no more.

        Raises:
            TakenOver: somebody else took it at the same moment.
        """
        current = self.current(self.read(), kept)
        if current and current.holder and current.holder.run == run:
            return self.save(replace(current, holder=None))
        return None

    def _write(self, kept: KeptT, may: Callable[[KeptT | None], bool]) -> KeptT:
        written = replace(kept, version=kept.version + 1)

        def change(ledger: LedgerT) -> LedgerT | None:
            current = self.current(ledger, kept)
            if current == written:
                return None
            if not may(current):
                raise TakenOver(current)
            return self.including(ledger, written, datetime.now(UTC))

        self._change(change)
        return written

    def _change(self, change: Callable[[LedgerT], LedgerT | None]) -> None:
        """Write the change of the ledger as it is then, on condition that it is still so.

        None: it is made already. The answer to an earlier attempt was lost.
        """
        for _ in range(_ATTEMPTS):
            ledger = change(self._ledger)
            if ledger is None:
                return
            with asking(f"write the {self.what} in {self.place}", self._again):
                done = self._object.write(msgspec.json.encode(ledger))
            if done:
                self._ledger = ledger
                return
            self.read()
        raise OperationFailed(
            f"cannot write the {self.what} in {self.place}",
            why="others write them all the time",
            next_step=self._again,
        )


def _seen(holder: Holder | None) -> Holder | None:
    return holder and replace(holder, seen=stamp(now()))


def _key_of(kept: Kept) -> tuple[str, int]:
    return kept.id, kept.version
