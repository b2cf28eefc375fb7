"""A run in the journal: its beginning, and its end whatever comes between."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bookstore_ops.errors import BsopsError, Interrupted, Refused
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Ended, Journal, Outcome, new_run_id, now
from bookstore_ops.operations.request import Request


@dataclass
class Result:
    """What a session achieved, for the journal; ``error`` where the command goes on to report."""

    plan_sha256: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    serial: int | None = None
    error: BsopsError | None = None
    note: str | None = None
    overrode: list[str] = field(default_factory=list)
    reason: str | None = None


class Reporting(Protocol):
    """A session, as far as the journal asks it at the end."""

    @property
    def account_id(self) -> str:
        """The account it worked in."""

    @property
    def result(self) -> Result:
        """What it achieved."""


@dataclass
class Run:
    """A run under way; ``session`` is set once there is one."""

    id: str
    journal: Journal
    session: Reporting | None = None


@contextmanager
def recording(request: Request, *, journaled: bool) -> Iterator[Run]:
    """Write the beginning and the end of a run to the journal; not ``journaled``: neither.

    Raises:
        EnvironmentMissing: the journal cannot be written; then nothing may be run.
    """
    workspace, environment = request.workspace, request.environment.name
    workspace.make_data_directory()
    run = Run(new_run_id(request.slug, environment), Journal(workspace.journal))
    if not journaled:
        yield run
        return
    run.journal.start(
        run.id, request.command, request.arguments, environment, sandbox=request.sandbox
    )
    began = time.monotonic()
    error: BaseException | None = None
    try:
        yield run
    except BaseException as raised:
        error = raised
        raise
    finally:
        run.journal.end(_ended(run, time.monotonic() - began, error))


def _ended(run: Run, elapsed: float, error: BaseException | None) -> Ended:
    result = run.session.result if run.session else Result()
    failed = error or result.error
    return Ended(
        run=run.id,
        time=now(),
        outcome=_outcome_of(failed),
        exit_code=int(getattr(failed, "exit_code", ExitCode.BUG)) if failed else 0,
        elapsed_seconds=round(elapsed, 2),
        account_id=run.session.account_id if run.session else None,
        plan_sha256=result.plan_sha256,
        counts=result.counts,
        serial=result.serial,
        error=failed.what if isinstance(failed, BsopsError) else None,
        note=result.note,
        overrode=result.overrode,
        reason=result.reason,
    )


def _outcome_of(error: BaseException | None) -> Outcome:
    """How a run that ended with ``error`` is told in the journal."""
    match error:
        case None:
            return "done"
        case Refused():
            return "refused"
        case Interrupted() | KeyboardInterrupt():
            return "interrupted"
        case _:
            return "failed"
