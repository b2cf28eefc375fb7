"""bsops envs."""

import typer

from bookstore_ops.cli.common import Common, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("envs", epilog="Example:  bsops envs --json")(with_common(envs))


def envs(common: Common) -> None:
    """List the environments and where each stands."""
    from bookstore_ops.operations.overview import overview
    from bookstore_ops.ui.overview_view import show_overview

    common.terminal.banner()
    rows = overview(common.find_workspace(), sandbox=common.sandbox)
    show_overview(common.terminal, rows)
