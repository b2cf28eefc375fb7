"""One command's hold on an environment for a release: credentials, the ledger, the journal.

Terraform takes no part: a rollback must not wait for it, nor fail because it is not there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bookstore_ops.environments import Environment
from bookstore_ops.errors import BsopsError, Refused
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.journal import Journal, who
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.recording import Result, Run, recording
from bookstore_ops.operations.releases.notifying import Notifying
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.states.bucket import reach_bucket
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.model import Place
from bookstore_ops.releases.notices import Moment, Notice
from bookstore_ops.releases.places import read_places
from bookstore_ops.releases.store import Store
from bookstore_ops.terraform.backends import S3Backend

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
    overrode: list[str] = field(default_factory=list)
    reason: str | None = None
    _places: dict[str, Place] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        """What the journal is told at the end."""
        return Result(
            error=self.outcome, note=self.note, overrode=self.overrode, reason=self.reason
        )

    @property
    def environment(self) -> Environment:
        """The environment's policy."""
        return self.request.environment

    def command_line(self, command: str, *arguments: str) -> str:
        """A bsops command for this environment, as the operator would type it."""
        return _command_line(self.request, command, *arguments)

    def agree(
        self, does: str, confirm: Confirm, *, look: str, refused: str = "nothing was changed"
    ) -> None:
        """Have it confirmed, as the environment asks for; ``look`` is what to type where it is not.

        Raises:
            Refused: it was not; ``refused`` says what was not done.
        """
        from bookstore_ops.operations.guards import state_confirmation

        sandbox = self.request.sandbox
        if not confirm(state_confirmation(self.environment, does, sandbox=sandbox)):
            raise Refused(refused, why="it was not confirmed", next_step=look)

    def notify(self, subject: str, moment: Moment, words: str) -> None:
        """Tell those whom the environment names; returns at once."""
        sandbox = self.request.sandbox
        notice = Notice(self.environment.name, subject, moment, words, who(), sandbox)
        self.notifying.send(notice)

    def rollouts(self) -> FlagStore:
        """The ledger of rollouts of flags, which are judged by services as well."""
        backend, again = self.backend, self.command_line("flags list")
        return FlagStore(backend.client("s3"), backend.bucket, backend.key, again)

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
    with recording(request, journaled=journaled) as run:
        session = _open(request, say, warn, run)
        run.session = session
        try:
            yield session
        finally:
            session.notifying.close()


def _open(request: Request, say: Say, warn: Say, run: Run) -> ReleaseSession:
    from bookstore_ops.aws.session import Clients

    environment = request.environment
    reach = reach_bucket(request, say, warn)
    backend = reach.backend
    if backend is None:
        raise Refused(
            f"the state of {environment.name} is not in S3",
            why="what every machine must find is kept beside it",
            next_step=_command_line(request, "bootstrap"),
        )
    clients = Clients(environment.region, reach.variables, attempts=_ATTEMPTS)
    backend.adopt({"s3": clients.make("s3", backend.region)})
    again = _command_line(request, "release status")
    return ReleaseSession(
        request,
        run.id,
        reach.account_id,
        reach.variables,
        backend,
        Store(backend.client("s3"), backend.bucket, backend.key, again),
        Aws(clients.make, again),
        run.journal,
        say,
        Notifying(request, reach.variables, warn, lambda what: run.journal.step(run.id, what)),
    )


def _command_line(request: Request, command: str, *arguments: str) -> str:
    import shlex

    words = [request.environment.name, *map(shlex.quote, arguments)]
    return f"bsops {command} {' '.join(words)}{' --sandbox' if request.sandbox else ''}"
