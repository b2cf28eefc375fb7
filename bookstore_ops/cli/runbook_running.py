"""bsops runbook: run, resume, undo."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, EnvironmentArgument
from bookstore_ops.cli.runbook_reading import RunbookArgument
from bookstore_ops.operations.overriding import Overrides

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bookstore_ops.operations.confirmation import Confirm
    from bookstore_ops.operations.request import Request
    from bookstore_ops.operations.runbooks.running import Lead, Options
    from bookstore_ops.operations.runbooks.sharing import Seeker
    from bookstore_ops.runbooks.dry_run import Foreseen
    from bookstore_ops.runbooks.page import Page
    from bookstore_ops.runbooks.parameters import Ask
    from bookstore_ops.runbooks.schema import Parameter
    from bookstore_ops.runbooks.store import RunFiles
    from bookstore_ops.runbooks.values import Value
    from bookstore_ops.ui.terminal import Terminal

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", show_default=False, help="The run, or how its name begins.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A value of the runbook; once for each."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", metavar="BLOCK", help="A dangerous block that need not be asked for; once each."
    ),
]


def run(
    common: Common,
    name: RunbookArgument,
    env: EnvironmentArgument = None,
    param: Parameters = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Run what only looks; say what else would be done.")
    ] = False,
    first: Annotated[
        str | None, typer.Option("--from", metavar="STEP", help="Begin with this step or block.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="STEP", help="Only this step or block.")
    ] = None,
    shared: Annotated[
        bool | None,
        typer.Option(
            "--shared/--no-shared",
            show_default="of a protected environment",
            help="Keep the run in the state bucket as well, for other machines.",
        ),
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    allow: Allow = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
) -> None:
    """Run a runbook step by step; it can be stopped, resumed and undone."""
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.runbooks import starting
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.runbooks.parameters import complete, given
    from bookstore_ops.runbooks.selection import require_runnable, select

    overrides = Overrides(reason, during_freeze=during_freeze)
    terminal = common.terminal
    workspace = common.find_workspace()
    page = load(workspace, name)
    front = require_runnable(page)
    select(page, first, only)
    environment = common.environment(workspace, env)
    said = {**common.leaving(workspace, env), **given(param or (), front.parameters)}
    values = complete(front, said, _ask(terminal), defaults=yes)
    approval = Approval(yes=yes, words=confirm).asking(terminal)
    if not dry_run:
        for other in starting.same_elsewhere(workspace, page, environment):
            terminal.warn(f"{name} is running on {environment.name} already: {other}")
        asked = starting.start_confirmation(page, environment, sandbox=common.sandbox)
        starting.require_confirmed(approval, asked, name)
    # Only now what takes long to load: the first question is there at once.
    terminal.banner()

    from bookstore_ops.operations.runbooks import running, sharing
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.runbook_desk import RunDesk, show_end, show_foreseen

    request = common.request_in(workspace, "runbook run", environment.name)
    chosen = running.Options(yes, frozenset(allow or ()), first, only)
    opened = open_session(
        request,
        terminal.say,
        warn=terminal.warn,
        journaled=not dry_run,
        checked=starting.needs_aws(page),
    )
    with opened as session, RunDesk(terminal) as desk:
        lead = running.Lead(session, page, desk, chosen, overrides=overrides)
        if dry_run:
            show_foreseen(terminal, page, running.foresee(lead, values))
            return
        bucket = sharing.bucket_of(session, page, shared)
        for other in sharing.same_in_bucket(bucket, page, environment):
            terminal.warn(f"{name} is running on {environment.name} already: {other}")
        _look_first(lead, terminal, approval)
        show_end(terminal, running.begin(replace(lead, bucket=bucket), values), "done")


def foresee(
    common: Common, name: str, env: str, param: "Sequence[str]"
) -> "tuple[Page, list[Foreseen]]":
    """What a run of a page would do, for another command that shows it."""
    from bookstore_ops.operations.runbooks import running
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.runbooks.parameters import complete, given
    from bookstore_ops.runbooks.selection import require_runnable
    from bookstore_ops.ui.runbook_desk import RunDesk

    terminal = common.terminal
    workspace = common.find_workspace()
    page = load(workspace, name)
    front = require_runnable(page)
    said = {**common.leaving(workspace, env), **given(param, front.parameters)}
    values = complete(front, said, _ask(terminal), defaults=True)
    request = common.request_in(workspace, "runbook run", env)
    with (
        open_session(request, terminal.say, warn=terminal.warn, journaled=False) as session,
        RunDesk(terminal) as desk,
    ):
        lead = running.Lead(session, page, desk, running.Options())
        return page, running.foresee(lead, values)


def resume(
    common: Common,
    run_name: RunArgument,
    param: Parameters = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="STEP", help="Go on with this step or block, to the end."),
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    allow: Allow = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
) -> None:
    """Go on with a run that stopped or was killed; values and what is done are kept."""
    from bookstore_ops.operations.runbooks import running
    from bookstore_ops.ui.runbook_desk import show_end

    chosen = running.Options(yes, frozenset(allow or ()), first)
    overrides = Overrides(reason, during_freeze=during_freeze)
    taking = _taking(common, run_name, param, chosen, Agreed("resume", confirm, overrides))
    with taking as (lead, files, secrets):
        show_end(common.terminal, running.resume(lead, files, secrets), "done")


def undo(
    common: Common,
    run_name: RunArgument,
    param: Parameters = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="STEP", help="Back to this step or block, undone as well."),
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
) -> None:
    """Undo what a run did, the last first, as far as its page knows how."""
    from bookstore_ops.operations.runbooks import running
    from bookstore_ops.ui.runbook_desk import show_end

    chosen = running.Options(yes, first=until)
    overrides = Overrides(reason, during_freeze=during_freeze)
    taking = _taking(common, run_name, param, chosen, Agreed("undo", confirm, overrides))
    with taking as (lead, files, secrets):
        show_end(common.terminal, running.undo(lead, files, secrets), "undone")


@dataclass(frozen=True)
class Agreed:
    """What is done with a run, and what was agreed to on the command line."""

    verb: str
    words: str | None
    overrides: Overrides


@contextmanager
def _taking(
    common: Common,
    run_name: str,
    param: list[str] | None,
    chosen: "Options",
    agreed: Agreed,
) -> "Iterator[tuple[Lead, RunFiles, dict[str, Value]]]":
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.runbooks import starting
    from bookstore_ops.operations.runbooks.running import Lead
    from bookstore_ops.operations.runbooks.sharing import find_run
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.runbooks.library import load
    from bookstore_ops.runbooks.parameters import secrets_again
    from bookstore_ops.runbooks.selection import require_runnable
    from bookstore_ops.runbooks.standing import standing_of
    from bookstore_ops.ui.runbook_desk import RunDesk

    terminal, verb = common.terminal, agreed.verb
    workspace = common.find_workspace()
    files = find_run(seeker(common, f"runbook {verb}"), run_name, must_reach=True)
    # Somebody who leads it is told of before anything is asked.
    with files.lead():
        standing = standing_of(files)
    beginning = standing.begun
    # One that leads to another region goes on there.
    common = common.in_sandbox(beginning.sandbox).in_region(beginning.region)
    page = load(workspace, beginning.runbook)
    front = require_runnable(page)
    environment = common.environment(workspace, beginning.environment)
    terminal.banner()
    secrets = secrets_again(front, beginning.secret, param or (), _ask(terminal))
    approval = Approval(yes=chosen.yes, words=agreed.words).asking(terminal)
    last = f", {files.life()[1]}" if beginning.shared and not standing.closed else ""
    asked = starting.again_confirmation(verb, standing, environment, last)
    starting.require_confirmed(approval, asked, page.name)
    request = common.request_in(workspace, f"runbook {verb}", environment.name)
    checked = starting.needs_aws(page)
    with (
        open_session(request, terminal.say, warn=terminal.warn, checked=checked) as session,
        RunDesk(terminal) as desk,
    ):
        lead = Lead(session, page, desk, chosen, overrides=agreed.overrides)
        if verb == "resume":
            _look_first(lead, terminal, approval)
        yield lead, files, secrets


def seeker(common: Common, command: str) -> "Seeker":
    """Who looks for runs with this command."""
    from bookstore_ops.operations.runbooks.sharing import Seeker

    workspace = common.find_workspace()

    def request(environment: str, sandbox: bool | None) -> "Request":
        where = common if sandbox is None else common.in_sandbox(sandbox)
        return where.request_in(workspace, command, environment)

    return Seeker(workspace, request, common.terminal.say, common.terminal.warn)


def _look_first(lead: "Lead", terminal: "Terminal", approval: "Confirm") -> None:
    from bookstore_ops.operations.runbooks import starting

    starting.check_tools(lead.page, lead.session.environ)
    permissions = starting.check_permissions(lead.session, lead.page)
    starting.require_permitted(permissions, lead.page, approval, terminal.warn)


def _ask(terminal: "Terminal") -> "Ask | None":
    from bookstore_ops.runbooks.parameters import is_secret, question

    def ask(name: str, parameter: "Parameter") -> str:
        asked = terminal.ask_secret if is_secret(name, parameter) else terminal.ask
        text = question(name, parameter)
        return asked(
            f"[sandbox] {text}" if terminal.sandbox else text, flag=f"--param {name}=VALUE"
        )

    return ask if terminal.interactive else None
