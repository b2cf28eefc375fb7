"""bsops release."""

import typer

from bookstore_ops.cli import release_commands
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (release_commands.status, "status", "bsops release status prod catalog --watch"),
    (release_commands.start, "start", "bsops release start prod catalog --image 1.4.0"),
    (release_commands.resume, "resume", "bsops release resume prod catalog"),
    (release_commands.promote, "promote", "bsops release promote prod catalog"),
    (release_commands.pause, "pause", "bsops release pause prod catalog"),
    (release_commands.abort, "abort", "bsops release abort prod catalog"),
    (release_commands.rollback, "rollback", "bsops release rollback prod catalog"),
    (release_commands.history, "history", "bsops release history prod catalog --verbose"),
    (release_commands.diff, "diff", "bsops release diff prod catalog --image 1.4.0"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Release an image of a service, watch it, go back.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_release)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="release")


def _release() -> None:
    """Release an image of a service, watch it, go back."""
