"""bsops locks."""

import typer

from bookstore_ops.cli.common import Common, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("locks", epilog="Example:  bsops locks --json")(with_common(locks))


def locks(common: Common) -> int:
    """Show who holds the state of every environment."""
    from bookstore_ops.operations.locking import exit_code, read_all
    from bookstore_ops.ui.lock_view import show_locks

    workspace = common.find_workspace()
    common.terminal.banner()
    reports = read_all(
        workspace, lambda name: common.request_in(workspace, "locks", name), common.terminal.warn
    )
    show_locks(common.terminal, reports)
    return exit_code(reports)
