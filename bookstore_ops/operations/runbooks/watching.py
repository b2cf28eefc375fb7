"""Following a run that somebody else leads, on this machine or another."""

import time
from collections.abc import Callable, Iterator

from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.runbooks.records import AnyEvent, Closed
from bookstore_ops.runbooks.store import RunFiles

_LOOK_SECONDS = 1.0
# Whether its leader lives is asked less often than what happened.
_LIFE_SECONDS = 15.0
# A network that is gone for so long does not end it.
_PATIENCE_SECONDS = 120.0


def follow(files: RunFiles, notice: Callable[[str], None]) -> Iterator[AnyEvent]:
    """What happens in a run, from its beginning until it ends or stops.

    Raises:
        OperationFailed: it failed or stopped; or its leader died, and left it behind.
    """
    looking = _Looking(files, notice)
    seen = 0
    asked = time.monotonic() - _LIFE_SECONDS
    while True:
        events = looking.look()
        yield from events[seen:]
        if isinstance(events[-1] if events else None, Closed):
            break
        grown, seen = len(events) > seen, len(events)
        if grown or time.monotonic() - asked < _LIFE_SECONDS:
            time.sleep(_LOOK_SECONDS)
            continue
        asked = time.monotonic()
        if looking.is_left_behind() and len(looking.look()) == seen:
            raise OperationFailed(
                f"{files.run} was left behind",
                why=f"{files.leader()} was killed",
                next_step=f"bsops runbook resume {files.run}",
            )
    _judge(files, events[-1])


class _Looking:
    """Looks at a run; a look that fails is tried again for a while."""

    def __init__(self, files: RunFiles, notice: Callable[[str], None]) -> None:
        self._files = files
        self._notice = notice
        self._well = time.monotonic()
        self._events: list[AnyEvent] = []
        self._told = ""

    def look(self) -> list[AnyEvent]:
        try:
            self._events = self._files.look()
        except BsopsError as error:
            if time.monotonic() - self._well > _PATIENCE_SECONDS:
                raise
            self._tell(f"{error.what}; looking again")
        else:
            self._well = time.monotonic()
        return self._events

    def is_left_behind(self) -> bool:
        try:
            life, words = self._files.life()
        except BsopsError:
            return False
        if life is Liveness.UNKNOWN:
            self._tell(f"{words}; it can be taken over: bsops runbook resume {self._files.run}")
        return life is Liveness.DEAD

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._notice(text)
        self._told = text


def _judge(files: RunFiles, closed: AnyEvent) -> None:
    assert isinstance(closed, Closed)  # noqa: S101  (it ended the loop)
    if closed.ending not in {"done", "undone"}:
        raise OperationFailed(
            f"{files.run}: {closed.ending}",
            why=closed.why,
            next_step=f"bsops runbook resume {files.run}",
        )
