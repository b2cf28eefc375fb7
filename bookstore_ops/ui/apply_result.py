"""What `apply` and `destroy` begin and end with."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.ledger import ledger_document, render_ledger, render_success
from bookstore_ops.ui.plan_view import plan_of, render_plan
from bookstore_ops.ui.text import duration

if TYPE_CHECKING:
    from bookstore_ops.operations.applying import ApplyResult
    from bookstore_ops.terraform.records import SavedPlan
    from bookstore_ops.ui.terminal import Terminal


def show_saved_plan(terminal: "Terminal", saved: "SavedPlan") -> None:
    """Remind the operator what a plan saved earlier does, destroys first."""
    record = saved.record
    show = f"bsops show {record.environment} {saved.name}"
    show += " --sandbox" if terminal.sandbox else ""
    if record.refresh_only:
        terminal.show("This takes over into the state what changed outside Terraform.")
        return
    made = f"Made {duration(record.age_seconds)} ago by {record.created_by}"
    terminal.show(
        render_plan(
            plan_of(record.changes),
            environment=record.environment,
            sandbox=terminal.sandbox,
            width=terminal.width,
            verbose=terminal.verbose,
            more=f"{show} --verbose",
            notes=[f"{made}; its attributes: {show}"],
        )
    )


def show_apply_result(
    terminal: "Terminal", result: "ApplyResult", environment: str, verb: str
) -> None:
    """Show how an apply ended, and write its document."""
    show_account(terminal, result, environment, verb)
    terminal.document(
        f"bsops.{verb}/1",
        {"environment": environment, **apply_document(result)},
    )


def show_account(terminal: "Terminal", result: "ApplyResult", environment: str, verb: str) -> None:
    """Show how an apply ended: one line where all went well, else the whole ledger."""
    if result.error is None or result.ledger.complete:
        terminal.result(render_success(result.progress, environment, verb=verb))
        if result.note:
            terminal.say(result.note)
    else:
        terminal.show(
            render_ledger(
                result.ledger,
                environment=environment,
                next_commands=result.next_commands,
                destroying=result.destroying,
                width=terminal.width,
                verbose=terminal.verbose,
            )
        )


def apply_document(result: "ApplyResult") -> dict[str, object]:
    """What a JSON document says of an apply."""
    return {
        "succeeded": result.error is None,
        "exit_code": int(result.error.exit_code) if result.error else 0,
        "error": result.error.what if result.error else None,
        "note": result.note,
        "next": list(result.next_commands),
        **ledger_document(result.ledger),
    }
