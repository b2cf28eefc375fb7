"""A dry run: what looks is run, what changes is shown; and what cannot be known is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bookstore_ops.errors import Refused
from bookstore_ops.runbooks.attempt import attempt
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Places, make_command, mentioned
from bookstore_ops.runbooks.desk import Desk
from bookstore_ops.runbooks.effects import changes
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.secrets import Masker
from bookstore_ops.runbooks.values import Value

Verdict = Literal["looked", "would-run", "would-skip", "by-hand", "cannot-know", "failed"]


@dataclass(frozen=True)
class Foreseen:
    """What a run would do at one block, as far as it can be known."""

    block: str
    step: str
    verdict: Verdict
    why: str = ""


WORDS: dict[Verdict, str] = {
    "looked": "ran, since it only looks",
    "would-run": "would run",
    "would-skip": "would be skipped",
    "by-hand": "would wait for a person",
    "cannot-know": "cannot be known",
    "failed": "ran, since it only looks, and failed",
}


@dataclass
class DryRun:
    """A dry run of a page; ``values`` grows by what is captured on the way."""

    page: Page
    values: dict[str, Value]
    secret: set[str]
    places: Places
    desk: Desk
    masker: Masker = field(default_factory=Masker)

    def foresee(self, names: Sequence[str]) -> list[Foreseen]:
        """Go through the blocks of those names."""
        self.masker.add(self.values[name] for name in self.secret if name in self.values)
        found: list[Foreseen] = []
        for step, block in self.page.sequence:
            if block.name not in names:
                continue
            if not any(each.step == step.title for each in found):
                self.desk.step(step, self.page.steps.index(step) + 1, len(self.page.steps))
            verdict, why = self._before(block) or self._run(block)
            found.append(Foreseen(block.name, step.title, verdict, why))
            self.desk.notice(f"{block.name}: {WORDS[verdict]}{f': {why}' if why else ''}")
        return found

    @property
    def _captured(self) -> set[str]:
        return {capture.name for block in self.page.blocks for capture in block.captures}

    def _before(self, block: Block) -> tuple[Verdict, str] | None:
        """The verdict that needs no look at what the block runs."""
        unknown = self._captured - set(self.values)
        if block.when:
            missing = sorted(block.when.names & unknown)
            if missing:
                return "cannot-know", f"it depends on {', '.join(missing)}, not captured yet"
            if not block.when.holds(self.values):
                return "would-skip", f"not so: {block.when.text}"
        if block.manual:
            return "by-hand", ""
        missing = sorted(mentioned(block) & unknown)
        if missing:
            return "cannot-know", f"{', '.join(missing)} is captured by a step that did not run"
        return None

    def _run(self, block: Block) -> tuple[Verdict, str]:
        known = self._captured | set(self.values)
        try:
            command = make_command(block, self.values, self.places, known=known, secret=self.secret)
        except Refused as refused:
            return "cannot-know", refused.what
        self.desk.about(block, command.shown)
        if changes(block):
            return "would-run", "it changes something"
        made = attempt(
            block,
            command,
            cwd=self.places.workspace,
            desk=self.desk,
            masker=self.masker,
            started=lambda _pid: None,
        )
        self.values.update(made.captured)
        self.secret |= block.secret_names
        return ("failed", made.why) if made.why else ("looked", "")
