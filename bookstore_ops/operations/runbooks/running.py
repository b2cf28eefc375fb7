"""Running a runbook on an environment: begin, go on, undo."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bookstore_ops.errors import BsopsError, Interrupted, OperationFailed, Refused
from bookstore_ops.journal import new_run_id, who
from bookstore_ops.operations.freezing import check_freeze
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.runbooks.doubt import give_up, resolve
from bookstore_ops.operations.session import Session
from bookstore_ops.runbooks import engine, undoing
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.changed import differences
from bookstore_ops.runbooks.commands import Places
from bookstore_ops.runbooks.desk import Desk
from bookstore_ops.runbooks.dry_run import DryRun, Foreseen
from bookstore_ops.runbooks.effects import changes
from bookstore_ops.runbooks.page import Page, read_page
from bookstore_ops.runbooks.parameters import built_in, secret_names
from bookstore_ops.runbooks.records import Begun, PageChanged, Taken, stamp
from bookstore_ops.runbooks.selection import select
from bookstore_ops.runbooks.shared import SharedFiles, SharedRuns
from bookstore_ops.runbooks.standing import Standing, standing_of
from bookstore_ops.runbooks.store import RunFiles, create
from bookstore_ops.runbooks.values import Value
from bookstore_ops.workspace import Workspace


@dataclass(frozen=True)
class Options:
    """What was said on the command line of how to run."""

    yes: bool = False
    allowed: frozenset[str] = frozenset()
    first: str | None = None
    only: str | None = None


@dataclass(frozen=True)
class Lead:
    """Somebody leads a page's run on an environment; ``bucket`` is where it is shared, if it is.

    ``overrides`` are the guards that are not to hold.
    """

    session: Session
    page: Page
    desk: Desk
    options: Options
    bucket: SharedRuns | None = None
    overrides: Overrides = Overrides()  # noqa: RUF009  (frozen)

    def guard(self, block: Block) -> None:
        """Let nothing change during a freeze; commands of bsops have guards of their own.

        Raises:
            Refused: there is a freeze, and it was not overridden.
        """
        if block.language != "bsops" and not block.manual and changes(block):
            check_freeze(self.session, self.overrides)

    def guard_ahead(self, names: Sequence[str]) -> None:
        """The same of all that will run for certain, before anything does.

        Raises:
            Refused: there is a freeze, and it was not overridden.
        """
        for name in names:
            block = self.page.block(name)
            if block is not None and block.when is None:
                self.guard(block)


def places(session: Session, workspace: Workspace) -> Places:
    """Where blocks run, and what they may know."""
    settings = {"BSOPS_WORKSPACE": str(workspace.root)}
    if session.request.sandbox:
        settings["BSOPS_SANDBOX"] = "1"
    if session.request.terraform_bin:
        settings["BSOPS_TERRAFORM_BIN"] = session.request.terraform_bin
    return Places(workspace.root, session.environ, dict(os.environ), settings)


def begin(lead: Lead, values: Mapping[str, Value]) -> str:
    """Run a page from its beginning; the name of the run.

    Raises:
        BsopsError: it did not come to its end; the error says how to go on.
    """
    session, page, options = lead.session, lead.page, lead.options
    workspace, environment = session.request.workspace, session.environment
    names = select(page, options.first, options.only)
    lead.guard_ahead(names)
    files = create(workspace, new_run_id(page.name, environment.name))
    if lead.bucket is not None:
        files = SharedFiles(files.directory, lead.bucket)
    secret = secret_names(page.front) if page.front else set()
    everything = {**built_in(environment), **values}
    with files.lead():
        beginning = Begun(
            time=stamp(),
            run=files.run,
            runbook=page.name,
            title=page.front.title if page.front else page.name,
            sha256=page.sha256,
            environment=environment.name,
            account_id=environment.account_id,
            region=environment.region,
            sandbox=session.request.sandbox,
            values={name: value for name, value in everything.items() if name not in secret},
            secret=sorted(secret & set(everything)),
            only=options.only,
            first=options.first,
            shared=lead.bucket is not None,
        )
        standing = Standing(beginning, everything, secret, sha256=page.sha256)
        running = _running(lead, files, standing)
        _write_beginning(lead, files, beginning)
        lead.desk.record(beginning)
        running.write(_taken())
        with _led(lead, running):
            engine.run(running, names, undoing.undo_back)
    return files.run


def _write_beginning(lead: Lead, files: RunFiles, beginning: Begun) -> None:
    try:
        files.keep_page(lead.page.text)
        files.append(beginning)
    except OperationFailed as error:
        again = lead.session.command_line(f"runbook run {lead.page.name}", "--no-shared")
        raise OperationFailed(
            f"the run cannot be shared: {error.what}",
            why=error.why,
            next_step=f"{again}   (keeps it on this machine)",
        ) from error


def resume(lead: Lead, files: RunFiles, secrets: Mapping[str, Value]) -> str:
    """Go on where a run stopped, or was killed.

    Raises:
        BsopsError: somebody leads it, or it did not come to its end.
    """
    page, options = lead.page, lead.options
    with files.lead():
        running = _take(lead, files, secrets)
        with _led(lead, running):
            resolve(running, options.first)
            beginning = running.standing.begun
            names = select(page, options.first or beginning.first, None)
            if beginning.only and not options.first:
                names = select(page, None, beginning.only)
            settled = running.standing.settled if not options.first else set()
            left = [name for name in names if name not in settled]
            lead.guard_ahead(left)
            engine.run(running, left, undoing.undo_back)
    return files.run


def undo(lead: Lead, files: RunFiles, secrets: Mapping[str, Value]) -> str:
    """Undo what a run did, the last first; ``options.first`` is where to stop, undone as well.

    Raises:
        BsopsError: somebody leads it, or something could not be undone.
    """
    page, options = lead.page, lead.options
    with files.lead():
        until = select(page, None, options.first)[0] if options.first else None
        running = _take(lead, files, secrets, undoing_it=True)
        with _led(lead, running):
            give_up(running)
            undoing.undo(running, until)
            engine.close(running, "undone")
    return files.run


def foresee(lead: Lead, values: Mapping[str, Value]) -> list[Foreseen]:
    """What a run would do; nothing is changed and nothing is kept."""
    session, page, options = lead.session, lead.page, lead.options
    names = select(page, options.first, options.only)
    secret = secret_names(page.front) if page.front else set()
    everything = {**built_in(session.environment), **values}
    where = places(session, session.request.workspace)
    return DryRun(page, everything, secret, where, lead.desk).foresee(names)


def _running(lead: Lead, files: RunFiles, standing: Standing) -> engine.Running:
    return engine.Running(
        lead.page,
        files,
        standing,
        places(lead.session, lead.session.request.workspace),
        lead.desk,
        yes=lead.options.yes,
        allowed=lead.options.allowed,
        guard=lead.guard,
    )


def _taken(*, undoing_it: bool = False) -> Taken:
    import psutil

    return Taken(
        time=stamp(),
        who=who(),
        pid=os.getpid(),
        pid_started=float(psutil.Process().create_time()),
        undoing=undoing_it,
    )


def _take(
    lead: Lead, files: RunFiles, secrets: Mapping[str, Value], *, undoing_it: bool = False
) -> engine.Running:
    """Take a run over, page and values as they are now."""
    page, desk = lead.page, lead.desk
    standing = standing_of(files)
    standing.values.update(secrets)
    running = _running(lead, files, standing)
    running.write(_taken(undoing_it=undoing_it))
    if page.sha256 != standing.sha256:
        old = read_page(page.name, page.path, files.kept_page())
        changed = differences(old, page, set(standing.ended))
        desk.notice(f"The page was edited since the run stopped: {len(changed)} differences")
        for line in changed:
            desk.notice(f"  {line}")
        question = "Go on with the page as it is now?"
        if not lead.options.yes and not desk.confirm(question, flag="--yes"):
            raise Refused(
                "the run was not gone on with",
                why="its page was edited since",
                next_step=f"look at it: diff {files.page_file} {page.path}",
            )
        files.keep_page(page.text)
        running.write(PageChanged(time=stamp(), sha256=page.sha256, changes=changed))
    return running


@contextmanager
def _led(lead: Lead, running: engine.Running) -> Iterator[None]:
    """Let every end of a run be written, and say how to go on."""
    session = lead.session
    run = running.files.run
    session.result.reason = lead.overrides.reason
    session.result.note = f"runbook {running.page.name}, run {run}"
    again = f"bsops runbook resume {run}"
    try:
        yield
    except engine.Halt as halt:
        engine.close(running, halt.ending, halt.why)
        why = running.masker.line(halt.why)
        if halt.signal_number is not None:
            raise Interrupted(
                halt.signal_number, f"{run} was stopped", why=why, next_step=again
            ) from None
        words = {"failed": "failed", "stopped": "was stopped", "waiting": "waits for a person"}
        raise OperationFailed(
            f"{run} {words[halt.ending]}",
            why=why,
            next_step=f"{again}   (or: bsops runbook undo {run})",
        ) from None
    except Interrupted as interrupted:
        engine.close(running, "stopped", "it was interrupted between two steps")
        raise Interrupted(
            interrupted.signal_number,
            f"{run} was stopped between two steps",
            next_step=again,
        ) from None
    except BsopsError as error:
        engine.close(running, "failed", error.what)
        raise
