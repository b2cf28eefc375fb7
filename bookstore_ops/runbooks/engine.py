"""Running a page: block after block, each written down before the next begins."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bookstore_ops.errors import BsopsError, Refused
from bookstore_ops.runbooks.attempt import Attempt, attempt
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Command, Places, make_command
from bookstore_ops.runbooks.desk import Desk
from bookstore_ops.runbooks.page import Page, Step
from bookstore_ops.runbooks.reading import Reader
from bookstore_ops.runbooks.records import (
    AnyEvent,
    Closed,
    Ended,
    Ending,
    Outcome,
    Spawned,
    Started,
    stamp,
)
from bookstore_ops.runbooks.secrets import Masker
from bookstore_ops.runbooks.standing import Standing
from bookstore_ops.runbooks.store import RunFiles
from bookstore_ops.runbooks.values import references, substitute
from bookstore_ops.terraform.masking import MASK

# Undoing needs the engine, and the engine may be asked to undo: it is handed in.
UndoBack = Callable[["Running"], str | None]
UNDO = object()


class Halt(Exception):
    """The run stops here, and can be resumed."""

    def __init__(self, ending: Ending, why: str, signal_number: int | None = None) -> None:
        super().__init__(why)
        self.ending = ending
        self.why = why
        self.signal_number = signal_number


@dataclass
class Running:
    """A run under way. ``allowed`` are dangerous blocks that need not be asked for.

    ``guard`` refuses a block that may not run now.
    """

    page: Page
    files: RunFiles
    standing: Standing
    places: Places
    desk: Desk
    yes: bool = False
    allowed: frozenset[str] = frozenset()
    masker: Masker = field(default_factory=Masker)
    guard: Callable[[Block], None] = lambda _block: None

    def __post_init__(self) -> None:
        """Mask what is known to be secret."""
        values = self.standing.values
        self.masker.add(values[name] for name in self.standing.secret if name in values)

    @property
    def known(self) -> set[str]:
        """All names of values that the page has."""
        captured = {c.name for block in self.page.blocks for c in block.captures}
        return captured | set(self.standing.values) | set(self.standing.begun.values)

    def write(self, event: AnyEvent) -> None:
        """Write an event, and let it be in force.

        Raises:
            EnvironmentMissing: it cannot be written.
        """
        from bookstore_ops.runbooks import standing

        self.files.append(event)
        standing.apply(self.standing, event)
        self.desk.record(event)

    def command(self, block: Block) -> Command:
        """What a block runs now.

        Raises:
            Refused: a value is not known, or would be read as an option.
        """
        return make_command(
            block,
            self.standing.values,
            self.places,
            known=self.known,
            secret=self.standing.secret,
        )

    def said(self, text: str) -> str:
        """A text of the page for people, with values in it, masked."""
        secret = self.standing.secret
        values = {n: MASK if n in secret else v for n, v in self.standing.values.items()}
        missing = references(text) - set(values)
        return self.masker.values(substitute(text, {**dict.fromkeys(missing, "?"), **values}))


def run(running: Running, names: Sequence[str], undo_back: UndoBack) -> Ending:
    """Run the blocks of those names, in the page's order; how the run ended is written.

    ``undo_back`` undoes back to a block that the operator chooses.

    Raises:
        Halt: it stops before its end.
        BsopsError: it cannot go on at all.
    """
    page = running.page
    reader = Reader(running.page, running.desk)
    queue = list(names)
    if queue:
        reader.begin(queue[0])
    while queue:
        block = page.block(queue[0])
        assert block is not None  # noqa: S101  (names are of the page)
        # What a block that does not run would need to be told is not read out.
        runs = block.when is None or block.when.holds(running.standing.values)
        step = reader.read_to(block, aloud=runs)
        if _settle(running, step, block) is not UNDO:
            queue.pop(0)
            continue
        back = undo_back(running)
        if back is not None:
            every = [each.name for _, each in page.sequence]
            queue = every[every.index(back) :]
            reader.begin(back)
    reader.read_on(to_the_end=bool(names) and names[-1] == page.sequence[-1][1].name)
    running.write(Closed(time=stamp(), ending="done"))
    return "done"


def _settle(running: Running, step: Step, block: Block) -> object:
    """Run a block until it is done or skipped; UNDO where the operator wants to go back."""
    if block.when is not None and not block.when.holds(running.standing.values):
        _skip(running, step, block, why=f"not so: {block.when.text}")
        return None
    while True:
        try:
            why = by_hand(running, step, block) if block.manual else _try(running, step, block)
        except Refused as refused:
            # Nobody there to answer, or a value that is not known: nothing ran.
            raise Halt("waiting", f"{block.name}: {refused.what}; {refused.next_step}") from refused
        if why is None:
            return None
        answer = _ask_what_now(running, block, why)
        if answer == "skip":
            reason = running.desk.ask("Why is it skipped", flag="a terminal")
            _skip(running, step, block, why=why, note=reason)
            return None
        if answer == "undo":
            return UNDO
        if answer == "stop":
            raise Halt("stopped", f"{block.name} {why}")


def _ask_what_now(running: Running, block: Block, why: str) -> str:
    if not running.desk.interactive:
        raise Halt("failed", f"{block.name}: {why}")
    return must_choose(running, f"{block.name}: {why}. What now?", _ANSWERS)


_ANSWERS = ("retry", "skip", "undo", "stop")
_PATIENCE = 5


def must_choose(running: Running, question: str, options: Sequence[str]) -> str:
    """One of the options.

    Raises:
        Halt: no answer is one of them, again and again: a terminal that went away, say.
    """
    for _ in range(_PATIENCE):
        chosen = running.desk.choose(question, options, flag="a terminal")
        if chosen is not None:
            return chosen
    raise Halt("stopped", f"no answer to: {question}")


def _skip(running: Running, step: Step, block: Block, *, why: str, note: str | None = None) -> None:
    running.write(
        Ended(
            time=stamp(),
            block=block.name,
            step=step.title,
            outcome="skipped",
            why=why,
            note=running.masker.values(note) if note else None,
        )
    )


def by_hand(
    running: Running, step: Step, block: Block, *, undo_of: str | None = None
) -> str | None:
    """Let a person do it; why that failed, None where it is done or was skipped.

    Raises:
        Halt: nobody is there, or it is left for later.
    """
    running.desk.about(block, running.said(block.text))
    if not running.desk.interactive:
        raise Halt("waiting", f"{block.name} is done by hand")
    began = time.monotonic()
    options = ("done", "skip", "failed", "stop")
    chosen = must_choose(running, "How did it go?", options)
    if chosen == "stop":
        raise Halt("stopped", f"{block.name} is to be done by hand")
    note = running.desk.ask("A note for the record (may be empty)", flag="a terminal")
    outcomes = _UNDO_OUTCOMES if undo_of else _OUTCOMES
    running.write(
        Ended(
            time=stamp(),
            block=block.name,
            step=step.title,
            outcome=outcomes[chosen],
            seconds=round(time.monotonic() - began, 1),
            note=running.masker.values(note) or None,
            undo_of=undo_of,
        )
    )
    return f"failed by hand: {note}" if chosen == "failed" else None


_OUTCOMES: dict[str, Outcome] = {"done": "done", "skip": "skipped", "failed": "failed"}
_UNDO_OUTCOMES: dict[str, Outcome] = {
    "done": "undone",
    "skip": "skipped",
    "failed": "undo-failed",
}


def _try(running: Running, step: Step, block: Block) -> str | None:
    """The attempts at a block; why it failed, None where it is done or was skipped."""
    running.guard(block)
    command = running.command(block)
    running.desk.about(block, command.shown)
    if not _agreed(running, block):
        _declined(running, step, block)
        return None
    return make_attempts(running, step, block, command)


def _agreed(running: Running, block: Block) -> bool:
    question = running.said(block.question or f"Run {block.name}?")
    if block.danger:
        if block.name in running.allowed:
            return True
        environment = running.standing.begun.environment
        return running.desk.ask_exact(question, environment, flag=f"--allow {block.name}")
    return running.yes or not block.confirm or running.desk.confirm(question, flag="--yes")


def _declined(running: Running, step: Step, block: Block) -> None:
    chosen = running.desk.choose("Not run. What now?", ("skip", "stop"), flag="--yes")
    if chosen != "skip":
        raise Halt("stopped", f"{block.name} was not confirmed")
    reason = running.desk.ask("Why is it skipped", flag="a terminal")
    _skip(running, step, block, why="it was not confirmed", note=reason)


def make_attempts(
    running: Running, step: Step, block: Block, command: Command, *, undo_of: str | None = None
) -> str | None:
    """Run a block as often as it says; why it failed, None where it did not.

    Raises:
        Halt: bsops got a signal meanwhile.
    """
    deadline = time.monotonic() + block.within if block.within is not None else None
    number = 0
    while True:
        number += 1
        running.write(
            Started(
                time=stamp(),
                block=block.name,
                step=step.title,
                attempt=number,
                shown=command.shown,
                undo_of=undo_of,
            )
        )
        made = attempt(
            block,
            command,
            cwd=running.places.workspace,
            desk=running.desk,
            masker=running.masker,
            started=lambda pid: running.write(_spawned(pid)),
        )
        again = number <= block.retry or (deadline is not None and time.monotonic() < deadline)
        if made.why is None or not again or made.exit.signal_number is not None:
            break
        running.desk.notice(f"{block.name}: {made.why}; again in {block.every:.0f}s")
        time.sleep(block.every)
    _write_end(running, step, block, made, number=number, undo_of=undo_of)
    if made.exit.signal_number is not None:
        raise Halt("stopped", f"{block.name} was interrupted", made.exit.signal_number)
    return made.why


def _spawned(pid: int) -> Spawned:
    import psutil

    try:
        started = float(psutil.Process(pid).create_time())
    except psutil.Error:
        started = 0.0
    return Spawned(time=stamp(), pid=pid, pid_started=started)


def _write_end(
    running: Running,
    step: Step,
    block: Block,
    made: Attempt,
    *,
    number: int,
    undo_of: str | None,
) -> None:
    good: Outcome = "undone" if undo_of else "done"
    bad: Outcome = "undo-failed" if undo_of else "failed"
    place = f"{len(running.files.events()):04}-{block.name}.txt"
    kept = made.output.kept
    secret = sorted(
        name
        for name, value in made.captured.items()
        if name in block.secret_names or running.masker.holds_secret(value)
    )
    # In memory only: what is secret is never written.
    running.standing.values.update({name: made.captured[name] for name in secret})
    running.write(
        Ended(
            time=stamp(),
            block=block.name,
            step=step.title,
            outcome=bad if made.why else good,
            attempt=number,
            exit_code=made.exit.code,
            seconds=round(made.exit.seconds, 2),
            why=made.why,
            output=running.files.keep_output(place, kept) if kept else None,
            output_bytes=made.output.bytes,
            captured={n: v for n, v in made.captured.items() if n not in secret},
            secret=secret,
            undo_of=undo_of,
        )
    )


def close(running: Running, ending: Ending, why: str | None = None) -> None:
    """Write how the run ended, or stopped; where even that fails, the events before it stand."""
    from contextlib import suppress

    with suppress(BsopsError):
        running.write(
            Closed(time=stamp(), ending=ending, why=running.masker.line(why or "") or None)
        )
