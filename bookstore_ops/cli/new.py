"""bsops new."""

from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new", epilog="Example:  bsops new bookstore && cd bookstore")(with_common(new))


def new(
    common: Common,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
) -> None:
    """Write a new workspace: tree, environments, runbooks."""
    from bookstore_ops.workspace import create_workspace

    workspace = create_workspace(directory)
    terminal = common.terminal
    terminal.result(f"wrote {workspace.root}")
    terminal.say(f"next: cd {directory} && bsops plan dev --sandbox")
    terminal.document("bsops.new/1", {"workspace": str(workspace.root)})
