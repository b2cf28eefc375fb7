"""The journal: one line when a run begins, one when it ends (``.bsops/journal.jsonl``).

A run whose end is missing was killed, or goes on still. Values of variables never enter it.
"""

import errno
import getpass
import os
import platform
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.files import writing

Outcome = Literal["done", "failed", "refused", "interrupted"]

_VALUE_OPTIONS = frozenset({"--var", "-var", "--set", "--param"})


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="start", tag_field="event"):
    """A run began; ``pid_started`` (seconds since the epoch) tells a recycled pid apart.

    ``ci`` is the address of the CI run that it is part of.
    """

    run: str
    time: str
    user: str
    host: str
    pid: int
    pid_started: float
    command: str
    arguments: list[str]
    environment: str
    sandbox: bool
    ci: str | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="end", tag_field="event"):
    """A run ended. ``counts`` are those applied (or planned), by action.

    ``note`` is what else must be remembered: a lock that was broken, whose, and why. ``overrode``
    are the guards that were overridden, ``reason`` is why.
    """

    run: str
    time: str
    outcome: Outcome
    exit_code: int
    elapsed_seconds: float
    account_id: str | None = None
    plan_sha256: str | None = None
    counts: dict[str, int] = {}
    serial: int | None = None
    error: str | None = None
    note: str | None = None
    overrode: list[str] = []
    reason: str | None = None


class Stepped(msgspec.Struct, frozen=True, kw_only=True, tag="step", tag_field="event"):
    """A run took a step that must be remembered, whatever becomes of it: a release's, say."""

    run: str
    time: str
    what: str


class Entry(msgspec.Struct, frozen=True):
    """One run as ``bsops history`` shows it."""

    started: Started
    ended: Ended | None
    alive: bool
    steps: tuple[Stepped, ...] = ()

    @property
    def outcome(self) -> str:
        """``done``, ``failed``, ``refused``, ``interrupted``, ``running`` or ``killed``."""
        if self.ended:
            return self.ended.outcome
        return "running" if self.alive else "killed"


def mask_arguments(arguments: Sequence[str]) -> list[str]:
    """A command line with the values of variables left out."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    # bsops tfvars set ENV KEY VALUE
    values = words[4:] if words[:2] == ["tfvars", "set"] else []
    masked: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if masked and masked[-1] in _VALUE_OPTIONS:
            masked.append(f"{name}=***")
        elif equals and name in _VALUE_OPTIONS:
            masked.append(f"{name}={value.partition('=')[0]}=***")
        else:
            masked.append("***" if argument in values else argument)
    return masked


def who() -> str:
    """``user@host`` of this process."""
    return f"{getpass.getuser()}@{platform.node()}"


# Where CI systems say which run this is; GitHub says it in three parts.
_CI_ADDRESSES = (
    "CI_JOB_URL",  # GitLab
    "CODEBUILD_BUILD_URL",
    "BUILDKITE_BUILD_URL",
    "CIRCLE_BUILD_URL",
    "BUILD_URL",  # Jenkins
)
_GITHUB = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")


def ci_run_address(environ: Mapping[str, str]) -> str | None:
    """The web address of the CI run that this process is part of, if it is part of one."""
    if all(environ.get(name) for name in _GITHUB):
        server, repository, run = (environ[name] for name in _GITHUB)
        return f"{server}/{repository}/actions/runs/{run}"
    return next((environ[name] for name in _CI_ADDRESSES if environ.get(name)), None)


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_run_id(command: str, environment: str) -> str:
    """A name for a run that sorts by time: ``20261122T145501-plan-dev-3f9c``."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return f"{stamp}-{command}-{environment}-{secrets.token_hex(2)}"


class Journal:
    """The journal in a file; every line is whole, since each is written by one append."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(
        self, run: str, command: str, arguments: Sequence[str], environment: str, *, sandbox: bool
    ) -> None:
        """Write that a run of this process began.

        Raises:
            EnvironmentMissing: the journal cannot be written; then nothing may be run.
        """
        self._append(
            Started(
                run=run,
                time=now(),
                user=getpass.getuser(),
                host=platform.node(),
                pid=os.getpid(),
                pid_started=process_started(os.getpid()) or time.time(),
                command=command,
                arguments=mask_arguments(arguments),
                environment=environment,
                sandbox=sandbox,
                ci=ci_run_address(os.environ),
            )
        )

    def step(self, run: str, what: str) -> None:
        """Write that a run of this process took a step.

        Raises:
            EnvironmentMissing: the journal cannot be written.
        """
        self._append(Stepped(run=run, time=now(), what=what))

    def end(self, entry: Ended) -> None:
        """Write how a run ended.

        Raises:
            EnvironmentMissing: the journal cannot be written.
        """
        self._append(entry)

    def _append(self, entry: Started | Stepped | Ended) -> None:
        line = msgspec.json.encode(entry) + b"\n"
        with writing(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if _is_torn(descriptor):
                    line = b"\n" + line
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def entries(self, environment: str | None = None) -> list[Entry]:
        """The runs so far, oldest first; a torn or unknown line is passed over.

        Raises:
            EnvironmentMissing: the journal cannot be read.
        """
        started: dict[str, Started] = {}
        ended: dict[str, Ended] = {}
        steps: dict[str, list[Stepped]] = {}
        for line in self._lines():
            match line:
                case Started():
                    started[line.run] = line
                case Stepped():
                    steps.setdefault(line.run, []).append(line)
                case Ended():
                    ended[line.run] = line
        return [
            Entry(
                start,
                ended.get(run),
                alive=run not in ended and _is_alive(start),
                steps=tuple(steps.get(run, ())),
            )
            for run, start in started.items()
            if environment in {None, start.environment}
        ]

    def damaged(self) -> int:
        """How many lines cannot be read, and are passed over.

        Raises:
            EnvironmentMissing: the journal cannot be read.
        """
        return len(self._content().splitlines()) - sum(1 for _ in self._lines())

    def _lines(self) -> Iterator[Started | Stepped | Ended]:
        decoder = msgspec.json.Decoder(Started | Stepped | Ended)
        for line in self._content().splitlines():
            with suppress(msgspec.MsgspecError):
                yield decoder.decode(line)

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise EnvironmentMissing(
                f"cannot read {self._path}",
                why=error.strerror,
                next_step="check the owner and the mode of that file",
            ) from error


def _is_torn(descriptor: int) -> bool:
    """Whether the last line was broken off (a crash, a full disk): it must not take this one."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def process_started(pid: int) -> float | None:
    """When a process of this machine began (seconds since the epoch); None: there is none."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def _is_alive(start: Started) -> bool:
    if start.host != platform.node():
        return False
    created = process_started(start.pid)
    return created is not None and abs(created - start.pid_started) < 1
