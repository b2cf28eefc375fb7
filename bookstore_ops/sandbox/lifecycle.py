"""Starting, finding, stopping and describing the workspace's sandbox server."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookstore_ops.errors import EnvironmentMissing, OperationFailed, Refused
from bookstore_ops.files import writing
from bookstore_ops.sandbox.health import MISSING, RESOURCES, answers, ask
from bookstore_ops.sandbox.record import (
    ALIVE_LOCK,
    LOG_FILE,
    SERVER_FILE,
    SERVER_FILES,
    START_LOCK,
    ServerExit,
    ServerRecord,
    read_record,
)
from bookstore_ops.sandbox.substitutions import SUBSTITUTIONS, Substitution
from bookstore_ops.workspace import Workspace

if TYPE_CHECKING:
    import psutil

Progress = Callable[[str], None]

_QUICK = 1.0
_START_DEADLINE = 60.0
# A server that neither answers nor uses the processor for so long is hung.
_HUNG_AFTER = 5.0
_POLL = 0.02


@dataclass(frozen=True)
class Server:
    """A running sandbox server.

    ``fresh``: this call started it. ``lost``: what became of the one before it, if that ended
    unasked; its resources and the state of every environment in it are gone.
    """

    instance: str
    pid: int
    port: int
    url: str
    started: str
    fresh: bool = False
    lost: str | None = None


@dataclass(frozen=True)
class Status:
    """What ``bsops sandbox status`` shows."""

    running: bool
    url: str | None
    pid: int | None
    started: str | None
    memory: int | None
    resources: dict[str, dict[str, int]]
    missing: list[dict[str, Any]]
    substitutions: tuple[Substitution, ...]


def ensure(
    workspace: Workspace, *, port: int | None = None, progress: Progress | None = None
) -> Server:
    """The workspace's sandbox server, started if it does not run.

    Raises:
        EnvironmentMissing: moto is not installed or does not fit, or the port is taken.
        Refused: it already runs on another port than the one asked for.
        OperationFailed: it ended while it started, or never answered.
    """
    directory = workspace.sandbox
    record = _answering(directory, timeout=_QUICK)
    if record is None:
        directory = workspace.make_data_directory("sandbox")
        with _starting(directory, progress):
            record = _await_living(directory, progress)
            if record is None:
                lost = _clear(directory, progress)
                return _start(directory, port, progress, lost)
    if port not in (None, record.port):
        raise Refused(
            f"the sandbox already runs on port {record.port}",
            why="its resources live in that server",
            next_step=f"bsops sandbox stop && bsops sandbox start --port {port}",
        )
    return _server(record, fresh=False, lost=None)


def stop(workspace: Workspace) -> bool:
    """End the server; whether there was one."""
    directory = workspace.sandbox
    if not directory.is_dir():
        return False
    with _starting(directory, None):
        return _stop(directory)


def reset(workspace: Workspace) -> Server:
    """End the server, forget everything it held, and start a new one; see :func:`ensure`."""
    directory = workspace.make_data_directory("sandbox")
    with _starting(directory, None):
        _stop(directory)
        _wipe(directory)
        return _start(directory, None, None, None)


def status(workspace: Workspace) -> Status:
    """What runs and what it holds; starts nothing."""
    record = _answering(workspace.sandbox, timeout=_HUNG_AFTER)
    if record is None:
        return Status(False, None, None, None, None, {}, [], SUBSTITUTIONS)
    import psutil

    memory = None
    with contextlib.suppress(psutil.Error):
        memory = psutil.Process(record.pid).memory_info().rss
    held = ask(record.port, RESOURCES, timeout=_START_DEADLINE) or {}
    missing = ask(record.port, MISSING, timeout=_HUNG_AFTER) or {}
    return Status(
        running=True,
        url=record.url,
        pid=record.pid,
        started=record.started,
        memory=memory,
        resources=held.get("accounts", {}),
        missing=missing.get("missing", []),
        substitutions=SUBSTITUTIONS,
    )


def _server(record: ServerRecord, *, fresh: bool, lost: str | None) -> Server:
    return Server(record.instance, record.pid, record.port, record.url, record.started, fresh, lost)


def _answering(directory: Path, *, timeout: float) -> ServerRecord | None:
    """The server that the record names, if it answers and is the one named."""
    record = read_record(directory)
    if record is None or not record.port:
        return None
    return record if answers(record.port, record.instance, timeout=timeout) else None


@contextlib.contextmanager
def _starting(directory: Path, progress: Progress | None) -> Iterator[None]:
    """Hold the right to start and stop; the kernel frees it if the holder is killed."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / START_LOCK, mode=0o600, poll_interval=_POLL)
    with writing(directory / START_LOCK):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _tell(progress, "waiting for another bsops that starts or stops the sandbox")
            try:
                lock.acquire(timeout=2 * _START_DEADLINE)
            except Timeout as error:
                raise OperationFailed(
                    "another bsops has been starting or stopping the sandbox for two minutes",
                    next_step="end that bsops, then run the command again",
                ) from error
    try:
        yield
    finally:
        lock.release()


