"""The ledger of releases, and who drives one of them."""

import os
from collections.abc import Callable
from datetime import datetime

from bookstore_ops.journal import ci_run_address, process_started, who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.locks.signs import FRESH_SECONDS
from bookstore_ops.releases.ledgers import LedgerStore
from bookstore_ops.releases.machine import with_hold, with_release
from bookstore_ops.releases.model import Hold, Holder, Kept, Ledger, Release, now, stamp


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


def held_by(kept: Kept) -> Liveness:
    """Whether who drives it lives."""
    return liveness(kept.holder, who(), now())


class Store(LedgerStore[Ledger, Release]):
    """Reads and writes the ledger; also the :class:`Keeper` of the release that is driven."""

    what = "releases"
    suffix = "releases"
    kind = Ledger

    def current(self, ledger: Ledger, kept: Release) -> Release | None:
        """See :class:`LedgerStore`."""
        return ledger.of(kept.service).current

    def including(self, ledger: Ledger, kept: Release, at: datetime) -> Ledger:
        """See :class:`LedgerStore`."""
        return with_release(ledger, kept, at)

    def hold(self, service: str, hold: Hold, check: Callable[[Ledger], None]) -> None:
        """Have a rollout hold a service, unless ``check`` raises; by the write that releases use.

        Raises:
            OperationFailed: it cannot be written.
        """

        def change(ledger: Ledger) -> Ledger | None:
            if ledger.of(service).rollout == hold:
                return None
            check(ledger)
            return with_hold(ledger, service, hold)

        self._change(change)
