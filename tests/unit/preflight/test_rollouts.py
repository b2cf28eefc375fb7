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
from bookstore_ops.releases.model import Holder, Ledger, Release, Service, stamp
from bookstore_ops.releases.model import Phase as Steps
from tests.unit.flags.world import rollout
from tests.unit.preflight.support import NOW, Ground
from tests.unit.preflight.test_aws import Client, denied, in_aws
from tests.unit.releases.world import release

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
    s3 = Client(answer or {"Body": body, "ETag": "e", "LastModified": NOW})
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


def look_at_releases(well: Ground, *releases: Release, answer: Any = None) -> Outcome:
    """What the check finds of these."""
    ledger = Ledger(services={each.service: Service(current=each) for each in releases})
    body = BytesIO(msgspec.json.encode(ledger))
    s3 = Client(answer or {"Body": body, "ETag": "e", "LastModified": NOW})
    return in_aws(well, clients={"s3": s3}, backend=BACKEND).at("BS902")


def test_a_release_that_is_over_or_driven_is_well(well: Ground) -> None:
    own = who().rpartition("@")[2]
    driven = release(phase=Steps.BAKING, holder=holder(own, NOW))
    over = release("rolling", phase=Steps.ENDED, outcome="done")
    assert look_at_releases(well, answer=denied("NoSuchKey")).what == "releases under way: none"
    assert look_at_releases(well, driven, over).what == "releases under way: 1"


def test_a_release_that_was_killed_is_told_with_the_way_on(well: Ground) -> None:
    dead = holder(who().rpartition("@")[2], NOW, pid=2**22 + 1)
    killed = release(phase=Steps.BAKING, weight=25, holder=dead)
    waits = release("rolling", phase=Steps.CONTRACTING, paused="the contract task failed")
    found = look_at_releases(well, killed, waits)
    assert (found.status, found.what, found.why, found.next_step) == (
        Status.WARNING,
        "the release of catalog was left half-way: baking, blue 75 %, green 25 %",
        f"{dead.who} drove it, and is dead; also: inventory",
        "bsops release resume dev catalog   (or: bsops release abort dev catalog)",
    )
    assert found.details[1] == "inventory: it waits for a person: the contract task failed"
    past_turning = look_at_releases(well, waits)
    assert past_turning.next_step == "bsops release resume dev inventory"


@pytest.mark.parametrize("look_at", [look, look_at_releases])
def test_a_ledger_that_cannot_be_read_is_unknown(well: Ground, look_at: Any) -> None:
    assert look_at(well, answer=denied()).status is Status.UNKNOWN


@pytest.mark.parametrize("code", ["BS901", "BS902"])
def test_before_there_is_a_bucket_there_is_nothing_to_look_at(well: Ground, code: str) -> None:
    assert in_aws(well, clients={}).at(code).status is Status.SKIPPED
