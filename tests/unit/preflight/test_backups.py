"""Backups that are too old, and restores that were left half-way."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.model import Found, Kind, Standing, Store, Verdict
from bookstore_ops.backups.tasks import Task, Tasks
from bookstore_ops.errors import CredentialsError
from bookstore_ops.preflight.check import Outcome, Status
from bookstore_ops.preflight.context import Aws, Kept
from bookstore_ops.releases.model import Holder, stamp
from bookstore_ops.releases.store import this_holder
from tests.unit.preflight.support import NOW, ground, once


def standing(name: str, verdict: Verdict, why: str = "") -> Standing:
    """A store that stands so."""
    kind = Kind(name)
    store = Store(kind=kind, name=name, id="bookstore-dev", region="eu-west-1")
    return Standing(
        store=store, region="eu-west-1", found=Found(), verdict=verdict, at=NOW, why=why
    )


def task(**changes: Any) -> Task:
    """A verification that began an hour ago on another machine, and was never heard of again."""
    known: dict[str, Any] = {
        "id": "1",
        "kind": "verify",
        "store": "rds",
        "asked": "latest as its own name",
        "made_of": Source(backup="snap"),
        "target": "bookstore-dev-verify-1",
        "region": "eu-west-1",
        "started": stamp(NOW - timedelta(hours=1)),
        "by": "alice@elsewhere",
        "holder": Holder(
            run="r",
            who="alice@elsewhere",
            pid=1,
            pid_started=0.0,
            seen=stamp(NOW - timedelta(hours=1)),
        ),
    }
    return Task(**(known | changes))


def found(
    tmp_path: Path, code: str, standings: list[Standing] | None = None, *tasks: Task
) -> Outcome:
    """What a check finds."""
    kept = Kept(once(standings), once(Tasks(tasks=list(tasks))))
    return ground(tmp_path).at(code, aws=Aws(None, None, once({}), kept=kept))


def test_stores_that_are_well_are_well(tmp_path: Path) -> None:
    well = [standing("rds", Verdict.MET), standing("images", Verdict.NONE)]
    assert found(tmp_path, "BS751", well).status is Status.OK


def test_a_store_that_would_lose_too_much_is_a_warning_with_a_command(tmp_path: Path) -> None:
    outcome = found(
        tmp_path,
        "BS751",
        [
            standing("rds", Verdict.MET),
            standing("redis", Verdict.MISSED, "the newest is too old"),
            standing("opensearch", Verdict.UNKNOWN, "nobody tells"),
        ],
    )
    assert outcome.status is Status.WARNING
    assert outcome.what == "redis would lose more than backups.toml allows"
    assert outcome.next_step == "bsops backup list dev"
    assert outcome.details == ("redis: the newest is too old", "opensearch: nobody tells")


def test_a_store_that_cannot_be_asked_is_unknown(tmp_path: Path) -> None:
    outcome = found(tmp_path, "BS751", [standing("opensearch", Verdict.UNKNOWN, "nobody tells")])
    assert outcome.status is Status.UNKNOWN


@pytest.mark.parametrize(("code", "expected"), [("BS751", "skipped"), ("BS752", "ok")])
def test_without_a_state_there_is_nothing_to_look_at(
    tmp_path: Path, code: str, expected: str
) -> None:
    assert found(tmp_path, code, None).status == expected


def test_a_verification_that_was_left_is_told_with_what_removes_it(tmp_path: Path) -> None:
    outcome = found(tmp_path, "BS752", [], task())
    assert outcome.status is Status.WARNING
    assert "a verify of rds was left half-way" in outcome.what
    assert "bookstore-dev-verify-1 may be there" in str(outcome.why)
    assert outcome.next_step == "bsops backup verify dev rds   (removes it first)"


def test_a_restore_that_was_left_is_told_with_what_goes_on(tmp_path: Path) -> None:
    left = task(kind="restore", options=["--from", "snap"], holder=None)
    outcome = found(tmp_path, "BS752", [], left, task())
    assert outcome.next_step == "bsops backup restore dev rds --from snap   (goes on)"
    assert "and 1 more" in outcome.what


@pytest.mark.parametrize(
    "fine", [{"phase": "ended", "outcome": "done", "holder": None}, {"holder": this_holder("r")}]
)
def test_one_that_is_over_or_under_way_is_well(tmp_path: Path, fine: dict[str, Any]) -> None:
    assert found(tmp_path, "BS752", [], task(**fine)).status is Status.OK


@pytest.mark.parametrize("code", ["BS751", "BS752"])
def test_without_credentials_nothing_is_known(tmp_path: Path, code: str) -> None:
    aws = Aws(None, None, once(CredentialsError("none")))
    assert ground(tmp_path).at(code, aws=aws).status is Status.UNKNOWN
