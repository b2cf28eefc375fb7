"""Reading a page aloud, as far as a run of it is."""

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.desk import Desk
from bookstore_ops.runbooks.page import Page, Step


class Reader:
    """Shows the page up to where the run is: headings, prose, sections that are only read."""

    def __init__(self, page: Page, desk: Desk) -> None:
        self._desk = desk
        self._intro = page.intro
        self._steps = page.steps
        # A step without parts is a heading alone.
        self._parts = [(step, part) for step in self._steps for part in (step.parts or ("",))]
        self._next = 0
        self._shown: Step | None = None

    def begin(self, name: str) -> None:
        """Go to the beginning of that block's step; of the page, where it is the first."""
        at = next(i for i, (_, part) in enumerate(self._parts) if _is(part, name))
        step = self._parts[at][0]
        first = next(i for i, (each, _) in enumerate(self._parts) if each is step)
        above = any(isinstance(part, Block) for _, part in self._parts[:first])
        self._next = first if above else 0
        self._shown = None
        if self._next == 0 and self._intro:
            self._desk.prose(self._intro)

    def read_to(self, block: Block, *, aloud: bool) -> Step:
        """Show what stands above the block, not ``aloud`` its step's heading alone; its step."""
        at = next(i for i, (_, part) in enumerate(self._parts) if _is(part, block.name))
        step = self._parts[at][0]
        for each, part in self._parts[self._next : at]:
            if aloud or each is not step:
                self._show(each, part)
        self._next = at
        self._heading(step)
        return step

    def read_on(self, *, to_the_end: bool) -> None:
        """Show what stands below the last block: in its step, or to the end of the page."""
        for step, part in self._parts[self._next :]:
            if to_the_end or step is self._shown:
                self._show(step, part)

    def _show(self, step: Step, part: str | Block) -> None:
        if isinstance(part, str):
            self._heading(step)
            if part:
                self._desk.prose(part)

    def _heading(self, step: Step) -> None:
        if step is not self._shown:
            self._desk.step(step, self._steps.index(step) + 1, len(self._steps))
            self._shown = step


def _is(part: str | Block, name: str) -> bool:
    return isinstance(part, Block) and part.name == name
