"""Checks are made side by side, none longer than its deadline, shown in one order."""

import threading
import time
from dataclasses import replace

import pytest

from bookstore_ops.errors import OperationFailed, UsageError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.operations.checking import exit_code
from bookstore_ops.preflight.catalogue import CHECKS, select
from bookstore_ops.preflight.check import Outcome, Status, error, ok, unknown, warning
from bookstore_ops.preflight.context import Context
from bookstore_ops.preflight.runner import Job, Result, begin, collect, mend, within
from tests.unit.preflight.support import Ground, check


def _job(well: Ground, run: object, code: str = "BS101", **changes: object) -> Job:
    return Job(replace(check(code), run=run, **changes), well.context)  # type: ignore[arg-type]


def test_they_run_side_by_side_and_keep_their_order(well: Ground) -> None:
    barrier = threading.Barrier(3, timeout=5)

    def meet(_: Context) -> Outcome:
        barrier.wait()
        return ok("met")

    codes = ["BS103", "BS101", "BS102"]
    results = collect(begin([_job(well, meet, code) for code in codes]))
    assert [r.outcome.what for r in results] == ["met"] * 3
    assert [r.job.check.code for r in results] == codes


def test_one_that_passes_its_deadline_is_unknown_and_not_waited_for(well: Ground) -> None:
    forever = threading.Event()

    def hang(_: Context) -> Outcome:
        forever.wait(30)
        return ok("late")

    began = time.monotonic()
    slow, quick = collect(begin([_job(well, hang, deadline=0.2), _job(well, lambda _: ok("q"))]))
    assert time.monotonic() - began < 2
    forever.set()
    assert (slow.outcome.status, slow.outcome.what) == (Status.UNKNOWN, "no answer in time")
    assert quick.outcome.what == "q"


def test_one_that_breaks_is_unknown_and_hides_no_other(well: Ground) -> None:
    def fail(_: Context) -> Outcome:
        raise ZeroDivisionError("x")

    broken, other = collect(begin([_job(well, fail), _job(well, lambda _: ok("fine"))]))
    assert broken.outcome.status is Status.UNKNOWN
    assert "ZeroDivisionError: x" in str(broken.outcome.why)
    assert other.outcome.status is Status.OK


def test_a_mend_that_fails_says_so(well: Ground) -> None:
    def refuse(_: Context) -> list[str]:
        raise PermissionError(13, "Permission denied")

    job = _job(well, lambda _: error("broken"), fix=refuse)
    (result,) = mend(collect(begin([job])))
    assert result.outcome.status is Status.ERROR
    assert "Permission denied" in str(result.outcome.why)


def test_what_is_well_is_not_mended(well: Ground) -> None:
    job = _job(well, lambda _: ok("fine"), fix=lambda _: pytest.fail("mended"))
    (result,) = mend(collect(begin([job])))
    assert result.fixed == ()


def test_within_gives_up_and_passes_errors_on() -> None:
    assert within(5, lambda: 1, "counting") == 1
    with pytest.raises(OperationFailed, match="no answer"):
        within(0.1, lambda: time.sleep(5), "sleeping")
    with pytest.raises(OperationFailed, match="mine"):
        within(5, _fails, "failing")


def _fails() -> int:
    raise OperationFailed("mine")


class TestExitCode:
    def _of(self, well: Ground, *found: tuple[str, Outcome]) -> list[Result]:
        return [Result(Job(check(code), well.context), outcome, 0.0) for code, outcome in found]

    def test_is_that_of_the_worst_kind(self, well: Ground) -> None:
        results = self._of(
            well, ("BS302", error("a")), ("BS401", error("b")), ("BS701", error("c"))
        )
        assert exit_code(results, "error") is ExitCode.CREDENTIALS
        assert exit_code(results[:1], "error") is ExitCode.CONFIGURATION

    def test_counts_warnings_and_the_unknown_only_when_asked(self, well: Ground) -> None:
        results = self._of(well, ("BS606", warning("a")), ("BS101", ok("b")))
        assert exit_code(results, "error") is ExitCode.DONE
        assert exit_code(results, "warning") is ExitCode.LOCKED
        assert exit_code(self._of(well, ("BS105", unknown("a"))), "warning") != ExitCode.DONE

    def test_of_an_error_goes_before_a_warnings(self, well: Ground) -> None:
        results = self._of(well, ("BS403", warning("a")), ("BS203", error("b")))
        assert exit_code(results, "warning") is ExitCode.FAILED


class TestSelection:
    def test_takes_codes_and_groups_in_any_case(self) -> None:
        assert [c.code for c in select(["bs101", "network"], ["BS702"])] == ["BS101", "BS701"]
        assert select([], []) == list(CHECKS)

    def test_refuses_what_is_neither(self) -> None:
        with pytest.raises(UsageError) as raised:
            select(["Stat"], [])
        assert "did you mean state?" in str(raised.value.next_step)
