"""Overriding a guard: told on the command line, with a reason that stays in the journal."""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bookstore_ops.errors import UsageError

if TYPE_CHECKING:
    from bookstore_ops.operations.session import Session


@dataclass(frozen=True)
class Overrides:
    """What an operator insists on; ``reason`` says why."""

    reason: str | None = None
    max_destroy: int | None = None
    during_freeze: bool = False
    allow_dirty: bool = False

    def __post_init__(self) -> None:
        """Refuse to override without a reason.

        Raises:
            UsageError: there is none.
        """
        flags = {
            "--max-destroy": self.max_destroy is not None,
            "--during-freeze": self.during_freeze,
            "--allow-dirty": self.allow_dirty,
        }
        given = [flag for flag, present in flags.items() if present]
        if given and not (self.reason and self.reason.strip()):
            raise UsageError(
                f"{given[0]} needs a reason",
                why="it is kept in the journal, for those who ask later",
                next_step="the same command with --reason 'WHY'",
            )

    def flags_missing(self, *flags: str) -> str:
        """``flags``, and ``--reason`` where none was given yet."""
        return " ".join([*flags, *([] if self.reason else ["--reason 'WHY'"])])


def note_override(session: "Session", overrides: Overrides, what: str) -> None:
    """Let the journal, and the operator, know that a guard was overridden."""
    session.result.overrode.append(what)
    session.say(f"overridden: {what} ({overrides.reason})")


def same_command(session: "Session", more: str) -> str:
    """The command as it was typed, and ``more`` flags."""
    return f"bsops {shlex.join(session.request.arguments)} {more}"
