"""bsops fmt."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, with_common
from bookstore_ops.exit_codes import ExitCode


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fmt", epilog="Example:  bsops fmt --check")(with_common(fmt))


def fmt(
    common: Common,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 where a file would change.")
    ] = False,
) -> int:
    """Format the Terraform tree."""
    from bookstore_ops.operations.reading import format_tree
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    workspace = common.find_workspace()
    with LiveWatch(terminal, verb="fmt", environment="the tree") as watch:
        result = format_tree(workspace, common.terraform_bin, watch, check=check)
    for path in result.files:
        terminal.result(str(path.relative_to(workspace.root)))
    terminal.document(
        "bsops.fmt/1", {"files": [str(path) for path in result.files], "changed": result.changed}
    )
    if not result.files:
        terminal.say("every file is formatted")
    return ExitCode.FAILED if check and result.files else ExitCode.DONE
