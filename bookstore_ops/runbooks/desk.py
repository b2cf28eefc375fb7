"""Who leads an operator through a run: what the engine shows, and what it asks."""

from collections.abc import Sequence
from typing import Protocol

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.page import Step
from bookstore_ops.runbooks.records import AnyEvent


class Desk(Protocol):
    """The operator's side of a run. Questions raise Refused where nobody is there to answer."""

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""

    def step(self, step: Step, number: int, total: int) -> None:
        """A step begins."""

    def prose(self, text: str) -> None:
        """What the page says."""

    def about(self, block: Block, shown: str) -> None:
        """What will run, with values filled in, masked; or what is to be done by hand."""

    def line(self, text: str) -> None:
        """A line that the block printed, masked."""

    def tick(self, seconds: float) -> None:
        """The block runs for so long; called about ten times a second."""

    def record(self, event: AnyEvent) -> None:
        """What was just written of the run."""

    def notice(self, text: str) -> None:
        """Something that the operator must see."""

    def confirm(self, question: str, *, flag: str) -> bool:
        """Yes or no."""

    def ask_exact(self, question: str, expected: str, *, flag: str) -> bool:
        """Whether exactly that was typed."""

    def choose(self, question: str, options: Sequence[str], *, flag: str) -> str | None:
        """One of the options; None for none."""

    def ask(self, question: str, *, flag: str) -> str:
        """What was typed."""
