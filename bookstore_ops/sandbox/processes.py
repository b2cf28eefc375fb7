"""The server processes of a sandbox directory: whether one lives, and ending it."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bookstore_ops.errors import OperationFailed
from bookstore_ops.files import writing
from bookstore_ops.sandbox.record import ALIVE_LOCK

if TYPE_CHECKING:
    import psutil

POLL = 0.02
# A server that neither answers nor uses the processor for so long is hung.
HUNG_AFTER = 5.0


def is_alive(directory: Path) -> bool:
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


def _cpu_seconds(process: "psutil.Process") -> float:
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def cpu_seconds_used(directory: Path) -> float:
    """The processor time of this directory's servers: a busy one's grows."""
    return sum(_cpu_seconds(process) for process in server_processes(directory))


def server_processes(directory: Path) -> list["psutil.Process"]:
    """The server processes of this directory, told by their command line, never by a pid alone."""
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "bookstore_ops.sandbox.server" in line and str(directory) in line:
            found.append(process)
    return found


def kill(directory: Path) -> None:
    """End every server of this directory, hung or well.

    Raises:
        OperationFailed: one does not end.
    """
    import psutil

    deadline = time.monotonic() + HUNG_AFTER
    while is_alive(directory):
        for process in server_processes(directory):
            with contextlib.suppress(psutil.Error):
                process.kill()
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"the sandbox server of {directory} cannot be ended",
                next_step="ps aux | grep bookstore_ops.sandbox.server   (and end it by its pid)",
            )
        time.sleep(POLL)
