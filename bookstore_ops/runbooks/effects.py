"""Whether a block only looks, or changes something: so is what a dry run may run."""

import re
import shlex
from collections.abc import Sequence

from bookstore_ops.runbooks.blocks import Block

# Names of operations of AWS that only look.
_READING = re.compile(
    r"(describe|list|get|head|lookup|search|filter|query|scan|simulate|batch_get|estimate|preview|"
    r"validate|check)(_|\Z)"
)

# Commands of bsops that change neither AWS nor a state, with the options that make them do so.
READING_COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("envs",): (),
    ("plan",): ("--destroy",),
    ("show",): (),
    ("drift",): ("--accept",),
    ("graph",): (),
    ("output",): (),
    ("validate",): (),
    ("lock",): (),
    ("locks",): (),
    ("history",): (),
    ("doctor",): ("--fix",),
    ("timeouts",): ("--set",),
    ("version",): (),
    ("config", "show"): (),
    ("state", "list"): (),
    ("state", "show"): (),
    ("state", "pull"): (),
    ("state", "versions"): (),
    ("state", "orphans"): (),
    ("tfvars", "check"): (),
    ("tfvars", "diff"): (),
    ("tfvars", "explain"): (),
    ("policy", "list"): (),
    ("policy", "check"): (),
    ("release", "status"): (),
    ("release", "history"): (),
    ("release", "diff"): (),
    ("flags", "list"): (),
    ("backup", "list"): (),
    ("dr", "status"): (),
    ("dr", "rehearse"): (),
    ("sandbox", "status"): (),
    ("runbook", "list"): (),
    ("runbook", "show"): (),
    ("runbook", "history"): (),
}


def changes(block: Block) -> bool:
    """Whether the block changes something, as far as it says or its commands tell.

    Of a program in bash or Python nothing is known: it changes something unless it says ``reads``.
    """
    if block.reads:
        return False
    match block.language:
        case "aws":
            from bookstore_ops.runbooks.commands import read_call

            call = read_call(block.text)
            return call is None or not _READING.match(call.operation)
        case "bsops":
            return not _bsops_reads(words(block.text))
        case "text":
            return False
        case _:
            return True


def words(text: str) -> list[str]:
    """The words of a bsops block's one command; none where it cannot be read."""
    try:
        return shlex.split(text.replace("\\\n", " "))
    except ValueError:
        return []


def _bsops_reads(command: Sequence[str]) -> bool:
    for names, changing in READING_COMMANDS.items():
        if tuple(command[1 : 1 + len(names)]) == names:
            options = {word.partition("=")[0] for word in command}
            return options.isdisjoint(changing)
    return False
