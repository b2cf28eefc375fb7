"""Reading no more of a file than can be sent, and packing what was read."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from bookstore_ops.bundle.parts import Part, pack, read_end
from bookstore_ops.errors import EnvironmentMissing


def test_a_short_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n\xfftwo")
    ending = read_end(path)
    assert (ending.text, ending.left_out, ending.note) == ("one\n\ufffdtwo", 0, None)


def test_of_a_long_file_whole_lines_of_its_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("first line\nsecond\nthird\n")
    ending = read_end(path, longest=16)
    assert ending.text == "second\nthird\n"
    assert ending.note == "cut: the first 11 bytes are left out"


def test_half_a_line_could_hold_half_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("x" * 100)
    assert read_end(path, longest=10).text == ""


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(EnvironmentMissing, match="pipe is no file"):
        read_end(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentMissing, match="cannot read log"):
        read_end(tmp_path / "log")


def test_an_archive_holds_every_part_in_one_folder() -> None:
    packed = pack("bundle", [Part("a.json", b"{}"), Part("runs/x/1.jsonl", b"")])
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        assert archive.namelist() == ["bundle/a.json", "bundle/runs/x/1.jsonl"]
        assert archive.read("bundle/a.json") == b"{}"
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o600}
