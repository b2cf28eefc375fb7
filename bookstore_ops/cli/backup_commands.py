"""The commands of `bsops backup`."""

from enum import StrEnum
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument


class FailOn(StrEnum):
    """What makes the list fail."""

    MISSED = "missed"
    UNKNOWN = "unknown"


def list_(
    common: Common,
    env: EnvironmentArgument = None,
    store: Annotated[
        list[str] | None,
        typer.Option("--store", metavar="STORE", help="Only this store or kind: rds, dynamodb, …"),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every backup, not the newest three of each store.")
    ] = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            show_default=False,
            help="Exit with 1 where an objective is missed; 'unknown': also where nobody can tell.",
        ),
    ] = None,
) -> int:
    """List all backups, and hold what each store would lose against its objective."""
    from bookstore_ops.operations.backup_listing import read_inventory
    from bookstore_ops.operations.backup_session import open_backup_session
    from bookstore_ops.ui.backup_view import show_inventory

    terminal = common.terminal
    request = common.request("backup list", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn, journaled=False) as session:
        found = read_inventory(session, store or (), fail_on.value if fail_on else None)
        show_inventory(terminal, found, everything=all_)
        if found.failure is None:
            return 0
        terminal.error(found.failure)
        return int(found.failure.exit_code)
