"""What `plan` ends with: the plan itself, and the command that comes next."""

from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.ui.diagnostics import render_diagnostics
from bookstore_ops.ui.plan_view import plan_document, render_plan, render_summary
from bookstore_ops.ui.policy_view import judgement_document, show_judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.operations.planning import PlanResult
    from bookstore_ops.terraform.events import Diagnostic
    from bookstore_ops.terraform.plan import Plan
    from bookstore_ops.terraform.records import SavedPlan
    from bookstore_ops.ui.terminal import Terminal


def show_plan_result(
    terminal: "Terminal", result: "PlanResult", environment: str, apply_command: str | None
) -> None:
    """Show a plan just made; ``apply_command`` is what applies it, if the operator is to type it.

    Without one the plan is about to be applied: it is then not the result, only shown.
    """
    saved = result.saved
    if result.plan is not None:
        screen = render_plan(
            result.plan,
            environment=environment,
            sandbox=terminal.sandbox,
            width=terminal.width,
            verbose=terminal.verbose,
            more=_more(terminal, environment, saved),
        )
    else:
        screen = render_summary(
            result.progress,
            environment=environment,
            sandbox=terminal.sandbox,
            width=terminal.width,
            verbose=terminal.verbose,
        )
    show_warnings(terminal, result.progress.warnings)
    if apply_command is None:
        terminal.show(screen)
        show_judgement(terminal, result.judgement)
        return
    terminal.result(screen)
    show_judgement(terminal, result.judgement)
    if saved:
        terminal.say(f"Saved as {saved.name}. Apply it:  {apply_command}", style="bold")
    terminal.document("bsops.plan/1", _document(result, environment))


def show_warnings(terminal: "Terminal", warnings: "Sequence[Diagnostic]") -> None:
    """Terraform's warnings, beside the result."""
    if warnings and not terminal.quiet:
        terminal.show(render_diagnostics(warnings, width=terminal.width))


def show_details(terminal: "Terminal", plan: "Plan", saved: "SavedPlan", environment: str) -> None:
    """Show a plan saved earlier."""
    record = saved.record
    terminal.result(
        render_plan(
            plan,
            environment=environment,
            sandbox=terminal.sandbox,
            width=terminal.width,
            verbose=terminal.verbose,
            more=_more(terminal, environment, saved),
            notes=[f"Made {record.created} by {record.created_by} on state serial {record.serial}"],
        )
    )
    terminal.document(
        "bsops.plan/1",
        {
            "environment": environment,
            "name": saved.name,
            "record": msgspec.to_builtins(record),
            **plan_document(plan),
        },
    )


def show_nothing_to_do(terminal: "Terminal", environment: str, verb: str) -> None:
    """Say that a plan had no changes, so that nothing is applied."""
    terminal.result(f"Nothing to {verb}: {environment} has no changes.")
    terminal.document(f"bsops.{verb}/1", {"environment": environment, "changes": False})


def _more(terminal: "Terminal", environment: str, saved: "SavedPlan | None") -> str:
    """The command that shows all of a plan."""
    what = f"show {environment} {saved.name}" if saved else f"plan {environment}"
    return f"bsops {what}{' --sandbox' if terminal.sandbox else ''} --verbose"


def _document(result: "PlanResult", environment: str) -> dict[str, object]:
    saved = result.saved
    if result.plan is not None:
        details = plan_document(result.plan)
    else:
        details = {
            "changes": [
                {"address": change.resource.addr, "action": change.action, "reason": change.reason}
                for change in result.progress.planned.values()
            ]
        }
    return {
        "environment": environment,
        "name": saved.name if saved else None,
        "file": str(saved.path) if saved else None,
        "record": msgspec.to_builtins(saved.record) if saved else None,
        "policies": judgement_document(result.judgement) if result.judgement else None,
        **details,
    }
