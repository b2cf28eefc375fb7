"""bsops drift."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.exit_codes import ExitCode


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "drift", epilog="Exit code 2: something drifted.  Example:  bsops drift prod --verbose"
    )(with_common(drift))


def drift(
    common: Common,
    env: EnvironmentArgument = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it over into the state, after asking.")
    ] = False,
    target: options.Targets = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
    parallelism: options.Parallelism = None,
) -> int:
    """Show what changed outside Terraform; exit 2 if anything did."""
    request = common.request("drift", env).ahead()
    from bookstore_ops.cli.applying import run_apply
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.drifting import find_drift, plan_acceptance
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions
    from bookstore_ops.ui.drift_view import show_drift
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    overrides = Overrides(reason, during_freeze=during_freeze)
    asked = PlanOptions(targets=target or (), lock_timeout=lock_timeout, parallelism=parallelism)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="drift", environment=name) as watch:
            found = find_drift(session, asked, watch)
            planned = plan_acceptance(session, asked, watch) if accept and found.changed else None
        if planned is None or planned.saved is None:
            show_drift(terminal, found, name, session.command_line("drift"))
            return ExitCode.CHANGES if found.changed else ExitCode.DONE
        show_drift(terminal, found, name, None)
        approval = Approval(yes, confirm, overrides=overrides)
        return run_apply(terminal, session, planned.saved, asked, approval, verb="apply")
