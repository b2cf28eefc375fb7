"""How a rollout stands, and why it does not go on, in words."""

from bookstore_ops.errors import BsopsError, OperationFailed, Refused
from bookstore_ops.flags.model import Rollout
from bookstore_ops.operations.flags.session import FlagSession


def failure(session: FlagSession, rollout: Rollout) -> BsopsError | None:
    """The error of a rollout that failed or waits for a person; None for one that did neither."""
    if rollout.outcome == "failed":
        return OperationFailed(
            f"the rollout of {rollout.flag} failed, and was set back",
            why=rollout.reason,
            next_step=session.command_line("flags list", rollout.service),
        )
    if rollout.paused is not None and not rollout.is_over:
        promote, abort = (line(session, rollout, word) for word in ("promote", "abort"))
        return Refused(
            f"the rollout of {rollout.flag} waits for you at {rollout.weight} %",
            why=rollout.paused,
            next_step=f"{line(session, rollout, 'resume')}   "
            f"(measures again; or: {promote}, or: {abort})",
        )
    return None


def line(session: FlagSession, rollout: Rollout, command: str) -> str:
    """The command that does something to a rollout."""
    return session.command_line(f"flags {command}", rollout.service, rollout.flag)


def describe(rollout: Rollout) -> str:
    """How a rollout stands, in a few words."""
    if rollout.is_over:
        return f"{rollout.outcome}" + (f": {rollout.reason}" if rollout.reason else "")
    paused = f", paused: {rollout.paused}" if rollout.paused else ""
    return f"{rollout.phase}, on for {rollout.weight} %{paused}"


def gone(session: FlagSession, current: Rollout | None) -> Refused:
    """What to say of a rollout that somebody else has taken, or removed."""
    again = session.command_line("flags list")
    if current is None:
        return Refused(
            "the rollout is not in the ledger any more",
            why=f"somebody removed it from {session.store.place}",
            next_step=again,
        )
    whose = current.holder.who if current.holder else "somebody"
    return Refused(
        f"the rollout of {current.flag} was taken over by {whose}",
        why=describe(current),
        next_step=again,
    )
