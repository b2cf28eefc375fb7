"""bsops runbook: commands that only look, and new."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common
from bookstore_ops.exit_codes import ExitCode


def complete_runbook(incomplete: str) -> list[str]:
    """The runbooks that begin so, for the shell."""
    from bookstore_ops.errors import BsopsError
    from bookstore_ops.runbooks.library import names
    from bookstore_ops.workspace import find_workspace

    try:
        found = names(find_workspace())
    except BsopsError:
        return []
    return [name for name in found if name.startswith(incomplete)]


RunbookArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        show_default=False,
        help="The runbook: its page's name without .md.",
        autocompletion=complete_runbook,
    ),
]


def list_(
    common: Common,
    alarm: Annotated[
        str | None,
        typer.Option("--for", metavar="ALARM", help="Only what this alarm leads to."),
    ] = None,
) -> None:
    """List the runbooks, or those that an alarm leads to."""
    from bookstore_ops.runbooks.library import listed
    from bookstore_ops.ui.runbook_view import show_list

    show_list(common.terminal, listed(common.find_workspace(), alarm), alarm)


def show(common: Common, name: RunbookArgument) -> None:
    """Show a runbook: what it is for, what it needs, its steps."""
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.ui.runbook_view import show_page

    show_page(common.terminal, load(common.find_workspace(), name))


def lint(
    common: Common,
    name: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…", show_default=False, help="Only these.", autocompletion=complete_runbook
        ),
    ] = None,
) -> int:
    """Check the pages: file, line, what is wrong, how to mend it; exit 6 if anything is."""
    from bookstore_ops.cli.command_check import command_checker
    from bookstore_ops.operations.runbooks.reading import lint_pages
    from bookstore_ops.ui.runbook_view import show_findings

    checked = lint_pages(common.find_workspace(), name or (), command_checker())
    show_findings(common.terminal, checked)
    wrong = any(not finding.warning for page in checked for finding in page.findings)
    return ExitCode.CONFIGURATION if wrong else ExitCode.DONE


class System(StrEnum):
    """Whose document a page is written as."""

    SSM = "ssm"


def export(
    common: Common,
    name: RunbookArgument,
    system: Annotated[
        System, typer.Option("--format", help="ssm: an AWS Systems Manager Automation document.")
    ] = System.SSM,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it there: YAML, or JSON by its name."),
    ] = None,
) -> None:
    """Write a runbook as a document that AWS runs by itself; what it cannot hold is named."""
    from bookstore_ops.cli.command_check import command_checker
    from bookstore_ops.operations.runbooks.exporting import export_page, write_document
    from bookstore_ops.ui.runbook_view import show_exported

    made = export_page(common.find_workspace(), name, command_checker())
    if out is not None:
        write_document(made, out)
    show_exported(common.terminal, name, system.value, made, out)


def new(common: Common, name: RunbookArgument) -> None:
    """Write a page to begin a runbook with."""
    from bookstore_ops.operations.runbooks.reading import begin_page

    path = begin_page(common.find_workspace(), name)
    terminal = common.terminal
    terminal.result(f"wrote {path}")
    terminal.say(f"next: edit it, then bsops runbook lint {name}")
    terminal.document("bsops.runbook.new/1", {"runbook": name, "path": str(path)})
