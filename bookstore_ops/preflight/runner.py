"""Making checks side by side, none longer than its deadline."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.preflight.check import Check, NotKnown, Outcome, Status, unknown
from bookstore_ops.preflight.context import Context


@dataclass(frozen=True)
class Job:
    """One check of one thing."""

    check: Check
    context: Context


@dataclass(frozen=True)
class Result:
    """What came of a job; ``fixed`` says what was mended before the check was made again."""

    job: Job
    outcome: Outcome
    seconds: float
    fixed: tuple[str, ...] = ()


@dataclass
class _Running:
    job: Job
    began: float
    thread: threading.Thread
    results: list[Result] = field(default_factory=list)


def make(job: Job) -> Result:
    """Make one check in this thread."""
    began = time.monotonic()
    try:
        outcome = job.check.run(job.context)
    except NotKnown as error:
        outcome = unknown(f"{job.check.title}: {error.what}", why=error.why)
    except BsopsError as error:
        outcome = unknown(error.what, why=error.why, next_step=error.next_step)
    except Exception as error:  # noqa: BLE001  (one check's fault must not hide the others' findings)
        outcome = unknown(
            "the check failed itself",
            why=f"{type(error).__name__}: {error}",
            next_step="open an issue with this line; the other checks are not affected",
        )
    return Result(job, outcome, time.monotonic() - began)


def begin(jobs: Sequence[Job]) -> list[_Running]:
    """Start checks, each in a thread of its own."""
    return [_start(job) for job in jobs]


def _start(job: Job) -> _Running:
    running: _Running
    running = _Running(job, time.monotonic(), threading.Thread(daemon=True))
    # A daemon: the command ends without waiting for a check that hangs.
    running.thread = threading.Thread(
        target=lambda: running.results.append(make(job)), name=job.check.code, daemon=True
    )
    running.thread.start()
    return running


def collect(running: Sequence[_Running]) -> list[Result]:
    """What came of each, in the order in which they were begun."""
    return [_result(each) for each in running]


def _result(running: _Running) -> Result:
    deadline = running.job.check.deadline
    running.thread.join(max(0.0, running.began + deadline - time.monotonic()))
    if running.results:
        return running.results[0]
    return Result(
        running.job,
        unknown("no answer in time", why=f"the check took more than {deadline:g} s"),
        time.monotonic() - running.began,
    )


def mend(results: Sequence[Result]) -> list[Result]:
    """Mend what can be, one after the other, and make those checks again."""
    return [_mend(result) for result in results]


def _mend(result: Result) -> Result:
    check, context = result.job.check, result.job.context
    # What is skipped may be something that nobody has to have, and that can be had.
    mendable = {Status.WARNING, Status.ERROR, Status.SKIPPED}
    if check.fix is None or result.outcome.status not in mendable:
        return result
    try:
        fixed = tuple(check.fix(context))
    except (BsopsError, OSError) as error:
        why = f"it could not be mended: {error}".replace("\n", "; ")
        return replace(result, outcome=replace(result.outcome, why=why))
    again = make(result.job)
    return replace(again, seconds=result.seconds + again.seconds, fixed=fixed)


T = TypeVar("T")


def within(seconds: float, find: Callable[[], T], what: str) -> T:
    """What ``find`` gives, if it does so in time; it is left alone otherwise.

    Raises:
        OperationFailed: it does not.
        BsopsError: ``find`` raised it.
    """
    found: list[T] = []
    raised: list[BsopsError] = []

    def work() -> None:
        try:
            found.append(find())
        except BsopsError as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not found:
        raise OperationFailed(f"{what}: no answer within {seconds:g} s")
    return found[0]
