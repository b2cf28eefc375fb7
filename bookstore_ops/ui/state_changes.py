"""What would be done to a state, and what was done."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.plan_view import render_plan
from bookstore_ops.ui.text import Screen, Span, plural

if TYPE_CHECKING:
    from bookstore_ops.operations.states.changes import Proposal, StateChange
    from bookstore_ops.ui.terminal import Terminal

# A module may hold hundreds; --verbose lists all.
_MOST_LINES = 20

_DONE = {
    "mv": "Moved",
    "rm": "Forgotten",
    "import": "Imported",
    "push": "Stored",
    "restore": "Restored",
}


def show_proposal(terminal: "Terminal", environment: str, proposal: "Proposal") -> None:
    """What is about to be done, before the operator is asked."""
    if proposal.preview is not None:
        terminal.show(
            render_plan(
                proposal.preview,
                environment=environment,
                sandbox=terminal.sandbox,
                width=terminal.width,
                verbose=terminal.verbose,
            )
        )
    screen = Screen()
    most = len(proposal.lines) if terminal.verbose else _MOST_LINES
    for text in proposal.lines[:most]:
        screen.add(f"  {text}")
    if len(proposal.lines) > most:
        screen.add(Span(f"  … {len(proposal.lines) - most} more; --verbose lists them", "dim"))
    terminal.show(screen)
    for remark in proposal.remarks:
        terminal.say(remark, style="dim")


def show_no_change(
    terminal: "Terminal", environment: str, command: str, proposal: "Proposal"
) -> None:
    """There was nothing to do."""
    terminal.result(proposal.nothing_to_do)
    terminal.document(f"bsops.state.{command}/1", {"environment": environment, "changed": False})


def show_change(
    terminal: "Terminal", environment: str, command: str, change: "StateChange"
) -> None:
    """What was done, and how to undo it."""
    after, before = change.after, change.before
    serial = f"serial {before.serial} -> {after.serial}" if before else f"serial {after.serial}"
    held = plural(after.resources, "resource")
    terminal.result(f"{_DONE[command]}: the state of {environment} is at {serial}, {held}")
    if change.undo:
        terminal.say(f"To undo it: {change.undo}")
    compared = change.compared
    terminal.document(
        f"bsops.state.{command}/1",
        {
            "environment": environment,
            "changed": True,
            "lineage": after.lineage,
            "serial": {"before": before.serial if before else None, "after": after.serial},
            "resources": after.resources,
            "added": compared.back,
            "forgotten": compared.gone,
            "backup": change.backup.name if change.backup else None,
            "undo": change.undo,
        },
    )
