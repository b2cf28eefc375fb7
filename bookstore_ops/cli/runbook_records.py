"""bsops runbook: history, report."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument
from bookstore_ops.cli.runbook_running import RunArgument


class Form(StrEnum):
    """How a report is written."""

    MARKDOWN = "md"
    HTML = "html"
    LINES = "jsonl"


def history(
    common: Common,
    env: EnvironmentArgument = None,
    last: Annotated[
        int, typer.Option("--last", "-n", min=1, metavar="N", help="How many runs.")
    ] = 20,
) -> None:
    """List the runs of runbooks: who, what, when, how each ended."""
    from bookstore_ops.operations.runbook_records import past_runs
    from bookstore_ops.ui.runbook_view import show_history

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name if env else None
    show_history(common.terminal, past_runs(workspace, environment)[-last:])


def report(
    common: Common,
    run_name: RunArgument,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.MARKDOWN,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Tell what happened in a run: who, when, step, command, output, outcome, notes."""
    from bookstore_ops.operations.runbook_records import render, write_report
    from bookstore_ops.runbooks.store import find
    from bookstore_ops.ui.runbook_view import show_report

    files = find(common.find_workspace(), run_name)
    transcript, text = render(files, form.value)
    if out is not None:
        write_report(out, text)
        common.terminal.result(f"wrote {out}")
    else:
        common.terminal.data(text)
    show_report(common.terminal, transcript)
