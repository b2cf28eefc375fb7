"""Starting a sandbox server, and saying why one would not start."""

import importlib.util
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from bookstore_ops.errors import EnvironmentMissing, OperationFailed
from bookstore_ops.files import writing
from bookstore_ops.sandbox.health import answers
from bookstore_ops.sandbox.processes import POLL, kill
from bookstore_ops.sandbox.record import LOG_FILE, ServerExit, ServerRecord, read_record

Progress = Callable[[str], None]

QUICK = 1.0
START_DEADLINE = 60.0


def tell(progress: Progress | None, message: str) -> None:
    """Say what is being waited for, to whoever asked to know."""
    if progress is not None:
        progress(message)


def answering(directory: Path, *, timeout: float) -> ServerRecord | None:
    """The server that the record names, if it answers and is the one named."""
    record = read_record(directory)
    if record is None or not record.port:
        return None
    return record if answers(record.port, record.instance, timeout=timeout) else None


def start(
    directory: Path, port: int | None, progress: Progress | None, *, bare: bool
) -> ServerRecord:
    """Start a server and wait until it answers; the caller holds the start lock.

    Raises:
        EnvironmentMissing: moto is not installed or does not fit, or the port is taken.
        OperationFailed: it ended while it started, or never answered.
    """
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise _unfit("the sandbox needs moto's server, which is not installed")
    tell(progress, "starting the sandbox server")
    process = _spawn(directory, port or 0, bare=bare)
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline:
        record = answering(directory, timeout=QUICK)
        if record is not None:
            return record
        code = process.poll()
        # OWNED: one whose starter was killed came first; it will answer.
        if code not in (None, ServerExit.OWNED):
            raise _ended(directory, code, port)
        time.sleep(POLL)
    kill(directory)
    raise OperationFailed(
        f"the sandbox server did not answer within {START_DEADLINE:.0f} seconds",
        why=_last_lines(directory),
        next_step="run the command again; the machine may be overloaded",
    ).leading_to("sandbox-trouble")


def _spawn(directory: Path, port: int, *, bare: bool) -> "subprocess.Popen[bytes]":
    arguments = ["--directory", str(directory), "--instance", uuid.uuid4().hex, "--port", str(port)]
    arguments += ["--bare"] if bare else []
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
    ).leading_to("sandbox-trouble")


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
