"""Two places for one state: which is right, and what may be overwritten."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.bootstrap.migration import (
    Found,
    find_state,
    keep_copy,
    latest_copy,
    state_file,
    verify,
)
from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.state import StateSummary, parse_state

ENVIRON: Mapping[str, str] = {}


@dataclass(frozen=True)
class Remote(S3Backend):
    """A bucket with that state in it, or none."""

    content: bytes | None = None

    def read(self) -> bytes | None:
        return self.content


def state(lineage: str = "abc", serial: int = 7, *names: str) -> bytes:
    resources: list[dict[str, Any]] = [
        {"mode": "managed", "type": "terraform_data", "name": name, "instances": [{}]}
        for name in names
    ]
    return json.dumps(
        {"version": 4, "lineage": lineage, "serial": serial, "resources": resources}
    ).encode()


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


def find(root: Path, copies: Path, there: bytes | None) -> Found:
    remote = Remote("bucket", "key", "eu-west-1", None, ENVIRON, content=there)
    return find_state(root, remote, copies, "bsops bootstrap dev", bucket_exists=True)


def test_a_state_in_the_file_only_is_to_be_brought(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(state())
    found = find(tmp_path, copies, None)
    assert (found.local, found.to_upload) == (StateSummary("abc", 7), True)


def test_an_empty_file_is_no_state(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(b"")
    assert state_file(tmp_path) is None
    assert find(tmp_path, copies, None) == Found(None, None, to_upload=False)


@pytest.mark.parametrize("there", [state(), state("abc", 9, "new")])
def test_a_state_that_arrived_or_went_on_there_is_not_overwritten(
    tmp_path: Path, copies: Path, there: bytes
) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(state())
    assert not find(tmp_path, copies, there).to_upload


@pytest.mark.parametrize(
    "there", [state("other"), state("abc", 6), state("abc", 7, "another")], ids=str
)
def test_two_states_are_refused_with_both_identities(
    tmp_path: Path, copies: Path, there: bytes
) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(state())
    with pytest.raises(Refused, match="there are two states") as raised:
        find(tmp_path, copies, there)
    assert "lineage abc, serial 7" in str(raised.value.why)


def test_a_file_that_went_on_after_its_copy_had_arrived_replaces_that_copy(
    tmp_path: Path, copies: Path
) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_bytes(state())
    copies.mkdir()
    keep_copy(file, copies)
    file.write_bytes(state("abc", 8, "new"))
    assert find(tmp_path, copies, state()).to_upload


def test_a_state_that_could_not_be_saved_comes_first(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "errored.tfstate").write_bytes(state())
    with pytest.raises(Refused, match="could not save"):
        find(tmp_path, copies, None)


def test_one_copy_of_equal_content_is_enough_and_its_owners(tmp_path: Path, copies: Path) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_bytes(state())
    copies.mkdir()
    assert latest_copy(copies) is None
    copy = keep_copy(file, copies)
    assert keep_copy(file, copies) == copy
    assert latest_copy(copies) == (copy, StateSummary("abc", 7))
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (None, "there is no state"),
        (state("other", 7, "one"), "lineage: abc was moved, other is there"),
        (state("abc", 6, "one"), "serial: 7 was moved, 6 is there"),
        (state("abc", 7, "two"), "lost terraform_data.one; unknown before terraform_data.two"),
    ],
)
def test_what_did_not_arrive_is_named_with_the_copy(after: bytes | None, problem: str) -> None:
    before = parse_state(state("abc", 7, "one"), "file")
    found = None if after is None else parse_state(after, "s3")
    with pytest.raises(OperationFailed, match="not the one") as raised:
        verify(Path("copy.tfstate"), before, found, "s3://b/k")
    assert problem in str(raised.value.why)
    assert "copy.tfstate" in str(raised.value.next_step)


def test_a_state_that_grew_after_it_had_arrived_is_well(tmp_path: Path) -> None:
    before = parse_state(state("abc", 7, "one"), "file")
    verify(tmp_path, before, parse_state(state("abc", 8, "two"), "s3"), "s3://b/k")
