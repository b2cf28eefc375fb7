"""Drives a rollout: what each of its phases asks for."""

from datetime import datetime
from typing import Protocol

from bookstore_ops.flags import machine
from bookstore_ops.flags.model import Phase, Rollout
from bookstore_ops.releases.analysis import Analysis, Names, Sample, Verdict, judge
from bookstore_ops.releases.model import Place
from bookstore_ops.releases.stepper import Stepper
from bookstore_ops.releases.watching import Sight, watch

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


class Watcher(Protocol):
    """Follows a rollout on a screen."""

    def phase(self, rollout: Rollout) -> None:
        """It went on."""

    def baking(self, rollout: Rollout, left: float, analysis: Analysis) -> None:
        """How the step under way looks."""


class Driver(Stepper[World, Rollout, Watcher]):
    """Takes a rollout from phase to phase."""

    def _moves(self, rollout: Rollout) -> bool:
        return rollout.phase is not Phase.BAKING

    def _move(self, rollout: Rollout) -> None:
        self._world.give(rollout)

    def _act(self, rollout: Rollout) -> Rollout:
        return self._give(rollout) if self._moves(rollout) else self._bake(rollout)

    def _give(self, rollout: Rollout) -> Rollout:
        self._move(rollout)
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

    def _go_on(self, rollout: Rollout, what: str) -> Rollout:
        return machine.go_on(rollout, self._moment(what))
