"""A rollout that nobody watches is found; one that goes on is well."""

from datetime import datetime
from io import BytesIO
from typing import Any

import msgspec
import pytest

from bookstore_ops.bootstrap.backend_file import Backend
from bookstore_ops.flags.model import FlagLedger, Phase, Rollout
from bookstore_ops.journal import process_started, who
from bookstore_ops.preflight.check import Outcome, Status
from bookstore_ops.releases.model import Holder, stamp
from tests.unit.flags.world import rollout
from tests.unit.preflight.support import NOW, Ground
from tests.unit.preflight.test_aws import Client, denied, in_aws

BACKEND = Backend("b", "dev/terraform.tfstate", "eu-west-1", "111111111111", True, None)


def holder(host: str, seen: datetime, *, pid: int = 1) -> Holder:
    """A process of that machine."""
    return Holder(
        run="r", who=f"ann@{host}", pid=pid, pid_started=process_started(pid) or 0, seen=stamp(seen)
    )


def look(well: Ground, *rollouts: Rollout, answer: Any = None) -> Outcome:
    """What the check finds of these."""
    ledger = FlagLedger(rollouts={each.flag: each for each in rollouts})
    body = BytesIO(msgspec.json.encode(ledger))
    s3 = Client(answer or {"Body": body, "ETag": "e"})
    return in_aws(well, clients={"s3": s3}, backend=BACKEND).at("BS901")


def test_none_one_that_is_over_and_one_that_is_driven_are_well(well: Ground) -> None:
    own = who().rpartition("@")[2]
    driven = rollout(flag="a", phase=Phase.BAKING, holder=holder(own, NOW))
    elsewhere = rollout(flag="b", phase=Phase.BAKING, holder=holder("another", NOW))
    over = rollout(flag="c", phase=Phase.ENDED, outcome="failed")
    assert look(well, answer=denied("NoSuchKey")).what == "rollouts of flags under way: none"
    assert look(well, over).status is Status.OK
    assert look(well, driven, elsewhere, over).what == "rollouts of flags under way: 2"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"paused": "inconclusive at 5 %"}, "it waits for a person: inconclusive at 5 %"),
        ({}, "nobody drives it"),
        (
            {"holder": holder("another", datetime.fromisoformat("2026-11-26T10:00:00Z"))},
            "ann@another drove it, and is unknown",
        ),
    ],
)
def test_one_that_nobody_watches_is_a_warning(
    well: Ground, changes: dict[str, Any], why: str
) -> None:
    found = look(well, rollout(phase=Phase.BAKING, **changes))
    assert (found.status, found.what, found.why) == (
        Status.WARNING,
        "the rollout of beta is stuck at 5 %",
        why,
    )
    assert found.next_step == (
        "bsops flags resume dev catalog beta   (or: bsops flags abort dev catalog beta)"
    )


def test_a_ledger_that_cannot_be_read_is_unknown(well: Ground) -> None:
    assert look(well, answer=denied()).status is Status.UNKNOWN


def test_before_there_is_a_bucket_there_is_nothing_to_look_at(well: Ground) -> None:
    assert in_aws(well, clients={}).at("BS901").status is Status.SKIPPED
