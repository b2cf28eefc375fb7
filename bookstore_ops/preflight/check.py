"""What a check is, and what it may find."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from bookstore_ops.errors import BsopsError
from bookstore_ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from bookstore_ops.preflight.context import Context

PAGE = "docs/doctor.md"


class Status(StrEnum):
    """What came of a check. A check that could not be made is ``unknown``, never ``ok``."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Group(StrEnum):
    """What a check is about, in the order in which they are shown."""

    TOOLS = "Tools"
    WORKSPACE = "Workspace"
    VALUES = "Values"
    CREDENTIALS = "Credentials"
    ACCOUNT = "Account"
    PERMISSIONS = "Permissions"
    STATE = "State"
    QUOTAS = "Quotas"
    NETWORK = "Network"
    BACKUPS = "Backups"
    SANDBOX = "Sandbox"
    ROLLOUTS = "Rollouts"


class Scope(Enum):
    """What a check is made for: this machine once, each environment, or one environment in AWS."""

    MACHINE = 1
    ENVIRONMENT = 2
    AWS = 3


@dataclass(frozen=True)
class Outcome:
    """One line of what, one of why, and a command to type; ``details`` are for ``--json``."""

    status: Status
    what: str
    why: str | None = None
    next_step: str | None = None
    details: tuple[str, ...] = ()


def ok(what: str) -> Outcome:
    """All is well."""
    return Outcome(Status.OK, what)


def warning(
    what: str,
    *,
    why: str | None = None,
    next_step: str | None = None,
    details: tuple[str, ...] = (),
) -> Outcome:
    """It works, and may not for long."""
    return Outcome(Status.WARNING, what, why, next_step, details)


def error(
    what: str,
    *,
    why: str | None = None,
    next_step: str | None = None,
    details: tuple[str, ...] = (),
) -> Outcome:
    """A run would fail, or do what it should not."""
    return Outcome(Status.ERROR, what, why, next_step, details)


def unknown(
    what: str,
    *,
    why: str | None = None,
    next_step: str | None = None,
    details: tuple[str, ...] = (),
) -> Outcome:
    """It could not be told."""
    return Outcome(Status.UNKNOWN, what, why, next_step, details)


def skipped(what: str, *, why: str | None = None) -> Outcome:
    """It does not apply here."""
    return Outcome(Status.SKIPPED, what, why)


def failed(found: BsopsError) -> Outcome:
    """An error in the words of what was met."""
    return error(found.what, why=found.why, next_step=found.next_step)


class NotKnown(BsopsError):
    """What a check needs could not be had; another check says why."""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at.

    ``code`` never changes its meaning. ``matters`` and ``mend`` are the check's section in the
    documentation. ``exit_code`` is what a finding of it makes of a run of doctor. ``fix`` mends
    what is local and can be undone, and says what it did. ``runbook`` leads on from a finding.
    """

    code: str
    group: Group
    title: str
    matters: str
    mend: str
    run: Callable[["Context"], Outcome]
    scope: Scope = Scope.MACHINE
    exit_code: ExitCode = ExitCode.CONFIGURATION
    deadline: float = 6.0
    fix: Callable[["Context"], list[str]] | None = None
    runbook: str | None = None

    @property
    def docs(self) -> str:
        """Its section in the documentation."""
        return f"{PAGE}#{self.code.lower()}"


T = TypeVar("T")


class Once(Generic[T]):
    """What several checks need: found by the first that asks, an error is everyone's."""

    def __init__(self, find: Callable[[], T]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._found: list[T] = []
        self._error: BsopsError | None = None

    def get(self) -> T:
        """The value.

        Raises:
            BsopsError: it was not found.
        """
        with self._lock:
            if not self._found and self._error is None:
                try:
                    self._found.append(self._find())
                except BsopsError as error:
                    self._error = error
        if self._error is not None:
            raise self._error
        return self._found[0]
