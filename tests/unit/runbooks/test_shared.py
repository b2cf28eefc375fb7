"""Runs in the state bucket: two machines, one run, one leader."""

import os
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed, StateLocked
from bookstore_ops.journal import process_started, who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.runbooks.leaders import Sign, judge
from bookstore_ops.runbooks.records import Closed, Spawned, Taken
from bookstore_ops.runbooks.shared import SharedFiles, SharedRuns
from bookstore_ops.states.objects import SharedObject
from bookstore_ops.terraform.backends import S3Backend
from tests.unit.runbooks.test_standing import AT, begun, ended, started

KEY = "bookstore/dev/terraform.tfstate"
BUCKET = "state"
NOW = datetime.now(UTC)


def taken(name: str, pid: int = 999_999) -> Taken:
    return Taken(time=AT, who=name, pid=pid, pid_started=1.0)


@pytest.fixture
def bucket() -> Iterator[SharedRuns]:
    from moto import mock_aws

    environ = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "PATH": os.environ["PATH"],
    }
    with mock_aws():
        backend = S3Backend(BUCKET, KEY, "eu-west-1", None, environ)
        place: Any = {"LocationConstraint": "eu-west-1"}
        backend.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield SharedRuns(backend)


class Machines:
    """Machines that share one run."""

    def __init__(self, tmp_path: Path, bucket: SharedRuns) -> None:
        self._home = tmp_path
        self._bucket = bucket

    def __call__(self, name: str) -> SharedFiles:
        directory = self._home / name / "run-1"
        directory.mkdir(parents=True, exist_ok=True)
        return SharedFiles(directory, self._bucket)


@pytest.fixture
def on(tmp_path: Path, bucket: SharedRuns) -> Machines:
    return Machines(tmp_path, bucket)


def test_what_one_machine_writes_another_reads(on: Machines, bucket: SharedRuns) -> None:
    ann = on("ann")
    ann.keep_page("the page")
    output = ann.keep_output("0002-a.txt", "printed")
    for event in (begun(), taken("ann@one"), ended("a", "done", output=output)):
        ann.append(event)
    bob = on("bob")
    bob.fetch()
    assert bob.events() == ann.events()
    assert (bob.kept_page(), bob.output(output)) == ("the page", "printed")
    assert (bob.directory / output).stat().st_mode & 0o777 == 0o600
    assert bucket.names() == ["run-1"]


def test_of_two_that_lead_one_fails_with_its_next_event(on: Machines) -> None:
    ann, bob = on("ann"), on("bob")
    ann.append(begun())
    bob.fetch()
    bob.append(taken("bob@two"))
    with pytest.raises(StateLocked, match="taken over by bob@two"):
        ann.append(started("a"))
    # And with every other: it has read who leads, and still writes nothing over it.
    with pytest.raises(StateLocked):
        ann.append(Closed(time=AT, ending="failed"))
    bob.append(started("b"))
    assert [type(event).__name__ for event in ann.events()] == ["Begun"]


def test_a_second_run_of_the_same_name_is_none(on: Machines) -> None:
    on("ann").append(begun())
    with pytest.raises(StateLocked):
        on("bob").append(replace(begun(), runbook="other"))


