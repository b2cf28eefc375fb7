"""A flag in memory for rollouts, whose change can be the last thing a process does."""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from bookstore_ops.flags.driver import Driver
from bookstore_ops.flags.model import Rollout
from bookstore_ops.releases.analysis import Analysis, Sample
from bookstore_ops.releases.model import Criterion, Place, Step, stamp
from tests.unit.releases.world import BEGAN, PLACE, Keeper, Mortal

BEFORE: dict[str, bool | int | float] = {"enabled": False, "percent": 0}


@dataclass
class World(Mortal):
    """One flag and the service that reads it; error rates and requests are by share."""

    values: dict[str, bool | int | float] = field(default_factory=lambda: dict(BEFORE))
    errors_at: dict[int, float] = field(default_factory=dict)
    requests_at: dict[int, float] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)

    def give(self, rollout: Rollout) -> None:
        self.effect(values=dict(rollout.values))

    def alarms(self, place: Place) -> list[str]:  # noqa: ARG002
        return self.raised

    def measure(self, rollout: Rollout, since: datetime) -> Sample:  # noqa: ARG002
        share = int(self.values["percent"])
        errors = self.errors_at.get(share, 0.5)
        return Sample(self.requests_at.get(share, 1000.0), {"errors": errors})


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


def drive(world: World, keeper: Keeper[Rollout], *, wait: bool = True) -> Rollout:
    """Drive what the keeper has, as one process does."""
    driver = Driver(world, keeper, Silent(), clock=world.clock, sleep=world.sleep)
    return driver.run(keeper.current, wait=wait)
