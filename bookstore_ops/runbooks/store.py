"""The runs of a workspace: ``.bsops/runbooks/RUN/``, written so that a killed run can go on.

``events.jsonl`` has one line an event, fsynced before anything else happens; ``page.md`` is the
page as it runs, ``output/`` what the blocks printed. A lock of the kernel's says who leads it.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.errors import ConfigurationError, StateLocked, UsageError
from bookstore_ops.files import write_atomically, writing
from bookstore_ops.runbooks.records import AnyEvent, Begun, Taken
from bookstore_ops.workspace import Workspace

if TYPE_CHECKING:
    from bookstore_ops.locks.liveness import Liveness

_HOME = "runbooks"


class RunFiles:
    """The files of one run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.run = directory.name

    @property
    def events_file(self) -> Path:
        """The events, JSON lines."""
        return self.directory / "events.jsonl"

    @property
    def page_file(self) -> Path:
        """The page as it runs."""
        return self.directory / "page.md"

    def append(self, event: AnyEvent) -> None:
        """Write an event; it is on the disk when this returns.

        Raises:
            EnvironmentMissing: it cannot be written.
        """
        line = msgspec.json.encode(event) + b"\n"
        with writing(self.events_file):
            descriptor = os.open(self.events_file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def events(self) -> list[AnyEvent]:
        """The events so far; a torn line is passed over.

        Raises:
            ConfigurationError: they cannot be read.
        """
        try:
            content = self.events_file.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"cannot read the run {self.run}",
                why=f"{self.events_file}: {error.strerror}",
                next_step="bsops runbook history",
            ) from error
        return decode_events(content)

    def look(self) -> list[AnyEvent]:
        """The events as they are now, for one who follows; none where they cannot be read yet."""
        with suppress(ConfigurationError):
            return self.events()
        return []

    def keep_page(self, text: str) -> None:
        """Write the page as it runs from here on.

        Raises:
            EnvironmentMissing: it cannot be written.
        """
        write_atomically(self.page_file, text, mode=0o600)

    def kept_page(self) -> str:
        """The page as it ran last."""
        try:
            return self.page_file.read_text(encoding="utf-8")
        except OSError:
            return ""

    def keep_output(self, name: str, text: str) -> str:
        """Write what a block printed; the file's name beside the events.

        Raises:
            EnvironmentMissing: it cannot be written.
        """
        path = self.directory / "output" / name
        with writing(path):
            path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, text, mode=0o600)
        return f"output/{name}"

    def output(self, name: str) -> str:
        """What a block printed."""
        try:
            return (self.directory / name).read_text(encoding="utf-8")
        except OSError:
            return ""

    @contextmanager
    def lead(self) -> Iterator[None]:
        """Be the only one that leads the run; the kernel frees it with the process.

        Raises:
            StateLocked: somebody else does.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.directory / "lock", mode=0o600)
        with writing(self.directory):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise StateLocked(
                    f"the run {self.run} is led by {self.leader()}",
                    why="its process is alive; two cannot lead one run",
                    next_step="wait for its end, or ask for it to be stopped: it can be resumed",
                ) from None
        try:
            yield
        finally:
            lock.release()

    def is_led(self) -> bool:
        """Whether a process leads the run now."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.directory / "lock", mode=0o600)
        try:
            with lock.acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:
            return False

    def life(self) -> "tuple[Liveness, str]":
        """Whether who leads the run lives, and how that is known."""
        from bookstore_ops.locks.liveness import Liveness

        if self.is_led():
            return Liveness.ALIVE, "its process is alive"
        return Liveness.DEAD, "its process is gone"

    def leader(self) -> str:
        """Who led the run last."""
        taken = [event for event in self.events() if isinstance(event, Taken)]
        return f"{taken[-1].who} (pid {taken[-1].pid})" if taken else "somebody else"


def decode_events(content: bytes) -> list[AnyEvent]:
    """The events in JSON lines; a torn one is passed over."""
    decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
    found = []
    for line in content.splitlines():
        with suppress(msgspec.MsgspecError):
            found.append(decoder.decode(line))
    return found


def directory_of(workspace: Workspace, run: str) -> Path:
    """Where a run is kept on this machine; made where it is not there.

    Raises:
        EnvironmentMissing: it cannot be made.
    """
    return workspace.make_data_directory(_HOME, run)


def create(workspace: Workspace, run: str) -> RunFiles:
    """The files of a new run.

    Raises:
        EnvironmentMissing: they cannot be made.
    """
    return RunFiles(directory_of(workspace, run))


def runs(workspace: Workspace) -> list[RunFiles]:
    """All runs, oldest first."""
    home = workspace.data / _HOME
    found = [path for path in home.iterdir() if path.is_dir()] if home.is_dir() else []
    return [RunFiles(path) for path in sorted(found)]


def find(workspace: Workspace, named: str) -> RunFiles:
    """The run of that name, or the only one whose name begins or ends so.

    Raises:
        UsageError: there is none, or there are several.
    """
    every = runs(workspace)
    exact = [run for run in every if run.run == named]
    fits = exact or [r for r in every if r.run.startswith(named) or r.run.endswith(named)]
    if len(fits) == 1:
        return fits[0]
    names = ", ".join(run.run for run in fits[-5:])
    raise UsageError(
        f"there is no run {named!r}" if not fits else f"{named!r} may be several runs",
        why=names or None,
        next_step="bsops runbook history",
    )


def begun(files: RunFiles) -> Begun:
    """How the run began.

    Raises:
        ConfigurationError: its first line is gone.
    """
    for event in files.events():
        if isinstance(event, Begun):
            return event
    raise ConfigurationError(
        f"the run {files.run} cannot be read",
        why=f"{files.events_file} does not say how it began",
        next_step="bsops runbook history",
    )
