"""One command's hold on an environment for a release: credentials, the ledger, the journal.

Terraform takes no part: a rollback must not wait for it, nor fail because it is not there.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bookstore_ops.bootstrap.backend_file import (
    BACKEND_FILE,
    Backend,
    read_backend,
    wanted_backend,
)
from bookstore_ops.environments import Environment
from bookstore_ops.errors import BsopsError, Refused
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Ended, Journal, new_run_id, now, who
from bookstore_ops.operations.ground import Say, real_ground
from bookstore_ops.operations.notifying import Notifying
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.session import outcome_of
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.model import Place
from bookstore_ops.releases.notices import Moment, Notice
from bookstore_ops.releases.places import read_places
from bookstore_ops.releases.store import Store
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.environ import curate

# A release makes many calls over a long time: one that AWS throttles is made again.
_ATTEMPTS = 4


@dataclass
class ReleaseSession:
    """An environment in which services can be released."""

    request: Request
    run_id: str
    account_id: str
    environ: Mapping[str, str]
    backend: S3Backend
    store: Store
    aws: Aws
    journal: Journal
    say: Say
    notifying: Notifying
    outcome: BsopsError | None = None
    note: str | None = None
    _places: dict[str, Place] = field(default_factory=dict)

    @property
    def environment(self) -> Environment:
        """The environment's policy."""
        return self.request.environment

    def command_line(self, command: str, *arguments: str) -> str:
        """A bsops command for this environment, as the operator would type it."""
        return _command_line(self.request, command, *arguments)

    def notify(self, subject: str, moment: Moment, words: str) -> None:
        """Tell those whom the environment names; returns at once."""
        sandbox = self.request.sandbox
        notice = Notice(self.environment.name, subject, moment, words, who(), sandbox)
        self.notifying.send(notice)

    def places(self) -> dict[str, Place]:
        """The services with two colours, as the state knows them; read once.

        Raises:
            BsopsError: the state cannot be read, or does not tell.
        """
        if not self._places:
            content = self.backend.read()
            apply = self.command_line("apply")
            self._places = read_places(content, self.environment.name, apply)
        return self._places


@contextmanager
def open_release_session(
    request: Request, say: Say, *, warn: Say, journaled: bool = True
) -> Iterator[ReleaseSession]:
    """Get credentials, check the account, and write the run to the journal.

    ``journaled``: without it the run leaves no entry, as befits a look.

    Raises:
        BsopsError: a file, a permission or the right account is missing.
    """
    workspace, environment = request.workspace, request.environment
    workspace.make_data_directory()
    run_id = new_run_id(request.slug, environment.name)
    journal = Journal(workspace.journal)
    if journaled:
        journal.start(
            run_id, request.command, request.arguments, environment.name, sandbox=request.sandbox
        )
    began = time.monotonic()
    session: ReleaseSession | None = None
    error: BaseException | None = None
    try:
        session = _open(request, say, warn, run_id, journal)
        yield session
    except BaseException as raised:
        error = raised
        raise
    finally:
        if session is not None:
            session.notifying.close()
        if journaled:
            journal.end(_ended(run_id, time.monotonic() - began, session, error))


def _open(request: Request, say: Say, warn: Say, run_id: str, journal: Journal) -> ReleaseSession:
    from bookstore_ops.aws.session import Clients

    environment = request.environment
    variables, backend_file, account_id = (
        _sandbox(request, say, warn) if request.sandbox else _real(request, warn)
    )
    if backend_file is None:
        raise Refused(
            f"the state of {environment.name} is not in S3",
            why="what every machine must find is kept beside it",
            next_step=_command_line(request, "bootstrap"),
        )
    backend = S3Backend(backend_file.bucket, backend_file.key, backend_file.region, None, variables)
    clients = Clients(environment.region, variables, attempts=_ATTEMPTS)
    backend.adopt({"s3": clients.make("s3", backend.region)})
    again = _command_line(request, "release status")
    return ReleaseSession(
        request,
        run_id,
        account_id,
        variables,
        backend,
        Store(backend.client("s3"), backend.bucket, backend.key, again),
        Aws(clients.make, again),
        journal,
        say,
        Notifying(request, variables, warn, lambda what: journal.step(run_id, what)),
    )


def _real(request: Request, warn: Say) -> tuple[Mapping[str, str], Backend | None, str]:
    ground = real_ground(request, warn)
    return ground.variables, read_backend(ground.root / BACKEND_FILE), ground.account_id


def _sandbox(
    request: Request, say: Say, warn: Say
) -> tuple[Mapping[str, str], Backend | None, str]:
    from bookstore_ops.sandbox import lifecycle
    from bookstore_ops.sandbox.bootstrap import bootstrap
    from bookstore_ops.sandbox.process import process_environment
    from bookstore_ops.sandbox.tree import backend_file

    workspace, environment = request.workspace, request.environment
    server = lifecycle.ensure(workspace, progress=say)
    if server.lost:
        warn(f"{server.lost}: its resources and its state are gone; this one is empty")
    written = read_backend(backend_file(workspace, environment))
    if not server.bare:
        bootstrap(workspace, environment, server)
        written = written or wanted_backend(environment)
    child = curate(os.environ, environment, sandbox=process_environment(server, environment))
    return child.variables, written, environment.account_id


def _command_line(request: Request, command: str, *arguments: str) -> str:
    import shlex

    words = [request.environment.name, *map(shlex.quote, arguments)]
    return f"bsops {command} {' '.join(words)}{' --sandbox' if request.sandbox else ''}"


def _ended(
    run_id: str, elapsed: float, session: ReleaseSession | None, error: BaseException | None
) -> Ended:
    failed = error or (session.outcome if session else None)
    return Ended(
        run=run_id,
        time=now(),
        outcome=outcome_of(failed),
        exit_code=int(getattr(failed, "exit_code", ExitCode.BUG)) if failed else 0,
        elapsed_seconds=round(elapsed, 2),
        account_id=session.account_id if session else None,
        error=failed.what if isinstance(failed, BsopsError) else None,
        note=session.note if session else None,
    )
