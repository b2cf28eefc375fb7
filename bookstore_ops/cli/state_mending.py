"""The commands of `bsops state` for bad days."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument
from bookstore_ops.exit_codes import ExitCode


def recover(
    common: Common,
    env: EnvironmentArgument = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    lock_timeout: options.LockTimeout = "0s",
) -> int:
    """Store what an apply could not store, and name what it made that the state does not know."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states import recovery as state_recovery
    from bookstore_ops.operations.states.changes import carry_out, confirm_change
    from bookstore_ops.ui.state_changes import show_proposal
    from bookstore_ops.ui.state_mending import show_recovery
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state recover", env)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            recovery = state_recovery.propose_recovery(session, watch, lock_timeout)
        change = kept = None
        if recovery:
            show_proposal(terminal, name, recovery)
            confirm_change(session, recovery, Approval(yes, confirm).asking(terminal), None)
            kept = state_recovery.keep_leftover(session, recovery)
            with LiveWatch(terminal, verb="show", environment=name) as watch:
                change = carry_out(session, recovery, watch)
            state_recovery.set_leftover_aside(session, recovery, kept)
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            account = state_recovery.hold_against_record(session, watch)
        commands = [state_recovery.import_command(session, each) for each in account.unknown]
        show_recovery(terminal, name, change, kept, account, commands=commands)
    return ExitCode.FAILED if account.unknown else ExitCode.DONE


def repair_digest(
    common: Common,
    env: EnvironmentArgument = None,
    accept_object: Annotated[
        bool,
        typer.Option(
            "--accept-object", help="Where nothing proves it: what is stored in S3 is right."
        ),
    ] = False,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
) -> None:
    """Mend the lock table's digest where it does not fit the state in S3."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.digest import examine_digest, mend_digest
    from bookstore_ops.states.digest import Proof
    from bookstore_ops.ui.state_mending import show_digest
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state repair-digest", env)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            case = examine_digest(session, watch, accept_object=accept_object)
        mended = case.verdict.proof is not Proof.FITS
        if mended:
            terminal.say(case.verdict.why)
            mend_digest(session, case, Approval(yes, confirm).asking(terminal))
        show_digest(terminal, name, case, mended=mended)


def orphans(common: Common, env: EnvironmentArgument = None) -> None:
    """Find what AWS has under this environment's tags and the state does not know."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.orphans import find_orphans, import_command
    from bookstore_ops.ui.state_mending import show_orphans
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state orphans", env)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            search = find_orphans(session, watch)
        commands = [import_command(session, orphan) for orphan in search.orphans]
        show_orphans(terminal, name, search, commands, session.command_line("plan"))
