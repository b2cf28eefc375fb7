"""An import block is there for one plan, and no other."""

import os
from pathlib import Path

import pytest

from bookstore_ops.states.import_block import forget_stale_blocks, import_block


def test_it_is_there_while_it_is_needed_and_goes_whatever_happens(tmp_path: Path) -> None:
    def fail_inside() -> None:
        with import_block(tmp_path, 'a.b["k"]', "x${y}"):
            (path,) = tmp_path.glob("*.tf")
            text = path.read_text()
            assert 'to = a.b["k"]' in text
            assert 'id = "x$${y}"' in text
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_runs_goes_and_a_living_runs_stays(tmp_path: Path) -> None:
    stale, living = (
        tmp_path / "bsops_import_999999999.tf",
        tmp_path / f"bsops_import_{os.getpid()}.tf",
    )
    other = tmp_path / "main.tf"
    for path in (stale, living, other):
        path.write_text("")
    forget_stale_blocks(tmp_path)
    assert set(tmp_path.iterdir()) == {living, other}
