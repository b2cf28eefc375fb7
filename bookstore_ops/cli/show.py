"""bsops show."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog="Example:  bsops show prod latest")(with_common(show))


def show(
    common: Common,
    env: EnvironmentArgument = None,
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="PLAN", show_default=False, help="A plan's name or file, or 'latest'."
        ),
    ] = None,
) -> None:
    """Show a saved plan, or what the state holds."""
    from bookstore_ops.operations.applying import find_plan
    from bookstore_ops.operations.planning import show_plan
    from bookstore_ops.operations.reading import read_state_resources
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui import plan_result, state_view
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("show", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            if plan is None:
                resources = read_state_resources(session, watch)
            else:
                saved = find_plan(session, plan)
                details = show_plan(session, saved, watch)
        if plan is None:
            state_view.show_resources(terminal, name, resources)
        else:
            plan_result.show_details(terminal, details, saved, name)
