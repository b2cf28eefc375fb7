"""Who leads a shared run, and whether they live: from a process here, or from their last sign."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from bookstore_ops.errors import BsopsError
from bookstore_ops.locks.liveness import ANYWHERE, Liveness
from bookstore_ops.locks.signs import BEAT_SECONDS, FRESH_SECONDS
from bookstore_ops.runbooks.records import Taken


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """A sign of life of who leads a run; the bucket's clock says when."""

    who: str
    pid: int
    pid_started: float

    def is_of(self, taken: Taken) -> bool:
        """Whether it is theirs who took the lead so."""
        mine = (self.who, self.pid, self.pid_started)
        return mine == (taken.who, taken.pid, taken.pid_started)


def judge(
    leader: Taken, me: str, started: float | None, seen: datetime, at: datetime
) -> tuple[Liveness, str]:
    """Whether who leads a run lives, and how that is known.

    ``me`` is this ``user@host``. ``started`` is when the process with the leader's pid on this
    machine began, None where there is none. ``seen`` is their last event or sign in the bucket.
    """
    host = leader.who.rpartition("@")[2]
    if host == me.rpartition("@")[2]:
        if started is not None and abs(started - leader.pid_started) < 1:
            return Liveness.ALIVE, "its process is alive"
        if host.lower() not in ANYWHERE:
            return Liveness.DEAD, f"its process {leader.pid} is gone"
    age = max(0.0, (at - seen).total_seconds())
    words = f"{age:.0f}s" if age < 120 else f"{age // 60:.0f}m"
    if age < FRESH_SECONDS and host != me.rpartition("@")[2]:
        return Liveness.ALIVE, f"its bsops on {host} gave a sign of life {words} ago"
    return Liveness.UNKNOWN, f"its bsops on {host} was last seen {words} ago"


class Signs:
    """Leaves a sign of life again and again, beside the run: also while a person is asked."""

    def __init__(self, leave: Callable[[], None], every: float = BEAT_SECONDS) -> None:
        self._leave = leave
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a sign under way is not waited for."""
        self._over.set()

    def _go_on(self) -> None:
        while not self._over.wait(self._every):
            # One that is lost does no harm: two more fit into the time for which one is fresh.
            with suppress(BsopsError):
                self._leave()
