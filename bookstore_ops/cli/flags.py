"""bsops flags."""

import typer

from bookstore_ops.cli import flag_commands
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (flag_commands.list_, "list", "bsops flags list prod"),
    (flag_commands.set_, "set", "bsops flags set prod orders express-checkout on percent=100"),
    (
        flag_commands.rollout,
        "rollout",
        "bsops flags rollout prod orders express-checkout --steps 5,25,50,100",
    ),
    (flag_commands.resume, "resume", "bsops flags resume prod orders express-checkout"),
    (flag_commands.promote, "promote", "bsops flags promote prod orders express-checkout"),
    (flag_commands.abort, "abort", "bsops flags abort prod orders express-checkout"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="List feature flags, set one, give it to more and more customers.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_flags)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="flags")


def _flags() -> None:
    """List feature flags, set one, give it to more and more customers."""
