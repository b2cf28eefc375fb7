"""What an operator does to a release on its way: start, go on, promote, pause."""

from dataclasses import dataclass

from msgspec.structs import replace

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.beginning import (
    active_color,
    ask,
    begin_release,
    moment_of,
    new_release,
    under_way,
)
from bookstore_ops.operations.releases.driving import drive, notify, seize
from bookstore_ops.operations.releases.holding import busy_with, refuse_others
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.releases.words import gone
from bookstore_ops.releases import machine
from bookstore_ops.releases.driver import Watcher
from bookstore_ops.releases.model import Phase, Place, Release, Strategy
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.settings import ReleaseSettings, load_settings
from bookstore_ops.releases.store import held_by


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
        StateLocked: another release of the service, or a rollout judged by it, is under way.
        BsopsError: AWS does not do what is asked; the release can be taken up again.
    """
    environment = session.environment
    place = find_place(session.places(), environment.name, wanted.service)
    settings = load_settings(session.request.workspace.tree, environment.name, wanted.service)
    refuse_others(session, wanted.service, session.store.read())
    image = session.aws.image(place, wanted.image)
    active = active_color(session, place)
    raised = session.aws.alarms(place)
    if raised and not wanted.despite_alarms:
        raise Refused(
            f"{place.service} is not well: a release could not be told from what ails it",
            why=f"alarms are raised: {', '.join(raised)}",
            next_step="wait for them to end; where this release is the cure: "
            f"{_start_line(session, wanted)} --despite-alarms",
        )
    strategy = _strategy(session, place, wanted.strategy, settings)
    release = new_release(
        session,
        place,
        active,
        kind="release",
        strategy=strategy,
        image=image.reference,
        label=image.label,
        steps=settings.plan(strategy),
    )
    release = replace(
        release,
        health_seconds=settings.health_seconds,
        alarms_before=raised,
        migration=settings.migration,
    )
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
    ask(session, f"Release {release.label} of {place.service} ({strategy})", confirm)
    return begin_release(session, release, watcher, wait=wanted.wait)


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
    current = under_way(session, service)
    if current.paused is None and held_by(current) is Liveness.ALIVE:
        raise busy_with(session, current)
    taken = seize(
        session, current, lambda release: machine.take_up(release, moment_of("taken up again"))
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
    current = under_way(session, service)
    contracts = current.phase is Phase.CONTRACTING and current.paused is not None
    if current.phase is not Phase.BAKING and not contracts:
        raise Refused(
            f"the release of {service} cannot be promoted",
            why=f"it is {current.phase}: no share of the traffic is being watched",
            next_step=session.command_line("release status", service),
        )
    step = "what is being watched" if current.rolls else f"the step of {current.weight} %"
    step = "the contract task" if contracts else step
    does = "give it all traffic" if full else f"pass {step}"
    ask(session, f"Promote {current.label} of {service}: {does}, unseen", confirm)
    moment = moment_of(f"promoted{' in full' if full else ''} by {who()}")

    def change(release: Release) -> Release:
        if release.phase is not current.phase or release.step != current.step:
            raise gone(session, release)
        return machine.promote(release, moment, full=full)

    return drive(session, seize(session, current, change), watcher, wait=True)


def pause(session: ReleaseSession, service: str) -> Release:
    """Leave a release where it is; whoever drives it stops.

    Raises:
        Refused: there is nothing to pause.
    """
    current = under_way(session, service)
    if current.has_turned or current.paused is not None:
        state = "on its way back" if current.has_turned else f"paused: {current.paused}"
        raise Refused(
            f"the release of {service} cannot be paused",
            why=f"it is {state}",
            next_step=session.command_line("release status", service),
        )
    moment = moment_of(f"paused by {who()}")
    paused = seize(
        session, current, lambda release: machine.pause(release, moment.what, moment), hold=False
    )
    session.journal.step(session.run_id, moment.what)
    notify(session, paused, moment.what, first=False)
    return paused


def _start_line(session: ReleaseSession, wanted: Wanted) -> str:
    return session.command_line("release start", wanted.service, "--image", wanted.image)
