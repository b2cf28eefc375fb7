"""The way back: a release is given up while it is under way, or a good image brought again."""

from msgspec.structs import replace

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.journal import who
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.beginning import (
    active_color,
    ask,
    begin_release,
    moment_of,
    new_release,
    under_way,
)
from bookstore_ops.operations.releases.driving import drive, seize
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.releases.words import nearly_done, no_way_back
from bookstore_ops.releases import machine
from bookstore_ops.releases.driver import Watcher
from bookstore_ops.releases.model import (
    Ledger,
    Outcome,
    Release,
    Strategy,
    contracted_since,
    last_good,
)
from bookstore_ops.releases.settings import load_settings


def abort(session: ReleaseSession, service: str, confirm: Confirm, watcher: Watcher) -> Release:
    """Give a release up: traffic back to the old colour, the new one asleep.

    Raises:
        Refused: there is none under way, or it was not confirmed.
        BsopsError: as :func:`start`.
    """
    current = under_way(session, service)
    if not current.can_turn:
        raise nearly_done(session, current)
    ask(session, f"Give up {current.label} of {service}", confirm)
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
        ask(session, f"Roll {current.service} back from {current.label}", confirm)
        turned = _turn_back(session, current, "rolled-back")
        if turned.has_turned:
            return drive(session, turned, watcher, wait=True)
        current = turned
    if not current.is_over:

        def end_it(release: Release) -> Release:
            if release.contracted:
                raise no_way_back(session, release.service, "an older image", release.label)
            return machine.without_contract(release)

        current = drive(session, seize(session, current, end_it), watcher, wait=True)
    ledger = session.store.read()
    return _roll_back_finished(session, ledger, current, confirm, watcher)


def _turn_back(session: ReleaseSession, current: Release, goal: Outcome) -> Release:
    """Move the traffic, then write it; the release as it is then, which may be past turning."""
    # Traffic first: the reads and writes that follow may wait, customers may not.
    back = replace(current, weight=0)
    session.aws.shift(back)
    # Stopped in the middle, a migration may leave more to mend than one that ends.
    task = "; the expand task goes on" if current.task else ""
    moment = moment_of(f"{goal} by {who()}{task}")
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
    active = active_color(session, place)
    running = session.aws.running(place, active)
    good = last_good(ledger.of(place.service), running.task_definition)
    if good is None:
        raise Refused(
            f"{place.service} has nothing to roll back to",
            why="no image but the one that runs was released well, as far as is known here",
            next_step=session.command_line("release start", place.service, "--image", "TAG"),
        )
    contracted = contracted_since(ledger.of(place.service), good)
    if contracted is not None:
        raise no_way_back(session, place.service, good.label, contracted.label)
    settings = load_settings(
        session.request.workspace.tree, session.environment.name, place.service
    )
    strategy: Strategy = "blue-green" if place.has_colors else "rolling"
    release = new_release(
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
    ask(session, f"Roll {place.service} back to {good.label}", confirm)
    return begin_release(session, release, watcher, wait=True)


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
    unfinished = [name for name, release in known.items() if not release.is_over]
    choices = unfinished or sorted(known)
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
