"""How doctor's findings look: marks in colour, words without, one line of totals."""

import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import Outcome, error, ok, skipped, unknown, warning
from bookstore_ops.preflight.runner import Job, Result
from bookstore_ops.ui.doctor_view import show_findings, totals
from bookstore_ops.ui.terminal import Terminal
from tests.unit.preflight.support import check, ground

WHY = "a reason that is long enough to go on in a second line of a narrow terminal, and then some"


@pytest.fixture
def results(tmp_path: Path) -> list[Result]:
    context = ground(tmp_path).context
    found: list[tuple[str, Outcome]] = [
        ("BS101", ok("Terraform is here")),
        ("BS106", skipped("no cache", why="none is named")),
        ("BS203", warning("3 files", why=WHY, next_step="bsops fmt")),
        ("BS402", unknown("not asked", why="see BS401")),
        ("BS501", error("the wrong one", why="another", next_step="export AWS_PROFILE=x")),
    ]
    return [Result(Job(check(code), context), outcome, 0.1) for code, outcome in found]


def _shown(results: list[Result], *, short: bool = False, **environ: str) -> str:
    out = StringIO()
    terminal = Terminal(stdout=out, stderr=StringIO(), environ={"COLUMNS": "60", **environ})
    show_findings(terminal, "dev", results, ExitCode.CREDENTIALS, short=short)
    return out.getvalue()


def test_groups_words_and_the_next_command(results: list[Result]) -> None:
    assert (
        _shown(results)
        == """\
Tools
  ok      BS101  Terraform is here
  skipped BS106  no cache (none is named)

Workspace
  warning BS203  3 files
                 why:  a reason that is long enough to go on
                       in a second line of a narrow
                       terminal, and then some
                 next: bsops fmt
                 docs: docs/doctor.md#bs203

Credentials
  unknown BS402  not asked (see BS401)

Account
  error   BS501  the wrong one
                 why:  another
                 next: export AWS_PROFILE=x
                 docs: docs/doctor.md#bs501

1 ok, 1 warning, 1 error, 1 unknown, 1 skipped
"""
    )


def test_short_leaves_out_what_is_well(results: list[Result]) -> None:
    shown = _shown(results, short=True)
    assert "BS101" not in shown
    assert "BS106" not in shown
    assert "BS203" in shown
    assert shown.splitlines()[-1].startswith("1 ok, 1 warning")
    assert _shown(results[:1], short=True) == "1 ok\n"


@pytest.mark.parametrize(
    ("code", "runbook"), [("BS606", "state-locked"), ("BS902", "canary-stuck")]
)
def test_a_finding_leads_to_its_runbook(results: list[Result], code: str, runbook: str) -> None:
    context = replace(results[0].job.context, name="dev", sandbox=True)
    found = Result(Job(check(code), context), warning("it waits", next_step="look"), 0.1)
    assert f"runbook: bsops runbook run {runbook} dev --sandbox" in _shown([found])
    well = Result(Job(check(code), context), ok("all is well"), 0.1)
    assert "runbook:" not in _shown([well])


def test_what_was_mended_is_shown_even_with_short(results: list[Result]) -> None:
    mended = replace(results[0], fixed=("made it",))
    assert "fixed: made it" in _shown([mended], short=True)


def test_the_document_holds_all_of_it(results: list[Result]) -> None:
    out = StringIO()
    terminal = Terminal(json=True, stdout=out, stderr=StringIO(), environ={})
    show_findings(terminal, "dev", results, ExitCode.CREDENTIALS, short=True)
    document = json.loads(out.getvalue())
    assert document["schema"] == "bsops.doctor/1"
    assert document["exit_code"] == 5
    assert len(document["checks"]) == 5
    assert document["checks"][2] == {
        "code": "BS203",
        "group": "Workspace",
        "title": "The tree is formatted",
        "environment": None,
        "status": "warning",
        "what": "3 files",
        "why": WHY,
        "next": "bsops fmt",
        "runbook": None,
        "details": [],
        "docs": "docs/doctor.md#bs203",
        "fixed": [],
        "seconds": 0.1,
    }


def test_totals_count_in_one_line() -> None:
    assert totals(Counter(ok=14, warning=1, error=1)) == "14 ok, 1 warning, 1 error"
    assert totals(Counter(warning=2, error=3)) == "0 ok, 2 warnings, 3 errors"
