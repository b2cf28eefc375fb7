"""Following a run of somebody else's: until it ends, is left behind, or can be seen no more."""

from typing import TYPE_CHECKING, Any

import pytest

from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.runbooks import watching as runbook_watching
from bookstore_ops.operations.runbooks.watching import follow
from bookstore_ops.runbooks.records import AnyEvent, Closed
from tests.unit.runbooks.test_standing import AT, TAKEN, begun, ended

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DONE = Closed(time=AT, ending="done")
BEGUN: list[AnyEvent] = [begun(), TAKEN]
WHOLE: list[AnyEvent] = [begun(), TAKEN, DONE]
FAILED = Closed(time=AT, ending="failed", why="a: it exited with 1")


class Run:
    """A run that others lead: what each look at it sees, or why it fails."""

    run = "run-1"

    def __init__(self, *looks: "Sequence[AnyEvent] | BsopsError", life: Liveness) -> None:
        self._looks: Iterator[Sequence[AnyEvent] | BsopsError] = iter(looks)
        self._last: Sequence[AnyEvent] = ()
        self._life = life

    def look(self) -> list[AnyEvent]:
        seen = next(self._looks, self._last)
        if isinstance(seen, BsopsError):
            raise seen
        self._last = seen
        return list(seen)

    def life(self) -> tuple[Liveness, str]:
        return self._life, "its bsops on there was last seen 5m ago"

    def leader(self) -> str:
        return "ann@there (pid 1)"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_LOOK_SECONDS", "_LIFE_SECONDS"):
        monkeypatch.setattr(runbook_watching, name, 0.0)


def followed(run: Any) -> tuple[list[AnyEvent], list[str]]:
    told: list[str] = []
    return list(follow(run, told.append)), told


def test_each_event_comes_once_until_the_run_ends() -> None:
    whole: list[AnyEvent] = [*BEGUN, ended("a", "done"), DONE]
    assert followed(Run(BEGUN, BEGUN, whole, life=Liveness.ALIVE)) == (whole, [])


def test_a_run_that_fails_is_a_failure_with_its_reason() -> None:
    with pytest.raises(OperationFailed, match="run-1: failed") as failed:
        followed(Run([*BEGUN, FAILED], life=Liveness.DEAD))
    assert failed.value.why == "a: it exited with 1"
    assert failed.value.next_step == "bsops runbook resume run-1"


def test_a_run_whose_leader_is_dead_is_left_behind() -> None:
    with pytest.raises(OperationFailed, match="left behind") as failed:
        followed(Run(BEGUN, life=Liveness.DEAD))
    assert failed.value.why == "ann@there (pid 1) was killed"


def test_what_a_dead_leader_wrote_last_is_still_seen() -> None:
    assert followed(Run(BEGUN, BEGUN, WHOLE, life=Liveness.DEAD))[0] == WHOLE


def test_of_a_leader_that_is_not_seen_it_is_said_once_and_waited_on() -> None:
    events, told = followed(Run(BEGUN, BEGUN, BEGUN, BEGUN, WHOLE, life=Liveness.UNKNOWN))
    assert events == WHOLE
    assert told == [
        "its bsops on there was last seen 5m ago; it can be taken over: bsops runbook resume run-1"
    ]


def test_a_network_that_is_gone_for_a_moment_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = OperationFailed("cannot read it")
    events, told = followed(Run(BEGUN, gone, gone, WHOLE, life=Liveness.ALIVE))
    assert (events, told) == (WHOLE, ["cannot read it; looking again"])
    monkeypatch.setattr(runbook_watching, "_PATIENCE_SECONDS", 0.0)
    with pytest.raises(OperationFailed, match="cannot read it"):
        followed(Run(BEGUN, gone, WHOLE, life=Liveness.ALIVE))
