"""What every command that begins or changes a release needs: the release, and a person's word."""

import secrets
from collections.abc import Sequence

from bookstore_ops.errors import Refused
from bookstore_ops.journal import who
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.driving import drive
from bookstore_ops.operations.releases.holding import busy_with, refuse_others
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.releases.words import describe
from bookstore_ops.releases.driver import Watcher
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import (
    Event,
    Kind,
    Ledger,
    Place,
    Release,
    Step,
    Strategy,
    now,
    stamp,
)
from bookstore_ops.releases.store import this_holder


def begin_release(
    session: ReleaseSession, release: Release, watcher: Watcher, *, wait: bool
) -> Release:
    """Write a new release, and drive it. A rollback need not wait for rollouts of flags.

    Raises:
        StateLocked: another one of the service began first, or a rollout that is judged by it.
        BsopsError: AWS does not do what is asked; the release can be taken up again.
    """

    def check(ledger: Ledger) -> None:
        if release.kind != "rollback":
            refuse_others(session, release.service, ledger)

    try:
        begun = session.store.begin(release, check)
    except TakenOver as lost:
        if lost.current is None:
            raise
        raise busy_with(session, lost.current) from lost
    return drive(session, begun, watcher, wait=wait)


def new_release(
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
    """A release from the active colour to the other; of one colour, in place."""
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


def active_color(session: ReleaseSession, place: Place) -> str:
    """The colour that has all traffic.

    Raises:
        Refused: none has.
    """
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


def under_way(session: ReleaseSession, service: str) -> Release:
    """The release of a service that is not over.

    Raises:
        Refused: there is none.
    """
    current = session.store.read().of(service).current
    if current is None or current.is_over:
        raise Refused(
            f"no release of {service} is under way in {session.environment.name}",
            why=f"the last one: {describe(current)}" if current else "there was none yet",
            next_step=session.command_line("release history", service),
        )
    return current


def ask(session: ReleaseSession, does: str, confirm: Confirm) -> None:
    """Have it confirmed.

    Raises:
        Refused: it was not.
    """
    session.agree(does, confirm, look=session.command_line("release status"))


def moment_of(what: str) -> Moment:
    """Something that happens now."""
    return Moment(now(), what)
