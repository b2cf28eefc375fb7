"""What an operator does to a rollout: give a flag to more and more customers, take it back."""

import secrets
from dataclasses import dataclass

from msgspec.structs import replace

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.flags import machine
from bookstore_ops.flags.document import Flag
from bookstore_ops.flags.driver import Watcher
from bookstore_ops.flags.model import PERCENT, Phase, Rollout
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.flags.beginning import ask, find_flag, last_rollout, under_way
from bookstore_ops.operations.flags.driving import drive, seize
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.flags.words import gone
from bookstore_ops.operations.releases.holding import busy_with, hold_service, refuse_others
from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import Criterion, Event, Place, Step, now, stamp
from bookstore_ops.releases.settings import FILE, ReleaseSettings, are_steps
from bookstore_ops.releases.store import held_by, this_holder


@dataclass(frozen=True)
class Wanted:
    """A rollout as it is asked for; ``steps`` such as ``5,25,100``, None: as the settings say."""

    service: str
    flag: str
    steps: str | None = None
    wait: bool = True


def roll_out(session: FlagSession, wanted: Wanted, confirm: Confirm, watcher: Watcher) -> Rollout:
    """Give a flag to a growing share of the customers, watching the service at each step.

    Raises:
        UsageError: there is no such flag or service, or the steps cannot be meant.
        StateLocked: another rollout of it, or of another flag that the service is judged by, or a
            release of the service, is under way.
        Refused: it cannot be given to a share, has all of them, the service is not well, or it
            was not confirmed.
        BsopsError: AWS does not do what is asked; the rollout can be taken up again.
    """
    service, name = wanted.service, wanted.flag
    flag, place = find_flag(session, service, name)
    last_rollout(session, name)
    settings = session.settings(service).of_flag(name)
    plan = _plan(session, flag, settings, wanted)
    refuse_others(session.held, service, session.held.store.read())
    color = _color(session, place)
    raised = session.alarms(place)
    if raised:
        raise Refused(
            f"{service} is not well: what the flag does could not be told from what ails it",
            why=f"alarms are raised: {', '.join(raised)}",
            next_step="wait for them to end",
        )
    shares = ", ".join(f"{step.weight} %" for step in plan)
    ask(session, f"Roll {name} out to {shares} of the customers", confirm)
    moment = now()
    draft = Rollout(
        id=f"{moment:%Y%m%dT%H%M%S}-{name}-{secrets.token_hex(2)}",
        flag=name,
        place=place,
        color=color,
        steps=plan,
        before={"enabled": flag.enabled, PERCENT: flag.percent or 0},
        baseline=Sample(),
        started=stamp(moment),
        since=stamp(moment),
        by=who(),
        minimum_requests=settings.minimum_requests if place.has_colors else 0,
        criteria=_criteria(session, settings, place, name),
        weight=plan[0].weight,
        holder=this_holder(session.held.run_id),
        timeline=[Event(time=stamp(moment), what=f"rollout to {shares}, by {who()}")],
    )
    rollout = replace(draft, baseline=session.baseline(draft, color))
    hold_service(session.held, rollout)
    try:
        begun = session.store.begin(rollout)
    except TakenOver as lost:
        if lost.current is None:
            raise
        raise busy_with(session.held, lost.current) from lost
    return drive(session, begun, watcher, wait=wanted.wait)


def resume(
    session: FlagSession, service: str, name: str, watcher: Watcher, *, wait: bool
) -> Rollout:
    """Take up a rollout that was paused, or left behind by a process that ended.

    Raises:
        StateLocked: who drives it lives.
        BsopsError: as :func:`roll_out`.
    """
    current = under_way(session, service, name)
    if current.paused is None and held_by(current) is Liveness.ALIVE:
        raise busy_with(session.held, current)
    moment = Moment(now(), "taken up again")
    taken = seize(session, current, lambda rollout: machine.take_up(rollout, moment))
    return drive(session, taken, watcher, wait=wait)


