"""bsops init."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init", epilog="Example:  bsops init dev --upgrade")(with_common(init))


def init(
    common: Common,
    env: EnvironmentArgument = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Take the newest provider the tree allows.")
    ] = False,
    reconfigure: Annotated[
        bool, typer.Option("--reconfigure", help="Forget the backend used before.")
    ] = False,
) -> None:
    """Initialise an environment's root (other commands do when needed)."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("init", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="init", environment=name) as watch:
            session.initialise(watch, force=True, upgrade=upgrade, reconfigure=reconfigure)
        terminal.result(f"{name} is initialised: {session.root}")
        terminal.document("bsops.init/1", {"environment": name, "root": str(session.root)})
