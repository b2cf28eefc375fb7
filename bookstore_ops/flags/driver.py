"""Drives a rollout: does what its phase asks for, writes what is next, until nothing is left."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from bookstore_ops.flags import machine
from bookstore_ops.flags.model import Phase, Rollout
from bookstore_ops.releases.analysis import Analysis, Names, Sample, Verdict, judge
from bookstore_ops.releases.ledgers import Lost
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import Place, now
from bookstore_ops.releases.watching import Looks, Sight, watch

_NAMES = Names(new="the service", stable="the time before", stables="the earlier")


class World(Protocol):
    """What a rollout does to AWS, and sees of it. Everything can be done again without harm.

    All of it raises OperationFailed where AWS does not do it, CredentialsError where it may not.
    """

    def give(self, rollout: Rollout) -> None:
        """Deploy the flag as the rollout wants it."""

    def alarms(self, place: Place) -> list[str]:
        """The release alarms of the service that are raised."""

    def measure(self, rollout: Rollout, since: datetime) -> Sample:
        """What was measured of the service since then."""


class Keeper(Protocol):
    """Where the rollout is kept; see :class:`~bookstore_ops.releases.driver.Keeper`."""

    def save(self, rollout: Rollout, /) -> Rollout:
        """Write it, and give it back with its new version.

        Raises:
            TakenOver: somebody else wrote it since.
        """

    def check(self, rollout: Rollout, /) -> Rollout:
        """See that it is still held, leaving a sign of life where that is due.

        Raises:
            TakenOver: somebody else wrote it since.
        """


class TakenOver(Lost):
    """Somebody else wrote the rollout since; ``current`` is theirs, None if it is gone."""

    current: Rollout | None

    def __init__(self, current: Rollout | None) -> None:
        super().__init__(current)


class Watcher(Protocol):
    """Follows a rollout on a screen."""

    def phase(self, rollout: Rollout) -> None:
        """It went on."""

    def baking(self, rollout: Rollout, left: float, analysis: Analysis) -> None:
        """How the step under way looks."""


class Driver:
    """Takes a rollout from phase to phase."""

    def __init__(
        self,
        world: World,
        keeper: Keeper,
        watcher: Watcher,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._world = world
        self._keeper = keeper
        self._watcher = watcher
        self._clock = clock
        self._sleep = sleep
        self._looks = Looks()

    def run(self, rollout: Rollout, *, wait: bool = True) -> Rollout:
        """Go on until it is over or paused; without ``wait``, until a step is being watched.

        Raises:
            TakenOver: somebody else drives it now; the flag is as they want it.
            BsopsError: AWS does not do what is asked; it can be taken up again.
        """
        while not rollout.is_over and rollout.paused is None:
            if not wait and rollout.phase is Phase.BAKING:
                break
            gave = rollout.phase is not Phase.BAKING
            following = self._bake(rollout) if not gave else self._give(rollout)
            try:
                rollout = self._keeper.save(following)
            except TakenOver as lost:
                # The deployment above may have come after theirs: what they wrote is what holds.
                if gave and lost.current is not None:
                    self._world.give(lost.current)
                raise
            self._watcher.phase(rollout)
        return rollout

    def _give(self, rollout: Rollout) -> Rollout:
        self._world.give(rollout)
        if rollout.has_turned:
            return self._go_on(rollout, f"{rollout.flag} is as it was before: {rollout.goal}")
        return self._go_on(rollout, f"{rollout.flag} is on for {rollout.weight} %")

    def _bake(self, rollout: Rollout) -> Rollout:
        begun = datetime.fromisoformat(rollout.since)
        rollout, sight = watch(rollout, self._see, self._watcher.baking, self._wait, self._clock)
        if sight.failure:
            what = f"going back: {sight.failure}"
            return machine.turn(rollout, "failed", sight.failure, self._moment(what))
        if sight.analysis.verdict is Verdict.INCONCLUSIVE:
            reason = f"inconclusive at {rollout.weight} %: {sight.analysis.words}"
            return machine.pause(rollout, reason, self._moment(f"paused: {reason}"))
        watched = (self._clock() - begun).total_seconds()
        return self._go_on(rollout, f"{rollout.weight} % watched for {watched:.0f} s: pass")

    def _see(self, rollout: Rollout) -> Sight | None:
        def see() -> Sight:
            raised = self._world.alarms(rollout.place)
            sample = self._world.measure(rollout, datetime.fromisoformat(rollout.since))
            return Sight(
                raised,
                judge(
                    rollout.criteria,
                    sample,
                    rollout.baseline,
                    minimum_requests=rollout.minimum_requests,
                    names=_NAMES,
                ),
            )

        return self._looks.at("metrics", see)

    def _wait(self, rollout: Rollout, seconds: float) -> Rollout:
        self._sleep(seconds)
        return self._looks.at("ledger", partial(self._keeper.check, rollout)) or rollout

    def _go_on(self, rollout: Rollout, what: str) -> Rollout:
        return machine.go_on(rollout, self._moment(what))

    def _moment(self, what: str) -> Moment:
        return Moment(self._clock(), what)
