"""The ledger of releases, an object beside the environment's state.

Every write is conditional on what was read (:mod:`states.objects`): who lost a release learns of it
with the next write.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed
from bookstore_ops.journal import ci_run_address, process_started, who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.locks.signs import BEAT_SECONDS, FRESH_SECONDS
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.driver import TakenOver
from bookstore_ops.releases.machine import with_release
from bookstore_ops.releases.model import Holder, Ledger, Release, now, stamp
from bookstore_ops.states.objects import SharedObject

# Others may release other services meanwhile; each of them writes a few times a minute.
_ATTEMPTS = 20

_DECODER = msgspec.json.Decoder(Ledger)


def ledger_key(state_key: str) -> str:
    """The key of the ledger beside a state."""
    return f"{state_key}.releases"


def this_holder(run: str) -> Holder:
    """This process, as the one who drives a release."""
    return Holder(
        run=run,
        who=who(),
        pid=os.getpid(),
        pid_started=process_started(os.getpid()) or 0.0,
        seen=stamp(now()),
        ci=ci_run_address(os.environ),
    )


def liveness(holder: Holder | None, me: str, at: datetime) -> Liveness:
    """Whether who drives a release lives; ``me`` is this ``user@host``.

    A process of this machine is looked for; one of another is known by its last sign only.
    """
    if holder is None:
        return Liveness.DEAD
    if holder.who.rpartition("@")[2] == me.rpartition("@")[2]:
        started = process_started(holder.pid)
        same = started is not None and abs(started - holder.pid_started) < 1
        return Liveness.ALIVE if same else Liveness.DEAD
    fresh = (at - datetime.fromisoformat(holder.seen)).total_seconds() < FRESH_SECONDS
    return Liveness.ALIVE if fresh else Liveness.UNKNOWN


class Store:
    """Reads and writes the ledger; also the :class:`Keeper` of the release that is driven."""

    def __init__(self, s3: Any, bucket: str, state_key: str, again: str) -> None:
        self._object = SharedObject(s3, bucket, ledger_key(state_key))
        self._again = again
        self._ledger = Ledger()

    @property
    def place(self) -> str:
        """The ledger's URL."""
        return self._object.place

    def read(self) -> Ledger:
        """The ledger as it is now; an empty one before the first release.

        Raises:
            OperationFailed: it cannot be read, or a newer bsops wrote it otherwise.
        """
        with asking(f"read the releases in {self.place}", self._again):
            content = self._object.read()
        try:
            self._ledger = Ledger() if content is None else _DECODER.decode(content)
        except msgspec.MsgspecError as error:
            raise OperationFailed(
                f"the releases in {self.place} cannot be read",
                why=str(error),
                next_step="restore an earlier version of that object, which the bucket keeps; or "
                "install the newest version of bsops, if it was one that wrote it",
            ) from error
        return self._ledger

    def begin(self, release: Release) -> Release:
        """Write a new release, unless its service has one that is not over.

        Raises:
            TakenOver: it has.
        """

        def free(current: Release | None) -> bool:
            return current is None or current.is_over

        return self._write(release, free)

    def save(self, release: Release) -> Release:
        """See :class:`Keeper`."""

        def mine(current: Release | None) -> bool:
            return current is not None and _key_of(current) == _key_of(release)

        return self._write(replace(release, holder=self._seen(release)), mine)

    def check(self, release: Release) -> Release:
        """See :class:`Keeper`."""
        current = self.read().of(release.service).current
        if current is None or _key_of(current) != _key_of(release):
            raise TakenOver(current)
        holder = release.holder
        if holder is None:
            return release
        seen = datetime.fromisoformat(holder.seen)
        return self.save(release) if (now() - seen).total_seconds() > BEAT_SECONDS else release

    def _seen(self, release: Release) -> Holder | None:
        return release.holder and replace(release.holder, seen=stamp(now()))

    def _write(self, release: Release, may: Callable[[Release | None], bool]) -> Release:
        written = replace(release, version=release.version + 1)
        for _ in range(_ATTEMPTS):
            current = self._ledger.of(release.service).current
            if current == written:  # the answer to an earlier attempt was lost
                return written
            if not may(current):
                raise TakenOver(current)
            ledger = with_release(self._ledger, written, datetime.now(UTC))
            with asking(f"write the releases in {self.place}", self._again):
                done = self._object.write(msgspec.json.encode(ledger))
            if not done:
                self.read()
                continue
            self._ledger = ledger
            return written
        raise OperationFailed(
            f"cannot write the releases in {self.place}",
            why="others write them all the time",
            next_step=self._again,
        )


def _key_of(release: Release) -> tuple[str, int]:
    return release.id, release.version
