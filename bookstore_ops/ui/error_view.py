"""How an expected error looks."""

from typing import TYPE_CHECKING

from bookstore_ops.errors import Interrupted, Refused
from bookstore_ops.ui.text import Screen, Span, plain, wrap

if TYPE_CHECKING:
    from bookstore_ops.errors import BsopsError

_INDENT = "      "  # as wide as the labels


def render_error(
    error: "BsopsError", width: int, *, environment: str | None = None, sandbox: bool = False
) -> Screen:
    """What, why and what to do; the last on one line, to be copied.

    ``environment`` and ``sandbox`` are the command's: a runbook is run there.
    """
    screen = Screen()
    label, style = _label(error)
    first, *more = wrap(f"{label}: {error.what}", width) or [f"{label}:"]
    screen.add(Span(label, style), Span(first.removeprefix(label), "bold"))
    for row in more:
        screen.add(Span(row, "bold"))
    if error.why:
        rows = wrap(error.why, width, _INDENT) or [_INDENT]
        rows[0] = "why:  " + rows[0].removeprefix(_INDENT)
        for row in rows:
            screen.add(row)
    if error.next_step:
        screen.add("next: ", Span(plain(error.next_step), "bold green"))
    if error.runbook:
        line = runbook_line(error.runbook, environment, sandbox=sandbox)
        screen.add("runbook: ", Span(line, "green"))
    return screen


def runbook_line(name: str, environment: str | None, *, sandbox: bool = False) -> str:
    """How a runbook is run there."""
    words = ["bsops runbook run", name, environment or "", "--sandbox" if sandbox else ""]
    return " ".join(filter(None, words))


def _label(error: "BsopsError") -> tuple[str, str]:
    match error:
        case Refused():
            return "Refused", "bold yellow"
        case Interrupted():
            return "Stopped", "bold yellow"
        case _:
            return "Error", "bold red"
