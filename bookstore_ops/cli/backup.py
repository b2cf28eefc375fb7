"""bsops backup."""

import typer

from bookstore_ops.cli import backup_commands
from bookstore_ops.cli.common import with_common

COMMANDS = ((backup_commands.list_, "list", "bsops backup list prod --fail-on missed"),)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Find the backups of every store, and how much each would lose.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_backup)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="backup")


def _backup() -> None:
    """Find the backups of every store, and how much each would lose."""
