"""Driving a rollout: one process at a time, each step in the journal, and letting go of it."""

from collections.abc import Callable
from contextlib import suppress

from bookstore_ops.errors import BsopsError, Interrupted
from bookstore_ops.flags.driver import Driver, Watcher
from bookstore_ops.flags.model import Phase, Rollout
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.flags.words import describe, failure, gone, line
from bookstore_ops.operations.releases.signals import Signals
from bookstore_ops.releases.analysis import Analysis
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.store import this_holder


def drive(session: FlagSession, rollout: Rollout, watcher: Watcher, *, wait: bool) -> Rollout:
    """Drive a rollout until it is over, waits, or is left; what came of it goes to the session.

    Raises:
        Refused: somebody else took it.
        Interrupted: a signal came.
        BsopsError: AWS does not do what is asked; the rollout can be taken up again.
    """
    with Signals() as signals:
        journaling = _Journaling(session, watcher, rollout, signals)
        driver = Driver(session, session.store, journaling, sleep=signals.sleep)
        try:
            done = driver.run(rollout, wait=wait)
        except TakenOver as lost:
            raise gone(session, lost.current) from lost
        except Interrupted as interrupted:
            raise _left(session, interrupted, journaling.last) from interrupted
        except BsopsError as error:
            _let_go(session, rollout)
            error.next_step = f"{error.next_step}; then: {line(session, rollout, 'resume')}"
            raise
    if not done.is_over:
        done = _let_go(session, done) or done
    session.held.note = f"{done.flag}: {describe(done)}"
    session.held.outcome = failure(session, done)
    return done


def seize(session: FlagSession, rollout: Rollout, change: Callable[[Rollout], Rollout]) -> Rollout:
    """Write the change of a rollout over whatever its driver wrote meanwhile, who then stops.

    Raises:
        Refused: it is over by now.
    """
    try:
        return session.store.seize(rollout, change, this_holder(session.held.run_id))
    except TakenOver as lost:
        raise gone(session, lost.current) from lost


def _left(session: FlagSession, signal: Interrupted, last: Rollout) -> Interrupted:
    left = _let_go(session, last) or last
    return Interrupted(
        signal.signal_number,
        f"the rollout of {left.flag} was left where it is",
        why=describe(left),
        next_step=f"{line(session, left, 'resume')}   (or: {line(session, left, 'abort')})",
    )


def _let_go(session: FlagSession, rollout: Rollout) -> Rollout | None:
    with suppress(BsopsError, TakenOver):
        return session.store.let_go(rollout, session.held.run_id)
    return None


class _Journaling:
    """Writes each step into the journal before it is shown, and tells those who want to know."""

    def __init__(
        self, session: FlagSession, watcher: Watcher, rollout: Rollout, signals: Signals
    ) -> None:
        self._signals = signals
        self._session = session
        self._watcher = watcher
        self._told = len(rollout.timeline) - 1
        self.last = rollout
        self._tell(rollout)

    def phase(self, rollout: Rollout) -> None:
        """See :class:`Watcher`."""
        self.last = rollout
        self._tell(rollout)
        self._signals.check()

    def baking(self, rollout: Rollout, left: float, analysis: Analysis) -> None:
        """See :class:`Watcher`."""
        self._watcher.baking(rollout, left, analysis)

    def _tell(self, rollout: Rollout) -> None:
        held = self._session.held
        for event in rollout.timeline[self._told :]:
            held.journal.step(held.run_id, f"{rollout.flag}: {event.what}")
        if self._told < len(rollout.timeline):
            self._notify(rollout, rollout.timeline[-1].what)
        self._told = len(rollout.timeline)
        self._watcher.phase(rollout)

    def _notify(self, rollout: Rollout, what: str) -> None:
        subject = f"rollout of {rollout.flag} ({rollout.service})"
        if rollout.is_over or rollout.paused is not None:
            self._session.held.notify(subject, "outcome", describe(rollout))
        elif self._told == 0:
            self._session.held.notify(subject, "start", what)
        elif rollout.phase in {Phase.BAKING, Phase.REVERTING}:
            self._session.held.notify(subject, "step", what)
