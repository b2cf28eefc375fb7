"""What apply and destroy share: plan if need be, show, ask, run, give an account."""

from bookstore_ops.cli.approval import Approval
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.operations.applying import (
    ApplyResult,
    apply_plan,
    check_apply,
    check_occasion,
    confirm_apply,
)
from bookstore_ops.operations.planning import make_plan
from bookstore_ops.operations.policing import recorded_judgement
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.adapter import PlanOptions
from bookstore_ops.terraform.records import SavedPlan
from bookstore_ops.ui.apply_result import show_apply_result, show_saved_plan
from bookstore_ops.ui.plan_result import show_nothing_to_do, show_plan_result
from bookstore_ops.ui.policy_view import show_judgement
from bookstore_ops.ui.terminal import Terminal
from bookstore_ops.ui.watch import LiveWatch


def run_apply(
    terminal: Terminal,
    session: Session,
    saved: SavedPlan | None,
    options: PlanOptions,
    approval: Approval,
    *,
    verb: str | None = None,
) -> int:
    """Apply ``saved``, or a plan made now with ``options``; the exit code.

    ``verb`` is what goes on, where the command is called otherwise.
    """
    name = session.environment.name
    check_occasion(session, saved, approval.overrides)
    verb = verb or session.request.command
    if saved is None:
        with LiveWatch(terminal, verb="plan", environment=name) as watch:
            planned = make_plan(session, options, watch)
        if planned.saved is None:
            show_nothing_to_do(terminal, name, verb)
            return ExitCode.DONE
        show_plan_result(terminal, planned, name, None)
        saved = planned.saved
    else:
        show_saved_plan(terminal, saved)
        show_judgement(terminal, recorded_judgement(session, saved))
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            session.initialise(watch)

    result = carry_out(terminal, session, saved, options, approval, verb=verb)
    show_apply_result(terminal, result, name, verb)
    if result.error:
        terminal.error(result.error)
        return int(result.error.exit_code)
    return ExitCode.DONE


def carry_out(
    terminal: Terminal,
    session: Session,
    saved: SavedPlan,
    options: PlanOptions,
    approval: Approval,
    *,
    verb: str,
) -> ApplyResult:
    """Check, ask, and apply a plan that was shown."""
    name = session.environment.name
    with LiveWatch(terminal, verb="show", environment=name) as watch:
        check_apply(session, saved, watch, approval.overrides, allow_destroy=approval.allow_destroy)
    confirm_apply(session, saved, approval.asking(terminal), approval.overrides)
    with LiveWatch(terminal, verb=verb, environment=name, total=len(saved.record.changes)) as watch:
        return apply_plan(
            session,
            saved,
            watch,
            lock_timeout=options.lock_timeout,
            parallelism=options.parallelism,
        )