def promote(
    session: FlagSession, service: str, name: str, confirm: Confirm, watcher: Watcher
) -> Rollout:
    """Take the step under way for passed, without its analysis.

    Raises:
        Refused: there is no step to pass, or it was not confirmed.
        BsopsError: as :func:`roll_out`.
    """
    current = under_way(session, service, name)
    if current.phase is not Phase.BAKING:
        raise Refused(
            f"the rollout of {name} cannot be promoted",
            why=f"it is {current.phase}: no share of the customers is being watched",
            next_step=session.command_line("flags list", service),
        )
    ask(session, f"Promote {name}: pass the step of {current.weight} %, unseen", confirm)
    moment = Moment(now(), f"promoted by {who()}")

    def change(rollout: Rollout) -> Rollout:
        if rollout.phase is not Phase.BAKING or rollout.step != current.step:
            raise gone(session, rollout)
        return machine.promote(rollout, moment)

    return drive(session, seize(session, current, change), watcher, wait=True)


def abort(
    session: FlagSession, service: str, name: str, confirm: Confirm, watcher: Watcher
) -> Rollout:
    """Set the flag back to what it was before its rollout.

    Raises:
        Refused: there is no rollout under way, or it was not confirmed.
        BsopsError: as :func:`roll_out`.
    """
    current = under_way(session, service, name)
    ask(session, f"Give up the rollout of {name}", confirm)
    moment = Moment(now(), f"aborted by {who()}")
    # The flag first: the reads and writes of the ledger may wait, customers may not.
    session.give(machine.turn(current, "aborted", moment.what, moment))
    taken = seize(
        session, current, lambda rollout: machine.turn(rollout, "aborted", moment.what, moment)
    )
    return drive(session, taken, watcher, wait=True)


def _plan(
    session: FlagSession, flag: Flag, settings: ReleaseSettings, wanted: Wanted
) -> list[Step]:
    """The steps that are left for a flag."""
    service = wanted.service
    if wanted.steps is not None:
        again = session.command_line("flags rollout", service, flag.name)
        settings = replace(settings, steps=_parsed(wanted.steps, again))
    if flag.percent is None:
        raise Refused(
            f"{flag.name} cannot be given to a share of the customers",
            why=f"it has no number {PERCENT} by which services could tell who has it",
            next_step=f"{session.command_line('flags set', service, flag.name)} on   "
            "(for everybody at once)",
        )
    left = [step for step in settings.plan("canary") if step.weight > flag.share]
    if not left:
        raise Refused(
            f"{flag.name} is rolled out already",
            why=f"it is on for {flag.share:g} % of the customers",
            next_step=session.command_line("flags list", service),
        )
    return left


def _parsed(steps: str, again: str) -> tuple[int, ...]:
    words = steps.split(",")
    numbers = tuple(int(word) for word in words if word.strip().isdecimal())
    if len(numbers) != len(words) or not are_steps(numbers):
        raise UsageError(
            f"{steps} cannot be steps",
            why="they must be whole numbers that grow from 1 or more to 100",
            next_step=f"{again} --steps 5,25,50,100",
        )
    return numbers


def _criteria(
    session: FlagSession, settings: ReleaseSettings, place: Place, name: str
) -> list[Criterion]:
    """What the service must achieve; of one without colours no load balancer counts requests."""
    if place.has_colors:
        return settings.criteria
    custom = [criterion for criterion in settings.criteria if criterion.source == "custom"]
    if not custom:
        raise Refused(
            f"nothing would tell how {place.service} does with the flag",
            why=f"no load balancer sends it requests, and {FILE} has no custom criterion for it",
            next_step=f"add one to [services.{place.service}], or set the flag for everybody: "
            + session.command_line("flags set", place.service, name, "on", f"{PERCENT}=100"),
        )
    return custom


def _color(session: FlagSession, place: Place) -> str:
    """The colour whose tasks answer."""
    weights = session.held.aws.weights(place)
    return max(sorted(weights), key=lambda color: weights[color])
