"""A small AWS in memory for releases, whose calls can be the last thing a process does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from msgspec.structs import replace

from bookstore_ops.releases.analysis import Analysis, Sample
from bookstore_ops.releases.driver import Driver, Health, TaskFate
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.model import (
    Criterion,
    Kept,
    Place,
    Release,
    Revision,
    Step,
    Strategy,
    stamp,
)

KeptT = TypeVar("KeptT", bound=Kept)

BEGAN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
OLD = "family:1"


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Fate:
    """After how many effects the process dies, and whether before or after the last one."""

    left: int | None = None
    after: bool = True

    def strikes(self, *, after: bool) -> bool:
        """Count one effect, before it and after it."""
        if self.left is None:
            return False
        if not after:
            self.left -= 1
        return self.left == 0 and self.after is after


@dataclass
class Mortal:
    """A world whose every change can be the last thing a process does, and whose time it tells."""

    fate: Fate = field(default_factory=Fate)
    moments: int = 0

    def clock(self) -> datetime:
        return BEGAN + timedelta(seconds=self.moments)

    def sleep(self, seconds: float) -> None:
        self.moments += max(1, round(seconds))

    def effect(self, **change: object) -> None:
        if self.fate.strikes(after=False):
            raise Killed
        for name, value in change.items():
            setattr(self, name, value)
        self.look()
        if self.fate.strikes(after=True):
            raise Killed

    def look(self) -> None:
        """What customers see of a change."""


@dataclass
class World(Mortal):
    """Two colours behind a load balancer; ``errors_at`` are the error rates by weight.

    ``migrations`` are the tasks that were run, ``failing`` says how often those of a part fail,
    ``endless`` which parts never end.
    """

    weights: dict[str, int] = field(default_factory=lambda: {"blue": 100, "green": 0})
    tasks: dict[str, int] = field(default_factory=lambda: {"blue": 3, "green": 0})
    runs: dict[str, str] = field(default_factory=lambda: {"blue": OLD, "green": OLD})
    revisions: int = 1
    healthy: bool = True
    smoke_problems: list[str] = field(default_factory=list)
    errors_at: dict[int, float] = field(default_factory=dict)
    requests_at: dict[int, float] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)
    migrations: list[str] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)
    endless: tuple[str, ...] = ()
    stopped: list[str] = field(default_factory=list)
    served: bool = True

    def look(self) -> None:
        self.served = self.served and all(
            self.tasks[color] > 0 for color, weight in self.weights.items() if weight
        )

    def register(self, release: Release) -> str:  # noqa: ARG002
        self.effect(revisions=self.revisions + 1)
        return f"family:{self.revisions}"

    def migrate(self, release: Release) -> str:
        token = f"task/{release.migrates}-{release.attempt}"
        if token not in self.migrations:
            self.effect(migrations=[*self.migrations, token])
        return token

    def migration(self, release: Release) -> TaskFate:
        part = str(release.migrates)
        if part in self.endless:
            return TaskFate(True)
        left = self.failing.get(part, 0)
        return TaskFate(False, "ended with exit code 3" if release.attempt < left else None)

    def stop_migration(self, release: Release) -> None:
        self.effect(stopped=[*self.stopped, release.task])

    def wake(self, release: Release) -> int:
        wanted = max(release.place.min_tasks, self.tasks[release.previous.color])
        self.effect(
            tasks={**self.tasks, release.color: wanted},
            runs={**self.runs, release.color: release.task_definition},
        )
        return wanted

    def health(self, release: Release) -> Health:
        wanted = self.tasks[release.color]
        well = self.healthy or self.runs[release.color] == OLD
        running = wanted if well else 0
        return Health(wanted, running, running, ready=0 < wanted == running)

    def smoke(self, release: Release) -> list[str]:  # noqa: ARG002
        return self.smoke_problems

    def shift(self, release: Release) -> None:
        if not release.rolls:
            self.effect(weights=release.weights())
        else:
            self.effect(runs={**self.runs, release.color: release.wanted_definition})

    def finish(self, release: Release) -> None:
        self.effect(tasks={**self.tasks, release.previous.color: 0})

    def leave(self, release: Release) -> None:
        self.effect(tasks={**self.tasks, release.color: 0})

    def alarms(self, place: Place) -> list[str]:  # noqa: ARG002
        return self.raised

    def measure(self, release: Release, since: datetime) -> tuple[Sample, Sample]:  # noqa: ARG002
        weight = self.weights[release.color]
        requests = self.requests_at.get(weight, 1000.0)
        return (
            Sample(requests, {"errors": self.errors_at.get(weight, 0.0)}),
            Sample(1000.0, {"errors": 0.0}),
        )


@dataclass
class Keeper(Generic[KeptT]):
    """The ledger's part of one service or flag; it outlives processes."""

    fate: Fate
    current: KeptT

    def save(self, kept: KeptT) -> KeptT:
        self.check(kept)
        written = replace(kept, version=kept.version + 1)
        if self.fate.strikes(after=False):
            raise Killed
        self.current = written
        if self.fate.strikes(after=True):
            raise Killed
        return written

    def check(self, kept: KeptT) -> KeptT:
        if self.current.version != kept.version:
            raise TakenOver(self.current)
        return kept


class Silent:
    """A watcher that shows nothing."""

    def phase(self, release: Release) -> None:
        pass

    def migrating(self, release: Release, elapsed: float) -> None:
        pass

    def health(self, release: Release, health: Health) -> None:
        pass

    def baking(self, release: Release, left: float, analysis: Analysis) -> None:
        pass


PLACE = Place(
    service="catalog",
    cluster="bookstore",
    services={"blue": "catalog-blue", "green": "catalog-green"},
    target_groups={"blue": "arn:blue", "green": "arn:green"},
    rule_arn="arn:rule",
    family="family",
    repository="registry/catalog",
    min_tasks=2,
    max_tasks=6,
)


INTERNAL = Place(
    service="inventory",
    cluster="bookstore",
    services={"only": "inventory"},
    family="family",
    repository="registry/inventory",
    min_tasks=2,
    max_tasks=6,
)


def one_colour() -> World:
    """The world of a service whose tasks are replaced where they are."""
    return World(weights={"only": 100}, tasks={"only": 3}, runs={"only": OLD})


def release(strategy: Strategy = "canary", **changes: object) -> Release:
    """A release that is about to begin: from blue to green, or in place."""
    shares = (5, 25, 50, 100) if strategy == "canary" else (100,)
    if strategy == "rolling":
        before = Revision(color="only", task_definition=OLD, image="registry/inventory:1")
        changes = {
            "place": INTERNAL,
            "color": "only",
            "previous": before,
            "minimum_requests": 0,
            "criteria": [],
            **changes,
        }
    made = Release(
        id="r1",
        kind="release",
        strategy=strategy,
        place=PLACE,
        image="registry/catalog@sha256:2",
        label="2",
        color="green",
        previous=Revision(color="blue", task_definition=OLD, image="registry/catalog:1"),
        steps=[Step(weight=weight, bake_seconds=60) for weight in shares],
        started=stamp(BEGAN),
        since=stamp(BEGAN),
        by="ann@laptop",
        health_seconds=120,
        minimum_requests=100,
        criteria=[Criterion(name="errors", source="errors", at_most=1.0)],
    )
    return replace(made, **changes)


def drive(world: World, keeper: Keeper[Release], *, wait: bool = True) -> Release:
    """Drive what the keeper has, as one process does."""
    driver = Driver(world, keeper, Silent(), clock=world.clock, sleep=world.sleep)
    return driver.run(keeper.current, wait=wait)
