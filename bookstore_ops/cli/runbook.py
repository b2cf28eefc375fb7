"""bsops runbook."""

import typer

from bookstore_ops.cli import runbook_reading, runbook_records, runbook_running
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (runbook_reading.list_, "list", "bsops runbook list --for bookstore-dev-catalog-tasks"),
    (runbook_reading.show, "show", "bsops runbook show state-locked"),
    (runbook_reading.lint, "lint", "bsops runbook lint state-locked"),
    (runbook_reading.new, "new", "bsops runbook new service-unhealthy"),
    (runbook_reading.export, "export", "bsops runbook export scale-service --out scale.yaml"),
    (runbook_running.run, "run", "bsops runbook run state-locked dev --sandbox"),
    (runbook_running.resume, "resume", "bsops runbook resume RUN"),
    (runbook_running.undo, "undo", "bsops runbook undo RUN --to scale"),
    (runbook_records.watch, "watch", "bsops runbook watch RUN"),
    (runbook_records.history, "history", "bsops runbook history prod --last 5"),
    (runbook_records.report, "report", "bsops runbook report RUN --format html --out report.html"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Find a runbook, run it step by step, go on later, report.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_runbook)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="runbook")


def _runbook() -> None:
    """Find a runbook, run it step by step, go on later, report."""
