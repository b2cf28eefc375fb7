"""How a release goes on: from one state to the next, without touching anything."""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from bookstore_ops.releases.model import (
    HISTORY_KEPT,
    Event,
    Hold,
    Ledger,
    Outcome,
    Past,
    Phase,
    Release,
    label_of,
    stamp,
)


@dataclass(frozen=True)
class Moment:
    """When something happens, and what is written of it."""

    at: datetime
    what: str


def go_on(release: Release, moment: Moment) -> Release:
    """The phase under way has been done well; the weight of a step is told before it is given."""
    if release.phase is Phase.BAKING and release.step + 1 < len(release.steps):
        return _give(release, release.step + 1, moment)
    path = _path(release)
    following = path[path.index(release.phase) + 1]
    if following is Phase.SHIFTING:
        return _give(release, 0, moment)
    if following is Phase.ENDED:
        return _end(release, release.goal or "done", moment)
    return _to(release, following, moment)


def _path(release: Release) -> tuple[Phase, ...]:
    """The phases of a release in their order."""
    if release.has_turned:
        return Phase.REVERTING, Phase.LEAVING, Phase.ENDED
    if release.rolls:
        moves: tuple[Phase, ...] = (Phase.SHIFTING, Phase.WARMING)
    else:
        moves = (Phase.STARTING, Phase.WARMING, Phase.CHECKING, Phase.SHIFTING)
    before = (Phase.EXPANDING,) if release.migration.expand else ()
    after = (Phase.CONTRACTING,) if release.migration.contract else ()
    return (
        *(Phase.PREPARING, *before),
        *(*moves, Phase.BAKING),
        *(Phase.FINISHING, *after, Phase.ENDED),
    )


def turn(release: Release, goal: Outcome, reason: str, moment: Moment) -> Release:
    """From now on it goes back, whatever it was doing; one on its way back goes on with that.

    One whose old colour may be asleep cannot: it comes to its end, and is rolled back then.
    """
    if release.has_turned or not release.can_turn:
        return release
    turned = replace(release, goal=goal, reason=reason, weight=0, paused=None)
    return _to(turned, Phase.REVERTING, moment)


def note(release: Release, moment: Moment) -> Release:
    """The phase goes on; something in it is worth a line."""
    return _noted(release, moment)


def task_failed(release: Release, reason: str, moment: Moment) -> Release:
    """The migration's task failed: no traffic moves, or a person sees to what is half done."""
    failed = replace(release, task="", failed_task=release.task, attempt=release.attempt + 1)
    if release.phase is Phase.CONTRACTING:
        return pause(failed, reason, Moment(moment.at, f"paused: {reason}"))
    return turn(failed, "failed", reason, Moment(moment.at, f"going back: {reason}"))


def without_contract(release: Release) -> Release:
    """It ends with the schema as it is, so that older images fit it."""
    return replace(release, migration=replace(release.migration, contract=[]))


def pause(release: Release, reason: str, moment: Moment) -> Release:
    """It waits for a person; traffic stays where it is."""
    return _noted(replace(release, paused=reason), moment)


def take_up(release: Release, moment: Moment) -> Release:
    """It goes on; what is watched or waited for is so for its whole time again."""
    return _noted(replace(release, paused=None, since=stamp(moment.at)), moment)


def promote(release: Release, moment: Moment, *, full: bool) -> Release:
    """A person takes the step under way for passed; ``full``: and all that are left."""
    release = replace(release, paused=None)
    last = len(release.steps) - 1
    if full and release.step < last:
        return _give(release, last, moment)
    return go_on(release, moment)


def _give(release: Release, step: int, moment: Moment) -> Release:
    given = replace(release, step=step, weight=release.steps[step].weight)
    return _to(given, Phase.SHIFTING, moment)


def _end(release: Release, outcome: Outcome, moment: Moment) -> Release:
    return _to(replace(release, outcome=outcome, holder=None), Phase.ENDED, moment)


def _to(release: Release, phase: Phase, moment: Moment) -> Release:
    if phase is Phase.CONTRACTING:
        release = replace(release, contracted=True)
    return _noted(replace(release, phase=phase, since=stamp(moment.at)), moment)


def _noted(release: Release, moment: Moment) -> Release:
    event = Event(time=stamp(moment.at), what=moment.what)
    return replace(release, timeline=[*release.timeline, event])


def with_release(ledger: Ledger, release: Release, at: datetime) -> Ledger:
    """The ledger with this release as its service's current one; over, it is history as well."""
    service = ledger.of(release.service)
    history = list(service.history)
    before = release.previous
    if not any(past.task_definition == before.task_definition for past in history):
        history.append(
            Past(
                id=f"found-{before.color}",
                kind="release",
                strategy=release.strategy,
                image=before.image,
                label=label_of(before.image),
                color=before.color,
                task_definition=before.task_definition,
                started=release.started,
                ended=release.started,
                by="",
                outcome="found",
            )
        )
    if release.is_over:
        history = _condemned(release, history)
        if not any(past.id == release.id for past in history):
            history.append(_past(release, at))
    kept = replace(service, current=release, history=history[-HISTORY_KEPT:])
    return replace(ledger, services={**ledger.services, release.service: kept})


def with_hold(ledger: Ledger, service: str, hold: Hold) -> Ledger:
    """The ledger with a service that is held by a rollout."""
    held = replace(ledger.of(service), rollout=hold)
    return replace(ledger, services={**ledger.services, service: held})


def _condemned(release: Release, history: list[Past]) -> list[Past]:
    """A release that was rolled back from, after it was thought done, is good no more."""
    if release.kind != "rollback" or release.outcome != "done":
        return history
    left = release.previous.task_definition
    return [
        replace(past, outcome="rolled-back")
        if past.task_definition == left and past.outcome in {"done", "found"}
        else past
        for past in history
    ]


def _past(release: Release, at: datetime) -> Past:
    return Past(
        id=release.id,
        kind=release.kind,
        strategy=release.strategy,
        image=release.image,
        label=release.label,
        color=release.color,
        task_definition=release.task_definition,
        started=release.started,
        ended=stamp(at),
        by=release.by,
        outcome=release.outcome or "failed",
        reason=release.reason,
        contracted=release.contracted,
        timeline=release.timeline,
    )
