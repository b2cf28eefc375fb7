"""bsops tfvars."""

import typer

from bookstore_ops.cli import tfvars_commands
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (tfvars_commands.new, "new", "bsops tfvars new prod --set api.domain=shop.example.com"),
    (tfvars_commands.check, "check", "bsops tfvars check prod"),
    (tfvars_commands.diff, "diff", "bsops tfvars diff dev prod"),
    (tfvars_commands.set_, "set", "bsops tfvars set dev services.max_tasks 4"),
    (tfvars_commands.sync, "sync", "bsops tfvars sync prod --write"),
    (tfvars_commands.explain, "explain", "bsops tfvars explain database.multi_az"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Write an environment's values, check them, change one, compare two.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_tfvars)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="tfvars")


def _tfvars() -> None:
    """Write an environment's values, check them, change one, compare two."""
