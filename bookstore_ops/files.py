"""Writing files so that a reader never meets half of one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bookstore_ops.errors import EnvironmentMissing

_ADVICE = {
    "ENOSPC": "free space on that file system, then run the command again",
    "EDQUOT": "free space in your quota, then run the command again",
    "EROFS": "use a workspace on a writable file system (--workspace DIR, or: bsops new DIR)",
    "EACCES": "check the owner and the mode of that directory, or use another --workspace DIR",
    "EPERM": "check the owner and the mode of that directory, or use another --workspace DIR",
}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError met while writing ``path`` into the operator's next step.

    Raises:
        EnvironmentMissing: the disk is full, the file system read-only, or the like.
    """
    try:
        yield
    except OSError as error:
        import errno

        code = errno.errorcode.get(error.errno or 0, "")
        raise EnvironmentMissing(
            f"cannot write {path}",
            why=error.strerror or str(error),
            next_step=_ADVICE.get(code, "mend the cause above, then run the command again"),
        ) from error


def write_atomically(path: Path, content: bytes | str, *, mode: int = 0o644) -> None:
    """Write beside ``path``, fsync, rename: the file is the old one or the new one, never a part.

    Missing parent directories are made.

    Raises:
        EnvironmentMissing: the file cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
