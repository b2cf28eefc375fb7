"""Drives a release: what each of its phases asks for."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed
from bookstore_ops.releases import machine
from bookstore_ops.releases.analysis import Analysis, Sample, Verdict, judge
from bookstore_ops.releases.model import Phase, Place, Release
from bookstore_ops.releases.stepper import Stepper
from bookstore_ops.releases.watching import (
    FIRST_LOOK_SECONDS,
    LONGEST_LOOK_SECONDS,
    Sight,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Health:
    """How the tasks of a colour are. ``failed`` says why they will never be well."""

    wanted: int
    running: int
    healthy: int
    ready: bool
    failed: str | None = None

    @property
    def words(self) -> str:
        """In one line."""
        return f"{self.wanted} wanted, {self.running} running, {self.healthy} healthy"


@dataclass(frozen=True)
class TaskFate:
    """How a migration's task goes; ended, ``problem`` says what went wrong with it."""

    running: bool
    problem: str | None = None


class World(Protocol):
    """What a release does to AWS, and sees of it. Everything can be done again without harm.

    All of it raises OperationFailed where AWS does not do it, CredentialsError where it may not.
    """

    def register(self, release: Release) -> str:
        """Register a revision with the image; its ARN."""

    def migrate(self, release: Release) -> str:
        """Start the migration's task of its phase, once however often it is asked; its ARN."""

    def migration(self, release: Release) -> TaskFate:
        """How that task goes."""

    def stop_migration(self, release: Release) -> None:
        """Stop that task."""

    def wake(self, release: Release) -> int:
        """Have the new colour run it, with as many tasks as carry the traffic; that number."""

    def health(self, release: Release) -> Health:
        """How the tasks of the released colour are: the old ones again, of one that turned."""

    def smoke(self, release: Release) -> list[str]:
        """What the smoke checks found wrong with the new colour."""

    def shift(self, release: Release) -> None:
        """Share out the traffic, or have the tasks replaced, as it wants, in one call."""

    def finish(self, release: Release) -> None:
        """Leave the new colour to autoscaling, and lay the old one to sleep."""

    def leave(self, release: Release) -> None:
        """Lay the new colour to sleep."""

    def alarms(self, place: Place) -> list[str]:
        """The release alarms that are raised."""

    def measure(self, release: Release, since: datetime) -> tuple[Sample, Sample]:
        """What was measured since then: the new colour, the stable one."""


class Watcher(Protocol):
    """Follows a release on a screen."""

    def phase(self, release: Release) -> None:
        """It went on."""

    def migrating(self, release: Release, elapsed: float) -> None:
        """For how long the migration's task has been waited for."""

    def health(self, release: Release, health: Health) -> None:
        """How the new tasks are."""

    def baking(self, release: Release, left: float, analysis: Analysis) -> None:
        """How the step under way looks."""


