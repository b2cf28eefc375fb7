"""bsops idle."""

from enum import StrEnum
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common

# As long as CloudWatch keeps what it has of a day.
_LONGEST_DAYS = 455


class FailOn(StrEnum):
    """What makes the report fail."""

    FOUND = "found"
    UNKNOWN = "unknown"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("idle", epilog="Example:  bsops idle prod --days 30")(with_common(idle))


def idle(
    common: Common,
    env: EnvironmentArgument = None,
    days: Annotated[
        int,
        typer.Option(
            "--days", min=1, max=_LONGEST_DAYS, metavar="N", help="How many days to look back."
        ),
    ] = 14,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            show_default=False,
            help="Exit with 1 where something is idle; 'unknown': also where nobody can tell.",
        ),
    ] = None,
) -> int:
    """List what of an environment costs money and does nothing, and what would end it."""
    from bookstore_ops.operations.idle import open_idle_session, read_idle
    from bookstore_ops.ui.idle_view import show_report

    terminal = common.terminal
    request = common.request("idle", env)
    with open_idle_session(request, terminal.say, warn=terminal.warn) as session:
        report = read_idle(session, days, fail_on.value if fail_on else None)
    show_report(terminal, report)
    if report.failure is None:
        return 0
    terminal.error(report.failure)
    return int(report.failure.exit_code)
