"""bsops plan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.errors import UsageError
from bookstore_ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bookstore_ops.operations.session import Session
    from bookstore_ops.terraform.adapter import PlanOptions
    from bookstore_ops.ui.terminal import Terminal


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan", epilog="Example:  bsops plan prod --target module.bookstore.module.rds")(
        with_common(plan)
    )


def plan(
    common: Common,
    env: EnvironmentArgument = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save the plan there.")
    ] = None,
    target: options.Targets = None,
    replace: Annotated[
        list[str] | None,
        typer.Option("--replace", metavar="ADDRESS", help="Plan to replace this resource."),
    ] = None,
    refresh_only: Annotated[
        bool, typer.Option("--refresh-only", help="Only take over what changed outside Terraform.")
    ] = False,
    no_refresh: Annotated[
        bool, typer.Option("--no-refresh", help="Do not read the real resources first.")
    ] = False,
    compare_refresh: Annotated[
        bool,
        typer.Option(
            "--compare-refresh",
            help="Plan with and without reading AWS; say what is drift and what is code.",
        ),
    ] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Plan to destroy everything.")] = False,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    lock_timeout: options.LockTimeout = "0s",
    parallelism: options.Parallelism = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 where there are changes.")
    ] = False,
    no_details: Annotated[
        bool, typer.Option("--no-details", help="Addresses only, no attributes: faster.")
    ] = False,
) -> int:
    """Show what an apply would change, and save it as a plan."""
    if compare_refresh:
        _refuse_together(
            {
                "--out": out is not None,
                "--no-refresh": no_refresh,
                "--refresh-only": refresh_only,
                "--no-details": no_details,
            }
        )
    # Before all that is imported: AWS answers meanwhile.
    request = common.request("plan", env).ahead()
    from bookstore_ops.operations.applying import hindrances
    from bookstore_ops.operations.planning import make_plan
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions
    from bookstore_ops.ui.plan_result import show_plan_result
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    asked = PlanOptions(
        targets=target or (),
        replace=replace or (),
        variables=var or (),
        var_files=var_file or (),
        refresh=not no_refresh,
        refresh_only=refresh_only,
        destroy=destroy,
        lock_timeout=lock_timeout,
        parallelism=parallelism,
    )
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        if compare_refresh:
            return _compare(terminal, session, asked, detailed_exitcode=detailed_exitcode)
        with LiveWatch(terminal, verb="plan", environment=session.environment.name) as watch:
            result = make_plan(session, asked, watch, out=out, details=not no_details)
        show_plan_result(terminal, result, session.environment.name, session.command_line("apply"))
        for hindrance in hindrances(session):
            terminal.warn(hindrance)
        if no_refresh:
            command = f"{session.command_line('plan')} --compare-refresh"
            terminal.say(f"Changes made outside Terraform were not looked for:  {command}")
    return ExitCode.CHANGES if detailed_exitcode and result.saved else ExitCode.DONE


def _refuse_together(given: "Mapping[str, bool]") -> None:
    for flag, present in given.items():
        if present:
            raise UsageError(
                f"--compare-refresh and {flag} do not go together",
                why="it plans with and without refresh, and keeps neither plan",
                next_step=f"leave out {flag}",
            )


def _compare(
    terminal: "Terminal", session: "Session", asked: "PlanOptions", *, detailed_exitcode: bool
) -> int:
    from bookstore_ops.operations.comparing import compare_refresh
    from bookstore_ops.ui.compare_view import show_comparison
    from bookstore_ops.ui.watch import LiveWatch

    with LiveWatch(terminal, verb="plan", environment=session.environment.name) as watch:
        comparison = compare_refresh(session, asked, watch)
    show_comparison(terminal, comparison, session.environment.name)
    return ExitCode.CHANGES if detailed_exitcode and comparison.found else ExitCode.DONE
