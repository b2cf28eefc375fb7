import json

import pytest

from bookstore_ops.errors import Interrupted, OperationFailed, Refused, StateLocked
from bookstore_ops.ui.tables import layout
from tests.unit.ui.support import screens


def test_chatter_goes_to_stderr_and_results_to_stdout() -> None:
    s = screens()
    s.terminal.say("planning dev")
    s.terminal.result("3 environments")
    assert (s.out, s.err) == ("3 environments\n", "planning dev\n")


def test_quiet_leaves_warnings_notices_and_results() -> None:
    s = screens(quiet=True)
    s.terminal.say("planning dev")
    s.terminal.warn("no backups")
    s.terminal.notice("interrupted: waiting for Terraform")
    s.terminal.result("done")
    assert s.err == "Warning: no backups\ninterrupted: waiting for Terraform\n"
    assert s.out == "done\n"


def test_details_are_for_verbose() -> None:
    calm, verbose = screens(), screens(verbose=True)
    for s in (calm, verbose):
        s.terminal.detail("terraform plan -json")
    assert (calm.err, verbose.err) == ("", "terraform plan -json\n")


def test_square_brackets_are_no_markup() -> None:
    s = screens(tty=True)
    s.terminal.say('[bold]aws_subnet.a["x"][/bold]', style="dim")
    assert '[bold]aws_subnet.a["x"][/bold]' in s.err


def test_escape_sequences_of_a_provider_do_not_reach_the_terminal() -> None:
    s = screens()
    s.terminal.say("\x1b[2Jwiped\x07\x1b]0;title\x07 out\r")
    assert s.err == "wiped out\n"


def test_json_mode_keeps_results_for_people_off_stdout() -> None:
    s = screens(json=True)
    s.terminal.result("a table")
    s.terminal.table(["ENV"], [["dev"]])
    assert s.out == ""


def test_a_document_names_its_schema_and_the_sandbox() -> None:
    s = screens(json=True, sandbox=True)
    s.terminal.document("bsops.plan/1", {"counts": {"create": 1}})
    assert json.loads(s.out) == {
        "schema": "bsops.plan/1",
        "sandbox": True,
        "counts": {"create": 1},
    }


def test_documents_are_for_json_mode_only() -> None:
    s = screens()
    s.terminal.document("bsops.plan/1", {})
    s.terminal.line("bsops.event/1", {})
    assert s.out == ""


def test_json_lines_are_one_line_each() -> None:
    s = screens(json=True)
    s.terminal.line("bsops.event/1", {"n": 1})
    s.terminal.line("bsops.event/1", {"n": 2})
    assert [json.loads(row)["n"] for row in s.out.splitlines()] == [1, 2]


def test_an_error_says_what_why_and_what_to_type() -> None:
    s = screens()
    s.terminal.error(
        OperationFailed("the state is gone", why="404\nno such key", next_step="bsops backups dev")
    )
    assert s.err == (
        "Error: the state is gone\nwhy:  404\n      no such key\nnext: bsops backups dev\n"
    )


def test_a_long_reason_is_wrapped_but_the_command_stays_one_line() -> None:
    s = screens(environ={"COLUMNS": "40"})
    s.terminal.error(
        Refused(
            "the plan is older than its time to live",
            why="it was made 3 hours ago and plans of prod live for one hour",
            next_step="bsops plan prod --target module.bookstore.module.rds",
        )
    )
    assert s.err == (
        "Refused: the plan is older than its time\n"
        "to live\n"
        "why:  it was made 3 hours ago and plans\n"
        "      of prod live for one hour\n"
        "next: bsops plan prod --target module.bookstore.module.rds\n"
    )


def test_an_interruption_is_no_error_of_anything() -> None:
    s = screens()
    s.terminal.error(Interrupted(2, "interrupted; Terraform ended cleanly"))
    assert s.err == "Stopped: interrupted; Terraform ended cleanly\n"


def test_an_error_with_an_empty_reason_is_still_shown() -> None:
    s = screens()
    s.terminal.error(OperationFailed("it failed", why="\n"))
    assert s.err.startswith("Error: it failed\n")


