"""What checks look at, and the edges at which they touch the machine."""

import shutil
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bookstore_ops.aws.session import Access
from bookstore_ops.backups.model import Standing
from bookstore_ops.backups.tasks import Tasks
from bookstore_ops.bootstrap.backend_file import Backend
from bookstore_ops.environments import Environment
from bookstore_ops.errors import BsopsError
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.preflight.check import NotKnown, Once
from bookstore_ops.preflight.needs import Needs
from bookstore_ops.terraform.binary import Binary
from bookstore_ops.workspace import Workspace


def package_version(name: str) -> str | None:
    """The version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free


def _connect(host: str, port: int, seconds: float) -> None:
    socket.create_connection((host, port), timeout=seconds).close()


@dataclass(frozen=True)
class Probes:
    """Where checks touch the world; each can be replaced.

    ``install_completion`` gives a shell the completion of bsops, and names the script it wrote;
    None where nobody types.
    """

    free: Callable[[Path], int] = _free
    connect: Callable[[str, int, float], None] = _connect
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    package_version: Callable[[str], str | None] = package_version
    format_tree: Callable[[], Sequence[Path]] = tuple
    install_completion: Callable[[str], Path] | None = None


@dataclass(frozen=True)
class ValueProblem:
    """One thing that is wrong with the values: its kind and place, and what to write instead."""

    kind: str
    place: str
    what: str
    write: str


@dataclass(frozen=True)
class StateLock:
    """A lock on the state, and what is known of its holder, in one line."""

    liveness: Liveness
    holder: str


@dataclass(frozen=True)
class Kept:
    """How the stores of an environment stand, and the restores that are known; None: no state."""

    standings: Once[Sequence[Standing] | None]
    tasks: Once[Tasks]


@dataclass(frozen=True)
class Aws:
    """An environment's AWS. ``access`` is None where it could not be opened: ``problem``.

    ``answer`` is that of sts:GetCallerIdentity, with its headers. ``backend`` is where the state
    was bootstrapped to, ``locks`` reads what locks it. ``demand`` is what the plan that waits asks
    of the account's quotas; None where none waits, or its record does not tell. ``kept``: None
    where nobody asked for it.
    """

    access: Access | None
    problem: BsopsError | None
    answer: Once[dict[str, Any]]
    backend: Backend | None = None
    locks: Callable[[], Sequence[StateLock]] = tuple
    demand: Once[Mapping[str, float] | None] = field(default_factory=lambda: Once(lambda: None))
    kept: Kept | None = None

    def client(self, service: str) -> Any:
        """A client.

        Raises:
            NotKnown: AWS accepts no credentials of ours.
        """
        self.identity()
        if self.access is None:
            raise no_credentials()
        return self.access.clients[service]

    def identity(self) -> dict[str, Any]:
        """Who AWS says we are.

        Raises:
            NotKnown: it does not say.
        """
        try:
            return self.answer.get()
        except BsopsError as error:
            raise no_credentials() from error


def no_credentials() -> NotKnown:
    """AWS was not asked, since it would not answer."""
    return NotKnown("not asked", why="see BS401 and BS402")


@dataclass(frozen=True)
class Context:
    """What one check is made for: the machine, or one environment of the workspace.

    ``environment`` is None where its file is wrong, ``name`` where the check is not about one.
    ``values`` is what is wrong with the environment's values, as `bsops tfvars check` sees it.
    """

    workspace: Workspace
    environ: Mapping[str, str]
    binary: Once[Binary]
    sandbox: bool = False
    offline: bool = False
    name: str | None = None
    environment: Environment | None = None
    aws: Aws | None = None
    needs: Once[Needs] | None = None
    values: Once[Sequence[ValueProblem]] = field(default_factory=lambda: Once(tuple))
    probes: Probes = field(default_factory=Probes)

    @property
    def root(self) -> Path:
        """The environment's own root module."""
        return self.workspace.environment_root(self.name or "")

    def terraform(self) -> Binary:
        """The Terraform to run.

        Raises:
            NotKnown: there is none.
        """
        try:
            return self.binary.get()
        except BsopsError as error:
            raise NotKnown("not looked at", why="see BS101") from error

    def policy(self) -> Environment:
        """The environment's policy.

        Raises:
            NotKnown: its file is wrong.
        """
        if self.environment is None:
            raise NotKnown("not looked at", why="see BS301")
        return self.environment

    def cloud(self) -> Aws:
        """The environment's AWS.

        Raises:
            NotKnown: the environment's file is wrong.
        """
        self.policy()
        if self.aws is None:
            raise NotKnown("not asked", why="AWS was not opened")
        return self.aws

    def needed(self) -> Needs:
        """What the environment asks of AWS.

        Raises:
            BsopsError: its tree or its saved plan cannot be read.
        """
        if self.needs is None:
            raise NotKnown("not looked at", why="the tree was not read")
        return self.needs.get()

    def command(self, words: str) -> str:
        """A bsops command for this environment, as it is typed."""
        return f"bsops {words} {self.name}" + (" --sandbox" if self.sandbox else "")

    def shown(self, path: Path) -> str:
        """A path as short as it can be told."""
        if path.is_relative_to(self.workspace.root):
            return str(path.relative_to(self.workspace.root))
        return str(path)
