"""Write docs/commands.md from the help of every command."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("commands.md")
# Help adapts to the terminal; the page must not.
_WIDTH = 100
_HEAD = """\
# Commands

Written by `python docs/generate.py --write` from `--help`; a test holds the two together.
"""


def command_line(*, loaded: bool = True) -> Any:
    """The whole of `bsops` as click knows it; every command loaded, or as `bsops --help` has it."""
    import typer

    from bookstore_ops.cli.main import COMMANDS, build_app

    return typer.main.get_command(build_app(set(COMMANDS) if loaded else set()))


def walk(command: Any, path: tuple[str, ...] = ("bsops",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its path, parents first."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


def page() -> str:
    """The text of commands.md."""
    os.environ["COLUMNS"] = str(_WIDTH)
    sections = [_HEAD]
    everything = list(walk(command_line()))
    for path, command in [(("bsops",), command_line(loaded=False)), *everything[1:]]:
        context = command.make_context(
            " ".join(path),
            [],
            resilient_parsing=True,
            terminal_width=_WIDTH,
            max_content_width=_WIDTH,
            help_option_names=["-h", "--help"],
        )
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        sections.append(f"## {' '.join(path)}\n\n```text\n{text}\n```\n")
    return "\n".join(sections)
