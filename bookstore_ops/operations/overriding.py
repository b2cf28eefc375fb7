"""Overriding a guard: told on the command line, with a reason that stays in the journal."""

import shlex
from dataclasses import dataclass
from typing import Protocol

from bookstore_ops.environments import Environment
from bookstore_ops.errors import UsageError
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.recording import Result
from bookstore_ops.operations.request import Request


class Guarded(Protocol):
    """A session, as far as a guard and its override ask it; with Terraform or without."""

    @property
    def request(self) -> Request:
        """What was asked for."""

    @property
    def environment(self) -> Environment:
        """The environment's policy."""

    @property
    def say(self) -> Say:
        """Tells the operator."""

    @property
    def result(self) -> Result:
        """What the journal is told."""


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


def note_override(session: Guarded, overrides: Overrides, what: str) -> None:
    """Let the journal, and the operator, know that a guard was overridden."""
    session.result.overrode.append(what)
    session.say(f"overridden: {what} ({overrides.reason})")


def same_command(session: Guarded, more: str) -> str:
    """The command as it was typed, and ``more`` flags."""
    return f"bsops {shlex.join(session.request.arguments)} {more}"
