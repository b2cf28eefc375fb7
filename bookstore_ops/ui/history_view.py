"""The journal as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.ui.text import duration

if TYPE_CHECKING:
    from bookstore_ops.journal import Entry
    from bookstore_ops.ui.terminal import Terminal

_WORDS = {"create": "created", "update": "changed", "delete": "destroyed", "replace": "replaced"}


def show_history(terminal: "Terminal", entries: Sequence["Entry"]) -> None:
    """Past runs, the newest last, so that it stands above the prompt."""
    if not entries:
        terminal.result("No runs yet.")
    else:
        columns = ("when", "who", "command", "environment", "outcome", "took", "did")
        terminal.table(columns, [_row(entry) for entry in entries])
    terminal.document(
        "bsops.history/1",
        {
            "runs": [
                {
                    "outcome": entry.outcome,
                    **msgspec.to_builtins(entry.started),
                    **(msgspec.to_builtins(entry.ended) if entry.ended else {}),
                    "steps": [{"time": step.time, "what": step.what} for step in entry.steps],
                }
                for entry in entries
            ]
        },
    )


def _row(entry: "Entry") -> tuple[str, ...]:
    started, ended = entry.started, entry.ended
    return (
        started.time.replace("T", " ").removesuffix("+00:00") + "Z",
        f"{started.user}@{started.host}",
        started.command,
        started.environment + (" (sandbox)" if started.sandbox else ""),
        entry.outcome + (f" ({ended.exit_code})" if ended and ended.exit_code else ""),
        duration(ended.elapsed_seconds) if ended else "-",
        _did(entry),
    )


def _did(entry: "Entry") -> str:
    if entry.ended is None:
        return f"pid {entry.started.pid}"
    overrode = f"overrode {', '.join(entry.ended.overrode)}" if entry.ended.overrode else ""
    why = f"because: {entry.ended.reason}" if entry.ended.reason else ""
    return "; ".join(filter(None, (_outcome(entry), overrode, why)))


def _outcome(entry: "Entry") -> str:
    if entry.ended is None:
        return ""
    if entry.ended.error:
        return entry.ended.error
    if entry.ended.note:
        return entry.ended.note
    planned = entry.started.command == "plan"
    words = {} if planned else _WORDS
    text = ", ".join(f"{n} {words.get(action, action)}" for action, n in entry.ended.counts.items())
    return (f"planned {text}" if planned and text else text) or "-"
