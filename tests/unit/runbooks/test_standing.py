"""Where a run stands after any of its events: what a kill at that moment leaves."""

from typing import Any

import pytest

from bookstore_ops.runbooks.records import AnyEvent, Begun, Closed, Ended, Spawned, Started, Taken
from bookstore_ops.runbooks.standing import Standing, stand

AT = "2026-11-26T12:00:00.000+00:00"


def begun() -> Begun:
    return Begun(
        time=AT,
        run="r",
        runbook="try",
        title="Try",
        sha256="0",
        environment="dev",
        account_id="1",
        region="eu-west-1",
        sandbox=True,
        values={"word": "it"},
        secret=["token"],
    )


def started(block: str, **more: Any) -> Started:
    return Started(time=AT, block=block, step="S", attempt=1, shown="", **more)


def ended(block: str, outcome: Any, **more: Any) -> Ended:
    return Ended(time=AT, block=block, step="S", outcome=outcome, **more)


TAKEN = Taken(time=AT, who="ann@laptop", pid=1, pid_started=1.0)
WHOLE: list[AnyEvent] = [
    begun(),
    TAKEN,
    started("a"),
    Spawned(time=AT, pid=2, pid_started=2.0),
    ended("a", "done", captured={"id": 7}),
    ended("b", "skipped"),
    started("c"),
    Spawned(time=AT, pid=3, pid_started=3.0),
    ended("c", "failed"),
    Closed(time=AT, ending="failed"),
]


def after(events: list[AnyEvent]) -> Standing:
    found = stand(events)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("count", "settled", "doubt"),
    [
        (1, set(), None),
        (2, set(), None),
        (3, set(), "a"),
        (4, set(), "a"),
        (5, {"a"}, None),
        (6, {"a", "b"}, None),
        (7, {"a", "b"}, "c"),
        (8, {"a", "b"}, "c"),
        (9, {"a", "b"}, None),
        (10, {"a", "b"}, None),
    ],
)
def test_a_kill_behind_any_event_leaves_what_is_settled_and_what_is_in_doubt(
    count: int, settled: set[str], doubt: str | None
) -> None:
    found = after(WHOLE[:count])
    assert found.settled == settled
    assert (found.in_doubt.block if found.in_doubt else None) == doubt
    assert found.values.get("id") == (7 if count > 4 else None)


def test_without_its_beginning_nothing_stands() -> None:
    assert stand(WHOLE[1:]) is None


def test_going_on_does_not_end_a_doubt() -> None:
    assert after([*WHOLE[:3], TAKEN, Closed(time=AT, ending="stopped")]).in_doubt is not None


def test_a_block_that_captured_a_secret_is_not_settled_without_it() -> None:
    events: list[AnyEvent] = [begun(), started("a"), ended("a", "done", secret=["token"])]
    found = after(events)
    assert found.settled == set()
    found.values["token"] = "again"
    assert found.settled == {"a"}


def test_what_was_undone_is_to_be_done_again_and_a_failed_undo_to_be_undone() -> None:
    done: list[AnyEvent] = [begun(), ended("a", "done"), ended("b", "done")]
    undone = after([*done, ended("not-b", "undone", undo_of="b")])
    assert (undone.settled, undone.outcome("b")) == ({"a"}, None)
    failed = after([*done, ended("not-b", "undo-failed", undo_of="b")])
    assert failed.ended["b"].outcome == "undo-failed"


def test_what_ran_last_is_last() -> None:
    events: list[AnyEvent] = [begun(), ended("a", "done"), ended("b", "done"), ended("a", "done")]
    assert list(after(events).ended) == ["b", "a"]
