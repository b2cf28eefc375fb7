"""Making a copy of a directory equal to it, touching only what differs."""

import contextlib
import fnmatch
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bookstore_ops.files import writing
from bookstore_ops.sandbox.override import OVERRIDE_FILE, WAITS_FILE

LOCK_FILE = ".terraform.lock.hcl"

# Terraform's own and the sandbox's, on either side: never copied, never removed.
_TERRAFORMS_OWN = (
    ".terraform",
    ".terraform.tfstate.lock.info",
    "errored.tfstate",
    OVERRIDE_FILE,
    WAITS_FILE,
)
_TERRAFORMS_PATTERNS = ("*.tfstate", "*.tfstate.*", "*.tfplan", "crash*.log")


@dataclass(frozen=True)
class _Change:
    kind: Literal["copy", "link", "directory", "remove"]
    target: Path
    source: Path | None = None


def synchronise(source: Path, copy: Path, *, lock: Path) -> None:
    """Make ``copy`` equal to ``source``, except for what Terraform keeps in either.

    Files are compared by size and time of change, and replaced whole. When nothing differs,
    nothing is locked or written.

    Raises:
        EnvironmentMissing: the copy cannot be written.
    """
    if not list(_changes(source, copy, source)):
        return
    from filelock import FileLock

    with writing(copy):
        copy.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(lock, mode=0o600):
            for change in list(_changes(source, copy, source)):
                _apply(change, source)


def _is_terraforms(name: str) -> bool:
    return name in _TERRAFORMS_OWN or any(
        fnmatch.fnmatchcase(name, pattern) for pattern in _TERRAFORMS_PATTERNS
    )


def _entries(directory: str | Path) -> dict[str, os.DirEntry[str]]:
    try:
        with os.scandir(directory) as found:
            return {entry.name: entry for entry in found if not _is_terraforms(entry.name)}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _changes(source: Path, copy: Path, top: Path) -> Iterator[_Change]:
    wanted, present = _entries(source), _entries(copy)
    for name, entry in wanted.items():
        there = present.get(name)
        target = copy / name
        if entry.is_symlink():
            if (
                not there
                or not there.is_symlink()
                or target.readlink() != _link(Path(entry.path), top)
            ):
                yield _Change("link", target, Path(entry.path))
        elif entry.is_dir():
            if there is None or not there.is_dir(follow_symlinks=False):
                yield _Change("directory", target)
            yield from _changes(Path(entry.path), target, top)
        elif entry.is_file() and _differs(entry, there):
            yield _Change("copy", target, Path(entry.path))
    for name in present.keys() - wanted.keys() - {LOCK_FILE}:
        yield _Change("remove", copy / name)


def _differs(entry: os.DirEntry[str], there: os.DirEntry[str] | None) -> bool:
    if there is None or there.is_symlink() or not there.is_file():
        return True
    ours, theirs = entry.stat(), there.stat()
    if entry.name == LOCK_FILE:
        # `terraform init` completes the copy's, which is then the younger one.
        return ours.st_mtime_ns > theirs.st_mtime_ns
    return (ours.st_size, ours.st_mtime_ns) != (theirs.st_size, theirs.st_mtime_ns)


def _link(link: Path, top: Path) -> Path:
    """What a link in the copy holds: the same where it stays in the tree, else the absolute."""
    held = link.readlink()
    reached = Path(os.path.normpath(link.parent / held))
    return held if not held.is_absolute() and reached.is_relative_to(top) else reached


def _apply(change: _Change, top: Path) -> None:
    target = change.target
    if change.kind == "remove":
        _remove(target)
    elif change.kind == "directory":
        if target.is_symlink() or target.exists():
            _remove(target)
        target.mkdir(exist_ok=True)
    elif change.source is not None:
        with contextlib.suppress(FileNotFoundError):  # gone since the scan: the next call sees it
            _replace(change.source, target, top)


def _remove(path: Path) -> None:
    """Remove a file, a link (never what it leads to) or a directory, sparing Terraform's own."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for entry in _entries(path).values():
        _remove(Path(entry.path))
    with contextlib.suppress(OSError):
        path.rmdir()


def _replace(source: Path, target: Path, top: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        _remove(target)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".bsops-")) / target.name
    try:
        if source.is_symlink():
            beside.symlink_to(_link(source, top))
        else:
            before = source.stat()
            shutil.copyfile(source, beside)
            beside.chmod(before.st_mode & 0o777 | 0o600)
            os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
        beside.replace(target)
    finally:
        shutil.rmtree(beside.parent, ignore_errors=True)
