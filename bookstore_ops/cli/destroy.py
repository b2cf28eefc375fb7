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
    lock_timeout: options.LockTimeout = "0s",
    parallelism: options.Parallelism = None,
) -> int:
    """Destroy everything of an environment."""
    request = common.request("destroy", env).ahead()
    from bookstore_ops.cli.applying import run_apply
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions

    terminal = common.terminal
    asked = PlanOptions(
        targets=target or (), destroy=True, lock_timeout=lock_timeout, parallelism=parallelism
    )
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        approval = Approval(yes=yes, words=confirm, allow_destroy=allow_destroy or ())
        return run_apply(terminal, session, None, asked, approval)