@pytest.mark.parametrize(
    ("sandbox", "environment", "line"),
    [
        (False, "prod", "bsops runbook run state-locked prod"),
        (True, "dev", "bsops runbook run state-locked dev --sandbox"),
        (False, None, "bsops runbook run state-locked"),
    ],
)
def test_an_error_with_a_runbook_says_how_it_is_run_there(
    sandbox: bool, environment: str | None, line: str
) -> None:
    s = screens(sandbox=sandbox)
    s.terminal.environment = environment
    s.terminal.error(StateLocked("it is locked", next_step="wait").leading_to("state-locked"))
    assert s.err == f"Error: it is locked\nnext: wait\nrunbook: {line}\n"


def test_the_first_page_that_an_error_leads_to_is_the_nearest() -> None:
    error = StateLocked("it is locked").leading_to("state-locked")
    assert error.leading_to("interrupted-or-failed-apply").runbook == "state-locked"


def test_an_error_in_json_mode_is_a_document_with_the_exit_code() -> None:
    s = screens(json=True)
    refused = Refused("no", why="because", next_step="bsops plan dev").leading_to("plan-refused")
    s.terminal.error(refused)
    assert json.loads(s.out) == {
        "schema": "bsops.error/1",
        "sandbox": False,
        "what": "no",
        "why": "because",
        "next": "bsops plan dev",
        "runbook": "plan-refused",
        "exit_code": 3,
    }


def test_an_error_after_the_document_leaves_stdout_one_document() -> None:
    s = screens(json=True)
    s.terminal.document("bsops.apply/1", {"failed": 1})
    s.terminal.error(OperationFailed("1 resource failed"))
    assert json.loads(s.out)["schema"] == "bsops.apply/1"


def test_the_banner_appears_in_the_sandbox_only() -> None:
    real, sandbox = screens(), screens(sandbox=True)
    for s in (real, sandbox):
        s.terminal.banner()
    assert (real.err, sandbox.err) == ("", "SANDBOX: a fake AWS, nothing real is touched\n")


def test_a_table_aligns_its_columns() -> None:
    s = screens()
    s.terminal.table(["ENV", "ACCOUNT"], [["dev", "111"], ["staging", "222"]], title="Environments")
    assert s.out == "Environments\nENV      ACCOUNT\ndev      111\nstaging  222\n"


def test_a_table_that_does_not_fit_becomes_records() -> None:
    s = screens(environ={"COLUMNS": "20"})
    s.terminal.table(["ENV", "ACCOUNT"], [["dev", "111111111111"], ["staging", "222222222222"]])
    assert s.out == (
        "ENV      dev\nACCOUNT  111111111111\n\nENV      staging\nACCOUNT  222222222222\n"
    )


def test_a_table_with_long_values_folds_them_before_it_becomes_records() -> None:
    rows = [("a.key", '["one", "two", "three", "four"]', "1"), ("b.key", "x", "y")]

    def drawn(width: int) -> list[str]:
        shown = layout(("value", "dev", "prod"), rows, width=width, fold=True)
        return str(shown).splitlines()

    assert drawn(60)[1] == 'a.key  ["one", "two", "three", "four"]  1'
    assert drawn(32) == [
        "value  dev                  prod",
        'a.key  ["one", "two",       1',
        '       "three", "four"]',
        "b.key  x                    y",
    ]
    assert max(map(len, drawn(25))) <= 25
    assert drawn(20)[0] == "value  a.key"


def test_a_table_in_a_pipe_keeps_one_line_for_each_row() -> None:
    s = screens(environ={"COLUMNS": ""})
    s.terminal.table(["A", "B"], [["x" * 100, "y" * 100]])
    assert len(s.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("tty", "environ", "coloured"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(tty: bool, environ: dict[str, str], coloured: bool) -> None:
    s = screens(tty=tty, environ=environ)
    s.terminal.warn("careful")
    assert ("\x1b[" in s.err) is coloured


def test_columns_and_lines_of_the_environment_win() -> None:
    s = screens(environ={"COLUMNS": "40", "LINES": "10", "TERM": "dumb"}, tty=True)
    assert s.terminal.size == (40, 10)


@pytest.mark.parametrize(
    ("tty", "environ", "animated"),
    [
        (True, {}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_only_a_terminal_that_can_is_redrawn(
    tty: bool, environ: dict[str, str], animated: bool
) -> None:
    assert screens(tty=tty, environ=environ).terminal.animated is animated


def test_a_screen_that_json_is_written_to_is_not_redrawn() -> None:
    assert not screens(tty=True, json=True).terminal.animated
