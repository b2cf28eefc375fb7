"""bsops apply."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("apply", epilog="Example:  bsops plan prod && bsops apply prod")(with_common(apply))


def apply(
    common: Common,
    env: EnvironmentArgument = None,
    plan: Annotated[
        str | None,
        typer.Argument(metavar="PLAN", show_default=False, help="A plan's name or file."),
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    allow_destroy: options.AllowDestroy = None,
    max_destroy: options.MaxDestroy = None,
    during_freeze: options.DuringFreeze = False,
    allow_dirty: options.AllowDirty = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
    parallelism: options.Parallelism = None,
) -> int:
    """Apply a saved plan; without one, plan first."""
    request = common.request("apply", env).ahead()
    from bookstore_ops.cli.applying import run_apply
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.applying import choose_plan
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions

    terminal = common.terminal
    overrides = Overrides(reason, max_destroy, during_freeze, allow_dirty)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        return run_apply(
            terminal,
            session,
            choose_plan(session, plan),
            PlanOptions(lock_timeout=lock_timeout, parallelism=parallelism),
            Approval(yes, confirm, allow_destroy or (), overrides),
        )
