"""Files are the old ones or the new ones, never a part."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.files import write_atomically, writing


def test_text_and_bytes_are_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "text", "Gruß\n")
    write_atomically(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "text").read_text(encoding="utf-8") == "Gruß\n"
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"


def test_missing_directories_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a/b/c", "x")
    assert (tmp_path / "a/b/c").read_text() == "x"


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_mode_is_the_one_asked_for_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    earlier = os.umask(0o077)
    try:
        write_atomically(tmp_path / "file", "x", mode=mode)
    finally:
        os.umask(earlier)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_nothing_else_is_left_in_the_directory(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", "old")
    write_atomically(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    # A limit on the size of files breaks a write off in its middle, as a full disk does.
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from bookstore_ops.files import write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_atomically(Path('file'), b'x' * 5000)\n"
        "except Exception as error: sys.exit(f'{type(error).__name__}: {error}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr.startswith("EnvironmentMissing: cannot write file\nwhy:  File too large")
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")

    class Interrupting(str):
        __slots__ = ()

        def encode(self, *_: object) -> bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", Interrupting("new"))
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_in_the_files_place_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(EnvironmentMissing, match="Is a directory"):
        write_atomically(tmp_path / "file", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_in_the_directorys_place_is_named_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentMissing) as raised:
        write_atomically(tmp_path / "file/below", "x")
    assert raised.value.what == f"cannot write {tmp_path}/file/below"
    assert raised.value.next_step == "mend the cause above, then run the command again"


def test_a_full_device_is_told_to_be_freed(tmp_path: Path) -> None:
    with (
        pytest.raises(EnvironmentMissing, match="No space left on device") as raised,
        writing(tmp_path),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert raised.value.next_step == "free space on that file system, then run the command again"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EDQUOT, "free space in your quota"),
        (errno.EROFS, "use a workspace on a writable file system"),
        (errno.EACCES, "check the owner and the mode"),
        (errno.EPERM, "check the owner and the mode"),
        (errno.EIO, "mend the cause above"),
        (None, "mend the cause above"),
    ],
)
def test_each_cause_has_its_next_step(number: int | None, advice: str) -> None:
    error = OSError(number, "the cause") if number else OSError("the cause")
    with pytest.raises(EnvironmentMissing, match="the cause") as raised, writing(Path("x")):
        raise error
    assert str(raised.value.next_step).startswith(advice)


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), writing(Path("x")):
        raise ZeroDivisionError
