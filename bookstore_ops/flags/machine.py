"""How a rollout goes on: from one state to the next, without touching anything."""

from msgspec.structs import replace

from bookstore_ops.flags.model import Outcome, Phase, Rollout
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import Event, stamp


def go_on(rollout: Rollout, moment: Moment) -> Rollout:
    """The phase under way has been done well; a percentage is told before it is given."""
    if rollout.phase is Phase.GIVING:
        return _to(rollout, Phase.BAKING, moment)
    if rollout.phase is Phase.BAKING and rollout.step + 1 < len(rollout.steps):
        return _give(rollout, rollout.step + 1, moment)
    outcome: Outcome = rollout.goal or "done"
    return _to(replace(rollout, outcome=outcome, holder=None), Phase.ENDED, moment)


def turn(rollout: Rollout, goal: Outcome, reason: str, moment: Moment) -> Rollout:
    """From now on it goes back, unless it is over or does so already."""
    if rollout.has_turned or rollout.is_over:
        return rollout
    turned = replace(rollout, goal=goal, reason=reason, weight=0, paused=None)
    return _to(turned, Phase.REVERTING, moment)


def pause(rollout: Rollout, reason: str, moment: Moment) -> Rollout:
    """It waits for a person; the flag stays as it is."""
    return _noted(replace(rollout, paused=reason), moment)


def take_up(rollout: Rollout, moment: Moment) -> Rollout:
    """It goes on; what is watched is so for its whole time again."""
    return _noted(replace(rollout, paused=None, since=stamp(moment.at)), moment)


def promote(rollout: Rollout, moment: Moment) -> Rollout:
    """A person takes the step under way for passed."""
    return go_on(replace(rollout, paused=None), moment)


def _give(rollout: Rollout, step: int, moment: Moment) -> Rollout:
    return _to(replace(rollout, step=step, weight=rollout.steps[step].weight), Phase.GIVING, moment)


def _to(rollout: Rollout, phase: Phase, moment: Moment) -> Rollout:
    return _noted(replace(rollout, phase=phase, since=stamp(moment.at)), moment)


def _noted(rollout: Rollout, moment: Moment) -> Rollout:
    event = Event(time=stamp(moment.at), what=moment.what)
    return replace(rollout, timeline=[*rollout.timeline, event])
