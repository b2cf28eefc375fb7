"""bsops dr."""

import typer

from bookstore_ops.cli import dr_commands
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (dr_commands.status, "status", "bsops dr status prod"),
    (dr_commands.rehearse, "rehearse", "bsops dr rehearse prod"),
    (dr_commands.failover, "failover", "bsops dr failover prod --accept-loss"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Move to the other region: what is ready, what would be lost, the steps.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_dr)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="dr")


def _dr() -> None:
    """Move to the other region: what is ready, what would be lost, the steps."""
