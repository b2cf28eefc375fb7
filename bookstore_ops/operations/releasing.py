"""What an operator does to a release: start, go on, promote, pause, give up, roll back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from bookstore_ops.errors import (
    Refused,
    UsageError,
)
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.guards import state_confirmation
from bookstore_ops.operations.release_driving import drive, seize
from bookstore_ops.operations.release_session import ReleaseSession
from bookstore_ops.operations.release_words import busy, describe, gone, held_by, nearly_done
from bookstore_ops.releases import machine
from bookstore_ops.releases.driver import TakenOver, Watcher
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import (
    Event,
    Kind,
    Ledger,
    Outcome,
    Phase,
    Place,
    Release,
    Step,
    Strategy,
    last_good,
    now,
    stamp,
)
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.settings import ReleaseSettings, load_settings
from bookstore_ops.releases.store import this_holder


@dataclass(frozen=True)
class Wanted:
    """What is to be released, and how; ``strategy`` None: as the settings say.

    ``despite_alarms``: alarms that are raised already do not hinder it, nor end it.
    """

    service: str
    image: str
    strategy: Strategy | None = None
    wait: bool = True
    despite_alarms: bool = False


def start(session: ReleaseSession, wanted: Wanted, confirm: Confirm, watcher: Watcher) -> Release:
    """Release an image, to the end or until its traffic has moved.

    Raises:
        Refused: there is no such image, or it was not confirmed.
        StateLocked: another release of the service is under way.
        BsopsError: AWS does not do what is asked; the release can be taken up again.
    """
    environment = session.environment
    place = find_place(session.places(), environment.name, wanted.service)
    settings = load_settings(session.request.workspace.tree, environment.name, wanted.service)
    current = session.store.read().of(wanted.service).current
    if current is not None and not current.is_over:
        raise busy(session, current)
    image = session.aws.image(place, wanted.image)
    active = _active(session, place)
    raised = session.aws.alarms(place)
    if raised and not wanted.despite_alarms:
        raise Refused(
            f"{place.service} is not well: a release could not be told from what ails it",
            why=f"alarms are raised: {', '.join(raised)}",
            next_step="wait for them to end; where this release is the cure: "
            f"{_start_line(session, wanted)} --despite-alarms",
        )
    strategy = _strategy(session, place, wanted.strategy, settings)
    release = _new(
        session,
        place,
        active,
        kind="release",
        strategy=strategy,
        image=image.reference,
        label=image.label,
        steps=settings.plan(strategy),
    )
    release = replace(release, health_seconds=settings.health_seconds, alarms_before=raised)
    if strategy == "rolling":
        # No load balancer counts its requests, and no path of the API leads to it.
        own = [each for each in settings.criteria if each.stands_alone]
        release = replace(release, criteria=own)
    else:
        release = replace(
            release,
            minimum_requests=settings.minimum_requests,
            criteria=settings.criteria,
            smoke=settings.smoke,
        )
    _ask(session, f"Release {release.label} of {place.service} ({strategy})", confirm)
    return _begin(session, release, watcher, wait=wanted.wait)


def _strategy(
    session: ReleaseSession, place: Place, asked: Strategy | None, settings: ReleaseSettings
) -> Strategy:
    """How it is released: with colours as asked or set, without them there is one way only.

    Raises:
        UsageError: it cannot be released so.
    """
    strategy = asked or (settings.strategy if place.has_colors else "rolling")
    if (strategy == "rolling") is not place.has_colors:
        return strategy
    start_it = session.command_line("release start", place.service, "--image", "TAG")
    if place.has_colors:
        raise UsageError(
            f"{place.service} is not released in place",
            why="it has a second colour, which is tried before customers meet it",
            next_step=f"{start_it} --strategy canary",
        )
    raise UsageError(
        f"{place.service} cannot be released by {strategy}",
        why="it has one colour only: its tasks are replaced where they are",
        next_step=f"{start_it} --strategy rolling",
    )


def resume(session: ReleaseSession, service: str, watcher: Watcher, *, wait: bool) -> Release:
    """Take up a release that was paused, or left behind by a process that ended.

    Raises:
        StateLocked: who drives it lives.
        BsopsError: as :func:`start`.
    """
    current = _under_way(session, service)
    if current.paused is None and held_by(current) is Liveness.ALIVE:
        raise busy(session, current)
    taken = seize(
        session, current, lambda release: machine.take_up(release, _moment("taken up again"))
    )
    return drive(session, taken, watcher, wait=wait)


def promote(
    session: ReleaseSession, service: str, confirm: Confirm, watcher: Watcher, *, full: bool
) -> Release:
    """Take the step under way for passed, without its analysis; ``full``: all that are left too.

    Raises:
        Refused: there is no step to pass, or it was not confirmed.
        BsopsError: as :func:`start`.
    """
    current = _under_way(session, service)
    if current.phase is not Phase.BAKING:
        raise Refused(
            f"the release of {service} cannot be promoted",
            why=f"it is {current.phase}: no share of the traffic is being watched",
            next_step=session.command_line("release status", service),
        )
    step = "what is being watched" if current.rolls else f"the step of {current.weight} %"
    does = "give it all traffic" if full else f"pass {step}"
    _ask(session, f"Promote {current.label} of {service}: {does}, unseen", confirm)
    moment = _moment(f"promoted{' in full' if full else ''} by {who()}")

    def change(release: Release) -> Release:
        if release.phase is not Phase.BAKING or release.step != current.step:
            raise gone(session, release)
        return machine.promote(release, moment, full=full)

    return drive(session, seize(session, current, change), watcher, wait=True)


def pause(session: ReleaseSession, service: str) -> Release:
    """Leave a release where it is; whoever drives it stops.

    Raises:
        Refused: there is nothing to pause.
    """
    current = _under_way(session, service)
    if current.has_turned or current.paused is not None:
        state = "on its way back" if current.has_turned else f"paused: {current.paused}"
        raise Refused(
            f"the release of {service} cannot be paused",
            why=f"it is {state}",
            next_step=session.command_line("release status", service),
        )
    moment = _moment(f"paused by {who()}")
    paused = seize(
        session, current, lambda release: machine.pause(release, moment.what, moment), hold=False
    )
    session.journal.step(session.run_id, moment.what)
    return paused


def abort(session: ReleaseSession, service: str, confirm: Confirm, watcher: Watcher) -> Release:
    """Give a release up: traffic back to the old colour, the new one asleep.

    Raises:
        Refused: there is none under way, or it was not confirmed.
        BsopsError: as :func:`start`.
    """
    current = _under_way(session, service)
    if not current.can_turn:
        raise nearly_done(session, current)
    _ask(session, f"Give up {current.label} of {service}", confirm)
    turned = _turn_back(session, current, "aborted")
    if not turned.has_turned:
        raise nearly_done(session, turned)
    return drive(session, turned, watcher, wait=True)


def rollback(
    session: ReleaseSession, service: str | None, confirm: Confirm, watcher: Watcher
) -> Release:
    """Back to the last good image: at once while the old colour is awake, else by waking it.

    Raises:
        Refused: there is nothing to go back to, or it was not confirmed.
        UsageError: several services could be meant.
        BsopsError: as :func:`start`.
    """
    ledger = session.store.read()
    current = _meant(session, ledger, service)
    if current.can_turn:
        _ask(session, f"Roll {current.service} back from {current.label}", confirm)
        turned = _turn_back(session, current, "rolled-back")
        if turned.has_turned:
            return drive(session, turned, watcher, wait=True)
        current = turned
    if not current.is_over:
        held = seize(session, current, lambda release: release)
        current = drive(session, held, watcher, wait=True)
    ledger = session.store.read()
    return _roll_back_finished(session, ledger, current, confirm, watcher)


def _turn_back(session: ReleaseSession, current: Release, goal: Outcome) -> Release:
    """Move the traffic, then write it; the release as it is then, which may be past turning."""
    # Traffic first: the reads and writes that follow may wait, customers may not.
    back = replace(current, weight=0)
    session.aws.shift(back)
    moment = _moment(f"{goal} by {who()}")
    session.journal.step(session.run_id, f"{current.service}: {back.shares}")
    taken = seize(
        session, current, lambda release: machine.turn(release, goal, moment.what, moment)
    )
    if not taken.has_turned:
        # Its driver was quicker, and may have laid the old colour to sleep.
        session.aws.shift(taken)
    return taken


def _roll_back_finished(
    session: ReleaseSession,
    ledger: Ledger,
    current: Release,
    confirm: Confirm,
    watcher: Watcher,
) -> Release:
    place = current.place
    active = _active(session, place)
    running = session.aws.running(place, active)
    good = last_good(ledger.of(place.service), running.task_definition)
    if good is None:
        raise Refused(
            f"{place.service} has nothing to roll back to",
            why="no image but the one that runs was released well, as far as is known here",
            next_step=session.command_line("release start", place.service, "--image", "TAG"),
        )
    settings = load_settings(
        session.request.workspace.tree, session.environment.name, place.service
    )
    strategy: Strategy = "blue-green" if place.has_colors else "rolling"
    release = _new(
        session,
        place,
        active,
        kind="rollback",
        strategy=strategy,
        image=good.image,
        label=good.label,
        steps=settings.plan(strategy),
    )
    # It ran before, and time counts: no smoke check and no verdict. The alarms that are raised are
    # the reason for it, not its doing.
    release = replace(
        release,
        task_definition=good.task_definition,
        health_seconds=settings.health_seconds,
        alarms_before=session.aws.alarms(place),
    )
    _ask(session, f"Roll {place.service} back to {good.label}", confirm)
    return _begin(session, release, watcher, wait=True)


def _begin(session: ReleaseSession, release: Release, watcher: Watcher, *, wait: bool) -> Release:
    try:
        begun = session.store.begin(release)
    except TakenOver as lost:
        if lost.current is None:
            raise
        raise busy(session, lost.current) from lost
    return drive(session, begun, watcher, wait=wait)


def _new(
    session: ReleaseSession,
    place: Place,
    active: str,
    *,
    kind: Kind,
    strategy: Strategy,
    image: str,
    label: str,
    steps: Sequence[Step],
) -> Release:
    moment = now()
    previous = session.aws.running(place, active)
    color = place.other(active) if place.has_colors else active
    to = f" to {color}" if place.has_colors else ""
    what = f"{kind} of {label} ({strategy}){to}, by {who()}"
    return Release(
        id=f"{moment:%Y%m%dT%H%M%S}-{place.service}-{secrets.token_hex(2)}",
        kind=kind,
        strategy=strategy,
        place=place,
        image=image,
        label=label,
        color=color,
        previous=previous,
        steps=list(steps),
        started=stamp(moment),
        since=stamp(moment),
        by=who(),
        health_seconds=0,
        holder=this_holder(session.run_id),
        timeline=[Event(time=stamp(moment), what=what)],
    )


def _active(session: ReleaseSession, place: Place) -> str:
    weights = session.aws.weights(place)
    active = [color for color, weight in weights.items() if weight]
    if len(active) != 1:
        shares = ", ".join(f"{color} {weight}" for color, weight in sorted(weights.items()))
        raise Refused(
            f"the traffic of {place.service} is not with one colour",
            why=f"the weights are {shares}, and no release is under way",
            next_step="give one colour all of it: aws elbv2 modify-rule --rule-arn "
            f"{place.rule_arn} --actions …",
        )
    return active[0]


def _under_way(session: ReleaseSession, service: str) -> Release:
    current = session.store.read().of(service).current
    if current is None or current.is_over:
        raise Refused(
            f"no release of {service} is under way in {session.environment.name}",
            why=f"the last one: {describe(current)}" if current else "there was none yet",
            next_step=session.command_line("release history", service),
        )
    return current


def _meant(session: ReleaseSession, ledger: Ledger, service: str | None) -> Release:
    known = {name: each.current for name, each in ledger.services.items() if each.current}
    if service is not None:
        if service not in known:
            raise Refused(
                f"{service} was never released in {session.environment.name} by bsops",
                why=f"released were: {', '.join(sorted(known)) or 'none'}",
                next_step=session.command_line("release status"),
            )
        return known[service]
    under_way = [name for name, release in known.items() if not release.is_over]
    choices = under_way or sorted(known)
    if len(choices) == 1:
        return known[choices[0]]
    if not choices:
        raise Refused(
            f"nothing was released in {session.environment.name}",
            why="bsops knows of no release there",
            next_step=session.command_line("release status"),
        )
    raise UsageError(
        f"several services could be rolled back: {', '.join(choices)}",
        why="one is rolled back at a time",
        next_step=session.command_line("release rollback", choices[0]),
    )


def _start_line(session: ReleaseSession, wanted: Wanted) -> str:
    return session.command_line("release start", wanted.service, "--image", wanted.image)


def _ask(session: ReleaseSession, does: str, confirm: Confirm) -> None:
    sandbox = session.request.sandbox
    if not confirm(state_confirmation(session.environment, does, sandbox=sandbox)):
        raise Refused(
            "nothing was changed",
            why="it was not confirmed",
            next_step=session.command_line("release status"),
        )


def _moment(what: str) -> Moment:
    return Moment(now(), what)
