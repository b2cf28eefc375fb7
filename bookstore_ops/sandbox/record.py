"""What a sandbox server leaves behind for others to find it by."""

from enum import IntEnum
from pathlib import Path

import msgspec

from bookstore_ops.files import write_atomically

SERVER_FILE = "server.json"
LOG_FILE = "server.log"
# Held by the server for as long as it lives: the kernel's word on whether one does.
ALIVE_LOCK = "server.lock"
# Held by whoever starts, stops or resets the server.
START_LOCK = "start.lock"
SERVER_FILES = frozenset({SERVER_FILE, LOG_FILE, ALIVE_LOCK, START_LOCK})


class ServerExit(IntEnum):
    """Why a server would not start; 1 is anything else, and the log says what."""

    OWNED = 75
    PORT_TAKEN = 76
    UNFIT = 77


class ServerRecord(msgspec.Struct, frozen=True):
    """``server.json``. ``port`` is 0 until the server listens.

    ``bare``: it began without state buckets, as an account does.
    """

    instance: str
    pid: int
    process_started: float
    port: int
    moto: str
    started: str
    bare: bool = False

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"


def read_record(directory: Path) -> ServerRecord | None:
    """The record in ``directory``, or None where there is none that can be read."""
    try:
        return msgspec.json.decode((directory / SERVER_FILE).read_bytes(), type=ServerRecord)
    except (OSError, msgspec.DecodeError):
        return None


def write_record(directory: Path, record: ServerRecord) -> None:
    """Write the record for its owner's eyes only."""
    write_atomically(directory / SERVER_FILE, msgspec.json.encode(record), mode=0o600)
