"""The committed zips are what their sources give, on every machine."""

import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.infrastructure import packages

NAMES = [directory.name for directory in packages.functions()]


def test_every_function_has_a_zip_and_every_zip_a_function() -> None:
    assert NAMES
    assert [path.stem for path in sorted(packages.FUNCTIONS.glob("*.zip"))] == NAMES


def test_the_zips_are_what_the_sources_give() -> None:
    script = Path(packages.__file__)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun: python {script} --write"


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_holds_the_sources_uncompressed_and_nothing_else(name: str) -> None:
    directory = packages.FUNCTIONS / name
    with zipfile.ZipFile(packages.zip_of(directory)) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        assert [entry.filename for entry in entries] == ["handler.py"]
        for entry in entries:
            assert archive.read(entry) == (directory / entry.filename).read_bytes()
            assert entry.compress_type == zipfile.ZIP_STORED
            # Lambda's user is not the owner of the files.
            assert entry.external_attr >> 16 == 0o100644


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_runs_as_it_is(name: str, tmp_path: Path) -> None:
    """Imported from the zip, with nothing but what Lambda's runtime has."""
    archive = packages.zip_of(packages.FUNCTIONS / name)
    code = "import handler; assert callable(handler.handler)"
    subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(archive), "PATH": os.defpath},
        cwd=tmp_path,
        check=True,
    )


def test_a_zip_does_not_depend_on_the_day_or_on_who_wrote_the_files(tmp_path: Path) -> None:
    made = []
    for name, mode, age in (("one", 0o600, 0), ("two", 0o755, 86400)):
        directory = tmp_path / name
        (directory / "lib").mkdir(parents=True)
        for file in ("handler.py", "lib/b.py", "a.py"):
            path = directory / file
            path.write_text("x = 1\n", encoding="utf-8")
            path.chmod(mode)
            os.utime(path, (time.time() - age,) * 2)
        (directory / "notes.txt").write_text("not code", encoding="utf-8")
        made.append(packages.package(directory))
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert archive.namelist() == ["a.py", "handler.py", "lib/b.py"]


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "one" / "handler.py"
    source.parent.mkdir()
    source.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(packages, "FUNCTIONS", tmp_path)
    assert packages.stale() == [source.parent]
    packages.zip_of(source.parent).write_bytes(packages.package(source.parent))
    assert packages.stale() == []
    source.write_text("x = 2\n", encoding="utf-8")
    assert packages.stale() == [source.parent]
