"""bsops timeouts."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("timeouts", epilog="Example:  bsops timeouts prod --set database.create=90m")(
        with_common(timeouts)
    )


def timeouts(
    common: Common,
    env: EnvironmentArgument = None,
    assignment: Annotated[
        str | None,
        typer.Option("--set", metavar="NAME=DURATION", help="Write one into terraform.tfvars."),
    ] = None,
) -> None:
    """List how long Terraform waits for each resource, or change it."""
    from bookstore_ops.operations.waiting import list_timeouts, set_timeout
    from bookstore_ops.ui.timeouts_view import show_edit, show_timeouts
    from bookstore_ops.ui.watch import LiveWatch

    terminal, workspace = common.terminal, common.find_workspace()
    name = common.environment(workspace, env).name
    if assignment is None:
        show_timeouts(terminal, list_timeouts(workspace, name), name)
        return
    with LiveWatch(terminal, verb="fmt", environment=name) as watch:
        edit = set_timeout(workspace, name, assignment, common.terraform_bin, watch)
    show_edit(terminal, edit, name, f"bsops plan {name}{' --sandbox' if common.sandbox else ''}")
