"""The documentation names only what exists."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.cli.main import COMMANDS
from docs.generate_commands import TARGET, command_line, page, walk
from tests.docs.markdown import PAGES, ROOT, Line, bsops_lines, marked_command

LINES = [line for path in PAGES for line in bsops_lines(path)]
SOURCES = sorted((ROOT / "bookstore_ops").rglob("*.py"))


@cache
def _whole() -> Any:
    """The command line, put together once for all lines."""
    return command_line()


def _check(words: tuple[str, ...]) -> None:
    """Parse a command line to its end without running it.

    Raises:
        TyperException: it has a command, an option or an argument that bsops does not know.
    """
    command: Any = _whole()
    context = None
    names = ["bsops"]
    rest = list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        context = command.make_context(names[-1], [], parent=context, resilient_parsing=True)
        found = command.get_command(context, name)
        assert found is not None, f"bsops has no command {' '.join([*names[1:], name])}"
        command = found
        names.append(name)
    if hasattr(command, "commands"):
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(rest) <= known | {"-h", "--help"}, rest
        return
    options = [word for word in rest if word not in {"-h", "--help"}]
    # Prose names a command without what it needs: `bsops new`.
    command.make_context(names[-1], options, parent=context, resilient_parsing=not options)


def test_commands_page_says_what_help_says() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python docs/generate.py --write"


def test_every_command_has_its_section() -> None:
    text = TARGET.read_text(encoding="utf-8")
    for path, _ in walk(command_line()):
        assert f"\n## {' '.join(path)}\n" in text


@pytest.mark.parametrize("line", LINES, ids=str)
def test_documented_command_exists(line: Line) -> None:
    _check(line.words)


@pytest.mark.parametrize(
    "words",
    [("paln", "dev"), ("plan", "--sandbocks"), ("sandbox", "pause"), ("plan", "dev", "prod")],
    ids=" ".join,
)
def test_check_itself_refuses(words: tuple[str, ...]) -> None:
    with pytest.raises(Exception, match=r"no command|No such option|unexpected extra"):
        _check(words)


def test_pages_hold_commands_at_all() -> None:
    assert len(LINES) > 50


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_errors_advise_commands_that_exist(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    advice = [
        literal.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "next_step"
        for literal in ast.walk(keyword.value)
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str)
    ]
    # What stands in brackets is a remark.
    typed = [text.partition("(")[0] for text in advice]
    named = {name for text in typed for name in re.findall(r"\bbsops ([a-z]+)", text)}
    assert named <= set(COMMANDS)


def test_first_plan_and_test_commands_make_their_own_environment() -> None:
    for name, last in (
        ("first-plan", ".venv/bin/bsops plan dev --sandbox"),
        ("test", ".venv/bin/pytest"),
    ):
        command = marked_command(name)
        assert command.startswith("python3 -m venv .venv && ")
        assert command.endswith(last)
        assert "\n" not in command
