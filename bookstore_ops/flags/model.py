"""A rollout of a flag as it is kept: how far it has come, what was before, who drives it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.model import Criterion, Kept, Place, Step

# The attribute by which services tell whether a customer has the flag.
PERCENT = "percent"

Outcome = Literal["done", "failed", "aborted"]


class Phase(StrEnum):
    """What is to be done next. Each can be done again from its beginning."""

    GIVING = "giving"  # deploy the percentage of the step
    BAKING = "baking"  # watch it for the step's time
    REVERTING = "reverting"  # deploy what was before
    ENDED = "ended"


class Rollout(Kept, frozen=True, kw_only=True, omit_defaults=True):
    """A flag that is given to a growing share of the customers of one service.

    ``before`` is what is put back where it fails: the flag's ``enabled`` and its percentage.
    ``baseline`` is what was measured of the service before it began: all its tasks take part in
    a rollout, so the service is compared with itself. ``color`` is the one that is measured,
    ``weight`` the percentage last given; the rest is as in a release.
    """

    flag: str
    place: Place
    color: str
    steps: list[Step]
    before: dict[str, bool | int | float]
    baseline: Sample
    started: str
    by: str
    minimum_requests: int
    criteria: list[Criterion]
    phase: Phase = Phase.GIVING
    step: int = 0
    weight: int = 0
    since: str = ""
    paused: str | None = None
    goal: Outcome | None = None
    outcome: Outcome | None = None
    reason: str | None = None

    @property
    def service(self) -> str:
        """The service that is watched."""
        return self.place.service

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.phase is Phase.ENDED

    @property
    def has_turned(self) -> bool:
        """Whether it is on its way back."""
        return self.phase is Phase.REVERTING

    @property
    def values(self) -> dict[str, bool | int | float]:
        """What the flag is to be now."""
        if self.has_turned or (self.is_over and self.outcome != "done"):
            return self.before
        return {"enabled": True, PERCENT: self.weight}

    def bake_left(self, now: datetime) -> float | None:
        """Seconds left of the step's time; None where nothing is being watched."""
        if self.phase is not Phase.BAKING:
            return None
        watched = (now - datetime.fromisoformat(self.since)).total_seconds()
        return max(0.0, self.steps[self.step].bake_seconds - watched)


class FlagLedger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last rollout of each flag of an environment, in one object beside its state."""

    rollouts: dict[str, Rollout] = {}
