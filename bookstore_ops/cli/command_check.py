"""Whether a command line of bsops could be run: every command, option and argument exists."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.exceptions import TyperException

from bookstore_ops.runbooks.lint import CheckCommand


def command_checker() -> CheckCommand:
    """A check of command lines (the words behind ``bsops``); every command is loaded for it."""
    from bookstore_ops.cli.main import COMMANDS, build_app

    command = typer.main.get_command(build_app(set(COMMANDS)))

    def check(words: Sequence[str]) -> str | None:
        try:
            return _problem(command, list(words))
        except TyperException as error:
            return f"bsops {' '.join(words)}: {error.format_message()}"

    return check


def _problem(command: Any, words: list[str]) -> str | None:
    context = None
    names = ["bsops"]
    while hasattr(command, "commands"):
        if not words or words[0].startswith("-"):
            return f"{' '.join(names)} is a group: a command of it is missing"
        name = words.pop(0)
        context = command.make_context(names[-1], [], parent=context, resilient_parsing=True)
        found = command.get_command(context, name)
        names.append(name)
        if found is None:
            return f"there is no command {' '.join(names)}"
        command = found
    # A value that the run fills in has no type yet.
    filled = ["1" if word.startswith("$") and word != "$environment" else word for word in words]
    command.make_context(names[-1], filled, parent=context)
    return None
