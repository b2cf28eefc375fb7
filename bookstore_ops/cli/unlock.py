"""bsops unlock."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.errors import UsageError


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("unlock", epilog="Example:  bsops unlock prod --confirm prod")(with_common(unlock))


def unlock(
    common: Common,
    env: EnvironmentArgument = None,
    lock_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", show_default=False, help="Only the lock of this ID."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Although its holder lives, or may live; needs --reason."),
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the journal.")
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
) -> None:
    """Break a lock whose holder is dead."""
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.locking import check_unlock, read_held
    from bookstore_ops.operations.locking import unlock as break_locks
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.lock_view import show_lock, show_nothing_locked, show_unlocked
    from bookstore_ops.ui.watch import LiveWatch

    if force and not (reason and reason.strip()):
        raise UsageError(
            "--force needs a reason",
            why="it is kept in the journal, for those who ask later",
            next_step="the same command with --reason 'WHY'",
        )
    terminal = common.terminal
    approval = Approval(yes=yes, words=confirm)
    name = common.locked_environment(env)
    if name is None:
        show_nothing_locked(terminal)
        return
    request = common.request("unlock", name)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        report = read_held(session)
        show_lock(terminal, report, session.command_line("unlock"), aside=True)
        if not report.held:
            show_unlocked(terminal, report.environment, None)
            return
        asked_of_nobody = yes and confirm is None
        held = check_unlock(
            session, report, lock_id, reason=reason if force else None, yes=asked_of_nobody
        )
        with LiveWatch(terminal, verb="unlock", environment=report.environment) as watch:
            done = break_locks(
                session,
                held,
                approval.asking(terminal),
                watch,
                reason=reason if force else None,
            )
        show_unlocked(terminal, report.environment, done)
