"""Timeouts as a table, and the change of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookstore_ops.operations.waiting import Edit
    from bookstore_ops.timeouts.tree import Timeout
    from bookstore_ops.ui.terminal import Terminal


def show_timeouts(terminal: "Terminal", timeouts: Sequence["Timeout"], environment: str) -> None:
    """Every timeout: what it is for, how long, what sets it."""
    if not timeouts:
        terminal.result(f"The tree of {environment} sets no timeouts: the provider's hold.")
    else:
        rows = [
            (t.address, t.operation, t.in_force or "provider default", _setting(t))
            for t in timeouts
        ]
        terminal.table(("resource", "operation", "waits", "set by"), rows)
        terminal.say(f"Change one:  bsops timeouts {environment} --set database.create=90m")
    terminal.document(
        "bsops.timeouts/1",
        {
            "environment": environment,
            "timeouts": [
                {
                    "address": t.address,
                    "operation": t.operation,
                    "in_force": t.in_force,
                    "from": "values" if t.given else "tree" if t.value else "provider",
                    "variable": ".".join(t.variable) if t.variable else None,
                }
                for t in timeouts
            ],
        },
    )


def show_edit(terminal: "Terminal", edit: "Edit", environment: str, plan: str) -> None:
    """What was written."""
    if not edit.difference:
        terminal.result(f"{'.'.join(edit.variable)} is {edit.after} already.")
    else:
        terminal.result(edit.difference)
        terminal.say(f"It was {edit.before or 'the provider default'}. Next:  {plan}", style="bold")
    terminal.document(
        "bsops.timeouts/1",
        {
            "environment": environment,
            "set": {
                "variable": ".".join(edit.variable),
                "before": edit.before,
                "after": edit.after,
                "changed": bool(edit.difference),
            },
        },
    )


def _setting(timeout: "Timeout") -> str:
    if timeout.variable is None:
        return "the tree"
    name = ".".join(timeout.variable)
    return f"{name} (values)" if timeout.given else name
