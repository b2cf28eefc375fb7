"""What may not run now is not run: neither at its turn, nor to undo another."""

from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.errors import Refused
from bookstore_ops.runbooks import engine, undoing
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Places
from bookstore_ops.runbooks.effects import changes
from bookstore_ops.runbooks.standing import Standing
from bookstore_ops.runbooks.store import RunFiles
from tests.unit.runbooks.support import page_of, step
from tests.unit.runbooks.test_standing import begun


class Silent:
    """Nobody sits there."""

    interactive = False

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: True


def frozen(block: Block) -> None:
    if changes(block):
        raise Refused("dev is frozen: the sale", next_step="wait")


BODY = (
    step("bash {name=look reads}", "touch looked\n")
    + step("bash {name=make undo=back}", "touch made\n")
    + step("bash {name=back}", "touch undone\n")
)


def running(tmp_path: Path) -> engine.Running:
    (tmp_path / "run").mkdir()
    places = Places(tmp_path, {"PATH": "/usr/bin:/bin"}, {}, {})
    files = RunFiles(tmp_path / "run")
    files.append(begun())
    desk: Any = Silent()
    return engine.Running(page_of(BODY), files, Standing(begun()), places, desk, yes=True)


def test_a_freeze_stops_a_run_at_the_first_step_that_changes_something(tmp_path: Path) -> None:
    under_way = running(tmp_path)
    under_way.guard = frozen
    with pytest.raises(engine.Halt, match="make: dev is frozen: the sale; wait"):
        engine.run(under_way, ["look", "make"], lambda _: None)
    assert (tmp_path / "looked").exists()
    assert not (tmp_path / "made").exists()
    assert under_way.standing.settled == {"look"}


def test_a_freeze_stops_an_undo(tmp_path: Path) -> None:
    under_way = running(tmp_path)
    engine.run(under_way, ["look", "make"], lambda _: None)
    under_way.guard = frozen
    with pytest.raises(engine.Halt, match="back: dev is frozen"):
        undoing.undo(under_way)
    assert not (tmp_path / "undone").exists()
    assert under_way.standing.outcome("make") == "done"