class Driver(Stepper[World, Release, Watcher]):
    """Takes a release from phase to phase."""

    def _moves(self, release: Release) -> bool:
        return release.phase in {Phase.SHIFTING, Phase.REVERTING}

    def _move(self, release: Release) -> None:
        self._world.shift(release)

    def _act(self, release: Release) -> Release:
        acts: dict[Phase, Callable[[Release], Release]] = {
            Phase.PREPARING: self._prepare,
            Phase.EXPANDING: self._migrate,
            Phase.STARTING: self._start,
            Phase.WARMING: self._warm,
            Phase.CHECKING: self._check,
            Phase.SHIFTING: self._shift,
            Phase.BAKING: self._bake,
            Phase.FINISHING: self._finish,
            Phase.CONTRACTING: self._migrate,
            Phase.REVERTING: self._shift,
            Phase.LEAVING: self._leave,
        }
        return acts[release.phase](release)

    def _prepare(self, release: Release) -> Release:
        if release.task_definition:  # a rollback's revision is there already
            return self._go_on(release, f"{release.label} is there")
        registered = replace(release, task_definition=self._world.register(release))
        return self._go_on(registered, f"{release.label} registered")

    def _migrate(self, release: Release) -> Release:
        part = f"{release.migrates} task"
        if not release.task:
            started = replace(release, task=self._world.migrate(release))
            name = started.task.rpartition("/")[2]
            return machine.note(started, self._moment(f"{part} started: {name}"))
        release, problem = self._until_migrated(release)
        if problem:
            return machine.task_failed(release, f"the {part} {problem}", self._moment(""))
        return self._go_on(replace(release, task=""), f"{part} succeeded")

    def _until_migrated(self, release: Release) -> tuple[Release, str | None]:
        """Wait for the migration's task: the release as it is then, and what went wrong."""
        begun, delay = self._clock(), FIRST_LOOK_SECONDS
        while True:
            fate = self._looks.at("task", partial(self._world.migration, release))
            if fate is not None and not fate.running:
                return release, fate.problem
            waited = self._waited(release, begun)
            self._watcher.migrating(release, waited)
            if waited > release.migration.seconds:
                self._world.stop_migration(release)
                return release, f"was stopped: it ran for {release.migration.timeout}"
            release = self._wait(release, delay)
            delay = min(delay * 1.5, LONGEST_LOOK_SECONDS)

    def _start(self, release: Release) -> Release:
        tasks = self._world.wake(release)
        woken = replace(release, tasks=tasks)
        return self._go_on(woken, f"{release.color} woken with {tasks} tasks")

    def _shift(self, release: Release) -> Release:
        self._move(release)
        if release.rolls:
            return self._go_on(release, f"rolling out: {release.shares}")
        back = release.phase is Phase.REVERTING
        color, weight = (release.previous.color, 100) if back else (release.color, release.weight)
        return self._go_on(release, f"{color} has {weight} % of the traffic")

    def _finish(self, release: Release) -> Release:
        if release.rolls:
            return self._go_on(release, "the old tasks are gone: done")
        self._world.finish(release)
        return self._go_on(release, f"{release.previous.color} sleeps: done")

    def _leave(self, release: Release) -> Release:
        if not release.rolls:
            self._world.leave(release)
            return self._go_on(release, f"{release.color} sleeps: {release.goal}")
        release, seen, problem = self._until_healthy(release)
        if problem:
            raise OperationFailed(
                f"{release.service} went back to its old revision, and is not well",
                why=f"the old tasks {problem}",
                next_step="look at what ECS says: aws ecs describe-services --cluster "
                f"{release.place.cluster} --services {release.place.services[release.color]}",
            )
        return self._go_on(release, f"the old tasks are healthy: {seen}: {release.goal}")

    def _warm(self, release: Release) -> Release:
        release, seen, problem = self._until_healthy(release)
        if problem:
            return self._turn(release, f"the new tasks {problem}")
        who = "the new tasks are" if release.rolls else f"{release.color} is"
        return self._go_on(release, f"{who} healthy: {seen}")

    def _until_healthy(self, release: Release) -> tuple[Release, str, str | None]:
        """Wait for the tasks: the release as it is then, what was seen, and what is wrong."""
        begun, delay = self._clock(), FIRST_LOOK_SECONDS
        health = None
        while True:
            health = self._looks.at("health", partial(self._world.health, release)) or health
            seen = health.words if health else "nothing was seen of them"
            if health is not None:
                self._watcher.health(release, health)
                if health.ready:
                    return release, seen, None
                if health.failed:
                    return release, seen, f"failed: {health.failed}"
            if self._waited(release, begun) > release.health_seconds:
                limit = f"{release.health_seconds:g} seconds"
                return release, seen, f"are not healthy after {limit}: {seen}"
            release = self._wait(release, delay)
            delay = min(delay * 1.5, LONGEST_LOOK_SECONDS)

    def _check(self, release: Release) -> Release:
        problems = self._world.smoke(release)
        if problems:
            return self._turn(release, f"a smoke check failed: {'; '.join(problems)}")
        count = len(release.smoke)
        passed = f"smoke checks passed: {count}" if count else "no smoke checks"
        return self._go_on(release, passed)

    def _bake(self, release: Release) -> Release:
        begun = datetime.fromisoformat(release.since)
        release, sight = watch(release, self._see, self._watcher.baking, self._wait, self._clock)
        if sight.failure:
            return self._turn(release, sight.failure)
        return self._baked(release, sight.analysis, begun)

    def _baked(self, release: Release, analysis: Analysis, begun: datetime) -> Release:
        what = "the new tasks" if release.rolls else f"{release.weight} %"
        took = f"{what} watched for {self._since(begun):.0f} s"
        if release.strategy == "canary" and analysis.verdict is Verdict.INCONCLUSIVE:
            reason = f"inconclusive at {release.weight} %: {analysis.words}"
            return machine.pause(release, reason, self._moment(f"paused: {reason}"))
        words = f" ({analysis.words})" if analysis.verdict is Verdict.INCONCLUSIVE else ""
        return self._go_on(release, f"{took}: {analysis.verdict}{words}")

    def _see(self, release: Release) -> Sight | None:
        def see() -> Sight:
            raised = self._world.alarms(release.place)
            new = [each for each in raised if each not in release.alarms_before]
            return Sight(new, self._analyse(release))

        return self._looks.at("metrics", see)

    def _analyse(self, release: Release) -> Analysis:
        new, stable = self._world.measure(release, datetime.fromisoformat(release.since))
        return judge(
            release.criteria,
            new,
            stable if release.weight < 100 else None,
            minimum_requests=release.minimum_requests,
        )

    def _go_on(self, release: Release, what: str) -> Release:
        return machine.go_on(release, self._moment(what))

    def _turn(self, release: Release, reason: str) -> Release:
        return machine.turn(release, "failed", reason, self._moment(f"going back: {reason}"))

    def _waited(self, release: Release, begun: datetime) -> float:
        """For how long the phase has been waited for, here or by who drove it before."""
        return max(release.baked_seconds(self._clock()), self._since(begun))

    def _since(self, begun: datetime) -> float:
        return (self._clock() - begun).total_seconds()
