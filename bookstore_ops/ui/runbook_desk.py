"""A run of a runbook on the screen: steps, what runs, live output, elapsed time, questions."""

from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from bookstore_ops.ui.runbook_view import traits
from bookstore_ops.ui.text import Screen, Span, duration, line, plain, prose

if TYPE_CHECKING:
    from bookstore_ops.runbooks.blocks import Block
    from bookstore_ops.runbooks.dry_run import Foreseen
    from bookstore_ops.runbooks.page import Page, Step
    from bookstore_ops.runbooks.records import AnyEvent, Ended
    from bookstore_ops.ui.terminal import Terminal

# More of one block than a person reads: the rest is counted, and its end shown.
_LINES_SHOWN = 500
_LAST_LINES = 10
# What ends sooner needs no clock, and no loading of rich.
_WORTH_A_CLOCK = 1.0
# CI systems end jobs that say nothing.
_KEEPALIVE = 30.0
_OUTCOMES = {
    "done": "green",
    "failed": "bold red",
    "skipped": "yellow",
    "undone": "green",
    "undo-failed": "bold red",
}


class RunDesk:
    """See :class:`bookstore_ops.runbooks.desk.Desk`."""

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self._clock: Any = None
        self._lines = 0
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_clock()

    @property
    def interactive(self) -> bool:
        """See :class:`Desk`."""
        return self._terminal.interactive

    def step(self, step: "Step", number: int, total: int) -> None:
        """See :class:`Desk`."""
        screen = Screen()
        screen.add("")
        screen.add(Span(f"Step {number} of {total}: {step.title}", "bold"))
        self._show(screen)

    def prose(self, text: str) -> None:
        """See :class:`Desk`."""
        self._show(Screen([line(""), *prose(text, self._terminal.width - 2, indent="  ")]))

    def about(self, block: "Block", shown: str) -> None:
        """See :class:`Desk`."""
        screen = Screen()
        screen.add("")
        screen.add(Span(f"  [{block.name}] ", "bold cyan"), Span(traits(block), "dim"))
        for row in plain(shown).rstrip("\n").splitlines():
            screen.add(Span(f"    {row}", "bold"))
        self._show(screen)
        self._lines, self._told = 0, 0.0
        self._last.clear()

    def line(self, text: str) -> None:
        """See :class:`Desk`."""
        self._lines += 1
        if self._lines <= _LINES_SHOWN:
            self._row(text)
        else:
            self._last.append(text)

    def tick(self, seconds: float) -> None:
        """See :class:`Desk`."""
        if seconds < _WORTH_A_CLOCK or self._terminal.quiet:
            return
        if not self._terminal.animated:
            if seconds - self._told >= _KEEPALIVE:
                self._told = seconds
                self._terminal.say(f"  … running for {duration(seconds)}")
            return
        unseen = max(self._lines - _LINES_SHOWN, 0)
        more = f", {unseen} more lines" if unseen else ""
        text = f"{duration(seconds)}{more}   (Ctrl-C asks it to stop)"
        if self._clock is None:
            self._clock = self._terminal.chatter_console().status(text)
            self._clock.start()
        else:
            self._clock.update(text)

    def record(self, event: "AnyEvent") -> None:
        """See :class:`Desk`."""
        from bookstore_ops.runbooks.records import Ended

        self._stop_clock()
        if isinstance(event, Ended):
            self._ended(event)
        self._terminal.line("bsops.runbook.event/1", msgspec.to_builtins(event))

    def notice(self, text: str) -> None:
        """See :class:`Desk`."""
        self._stop_clock()
        self._terminal.notice(text)

    def confirm(self, question: str, *, flag: str) -> bool:
        """See :class:`Desk`."""
        self._stop_clock()
        return self._terminal.confirm(question, flag=flag)

    def ask_exact(self, question: str, expected: str, *, flag: str) -> bool:
        """See :class:`Desk`."""
        self._stop_clock()
        return self._terminal.ask_exact(question, expected, flag=flag)

    def choose(self, question: str, options: Sequence[str], *, flag: str) -> str | None:
        """See :class:`Desk`."""
        self._stop_clock()
        return self._terminal.choose(question, options, flag=flag)

    def ask(self, question: str, *, flag: str) -> str:
        """See :class:`Desk`."""
        self._stop_clock()
        return self._terminal.ask(question, flag=flag)

    def _ended(self, event: "Ended") -> None:
        if self._lines > _LINES_SHOWN:
            left_out = self._lines - _LINES_SHOWN - len(self._last)
            if left_out > 0:
                self._row(f"[… {left_out} lines were left out here …]")
            for row in self._last:
                self._row(row)
        self._show(ended(event))

    def _row(self, text: str) -> None:
        screen = Screen()
        screen.add(Span("  │ ", "dim"), plain(text))
        self._show(screen)

    def _show(self, screen: Screen) -> None:
        if not self._terminal.quiet:
            self._terminal.show(screen)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None


def ended(event: "Ended") -> Screen:
    """What came of a block."""
    screen = Screen()
    took = f" in {duration(event.seconds)}" if event.seconds >= 1 else ""
    why = f": {event.why}" if event.why else ""
    note = f" ({event.note})" if event.note else ""
    name = f"[{event.block}] " if event.outcome == "skipped" else ""
    outcome = Span(event.outcome, _OUTCOMES[event.outcome])
    screen.add("  ", Span(name, "bold cyan"), outcome, f"{took}{why}{note}")
    for name, value in event.captured.items():
        screen.add(Span(f"    {name} = ", "dim"), plain(_short(value)))
    for name in event.secret:
        screen.add(Span(f"    {name} = ", "dim"), "(sensitive)")
    return screen


def _short(value: object) -> str:
    from bookstore_ops.runbooks.commands import shown_value

    text = shown_value(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def show_end(terminal: "Terminal", run: str, ending: str) -> None:
    """That a run came to its end."""
    terminal.say("")
    terminal.result(f"{run}: {ending}")
    terminal.say(f"what happened: bsops runbook report {run}")


def show_foreseen(terminal: "Terminal", page: "Page", found: Sequence["Foreseen"]) -> None:
    """What a run would do, block by block."""
    from bookstore_ops.runbooks.dry_run import WORDS

    rows = [(each.step, each.block, WORDS[each.verdict], each.why or "-") for each in found]
    terminal.say("")
    terminal.table(("step", "block", "what", "why"), rows, title="Dry run: nothing was changed")
    terminal.document(
        "bsops.runbook.dry-run/1",
        {"runbook": page.name, "blocks": [vars(each) for each in found]},
    )
