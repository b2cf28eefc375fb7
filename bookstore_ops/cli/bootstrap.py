"""bsops bootstrap."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.exit_codes import ExitCode


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bootstrap", epilog="Example:  bsops bootstrap dev --plan")(with_common(bootstrap))


def bootstrap(
    common: Common,
    env: EnvironmentArgument = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would be done, and do nothing.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Also set again what was changed since.")
    ] = False,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help="Exit 2 where there is something to do or to repair."
        ),
    ] = False,
) -> int:
    """Make the state bucket of an environment, and move its state there."""
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.bootstrapping import Bootstrap
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.bootstrap_view import show_intended, show_result, show_standing
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    approval = Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze))
    with open_session(
        common.request("bootstrap", env), terminal.say, warn=terminal.warn
    ) as session:
        work = Bootstrap(session)
        survey = work.survey()
        steps = survey.steps(repair=repair)
        if plan or not steps:
            show_standing(terminal, session, survey, repair=repair)
            left = steps or survey.drift
            return ExitCode.CHANGES if detailed_exitcode and left else ExitCode.DONE
        show_intended(terminal, session, survey, repair=repair)
        work.confirm(steps, approval.asking(terminal), approval.overrides)
        with LiveWatch(terminal, verb="bootstrap", environment=session.environment.name) as watch:
            result = work.run(survey, watch, repair=repair)
        show_result(terminal, session, survey, result)
    return ExitCode.CHANGES if detailed_exitcode and result.drift else ExitCode.DONE
