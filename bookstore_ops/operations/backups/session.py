"""One command's hold on an environment's backups: credentials, its stores, the journal.

As for releases, Terraform takes no part.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.places import choose, read_stores
from bookstore_ops.backups.settings import Objective, load_objectives
from bookstore_ops.backups.sight import Sight
from bookstore_ops.backups.tasks import TaskStore
from bookstore_ops.environments import Environment
from bookstore_ops.errors import UsageError
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.releases.session import ReleaseSession, open_release_session
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.states.store import copies_of

# Stores are asked side by side: one that is throttled is asked again, one that is away is told.
_ATTEMPTS = 3


@dataclass
class BackupSession:
    """An environment whose stores can be looked at; ``held`` is its hold on AWS and the journal."""

    held: ReleaseSession
    cloud: Cloud
    tasks: TaskStore
    _stores: list[Store] = field(default_factory=list)

    @property
    def environment(self) -> Environment:
        """The environment's policy."""
        return self.held.environment

    def command_line(self, command: str, *arguments: str) -> str:
        """A bsops command for this environment, as the operator would type it."""
        return self.held.command_line(command, *arguments)

    def stores(self) -> list[Store]:
        """Every store, as the state knows it; read once.

        Raises:
            BsopsError: the state cannot be read, or there is none.
        """
        if not self._stores:
            backend = self.held.backend
            self._stores = read_stores(
                backend.read(), self.environment, backend.describe(), self.command_line("apply")
            )
        return self._stores

    def choose(self, words: Sequence[str]) -> list[Store]:
        """The stores that words mean; all of them without any.

        Raises:
            UsageError: a word means none.
        """
        return choose(self.stores(), words, self.environment.name)

    def one(self, word: str) -> Store:
        """The one store that a word means.

        Raises:
            UsageError: it means none, or several.
        """
        found = self.choose([word])
        if len(found) > 1:
            names = ", ".join(store.name for store in found)
            raise UsageError(
                f"{word} means several stores: {names}",
                why="one is done at a time",
                next_step=f"name one, e.g. {found[0].name}",
            )
        return found[0]

    def objectives(self) -> Mapping[Kind, Objective]:
        """What each kind of store may lose.

        Raises:
            ConfigurationError: ``backups.toml`` is wrong.
        """
        return load_objectives(self.held.request.workspace.tree, self.environment.name)

    def sight(self) -> Sight:
        """What is needed to look at the stores now."""
        return Sight(
            self.cloud,
            self.held.account_id,
            tuple(self.stores()),
            self.held.backend,
            self.held.store.read,
            copies_of(self.held.request),
            datetime.now(UTC),
        )


@contextmanager
def open_backup_session(
    request: Request, say: Say, *, warn: Say, journaled: bool = True
) -> Iterator[BackupSession]:
    """Get credentials, check the account, and write the run to the journal.

    Raises:
        BsopsError: a file, a permission or the right account is missing.
    """
    from bookstore_ops.aws.session import Clients

    with open_release_session(request, say, warn=warn, journaled=journaled) as held:
        clients = Clients(request.environment.region, held.environ, attempts=_ATTEMPTS)
        again = held.command_line("backup list")
        backend = held.backend
        tasks = TaskStore(backend.client("s3"), backend.bucket, backend.key, again)
        yield BackupSession(held, Cloud(clients.make, again), tasks)
