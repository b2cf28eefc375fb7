"""What a block runs: a command line, an environment and an input, with values as data.

The text of a bash or Python block is a constant. bash gets values as environment variables,
Python as a dictionary on standard input; a bsops command line is cut into words, and a call of AWS
parsed, before values take their places in it. So no value is ever read as code.
"""

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.errors import Refused
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.effects import words
from bookstore_ops.runbooks.values import (
    Value,
    Values,
    as_text,
    document_references,
    fill,
    references,
    substitute,
)
from bookstore_ops.terraform.masking import MASK

# -p: neither BASH_ENV nor functions out of the environment have a say.
_BASH = ("bash", "--noprofile", "--norc", "-p", "-eu", "-o", "pipefail", "-c")
# -P: the working directory holds no modules of ours.
_PYTHON = ("-P", "-m", "bookstore_ops.runbooks.program")
_BSOPS = ("-P", "-c", "import sys; from bookstore_ops.cli.main import main; sys.exit(main())")
_CALL = ("-P", "-m", "bookstore_ops.runbooks.calls")


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call of AWS as a block says it, in YAML or JSON; names are boto3's."""

    service: str
    operation: str
    parameters: dict[str, Any] = {}
    region: str | None = None


@dataclass(frozen=True)
class Places:
    """Where a block runs. ``curated`` is the environment that Terraform gets, ``own`` bsops's.

    bsops looks for its credentials itself: it gets the operator's environment, with what was
    given on the command line (``settings``).
    """

    workspace: Path
    curated: Mapping[str, str]
    own: Mapping[str, str]
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Command:
    """One child process. ``shown`` is what the operator sees of it, secrets masked."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    stdin: bytes
    shown: str


def read_call(text: str) -> Call | None:
    """The call that a block's text describes; None where it describes none."""
    import yaml

    from bookstore_ops.runbooks.schema import yaml_loader

    try:
        raw = yaml.load(text, Loader=yaml_loader())  # noqa: S506  (a safe loader)
        return msgspec.convert(raw, Call)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError):
        return None


def mentioned(block: Block) -> set[str]:
    """The values that a block's text mentions, where that can be told: not in Python."""
    match block.language:
        case "aws":
            call = read_call(block.text)
            return document_references(msgspec.to_builtins(call)) if call else set()
        case "python":
            return set()
        case _:
            return references(block.text)


def make_command(
    block: Block, values: Values, places: Places, *, known: Iterable[str], secret: Iterable[str]
) -> Command:
    """The process that a block starts. ``known`` are all names of values that the page has.

    Raises:
        Refused: a value that it needs is not known, or would be taken for an option.
    """
    # bash itself stops at a variable that is not set, and may ask whether it is.
    missing = sorted(mentioned(block) - set(values)) if block.language != "bash" else []
    if missing:
        raise Refused(
            f"{block.name} needs {', '.join(missing)}, which is not known",
            why="the block that captures it was skipped or did not run",
            next_step="run that block first, with --from or by resuming there",
        )
    masked = {name: MASK if name in secret else value for name, value in values.items()}
    clean = {name: value for name, value in places.curated.items() if name not in known}
    match block.language:
        case "aws":
            return _aws(block, values, masked, clean)
        case "bsops":
            own = {name: value for name, value in places.own.items() if name not in known}
            return _bsops(block, values, masked, {**own, **places.settings})
        case "python":
            shown = f"values = {json.dumps(masked, ensure_ascii=False)}\n{block.text}"
            argv = (sys.executable, *_PYTHON, block.text)
            return Command(argv, clean, json.dumps(dict(values)).encode(), shown)
        case _:
            given = {name: as_text(value) for name, value in values.items()}
            used = [name for name in sorted(references(block.text)) if name in masked]
            heads = [f"{name}={shown_value(masked[name])}" for name in used]
            shown = "\n".join([*heads, block.text])
            return Command((*_BASH, block.text), {**clean, **given}, b"", shown)


def _aws(block: Block, values: Values, masked: Values, environ: Mapping[str, str]) -> Command:
    call = msgspec.to_builtins(read_call(block.text))
    stdin = json.dumps(fill(call, values), default=str).encode()
    return Command((sys.executable, *_CALL), environ, stdin, _show_call(fill(call, masked)))


def _bsops(block: Block, values: Values, masked: Values, environ: Mapping[str, str]) -> Command:
    written = words(block.text)[1:]
    argv = (sys.executable, *_BSOPS, *(_word(block, word, values) for word in written))
    shown = ["bsops", *(substitute(word, masked) for word in written)]
    if environ.get("BSOPS_SANDBOX"):
        shown.append("--sandbox")
    return Command(argv, environ, b"", " ".join(map(quoted, shown)))


def _word(block: Block, word: str, values: Values) -> str:
    made = substitute(word, values)
    if made.startswith("-") and not word.startswith("-"):
        raise Refused(
            f"a value in {block.name} would be taken for an option: {quoted(made)}",
            why="it begins with a hyphen and stands where an argument is expected",
            next_step="give another value, or write --option=$name in the page",
        )
    return made


def _show_call(call: Mapping[str, Any]) -> str:
    region = f" in {call['region']}" if call.get("region") else ""
    parameters = json.dumps(call["parameters"], indent=2, ensure_ascii=False, default=str)
    return f"{call['service']}.{call['operation']}{region} {parameters}"


def quoted(text: str) -> str:
    """A word as one would type it; what does not print is written out."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = "".join(
        c if c.isprintable() and c not in "\\'" else repr(c)[1:-1] if c not in "\\'" else f"\\{c}"
        for c in text
    )
    return f"$'{escaped}'"


def shown_value(value: Value) -> str:
    """A value in one line, for people."""
    return quoted(as_text(value))
