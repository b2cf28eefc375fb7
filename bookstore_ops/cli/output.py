"""bsops output."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("output", epilog="Example:  bsops output prod database_endpoint")(
        with_common(output)
    )


def output(
    common: Common,
    env: EnvironmentArgument = None,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", show_default=False, help="One output.")
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print sensitive values as they are.")
    ] = False,
) -> None:
    """Print the outputs of an environment."""
    from bookstore_ops.operations.reading import read_outputs
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.state_view import show_outputs
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("output", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        with LiveWatch(terminal, verb="output", environment=session.environment.name) as watch:
            outputs = read_outputs(session, watch, name)
        show_outputs(terminal, session.environment.name, outputs, named=name, reveal=reveal)
