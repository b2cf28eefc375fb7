"""A run that somebody else leads, as it goes on."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.runbook_desk import ended
from bookstore_ops.ui.text import Screen, Span, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bookstore_ops.runbooks.records import AnyEvent, Ended, Started
    from bookstore_ops.ui.terminal import Terminal


def show_events(
    terminal: "Terminal",
    events: "Iterable[AnyEvent]",
    document: "Callable[[AnyEvent], dict[str, object]]",
) -> None:
    """Each event once it has happened; a line of JSON each with ``--json``."""
    watching = _Watching(terminal)
    for event in events:
        lines = document(event)
        watching.show(event, str(lines.get("text", "")))
        terminal.line("bsops.runbook.event/1", lines)


class _Watching:
    """Draws events; a result, since it is what was asked for."""

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self._step = ""

    def show(self, event: "AnyEvent", text: str) -> None:
        from bookstore_ops.runbooks.records import Ended, Started
        from bookstore_ops.runbooks.transcript import remark_of

        match event:
            case Started():
                self._started(event)
            case Ended():
                self._ended(event, text)
            case _:
                remark = remark_of(event)
                if remark:
                    self._row(Span(f"{event.time[11:19]}  ", "dim"), plain(remark))

    def _started(self, event: "Started") -> None:
        self._heading(event.step)
        again = f" (attempt {event.attempt})" if event.attempt > 1 else ""
        undoes = f" (undoes {event.undo_of})" if event.undo_of else ""
        name = Span(f"[{event.block}]", "bold cyan")
        self._row(Span(f"{event.time[11:19]}  ", "dim"), name, f" began{again}{undoes}")
        for row in plain(event.shown).rstrip("\n").splitlines():
            self._row(Span(f"    {row}", "bold"))

    def _ended(self, event: "Ended", text: str) -> None:
        self._heading(event.step)
        for row in text.splitlines():
            self._row(Span("  │ ", "dim"), plain(row))
        self._terminal.result(ended(event))

    def _heading(self, step: str) -> None:
        if step != self._step:
            self._step = step
            self._row("")
            self._row(Span(step, "bold"))

    def _row(self, *spans: "Span | str") -> None:
        screen = Screen()
        screen.add(*spans)
        self._terminal.result(screen)
