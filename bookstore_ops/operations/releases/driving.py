"""Driving a release: one process at a time, each step in the journal, and letting go of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from bookstore_ops.errors import BsopsError, Interrupted
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.releases.signals import Signals
from bookstore_ops.operations.releases.words import describe, failure, gone
from bookstore_ops.releases.analysis import Analysis
from bookstore_ops.releases.driver import Driver, Health, Watcher
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.model import Phase, Release
from bookstore_ops.releases.store import this_holder

if TYPE_CHECKING:
    from bookstore_ops.releases import notices


def drive(session: ReleaseSession, release: Release, watcher: Watcher, *, wait: bool) -> Release:
    """Drive a release until it is over, waits, or is left; what came of it goes to the session.

    Raises:
        Refused: somebody else took it.
        Interrupted: a signal came.
        BsopsError: AWS does not do what is asked; the release can be taken up again.
    """
    with Signals() as signals:
        journaling = _Journaling(session, watcher, release, signals)
        driver = Driver(session.aws, session.store, journaling, sleep=signals.sleep)
        try:
            done = driver.run(release, wait=wait)
        except TakenOver as lost:
            raise gone(session, lost.current) from lost
        except Interrupted as interrupted:
            raise _left(session, interrupted, journaling.last) from interrupted
        except BsopsError as error:
            _let_go(session, release)
            resume = session.command_line("release resume", release.service)
            error.next_step = f"{error.next_step}; then: {resume}"
            raise
    if not done.is_over:
        done = _let_go(session, done) or done
    session.note = f"{done.service} {done.label}: {describe(done)}"
    session.outcome = failure(session, done)
    return done


def _left(session: ReleaseSession, signal: Interrupted, last: Release) -> Interrupted:
    service = last.service
    left = _let_go(session, last) or last
    return Interrupted(
        signal.signal_number,
        f"the release of {service} was left where it is",
        why=describe(left),
        next_step=session.command_line("release resume", service)
        + f"   (or: {session.command_line('release abort', service)})",
    )


def notify(session: ReleaseSession, release: Release, what: str, *, first: bool) -> None:
    """Tell of what customers may notice: the start, each share of the traffic, the outcome."""
    moment: notices.Moment
    if release.is_over or release.paused is not None:
        moment, what = "outcome", describe(release)
    elif first:
        moment = "start"
    elif release.phase in {Phase.BAKING, Phase.REVERTING, Phase.LEAVING}:
        moment = "step"
    else:
        return
    subject = f"{release.kind} of {release.service} {release.label}"
    session.notify(subject, moment, what)


class _Journaling:
    """Writes each step into the journal before it is shown."""

    def __init__(
        self, session: ReleaseSession, watcher: Watcher, release: Release, signals: Signals
    ) -> None:
        self._signals = signals
        self._session = session
        self._watcher = watcher
        self._told = len(release.timeline) - 1
        self.last = release
        self._tell(release)

    def phase(self, release: Release) -> None:
        """See :class:`Watcher`."""
        self.last = release
        self._tell(release)
        self._signals.check()

    def migrating(self, release: Release, elapsed: float) -> None:
        """See :class:`Watcher`."""
        self._watcher.migrating(release, elapsed)

    def health(self, release: Release, health: Health) -> None:
        """See :class:`Watcher`."""
        self._watcher.health(release, health)

    def baking(self, release: Release, left: float, analysis: Analysis) -> None:
        """See :class:`Watcher`."""
        self._watcher.baking(release, left, analysis)

    def _tell(self, release: Release) -> None:
        for event in release.timeline[self._told :]:
            self._session.journal.step(self._session.run_id, f"{release.service}: {event.what}")
        if self._told < len(release.timeline):
            notify(self._session, release, release.timeline[-1].what, first=self._told == 0)
        self._told = len(release.timeline)
        self._watcher.phase(release)


def seize(
    session: ReleaseSession,
    release: Release,
    change: Callable[[Release], Release],
    *,
    hold: bool = True,
) -> Release:
    """Write the change of a release over whatever its driver wrote meanwhile: who drove it stops.

    Raises:
        Refused: it is over by now.
    """
    try:
        holder = this_holder(session.run_id) if hold else None
        return session.store.seize(release, change, holder)
    except TakenOver as lost:
        raise gone(session, lost.current) from lost


def _let_go(session: ReleaseSession, release: Release) -> Release | None:
    with suppress(BsopsError, TakenOver):
        return session.store.let_go(release, session.run_id)
    return None
