"""Follows a run: redrawn in place on a terminal, line by line in a log."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.ui import live_view
from bookstore_ops.ui.text import Screen, duration, plain

if TYPE_CHECKING:
    from bookstore_ops.ui.terminal import Terminal

# CI systems end jobs that say nothing; people begin to doubt earlier.
_KEEPALIVE = 30.0

# What ends sooner would only flicker, and not be worth the loading of rich.
_WORTH_DRAWING = 0.3


class LiveWatch:
    """Shows the progress of one run of Terraform until its end.

    ``total`` is how many resources a saved plan changes: applying one, Terraform does not say.
    """

    def __init__(
        self, terminal: "Terminal", *, verb: str, environment: str, total: int | None = None
    ) -> None:
        self._terminal = terminal
        self._verb = verb
        self._heading = f"{live_view.doing(verb)} {environment}"
        self._total = total
        self._animated = terminal.animated
        self._region: Region | None = None
        self._told: set[tuple[str, str]] = set()
        self._unexplained: set[str] = set()
        self._last_line = 0.0
        self._told_holder = False
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if live_view.takes_long(self._verb) and not self._animated:
            self._terminal.say(self._heading)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._region:
            self._region.close()
        elif self._progress and not self._animated:
            self._tell_changes(self._progress, last=True)

    def update(self, progress: Progress) -> None:
        """Show where the run stands; called many times a second."""
        if self._progress is None:
            self._last_line = progress.clock()
        self._progress = progress
        if self._terminal.quiet:
            return
        if self._terminal.verbose:
            self._tell_reads(progress)
        if progress.holder and not self._animated and not self._told_holder:
            self._told_holder = True
            self._line(f"waiting for the lock, held by {progress.holder}", progress)
        if self._animated:
            self._draw(progress)
            return
        self._tell_changes(progress)
        if progress.clock() - self._last_line >= _KEEPALIVE:
            self._line(self._keepalive(progress), progress)

    def notice(self, message: str) -> None:
        """Say what the operator must see, whatever the mode."""
        self._terminal.notice(message)

    @property
    def _changes_things(self) -> bool:
        return self._verb in {"apply", "destroy"}

    def _to_change(self, progress: Progress) -> int:
        return live_view.to_change(progress) if self._total is None else self._total

    def _draw(self, progress: Progress) -> None:
        if self._region is None and progress.elapsed >= _WORTH_DRAWING:
            self._region = Region(self._terminal)
        if self._region:
            self._region.draw(self._screen(progress))

    def _screen(self, progress: Progress) -> Screen:
        columns, rows = self._terminal.size
        if progress.awaits_lock:
            return live_view.waiting(progress, self._heading, columns - 1)
        heading = ("SANDBOX  " if self._terminal.sandbox else "") + self._heading
        if self._changes_things:
            total = self._to_change(progress)
            return live_view.changing(progress, heading, total, columns - 1, rows - 1)
        return live_view.reading(progress, heading, columns - 1, rows - 1)

    def _tell_reads(self, progress: Progress) -> None:
        for step in live_view.reads(progress):
            if step.state is not StepState.RUNNING and self._is_new(step):
                self._line(f"read   {step.address}  {self._took(step)}", progress)

    def _tell_changes(self, progress: Progress, *, last: bool = False) -> None:
        if self._terminal.quiet:
            return
        for step in live_view.changes(progress):
            if step.state is StepState.RUNNING or (step.address, step.action) in self._told:
                continue
            if self._explained(step) or last:
                self._told.add((step.address, step.action))
                self._line(self._ended(step), progress)

    def _explained(self, step: Step) -> bool:
        # The provider's message follows the failure as an event of its own.
        if step.state is StepState.DONE or step.message or step.address in self._unexplained:
            return True
        self._unexplained.add(step.address)
        return False

    def _is_new(self, step: Step) -> bool:
        key = (step.address, step.action)
        new = key not in self._told
        self._told.add(key)
        return new

    def _ended(self, step: Step) -> str:
        word = "done  " if step.state is StepState.DONE else "FAILED"
        message = f": {plain(step.message)}" if step.message else ""
        return f"{word} {step.action} {step.address}  {self._took(step)}{message}"

    def _took(self, step: Step) -> str:
        return duration(step.elapsed(step.ended or step.started))

    def _keepalive(self, progress: Progress) -> str:
        if progress.awaits_lock:
            holder = f", held by {progress.holder}" if progress.holder else ""
            return f"still waiting for the lock: {duration(progress.elapsed)}{holder}"
        if self._changes_things:
            state = live_view.totals(live_view.changes(progress), self._to_change(progress))
        else:
            done = live_view.reads(progress)
            count = sum(step.state is not StepState.RUNNING for step in done)
            state = f"{count} read" if count else "nothing read yet"
        parts = [f"still {self._heading}: {state}", duration(progress.elapsed)]
        slowest = next(iter(progress.running()), None)
        if slowest:
            waited = duration(slowest.elapsed(progress.clock()))
            parts.append(f"slowest {slowest.address} {waited}")
        return ", ".join(parts)

    def _line(self, text: str, progress: Progress) -> None:
        self._terminal.say(text)
        self._last_line = progress.clock()


class Region:
    """The part of the screen that is redrawn; drawn by its caller's thread and no other."""

    def __init__(self, terminal: "Terminal") -> None:
        from rich.live import Live

        self._terminal = terminal
        self._drawn: list[int] = []
        self._width = terminal.width
        self._live: Live = Live(
            console=terminal.chatter_console(),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def draw(self, screen: Screen) -> None:
        """Replace what was drawn."""
        self._terminal.chatter_console()  # takes the size as it is now
        self._erase_reflowed()
        self._live.update(screen, refresh=True)
        self._drawn = [sum(len(span.text) for span in row) for row in screen.lines]

    def close(self) -> None:
        """Remove the region; what was printed above it stays."""
        self._live.stop()

    def _erase_reflowed(self) -> None:
        # A terminal made narrower has broken the lines drawn before: rich would miss the rest.
        from rich.control import Control
        from rich.segment import ControlType

        width, self._width = self._width, self._terminal.width
        if self._width >= width:
            return
        extra = sum((max(length, 1) - 1) // self._width for length in self._drawn)
        up = ((ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1))
        self._terminal.chatter_console().control(Control(*up * extra))
