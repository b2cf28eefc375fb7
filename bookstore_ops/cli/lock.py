"""bsops lock."""

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lock", epilog="Example:  bsops lock prod")(with_common(lock))


def lock(common: Common, env: EnvironmentArgument = None) -> None:
    """Show who holds an environment's state, and whether they live."""
    from bookstore_ops.operations.locking import read_held
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.lock_view import show_lock

    terminal = common.terminal
    request = common.request("lock", env)
    with open_session(request, terminal.say, warn=terminal.warn, journaled=False) as session:
        report = read_held(session)
        show_lock(terminal, report, session.command_line("unlock"))
