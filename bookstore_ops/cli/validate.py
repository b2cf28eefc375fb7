"""bsops validate."""

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate", epilog="Example:  bsops validate")(with_common(validate))


def validate(common: Common, env: EnvironmentArgument = None) -> None:
    """Check the configuration of one environment, or of all."""
    from bookstore_ops.environments import environment_names
    from bookstore_ops.operations.reading import validate as check
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.plan_result import show_warnings
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    names = [env] if env else environment_names(common.find_workspace())
    for name in names:
        request = common.request("validate", name)
        with (
            open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session,
            LiveWatch(terminal, verb="validate", environment=name) as watch,
        ):
            warnings = check(session, watch)
        show_warnings(terminal, warnings)
        terminal.result(f"{name}: the configuration is valid")
    terminal.document("bsops.validate/1", {"valid": names})