def _is_alive(directory: Path) -> bool:
    """Whether a server of this directory lives, hung or well: it holds a lock while it does."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / ALIVE_LOCK, mode=0o600)
    with writing(directory / ALIVE_LOCK):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
    lock.release()
    return False


def _await_living(directory: Path, progress: Progress | None) -> ServerRecord | None:
    """The living server once it answers; None if there is none, or it hangs.

    It may still be starting (its starter was killed), or be busy; neither is hung.
    """
    deadline = time.monotonic() + _START_DEADLINE
    hung_at = time.monotonic() + _HUNG_AFTER
    used = 0.0
    while time.monotonic() < deadline and _is_alive(directory):
        _tell(progress, "waiting for the sandbox server to answer")
        record = _answering(directory, timeout=_QUICK)
        if record is not None:
            return record
        now_used = sum(_cpu_seconds(process) for process in _processes(directory))
        if now_used > used:
            used, hung_at = now_used, time.monotonic() + _HUNG_AFTER
        elif time.monotonic() > hung_at:
            return None
        time.sleep(_POLL)
    return None


def _cpu_seconds(process: "psutil.Process") -> float:
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _processes(directory: Path) -> list["psutil.Process"]:
    """The server processes of this directory, told by their command line, never by a pid alone."""
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "bookstore_ops.sandbox.server" in line and str(directory) in line:
            found.append(process)
    return found


def _clear(directory: Path, progress: Progress | None) -> str | None:
    """Make room for a new server; what became of the old one, if there was one."""
    record = read_record(directory)
    name = f"the sandbox server started {record.started} (pid {record.pid})" if record else None
    lost = f"{name} had died" if name else None
    if _is_alive(directory):
        _tell(progress, "replacing a sandbox server that does not answer")
        _kill(directory)
        lost = f"{name or 'a sandbox server'} did not answer and was killed"
    _wipe(directory)
    return lost


def _stop(directory: Path) -> bool:
    record = read_record(directory)
    alive = _is_alive(directory)
    if alive:
        for process in _processes(directory):
            with contextlib.suppress(Exception):
                process.terminate()
        deadline = time.monotonic() + _HUNG_AFTER
        while _is_alive(directory) and time.monotonic() < deadline:
            time.sleep(_POLL)
        _kill(directory)
    if record is not None:
        (directory / SERVER_FILE).unlink(missing_ok=True)
    return alive


def _kill(directory: Path) -> None:
    import psutil

    deadline = time.monotonic() + _HUNG_AFTER
    while _is_alive(directory):
        for process in _processes(directory):
            with contextlib.suppress(psutil.Error):
                process.kill()
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"the sandbox server of {directory} cannot be ended",
                next_step="ps aux | grep bookstore_ops.sandbox.server   (and end it by its pid)",
            )
        time.sleep(_POLL)


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


def _start(
    directory: Path, port: int | None, progress: Progress | None, lost: str | None
) -> Server:
    """Start a server and wait until it answers; the caller holds the start lock."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise _unfit("the sandbox needs moto's server, which is not installed")
    _tell(progress, "starting the sandbox server")
    process = _spawn(directory, port or 0)
    deadline = time.monotonic() + _START_DEADLINE
    while time.monotonic() < deadline:
        record = _answering(directory, timeout=_QUICK)
        if record is not None:
            return _server(record, fresh=True, lost=lost)
        code = process.poll()
        # OWNED: one whose starter was killed came first; it will answer.
        if code not in (None, ServerExit.OWNED):
            raise _ended(directory, code, port)
        time.sleep(_POLL)
    _kill(directory)
    raise OperationFailed(
        f"the sandbox server did not answer within {_START_DEADLINE:.0f} seconds",
        why=_last_lines(directory),
        next_step="run the command again; the machine may be overloaded",
    )


def _spawn(directory: Path, port: int) -> "subprocess.Popen[bytes]":
    arguments = ["--directory", str(directory), "--instance", uuid.uuid4().hex, "--port", str(port)]
    log = directory / LOG_FILE
    with writing(log):
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "bookstore_ops.sandbox.server", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=_server_environment(),
            cwd="/",
            # It outlives this command, and its terminal's signals are not for it.
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _server_environment() -> dict[str, str]:
    """The server's environment: no credentials, and none of moto's switches but ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MOTO_", "BOTO"))
    }
    # The parent may know this package by its working directory only; the server's is elsewhere.
    package_parent = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (kept.get("PYTHONPATH"), package_parent)))
    return {
        **kept,
        "PYTHONPATH": path,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _ended(directory: Path, code: int | None, port: int | None) -> Exception:
    if code == ServerExit.PORT_TAKEN:
        holder = _holder(port or 0)
        return EnvironmentMissing(
            f"the sandbox cannot listen on port {port}",
            why=f"it is held by {holder}" if holder else _last_lines(directory),
            next_step="bsops sandbox start   (takes a free port; or name another with --port)",
        )
    if code == ServerExit.UNFIT:
        return _unfit(_last_lines(directory) or "the installed moto does not fit")
    return OperationFailed(
        f"the sandbox server ended while it started (status {code})",
        why=_last_lines(directory),
        next_step=f"read {directory / LOG_FILE}",
    )


def _unfit(what: str) -> EnvironmentMissing:
    return EnvironmentMissing(what, next_step="pip install 'bookstore-ops[sandbox]'")


def _holder(port: int) -> str | None:
    """The process that listens on a port, where the system lets us know."""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,):
                process = psutil.Process(connection.pid) if connection.pid else None
                return f"{process.name()} (pid {process.pid})" if process else None
    except (psutil.Error, OSError):
        return None
    return None


def _last_lines(directory: Path) -> str | None:
    try:
        text = (directory / LOG_FILE).read_text(errors="replace")
    except OSError:
        return None
    return "\n".join(text.splitlines()[-8:]) or None


def _tell(progress: Progress | None, message: str) -> None:
    if progress is not None:
        progress(message)
