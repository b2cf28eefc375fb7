"""bsops policy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from bookstore_ops.operations.policing import Judgement


def list_(common: Common) -> None:
    """List the policies, and how each counts in each environment."""
    from bookstore_ops.operations.policing import list_policies
    from bookstore_ops.ui.policy_view import show_policies

    show_policies(common.terminal, list_policies(common.find_workspace()))


def check(
    common: Common,
    env: EnvironmentArgument = None,
    plan: Annotated[
        str,
        typer.Option(
            "--plan",
            metavar="PLAN",
            help="A plan's name or file, or FILE.json from terraform show -json.",
        ),
    ] = "latest",
) -> int:
    """Hold a saved plan against the policies; exit 3 if one denies it."""
    from bookstore_ops.operations.policing import judge_file
    from bookstore_ops.ui.policy_view import show_check

    if plan.endswith(".json"):
        workspace = common.find_workspace()
        environment = common.environment(workspace, env)
        judgement = judge_file(workspace, environment, Path(plan))
        show_check(common.terminal, environment.name, judgement)
    else:
        judgement = _check_saved(common, env, plan)
    return ExitCode.REFUSED if judgement.denies else ExitCode.DONE


def _check_saved(common: Common, env: str | None, plan: str) -> "Judgement":
    from bookstore_ops.operations.applying import find_plan
    from bookstore_ops.operations.policing import judge_anew
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.policy_view import show_check
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("policy check", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            judgement = judge_anew(session, find_plan(session, plan), watch)
        show_check(terminal, name, judgement)
    return judgement


def try_(
    common: Common,
    policy: Annotated[
        str | None,
        typer.Argument(metavar="POLICY", show_default=False, help="Only this one."),
    ] = None,
) -> int:
    """Try the policies on the plans in their fixtures; exit 1 if one does not do as it must."""
    from bookstore_ops.operations.policing import try_fixtures
    from bookstore_ops.ui.policy_view import show_trials

    trials = try_fixtures(common.find_workspace(), policy)
    show_trials(common.terminal, trials)
    return ExitCode.FAILED if any(trial.problem for trial in trials) else ExitCode.DONE


COMMANDS = (
    (list_, "list", "bsops policy list"),
    (check, "check", "bsops policy check prod --plan latest"),
    (try_, "test", "bsops policy test"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="List the policies, hold a plan against them, try them on their fixtures.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_policy)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="policy")


def _policy() -> None:
    """List the policies, hold a plan against them, try them on their fixtures."""
