"""The sandbox's server process: ``python -m bookstore_ops.sandbox.server``.

It outlives the command that started it, and ends on SIGTERM or when its directory goes away.
"""

import argparse
import datetime as dt
import errno
import gc
import importlib.metadata
import logging
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec
from filelock import FileLock, Timeout

from bookstore_ops.sandbox.record import (
    ALIVE_LOCK,
    SERVER_FILE,
    ServerExit,
    ServerRecord,
    read_record,
    write_record,
)

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

# The extensions fit this moto and no other; pyproject.toml pins the same.
MOTO_VERSION = "5.2.5"

# Read by moto when it is imported.
MOTO_SETTINGS = {
    # Without it, data.aws_iam_policy finds no AWS managed policy.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # No web page has business here.
    "MOTO_DISABLE_GLOBAL_CORS": "true",
}

_WATCH_SECONDS = 5.0


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def _record(instance: str, *, bare: bool) -> ServerRecord:
    import psutil

    return ServerRecord(
        instance=instance,
        pid=os.getpid(),
        process_started=psutil.Process().create_time(),
        port=0,
        moto=MOTO_VERSION,
        started=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        bare=bare,
    )


def _is_mine(directory: Path, instance: str) -> bool:
    record = read_record(directory)
    return record is not None and record.instance == instance


def _end_with(directory: Path, instance: str) -> None:
    """End this process once its record is gone or another's: nobody could find it any more."""
    while _is_mine(directory, instance):
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _terminate(*_: object) -> NoReturn:
    raise SystemExit(0)


def _make_server(listener: socket.socket, record: ServerRecord) -> "BaseWSGIServer":
    installed = importlib.metadata.version("moto")
    if installed != MOTO_VERSION:
        raise SystemExit(_unfit(f"moto {installed} is installed; the sandbox fits {MOTO_VERSION}"))
    os.environ.update(MOTO_SETTINGS, MOTO_PORT=str(listener.getsockname()[1]))
    # What moto loads stays: looking for garbage in it would take a third of the start.
    gc.disable()
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    from bookstore_ops.sandbox.application import SandboxApplication
    from bookstore_ops.sandbox.extensions import ExtensionMisfitError, install

    try:
        install()
    except ExtensionMisfitError as error:
        raise SystemExit(_unfit(str(error))) from error
    application = SandboxApplication(record.instance)
    gc.freeze()
    gc.enable()
    return make_server(
        "127.0.0.1",
        0,
        application,
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )


def _unfit(reason: str) -> ServerExit:
    print(reason, file=sys.stderr)  # noqa: T201 - the log
    return ServerExit.UNFIT


def serve(directory: Path, instance: str, port: int, *, bare: bool) -> int:
    """Serve until SIGTERM; the result is the exit status."""
    alive = FileLock(directory / ALIVE_LOCK)
    try:
        alive.acquire(timeout=0)
    except Timeout:
        return ServerExit.OWNED
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, _terminate)
    record = _record(instance, bare=bare)
    write_record(directory, record)
    try:
        listener = _listen(port)
        server = _make_server(listener, record)
        write_record(directory, msgspec.structs.replace(record, port=server.port))
        threading.Thread(target=_end_with, args=(directory, instance), daemon=True).start()
        server.serve_forever()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        print(f"port {port}: {error.strerror}", file=sys.stderr)  # noqa: T201 - the log
        return ServerExit.PORT_TAKEN
    finally:
        if _is_mine(directory, instance):
            (directory / SERVER_FILE).unlink(missing_ok=True)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="bookstore_ops.sandbox.server")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--instance", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bare", action="store_true")
    arguments = parser.parse_args(argv)
    # One line for every request would cost more than the request.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    return serve(arguments.directory, arguments.instance, arguments.port, bare=arguments.bare)


if __name__ == "__main__":
    raise SystemExit(main())
