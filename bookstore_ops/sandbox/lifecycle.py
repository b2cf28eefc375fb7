"""Starting, finding, stopping and describing the workspace's sandbox server."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.files import writing
from bookstore_ops.sandbox.health import MISSING, RESOURCES, ask
from bookstore_ops.sandbox.launch import QUICK, START_DEADLINE, Progress, answering, start, tell
from bookstore_ops.sandbox.processes import (
    HUNG_AFTER,
    POLL,
    cpu_seconds_used,
    is_alive,
    kill,
    server_processes,
)
from bookstore_ops.sandbox.record import (
    LOG_FILE,
    SERVER_FILE,
    SERVER_FILES,
    START_LOCK,
    ServerRecord,
    read_record,
)
from bookstore_ops.sandbox.substitutions import SUBSTITUTIONS, Substitution
from bookstore_ops.workspace import Workspace


@dataclass(frozen=True)
class Server:
    """A running sandbox server.

    ``fresh``: this call started it. ``lost``: what became of the one before it, if that ended
    unasked; its resources and the state of every environment in it are gone. ``bare``: it made no
    state bucket; an environment's state is in a file until it is bootstrapped.
    """

    instance: str
    pid: int
    port: int
    url: str
    started: str
    fresh: bool = False
    lost: str | None = None
    bare: bool = False


@dataclass(frozen=True)
class Status:
    """What ``bsops sandbox status`` shows."""

    running: bool
    bare: bool
    url: str | None
    pid: int | None
    started: str | None
    memory: int | None
    resources: dict[str, dict[str, int]]
    missing: list[dict[str, Any]]
    substitutions: tuple[Substitution, ...]


def ensure(
    workspace: Workspace,
    *,
    port: int | None = None,
    bare: bool = False,
    progress: Progress | None = None,
) -> Server:
    """The workspace's sandbox server, started if it does not run.

    ``bare``: it must be a bare one. One that replaces a bare one which ended unasked is bare too.

    Raises:
        EnvironmentMissing: moto is not installed or does not fit, or the port is taken.
        Refused: it already runs on another port than the one asked for, or is not bare.
        OperationFailed: it ended while it started, or never answered.
    """
    directory = workspace.sandbox
    record = answering(directory, timeout=QUICK)
    if record is None:
        directory = workspace.make_data_directory("sandbox")
        with _starting(directory, progress):
            record = _await_living(directory, progress)
            if record is None:
                before = read_record(directory)
                bare = bare or (before is not None and before.bare)
                lost = _clear(directory, progress)
                return _server(start(directory, port, progress, bare=bare), fresh=True, lost=lost)
    if port not in (None, record.port):
        raise Refused(
            f"the sandbox already runs on port {record.port}",
            why="its resources live in that server",
            next_step=f"bsops sandbox stop && bsops sandbox start --port {port}",
        )
    if bare and not record.bare:
        raise Refused(
            "the sandbox already runs, and it is not bare",
            why="its environments keep their state in buckets that it made",
            next_step="bsops sandbox reset --bare   (forgets everything in it)",
        )
    return _server(record, fresh=False, lost=None)


def stop(workspace: Workspace) -> bool:
    """End the server; whether there was one."""
    directory = workspace.sandbox
    if not directory.is_dir():
        return False
    with _starting(directory, None):
        return _stop(directory)


def reset(workspace: Workspace, *, bare: bool = False) -> Server:
    """End the server, forget everything it held, and start a new one; see :func:`ensure`."""
    directory = workspace.make_data_directory("sandbox")
    with _starting(directory, None):
        _stop(directory)
        _wipe(directory)
        return _server(start(directory, None, None, bare=bare), fresh=True, lost=None)


def status(workspace: Workspace) -> Status:
    """What runs and what it holds; starts nothing."""
    record = answering(workspace.sandbox, timeout=HUNG_AFTER)
    if record is None:
        return Status(False, False, None, None, None, None, {}, [], SUBSTITUTIONS)
    import psutil

    memory = None
    with contextlib.suppress(psutil.Error):
        memory = psutil.Process(record.pid).memory_info().rss
    held = ask(record.port, RESOURCES, timeout=START_DEADLINE) or {}
    missing = ask(record.port, MISSING, timeout=HUNG_AFTER) or {}
    return Status(
        running=True,
        bare=record.bare,
        url=record.url,
        pid=record.pid,
        started=record.started,
        memory=memory,
        resources=held.get("accounts", {}),
        missing=missing.get("missing", []),
        substitutions=SUBSTITUTIONS,
    )


def _server(record: ServerRecord, *, fresh: bool, lost: str | None) -> Server:
    return Server(
        record.instance,
        record.pid,
        record.port,
        record.url,
        record.started,
        fresh,
        lost,
        record.bare,
    )


@contextlib.contextmanager
def _starting(directory: Path, progress: Progress | None) -> Iterator[None]:
    """Hold the right to start and stop; the kernel frees it if the holder is killed."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / START_LOCK, mode=0o600, poll_interval=POLL)
    with writing(directory / START_LOCK):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            tell(progress, "waiting for another bsops that starts or stops the sandbox")
            try:
                lock.acquire(timeout=2 * START_DEADLINE)
            except Timeout as error:
                raise OperationFailed(
                    "another bsops has been starting or stopping the sandbox for two minutes",
                    next_step="end that bsops, then run the command again",
                ) from error
    try:
        yield
    finally:
        lock.release()


def _await_living(directory: Path, progress: Progress | None) -> ServerRecord | None:
    """The living server once it answers; None if there is none, or it hangs.

    It may still be starting (its starter was killed), or be busy; neither is hung.
    """
    deadline = time.monotonic() + START_DEADLINE
    hung_at = time.monotonic() + HUNG_AFTER
    used = 0.0
    while time.monotonic() < deadline and is_alive(directory):
        tell(progress, "waiting for the sandbox server to answer")
        record = answering(directory, timeout=QUICK)
        if record is not None:
            return record
        now_used = cpu_seconds_used(directory)
        if now_used > used:
            used, hung_at = now_used, time.monotonic() + HUNG_AFTER
        elif time.monotonic() > hung_at:
            return None
        time.sleep(POLL)
    return None


def _clear(directory: Path, progress: Progress | None) -> str | None:
    """Make room for a new server; what became of the old one, if there was one."""
    record = read_record(directory)
    name = f"the sandbox server started {record.started} (pid {record.pid})" if record else None
    lost = f"{name} had died" if name else None
    if is_alive(directory):
        tell(progress, "replacing a sandbox server that does not answer")
        kill(directory)
        lost = f"{name or 'a sandbox server'} did not answer and was killed"
    _wipe(directory)
    return lost


def _stop(directory: Path) -> bool:
    record = read_record(directory)
    alive = is_alive(directory)
    if alive:
        for process in server_processes(directory):
            with contextlib.suppress(Exception):
                process.terminate()
        deadline = time.monotonic() + HUNG_AFTER
        while is_alive(directory) and time.monotonic() < deadline:
            time.sleep(POLL)
        kill(directory)
    if record is not None:
        (directory / SERVER_FILE).unlink(missing_ok=True)
    return alive


def _wipe(directory: Path) -> None:
    """Remove what depended on the server: copied trees, plans, state caches, and its record."""
    with writing(directory):
        for path in directory.iterdir():
            if path.name in SERVER_FILES - {SERVER_FILE, LOG_FILE}:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