def test_an_answer_that_was_lost_is_no_other_leader(
    on: Machines, bucket: SharedRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = on("ann")
    write = bucket.write

    def twice(events: SharedObject, content: bytes) -> bool:
        write(copy(events), content)
        return write(events, content)

    monkeypatch.setattr(bucket, "write", twice)
    ann.append(begun())
    ann.append(taken("ann@one"))
    assert len(ann.events()) == 2


def test_what_happened_while_the_bucket_was_away_is_kept_and_brought_there_later(
    on: Machines, bucket: SharedRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = on("ann")
    for event in (begun(), taken("ann@one"), started("a")):
        ann.append(event)

    def away(*_: object) -> bool:
        raise OperationFailed("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bucket, "write", away)
        with pytest.raises(OperationFailed):
            ann.append(ended("a", "done"))
        # What has not begun yet is not written: it did not happen.
        with pytest.raises(OperationFailed):
            ann.append(started("b"))
    assert ann.events()[-1] == ended("a", "done")
    again = on("ann")
    again.fetch()
    again.append(Closed(time=AT, ending="stopped"))
    bob = on("bob")
    bob.fetch()
    assert bob.events()[-2:] == [ended("a", "done"), Closed(time=AT, ending="stopped")]


def test_what_only_a_lost_leader_wrote_is_kept_apart(on: Machines) -> None:
    ann, bob = on("ann"), on("bob")
    ann.append(begun())
    bob.fetch()
    super(SharedFiles, ann).append(ended("a", "done"))
    bob.append(taken("bob@two"))
    ann.fetch()
    assert ann.events() == bob.events()
    assert b'"ended"' in (ann.directory / "events-apart.jsonl").read_bytes()


def test_a_process_of_one_machine_goes_to_the_bucket_with_the_next_event(on: Machines) -> None:
    ann = on("ann")
    ann.append(begun())
    ann.append(Spawned(time=AT, pid=1, pid_started=1.0))
    bob = on("bob")
    bob.fetch()
    assert len(bob.events()) == 1
    ann.append(ended("a", "done"))
    bob.fetch()
    assert len(bob.events()) == 3


def test_a_living_leader_is_not_taken_over_and_a_dead_one_is(on: Machines) -> None:
    ann, bob = on("ann"), on("bob")
    ann.append(begun())
    pid = os.getpid()
    lives = replace(taken(who(), pid), pid_started=process_started(pid) or 0.0)
    ann.append(lives)
    with pytest.raises(StateLocked, match=f"led by .*pid {pid}"), bob.lead():
        pass
    ann.append(replace(lives, pid_started=1.0))
    with bob.lead():
        bob.append(taken("bob@two"))


def test_who_closed_a_run_leads_it_no_more(on: Machines) -> None:
    ann, bob = on("ann"), on("bob")
    for event in (begun(), taken("ann@elsewhere"), Closed(time=AT, ending="failed")):
        ann.append(event)
    with bob.lead():
        pass


def test_a_name_of_a_file_leads_nowhere_else(on: Machines) -> None:
    (on("bob").directory.parent / "secret").write_text("s")
    assert on("bob").output("../secret") == ""


@pytest.mark.parametrize(
    ("leader", "started", "age", "life"),
    [
        ("ann@here", 1.0, 0, Liveness.ALIVE),
        ("ann@here", 1.0, 999, Liveness.ALIVE),
        ("ann@here", None, 1, Liveness.DEAD),
        ("ann@here", 7.0, 1, Liveness.DEAD),
        ("ann@there", None, 1, Liveness.ALIVE),
        ("ann@there", 1.0, 999, Liveness.UNKNOWN),
        ("ann@there", None, 101, Liveness.UNKNOWN),
    ],
)
def test_whether_a_leader_lives(
    leader: str, started: float | None, age: float, life: Liveness
) -> None:
    seen = NOW - timedelta(seconds=age)
    assert judge(taken(leader), "bob@here", started, seen, NOW)[0] is life


def test_of_a_name_that_any_machine_has_no_process_says_nothing() -> None:
    verdict = judge(taken("ann@localhost"), "bob@localhost", None, NOW, NOW)
    assert verdict[0] is Liveness.UNKNOWN


def test_a_sign_counts_for_who_left_it(on: Machines, bucket: SharedRuns) -> None:
    ann = on("ann")
    ann.append(begun())
    ann.append(taken("ann@elsewhere"))
    bucket.write_sign("run-1", Sign(who="bob@two", pid=1, pid_started=1.0))
    assert bucket.life("run-1")[0] is Liveness.ALIVE  # her own event is fresh
    found = bucket.read_sign("run-1")
    assert found
    assert not found[0].is_of(taken("ann@elsewhere"))
