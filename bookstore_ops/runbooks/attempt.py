"""One attempt at a block: its process, and whether what came of it is what was expected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bookstore_ops.runbooks import process
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Command
from bookstore_ops.runbooks.conditions import NotHeld
from bookstore_ops.runbooks.desk import Desk
from bookstore_ops.runbooks.output import ANSWER_BYTES, Output
from bookstore_ops.runbooks.secrets import Masker
from bookstore_ops.runbooks.values import Value


@dataclass(frozen=True)
class Attempt:
    """What came of it; ``why`` is None where all is well."""

    exit: process.Exit
    output: Output
    why: str | None
    captured: dict[str, Value] = field(default_factory=dict)


def attempt(
    block: Block,
    command: Command,
    *,
    cwd: Path,
    desk: Desk,
    masker: Masker,
    started: Callable[[int], None],
) -> Attempt:
    """Run it, and judge.

    Raises:
        EnvironmentMissing: its program cannot be started.
    """
    output = Output(masker, desk.line, document=_held_back(block))
    ended = process.run(
        command,
        cwd=cwd,
        timeout=block.timeout,
        started=started,
        on_output=lambda chunk, error: output.feed(chunk, error=error),
        on_tick=desk.tick,
        notice=desk.notice,
    )
    try:
        captured = _judge(block, ended, output)
    except NotHeld as broken:
        output.end()
        return Attempt(ended, output, masker.line(str(broken)))
    # What a secret's name captures is masked before the output that holds it is shown further.
    masker.add(captured[name] for name in block.secret_names)
    output.end()
    return Attempt(ended, output, None, captured)


def _held_back(block: Block) -> bool:
    """Whether the output is shown at the end only: once it is known what is secret in it."""
    return block.language == "aws" or bool(block.secret_names)


def _judge(block: Block, ended: process.Exit, output: Output) -> dict[str, Value]:
    if ended.signal_number is not None:
        raise NotHeld("it was interrupted")
    if ended.timed_out:
        raise NotHeld(f"it was stopped after {block.timeout:.0f}s (timeout)")
    if ended.code and not any(expect.codes for expect in block.expects):
        raise NotHeld(
            f"it exited with {ended.code}"
            if ended.code > 0
            else f"it was ended by signal {-ended.code}"
        )
    looks = block.captures or any(expect.pattern or expect.json for expect in block.expects)
    if looks and output.answer_cut:
        raise NotHeld(f"it printed more than {ANSWER_BYTES // 1024 // 1024} MB to look at")
    for expect in block.expects:
        expect.check(ended.code, output.answer)
    return {capture.name: capture.take(output.answer) for capture in block.captures}
