"""bsops runbook: history, report, watch."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument
from bookstore_ops.cli.runbook_running import RunArgument, seeker


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
    """List the runs of runbooks: who, what, when, how each ended.

    With ENV also those in the bucket of that environment, from all machines.
    """
    from bookstore_ops.operations.runbooks.records import all_runs, past_runs
    from bookstore_ops.ui.runbook_view import show_history

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name if env else None
    past = past_runs(workspace, environment)
    if environment:
        past = all_runs(past, seeker(common, "runbook history"), environment, last)
    show_history(common.terminal, past[-last:])


def report(
    common: Common,
    run_name: RunArgument,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.MARKDOWN,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Tell what happened in a run: who, when, step, command, output, outcome, notes."""
    from bookstore_ops.operations.runbooks.records import render, write_report
    from bookstore_ops.operations.runbooks.sharing import find_run
    from bookstore_ops.ui.runbook_view import show_report

    files = find_run(seeker(common, "runbook report"), run_name, must_reach=False)
    transcript, text = render(files, form.value)
    if out is not None:
        write_report(out, text)
        common.terminal.result(f"wrote {out}")
    else:
        common.terminal.data(text)
    show_report(common.terminal, transcript)


def watch(common: Common, run_name: RunArgument) -> None:
    """Follow a run that somebody else leads, to its end; exit 1 where it fails or stops."""
    from functools import partial

    from bookstore_ops.operations.runbooks.records import document_of
    from bookstore_ops.operations.runbooks.sharing import find_run
    from bookstore_ops.operations.runbooks.watching import follow
    from bookstore_ops.ui.runbook_watch import show_events

    terminal = common.terminal
    files = find_run(seeker(common, "runbook watch"), run_name, must_reach=True)
    show_events(terminal, follow(files, terminal.notice), partial(document_of, files))
