"""bsops destroy."""

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("destroy", epilog="Example:  bsops destroy dev --sandbox")(with_common(destroy))


def destroy(
    common: Common,
    env: EnvironmentArgument = None,
    target: options.Targets = None,
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
    """Destroy everything of an environment."""
    request = common.request("destroy", env).ahead()
    from bookstore_ops.cli.applying import run_apply
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions

    terminal = common.terminal
    overrides = Overrides(reason, max_destroy, during_freeze, allow_dirty)
    asked = PlanOptions(
        targets=target or (), destroy=True, lock_timeout=lock_timeout, parallelism=parallelism
    )
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        approval = Approval(yes, confirm, allow_destroy or (), overrides)
        return run_apply(terminal, session, None, asked, approval)
