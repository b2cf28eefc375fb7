"""The files of a bundle, and reading no more of one than can be sent."""

import io
import os
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.errors import EnvironmentMissing

# All of them together, packed, stay far below what issue trackers take (25 MB).
LONGEST = 2 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file of a bundle; ``note`` says what is special about it."""

    name: str
    content: bytes
    note: str | None = None


@dataclass(frozen=True)
class Missing:
    """What is not in it, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Ending:
    """The end of a file; ``left_out`` is how many bytes stand before it."""

    text: str
    left_out: int

    @property
    def note(self) -> str | None:
        """What a reader must know of it."""
        return f"cut: the first {self.left_out:,} bytes are left out" if self.left_out else None


def read_end(path: Path, longest: int = LONGEST) -> Ending:
    """The end of a file, from the beginning of a line on.

    Raises:
        EnvironmentMissing: it cannot be read, or is no file; a pipe would never end.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as handle:
            known = os.fstat(descriptor)
            if not stat.S_ISREG(known.st_mode):
                raise EnvironmentMissing(f"{path.name} is no file")
            begin = max(0, known.st_size - longest)
            handle.seek(begin)
            content = handle.read(longest)
    except OSError as error:
        raise EnvironmentMissing(f"cannot read {path.name}", why=error.strerror) from error
    if begin:
        # Half a line could hold half a secret, which nobody would know.
        line = content.find(b"\n") + 1 or len(content)
        content, begin = content[line:], begin + line
    return Ending(content.decode(errors="replace"), begin)


def pack(folder: str, parts: Sequence[Part]) -> bytes:
    """A zip with the parts in one folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            entry = zipfile.ZipInfo(f"{folder}/{part.name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, part.content)
    return packed.getvalue()
