"""What every command that changes a flag needs: the flag, its rollout, and a person's word."""

from bookstore_ops.environments import nearest
from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.flags.document import Flag
from bookstore_ops.flags.model import Rollout
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.flags.words import describe
from bookstore_ops.operations.releases.holding import busy_with
from bookstore_ops.releases.model import Place
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.settings import FILE


def find_flag(session: FlagSession, service: str, name: str) -> tuple[Flag, Place]:
    """A flag, and the service that reads it.

    Raises:
        UsageError: there is none, or the service does not read it.
    """
    place = find_place(session.held.places(), session.environment.name, service)
    flags = session.appconfig.read().flags
    if name not in flags:
        guess = nearest(name, list(flags))
        raise UsageError(
            f"{session.environment.name} has no flag {name}",
            why=f"it has: {', '.join(flags) or 'none'}",
            next_step=f"did you mean {guess}?" if guess else session.command_line("flags list"),
        )
    readers = session.readers().get(name, [])
    if readers and service not in readers:
        raise UsageError(
            f"{service} does not read the flag {name}",
            why=f"{FILE} says that it is read by {', '.join(readers)}",
            next_step=f"name {readers[0]}, or add [services.{service}.flags.{name}] to {FILE}",
        )
    return flags[name], place


def last_rollout(session: FlagSession, name: str) -> Rollout | None:
    """The last rollout of a flag, which is over.

    Raises:
        StateLocked: it is not.
    """
    current = session.store.read().rollouts.get(name)
    if current is not None and not current.is_over:
        raise busy_with(session.held, current)
    return current


def under_way(session: FlagSession, service: str, name: str) -> Rollout:
    """The rollout of a flag for a service that is not over.

    Raises:
        Refused: there is none.
    """
    current = session.store.read().rollouts.get(name)
    if current is None or current.is_over or current.service != service:
        last = f"the last one, for {current.service}: {describe(current)}" if current else None
        raise Refused(
            f"no rollout of {name} for {service} is under way in {session.environment.name}",
            why=last or "there was none yet",
            next_step=session.command_line("flags list"),
        )
    return current


def ask(session: FlagSession, does: str, confirm: Confirm) -> None:
    """Have it confirmed.

    Raises:
        Refused: it was not.
    """
    session.held.agree(does, confirm, look=session.command_line("flags list"))
