"""Watching a share of the customers for its time, until it fails or the time is over."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bookstore_ops.errors import OperationFailed
from bookstore_ops.releases.analysis import Analysis, Verdict
from bookstore_ops.releases.model import Step

# Between two looks: soon at first, seldom where things take minutes.
FIRST_LOOK_SECONDS = 0.5
LONGEST_LOOK_SECONDS = 5.0
# AWS may fail to answer for a moment while one only looks.
_LOOKS_LOST = 4

_Seen = TypeVar("_Seen")


class Watched(Protocol):
    """What is given step by step."""

    @property
    def steps(self) -> Sequence[Step]:
        """Its steps."""

    @property
    def step(self) -> int:
        """The position of the one under way."""

    def bake_left(self, now: datetime) -> float | None:
        """Seconds left of the step's time."""


WatchedT = TypeVar("WatchedT", bound=Watched)


class Looks:
    """Looks at AWS, which may fail to answer for a moment, but not for long."""

    def __init__(self) -> None:
        self._lost: Counter[str] = Counter()

    def at(self, what: str, look: Callable[[], _Seen]) -> _Seen | None:
        """What ``look`` sees; None where it fails.

        Raises:
            OperationFailed: it has failed too often.
        """
        try:
            seen = look()
        except OperationFailed:
            self._lost[what] += 1
            if self._lost[what] > _LOOKS_LOST:
                raise
            return None
        self._lost[what] = 0
        return seen


@dataclass(frozen=True)
class Sight:
    """What a look at a step sees: alarms raised since it all began, and the verdict so far."""

    alarms: Sequence[str]
    analysis: Analysis

    @property
    def failure(self) -> str | None:
        """Why the step fails; None where it does not, so far."""
        if self.alarms:
            return f"alarms are raised: {', '.join(self.alarms)}"
        return self.analysis.words if self.analysis.verdict is Verdict.FAIL else None


def watch(
    watched: WatchedT,
    see: Callable[[WatchedT], Sight | None],
    tell: Callable[[WatchedT, float, Analysis], None],
    wait: Callable[[WatchedT, float], WatchedT],
    clock: Callable[[], datetime],
) -> tuple[WatchedT, Sight]:
    """Watch the step under way until it fails or its time is over: as it is then, and why.

    Raises:
        OperationFailed: AWS does not answer for long.
    """
    delay = min(watched.steps[watched.step].bake_seconds / 4, FIRST_LOOK_SECONDS)
    while True:
        left = watched.bake_left(clock()) or 0.0
        # Seen at the end, where nothing could be seen, is nothing either.
        sight = see(watched)
        if sight is not None:
            tell(watched, left, sight.analysis)
            if sight.failure or left <= 0:
                return watched, sight
        watched = wait(watched, max(0.05, min(delay, left)))
        delay = min(delay * 1.5, LONGEST_LOOK_SECONDS)
