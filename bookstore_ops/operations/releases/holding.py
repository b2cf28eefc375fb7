"""A service is judged by one change at a time: a release of it, or a rollout of a flag.

A release is in its service's place in the ledger of releases while it is under way. A rollout
writes a hold there before it begins, on the same condition: of all that begin at once, one does.
The hold needs no end of its own. It ends with the rollout, however that ends.
"""

from bookstore_ops.errors import StateLocked
from bookstore_ops.flags.model import Rollout
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.flags import words as flag_words
from bookstore_ops.operations.releases import words
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.model import Hold, Ledger, Release, now
from bookstore_ops.releases.store import held_by, liveness, this_holder


def busy_with(session: ReleaseSession, kept: Release | Rollout) -> StateLocked:
    """What to say of a release or a rollout that is under way, or was left half-way."""
    names: tuple[str, ...]
    if isinstance(kept, Release):
        what, how = f"a release of {kept.service}", f"{kept.label}, {words.describe(kept)}"
        group, names = "release", (kept.service,)
        look = f"{session.command_line('release status', kept.service)} --watch"
    else:
        what, how = f"a rollout of {kept.flag}", flag_words.describe(kept)
        group, names = "flags", (kept.service, kept.flag)
        look = session.command_line("flags list", kept.service)
    resume, end = (session.command_line(f"{group} {word}", *names) for word in ("resume", "abort"))
    name, holder, held = session.environment.name, kept.holder, held_by(kept)
    if held is Liveness.ALIVE and holder is not None:
        ci = f"; its CI run: {holder.ci}" if holder.ci else ""
        return StateLocked(
            f"{what} is under way in {name}",
            why=f"{holder.who} (pid {holder.pid}) drives it: {how}{ci}",
            next_step=f"{look}   (or end it: {end})",
        )
    left = f"{holder.who} drove it, and is {held.value}" if holder else "nobody drives it"
    half_way = StateLocked(
        f"{what} was left half-way in {name}",
        why=f"{how}; {left}",
        next_step=f"{resume}   (or: {end})",
    )
    return half_way.leading_to("canary-stuck") if isinstance(kept, Release) else half_way


def refuse_others(session: ReleaseSession, service: str, ledger: Ledger) -> None:
    """Refuse to begin while something else is under way by which the service is judged.

    Raises:
        StateLocked: a release or a rollout is.
        OperationFailed: the ledger of rollouts cannot be read.
    """
    known = ledger.of(service)
    busy = None
    if known.current is not None and not known.current.is_over:
        busy = busy_with(session, known.current)
    elif known.rollout is not None:
        busy = _held(session, service, known.rollout)
    if busy is not None:
        busy.why = f"{busy.why}; two changes of {service} at once could not be told apart"
        raise busy


def _held(session: ReleaseSession, service: str, hold: Hold) -> StateLocked | None:
    """What to say of a rollout that holds a service; None: it is over."""
    rollout = session.rollouts().read().rollouts.get(hold.flag)
    if rollout is not None and rollout.id == hold.rollout:
        return None if rollout.is_over else busy_with(session, rollout)
    if liveness(hold.holder, who(), now()) is not Liveness.ALIVE:
        return None  # it was killed before it began
    return StateLocked(
        f"a rollout of {hold.flag} begins in {session.environment.name}",
        why=f"{hold.holder.who} (pid {hold.holder.pid}) begins it for {service}",
        next_step=session.command_line("flags list", service),
    )


def hold_service(session: ReleaseSession, rollout: Rollout) -> None:
    """Hold the service that a rollout is judged by, before it begins.

    Raises:
        StateLocked: a release of it, or another rollout, is under way.
        OperationFailed: the ledger cannot be written.
    """
    service = rollout.service
    hold = Hold(flag=rollout.flag, rollout=rollout.id, holder=this_holder(session.run_id))
    session.store.hold(service, hold, lambda ledger: refuse_others(session, service, ledger))
