"""bsops backup."""

import typer

from bookstore_ops.cli import backup_commands
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (backup_commands.list_, "list", "bsops backup list prod --fail-on missed"),
    (backup_commands.create, "create", "bsops backup create prod rds --reason 'before 2.0'"),
    (
        backup_commands.restore,
        "restore",
        "bsops backup restore prod rds --to-time 2026-11-26T14:05:00Z",
    ),
    (backup_commands.adopt, "adopt", "bsops backup adopt prod redis bookstore-prod-restored"),
    (backup_commands.copy, "copy", "bsops backup copy prod before-2 --to-region eu-central-1"),
    (backup_commands.verify, "verify", "bsops backup verify prod dynamodb/orders"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="List backups of every store, take them, restore them beside the old, try them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_backup)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="backup")


def _backup() -> None:
    """List backups of every store, take them, restore them beside the old, try them."""
