"""bsops doctor."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


class FailOn(StrEnum):
    """What makes doctor fail."""

    ERROR = "error"
    WARNING = "warning"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", epilog="Example:  bsops doctor prod --short")(with_common(doctor))


def doctor(
    common: Common,
    env: EnvironmentArgument = None,
    short: Annotated[bool, typer.Option("--short", help="Show only what is not ok.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CODE|GROUP", help="Only this check, or this group."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", metavar="CODE|GROUP", help="Leave this check or group out."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask neither AWS nor the registry.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the checks; make none.")] = False,
    fail_on: Annotated[
        FailOn,
        typer.Option("--fail-on", help="What to fail on; 'warning' includes what is unknown."),
    ] = FailOn.ERROR,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is local and can be undone, and say what.")
    ] = False,
) -> int:
    """Check all that a run depends on: tools, workspace, values, credentials, state.

    Without ENV, what is on this machine for every environment; AWS is not asked.
    """
    from bookstore_ops.cli.completion import install_completion
    from bookstore_ops.operations.checking import Examination, examine_all, exit_code
    from bookstore_ops.preflight.catalogue import select
    from bookstore_ops.ui.doctor_view import show_catalogue, show_findings

    terminal = common.terminal
    checks = select(only or (), skip or ())
    if list_:
        show_catalogue(terminal, checks)
        return 0
    workspace = common.find_workspace()
    terminal.banner()
    name = env or os.environ.get("BSOPS_ENV") or None
    asked = Examination(
        workspace,
        name,
        checks,
        sandbox=common.sandbox,
        offline=offline,
        fix=fix,
        terraform_bin=common.terraform_bin,
        install_completion=install_completion if terminal.interactive else None,
        ask_code=common.ask_code,
    )
    results = examine_all(asked, terminal.say, terminal.warn)
    code = exit_code(results, fail_on.value)
    show_findings(terminal, name, results, code, short=short)
    if name is None:
        terminal.say("AWS was not asked: name an environment for that, e.g. bsops doctor dev")
    return code
