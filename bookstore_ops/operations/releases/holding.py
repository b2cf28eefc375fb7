"""A service is judged by one change at a time: a release of it, or a rollout of a flag.

A release is in its service's place in the ledger of releases while it is under way. A rollout
writes a hold there before it begins, on the same condition: of all that begin at once, one does.
The hold needs no end of its own. It ends with the rollout, however that ends.
"""

from bookstore_ops.errors import StateLocked
from bookstore_ops.flags.model import Rollout
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.flags import words as flag_words
from bookstore_ops.operations.releases import words
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.model import Hold, Ledger, now
from bookstore_ops.releases.store import liveness, this_holder


def flag_store(session: ReleaseSession) -> FlagStore:
    """The ledger of the environment's rollouts."""
    backend, again = session.backend, session.command_line("flags list")
    return FlagStore(backend.client("s3"), backend.bucket, backend.key, again)


def refuse_others(session: ReleaseSession, service: str, ledger: Ledger) -> None:
    """Refuse to begin while something else is under way by which the service is judged.

    Raises:
        StateLocked: a release or a rollout is.
        OperationFailed: the ledger of rollouts cannot be read.
    """
    known = ledger.of(service)
    busy = None
    if known.current is not None and not known.current.is_over:
        busy = words.busy(session, known.current)
    elif known.rollout is not None:
        busy = _held(session, service, known.rollout)
    if busy is not None:
        busy.why = f"{busy.why}; two changes of {service} at once could not be told apart"
        raise busy


def _held(session: ReleaseSession, service: str, hold: Hold) -> StateLocked | None:
    """What to say of a rollout that holds a service; None: it is over."""
    rollout = flag_store(session).read().rollouts.get(hold.flag)
    if rollout is not None and rollout.id == hold.rollout:
        return None if rollout.is_over else flag_words.busy(session, rollout)
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
