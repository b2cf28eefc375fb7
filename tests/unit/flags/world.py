"""A flag in memory for rollouts, whose change can be the last thing a process does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from bookstore_ops.flags.driver import Driver, TakenOver
from bookstore_ops.flags.model import Rollout
from bookstore_ops.releases.analysis import Analysis, Sample
from bookstore_ops.releases.model import Criterion, Place, Step, stamp
from tests.unit.releases.world import BEGAN, PLACE, Fate, Killed

BEFORE: dict[str, bool | int | float] = {"enabled": False, "percent": 0}


@dataclass
class World:
    """One flag and the service that reads it; error rates and requests are by share."""

    values: dict[str, bool | int | float] = field(default_factory=lambda: dict(BEFORE))
    errors_at: dict[int, float] = field(default_factory=dict)
    requests_at: dict[int, float] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)
    fate: Fate = field(default_factory=Fate)
    moments: int = 0

    def clock(self) -> datetime:
        return BEGAN + timedelta(seconds=self.moments)

    def sleep(self, seconds: float) -> None:
        self.moments += max(1, round(seconds))

    def give(self, rollout: Rollout) -> None:
        if self.fate.strikes(after=False):
            raise Killed
        self.values = dict(rollout.values)
        if self.fate.strikes(after=True):
            raise Killed

    def alarms(self, place: Place) -> list[str]:  # noqa: ARG002
        return self.raised

    def measure(self, rollout: Rollout, since: datetime) -> Sample:  # noqa: ARG002
        share = int(self.values["percent"])
        errors = self.errors_at.get(share, 0.5)
        return Sample(self.requests_at.get(share, 1000.0), {"errors": errors})


@dataclass
class Keeper:
    """The ledger's part of one flag; it outlives processes."""

    fate: Fate
    current: Rollout

    def save(self, rollout: Rollout) -> Rollout:
        self.check(rollout)
        written = replace(rollout, version=rollout.version + 1)
        if self.fate.strikes(after=False):
            raise Killed
        self.current = written
        if self.fate.strikes(after=True):
            raise Killed
        return written

    def check(self, rollout: Rollout) -> Rollout:
        if self.current.version != rollout.version:
            raise TakenOver(self.current)
        return rollout


class Silent:
    """A watcher that shows nothing."""

    def phase(self, rollout: Rollout) -> None:
        pass

    def baking(self, rollout: Rollout, left: float, analysis: Analysis) -> None:
        pass


def rollout(**changes: object) -> Rollout:
    """A rollout that is about to begin; its service had an error in two hundred requests."""
    made = Rollout(
        id="r1",
        flag="beta",
        place=PLACE,
        color="blue",
        steps=[Step(weight=weight, bake_seconds=60) for weight in (5, 25, 50, 100)],
        before=BEFORE,
        baseline=Sample(1000.0, {"errors": 0.5}),
        started=stamp(BEGAN),
        since=stamp(BEGAN),
        by="ann@laptop",
        minimum_requests=100,
        criteria=[Criterion(name="errors", source="errors", at_most=5.0, over_stable=1.0)],
        weight=5,
    )
    return replace(made, **changes)


def drive(world: World, keeper: Keeper, *, wait: bool = True) -> Rollout:
    """Drive what the keeper has, as one process does."""
    driver = Driver(world, keeper, Silent(), clock=world.clock, sleep=world.sleep)
    return driver.run(keeper.current, wait=wait)
