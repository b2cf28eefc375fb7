"""bsops config."""

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Explain an environment's settings.", no_args_is_help=True, rich_markup_mode=None
    )
    group.callback()(_config)
    group.command("show", epilog="Example:  bsops config show prod")(with_common(show))
    app.add_typer(group, name="config")


def _config() -> None:
    """Explain an environment's settings."""


def show(common: Common, env: EnvironmentArgument = None) -> None:
    """Show every setting of an environment and where each came from."""
    from bookstore_ops.operations.settings import settings
    from bookstore_ops.ui.settings_view import show_settings

    workspace = common.find_workspace()
    environment = common.environment(workspace, env)
    found = settings(
        workspace,
        environment,
        {
            "workspace": str(common.workspace) if common.workspace else None,
            "sandbox": common.sandbox or None,
            "terraform_bin": common.terraform_bin,
        },
    )
    show_settings(common.terminal, environment.name, found)
