"""Whether a move could be relied on: what is not ready, and what a dry run could not prove."""

import pytest

from bookstore_ops.errors import Refused
from bookstore_ops.operations.recovery.readiness import Recovery
from bookstore_ops.operations.recovery.rehearsing import require_acceptable, unproven
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.runbooks.dry_run import Foreseen, Verdict


def recovery(*states: Readiness) -> Recovery:
    """An environment with pieces of that readiness."""
    pieces = [
        Piece(name=f"piece{number}", readiness=readiness, words="w")
        for number, readiness in enumerate(states)
    ]
    return Recovery("prod", "eu-west-1", "eu-central-1", "the state", pieces)


def blocks(*verdicts: Verdict) -> list[Foreseen]:
    return [Foreseen(f"block{n}", "Step", verdict, "because") for n, verdict in enumerate(verdicts)]


@pytest.mark.parametrize("state", [Readiness.LATE, Readiness.MISSING, Readiness.UNKNOWN])
def test_only_ready_is_ready(state: Readiness) -> None:
    gap = recovery(Readiness.READY, state)
    assert unproven(gap, blocks("looked")) is not None
    with pytest.raises(Refused) as refused:
        require_acceptable(gap, accept_loss=False)
    assert refused.value.why == "1 of 2: piece1"
    require_acceptable(gap, accept_loss=True)


def test_where_all_is_ready_and_every_look_succeeds_nothing_speaks_against_it() -> None:
    ready = recovery(Readiness.READY)
    require_acceptable(ready, accept_loss=False)
    assert unproven(ready, blocks("looked", "would-skip", "would-run")) is None


@pytest.mark.parametrize("verdict", ["failed", "cannot-know"])
def test_a_look_that_proves_nothing_counts_until_something_would_have_been_made(
    verdict: Verdict,
) -> None:
    ready = recovery(Readiness.READY)
    failure = unproven(ready, blocks("looked", verdict))
    assert failure is not None
    assert failure.why == "block1: because"
    assert unproven(ready, blocks("looked", "by-hand", verdict)) is None
