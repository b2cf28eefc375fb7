"""What `apply` and `destroy` begin and end with."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.ledger import ledger_document, render_ledger, render_success
from bookstore_ops.ui.text import Screen, Span, plural

if TYPE_CHECKING:
    from bookstore_ops.operations.applying import ApplyResult
    from bookstore_ops.terraform.records import SavedPlan
    from bookstore_ops.ui.terminal import Terminal

_SHOWN = 20
_FIRST = {"delete": 0, "replace": 1, "update": 2, "create": 3}


def show_saved_plan(terminal: "Terminal", saved: "SavedPlan") -> None:
    """Remind the operator what a plan saved earlier does, destroys first."""
    record = saved.record
    screen = Screen()
    screen.add(
        Span(f"Plan {saved.name}", "bold"),
        f" of {record.environment}, made {record.age_seconds / 60:.0f} minutes ago "
        f"by {record.created_by}:",
    )
    changes = sorted(record.changes, key=lambda c: (_FIRST.get(c.action, 4), c.resource.addr))
    for change in changes[:_SHOWN]:
        style = "bold red" if change.action in {"delete", "replace"} else ""
        screen.add("  ", Span(f"{change.action:8}", style), change.resource.addr)
    if len(changes) > _SHOWN:
        screen.add(f"  … and {plural(len(changes) - _SHOWN, 'more change')}")
    terminal.show(screen)


def show_apply_result(
    terminal: "Terminal", result: "ApplyResult", environment: str, verb: str
) -> None:
    """Show how an apply ended: one line where all went well, else the whole ledger."""
    if result.error is None:
        terminal.result(render_success(result.progress, environment, verb=verb))
    else:
        terminal.show(
            render_ledger(
                result.ledger,
                environment=environment,
                next_commands=result.next_commands,
                width=terminal.width,
            )
        )
    terminal.document(
        f"bsops.{verb}/1",
        {
            "environment": environment,
            "succeeded": result.error is None,
            "exit_code": int(result.error.exit_code) if result.error else 0,
            "error": result.error.what if result.error else None,
            "next": list(result.next_commands),
            **ledger_document(result.ledger),
        },
    )
