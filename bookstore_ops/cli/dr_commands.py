"""The commands of `bsops dr`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.cli.runbook_running import Allow, Parameters

if TYPE_CHECKING:
    from bookstore_ops.operations.recovery.readiness import Recovery


class FailOnName(StrEnum):
    """What makes the exit code 1."""

    MISSING = "missing"
    UNKNOWN = "unknown"


def status(
    common: Common,
    env: EnvironmentArgument = None,
    fail_on: Annotated[
        FailOnName | None,
        typer.Option(
            "--fail-on",
            show_default=False,
            help="Exit with 1 where something is missing or too old; unknown: or cannot be told.",
        ),
    ] = None,
) -> int:
    """Show what is ready in the other region, and what would be lost if one moved now."""
    from bookstore_ops.operations.recovery.readiness import open_recovery_session, read_recovery
    from bookstore_ops.ui.dr_view import show_recovery

    terminal = common.terminal
    request = common.request("dr status", env)
    with open_recovery_session(request, terminal.say, warn=terminal.warn) as session:
        recovery = read_recovery(session, fail_on.value if fail_on else None)
    show_recovery(terminal, recovery)
    if recovery.failure is None:
        return 0
    terminal.error(recovery.failure)
    return int(recovery.failure.exit_code)


def rehearse(common: Common, env: RequiredEnvironmentArgument, param: Parameters = None) -> int:
    """Go through the move without making it: is all ready, and does every look succeed?

    Exits with 1 where something is not ready, or a step of the runbook could not be proven.
    """
    from bookstore_ops.cli.runbook_running import foresee
    from bookstore_ops.operations.recovery.rehearsing import RUNBOOK, unproven
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.ui.dr_view import show_pieces, show_rehearsal

    load(common.find_workspace(), RUNBOOK)  # before all that takes long
    recovery = _look(common, "dr rehearse", env)
    show_pieces(common.terminal, recovery)
    there = common.in_region(recovery.away)
    page, foreseen = foresee(there, RUNBOOK, recovery.environment, param or ())
    failure = unproven(recovery, foreseen)
    show_rehearsal(common.terminal, recovery, page, foreseen, proven=failure is None)
    if failure is None:
        return 0
    common.terminal.error(failure)
    return int(failure.exit_code)


def failover(
    common: Common,
    env: RequiredEnvironmentArgument,
    param: Parameters = None,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Go on although something is not ready there."),
    ] = False,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    allow: Allow = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
) -> None:
    """Move to the other region, led by the runbook region-lost.

    It can be stopped, resumed and undone like every run: bsops runbook resume RUN.
    """
    from bookstore_ops.cli.runbook_running import run
    from bookstore_ops.operations.recovery.rehearsing import RUNBOOK, require_acceptable
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.ui.dr_view import show_pieces

    load(common.find_workspace(), RUNBOOK)  # before all that takes long
    recovery = _look(common, "dr failover", env)
    show_pieces(common.terminal, recovery)
    require_acceptable(recovery, accept_loss=accept_loss)
    run(
        common.in_region(recovery.away),
        RUNBOOK,
        recovery.environment,
        param=param,
        shared=False,  # the bucket that runs are shared in is where one moves away from
        yes=yes,
        confirm=confirm,
        allow=allow,
        during_freeze=during_freeze,
        reason=reason,
    )


def _look(common: Common, command: str, env: str) -> "Recovery":
    from bookstore_ops.operations.recovery.readiness import open_recovery_session, read_recovery

    terminal = common.terminal
    request = common.request(command, env)
    with open_recovery_session(request, terminal.say, warn=terminal.warn) as session:
        return read_recovery(session)
