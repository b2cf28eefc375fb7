"""bsops history."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("history", epilog="Example:  bsops history prod --last 5")(with_common(history))


def history(
    common: Common,
    env: EnvironmentArgument = None,
    last: Annotated[
        int, typer.Option("--last", "-n", min=1, metavar="N", help="How many runs.")
    ] = 20,
) -> None:
    """List past runs: who, what, when, how it ended."""
    from bookstore_ops.journal import Journal
    from bookstore_ops.ui.history_view import show_history

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name if env else None
    entries = Journal(workspace.journal).entries(environment)
    show_history(common.terminal, entries[-last:])
