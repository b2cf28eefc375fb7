"""Following what goes step by step: a line for each, and one redrawn for what is waited for."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bookstore_ops.ui.text import Screen, Span, plain
from bookstore_ops.ui.watch import Region

if TYPE_CHECKING:
    from bookstore_ops.releases.model import Kept
    from bookstore_ops.ui.terminal import Terminal

# CI systems end jobs that say nothing.
_KEEPALIVE_SECONDS = 30.0


class StepWatch:
    """Says each event of a timeline once."""

    still = "still waiting"

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self._region: Region | None = None
        self._told = 0
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._region:
            self._region.close()

    def phase(self, kept: "Kept") -> None:
        """It went on."""
        # One that is taken up again has told its beginning elsewhere.
        self._told = self._told or len(kept.timeline) - 1
        for event in kept.timeline[self._told :]:
            self._terminal.say(f"{clock_of(event.time)}  {plain(event.what)}")
            self._last = time.monotonic()
        self._told = len(kept.timeline)

    def show(self, text: str) -> None:
        """What is waited for, redrawn; where nothing can be, said now and then."""
        if self._terminal.animated:
            self._region = self._region or Region(self._terminal)
            screen = Screen()
            room = self._terminal.width
            screen.add(Span(text if len(text) <= room else f"{text[: room - 1]}…", "dim"))
            self._region.draw(screen)
        elif time.monotonic() - self._last > _KEEPALIVE_SECONDS:
            self._terminal.say(f"{self.still}: {text}")
            self._last = time.monotonic()


def clock_of(moment: str) -> str:
    """The time of day of a time as it is kept."""
    return moment[11:19]
