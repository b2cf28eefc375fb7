"""Shared runs: one machine leads, another sees it live, and takes over what was killed.

The other machine is a workspace of its own, with a home and a journal of its own, whose sandbox
is the first one's: the same bucket.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.test_runbook_runs import directory, is_gone, kill, outcomes, report, write_page
from tests.e2e.workspaces import Bench, Running, make_bench, wait_until
from tests.unit.runbooks.support import step

SECRET = "s3cr3t-value"
FRONT = "parameters:\n  word: {description: It., secret: true, default: null}\n"


@dataclass
class Two:
    """Two machines; ``files`` is where blocks leave their traces for the test."""

    ann: Bench
    bob: Bench
    files: Path


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    ann = make_bench(tmp_path_factory.mktemp("ann"))
    ann.environ["FILES"] = str(tmp_path_factory.mktemp("files"))
    assert ann.run("sandbox", "start").code == 0
    bob = Bench(tmp_path_factory.mktemp("bob") / "workspace", dict(ann.environ))
    shutil.copytree(ann.root, bob.root, ignore=shutil.ignore_patterns(".bsops"))
    (bob.root / ".bsops").mkdir()
    (bob.root / ".bsops/sandbox").symlink_to(ann.root / ".bsops/sandbox")
    # Whoever looks first makes the bucket.
    assert bob.run("runbook", "history", "dev", "--sandbox").code == 0
    yield Two(ann, bob, Path(ann.environ["FILES"]))
    lifecycle.stop(ann.workspace)


def lay(two: Two, name: str, body: str, front: str = "") -> None:
    """The same page on both machines."""
    for bench in (two.ann, two.bob):
        write_page(bench, name, body, front)


def begin(two: Two, name: str, mark: str, *more: str) -> tuple[Running, str]:
    """A shared run of Ann's under way, whose step has made the file ``mark``."""
    words = ("runbook", "run", name, "dev", "--sandbox", "--yes", "--shared", *more)
    running = two.ann.start(*words)
    wait_until(lambda: (two.files / mark).exists() or running.process.poll() is not None)
    assert running.process.poll() is None, running.process.communicate()
    (run,) = (path.name for path in (two.ann.root / ".bsops/runbooks").glob(f"*-{name}-dev-*"))
    return running, run


def test_what_was_killed_on_one_machine_goes_on_on_another(two: Two) -> None:
    body = (
        step("bash {name=first reads capture=kept}", 'echo x >> "$FILES/k1"; echo value\n')
        + step("bash {name=secret reads capture=api_token}", 'echo "tok-$word"\n')
        + step("bash {name=slow reads}", 'echo $$ > "$FILES/k2"; [ -e "$FILES/k3" ] || sleep 300\n')
        + step("bash {name=last reads}", 'echo "<$kept ${#word} ${#api_token}>"\n')
    )
    lay(two, "killed", body, FRONT)
    running, run = begin(two, "killed", "k2", "--param", f"word={SECRET}")
    bob = two.bob
    lives = bob.run("runbook", "resume", run, "--sandbox", "--yes", "--param", "word=x")
    assert (lives.code, f"pid {running.process.pid}" in lives.said) == (4, True)
    assert f"bsops runbook watch {run}" in lives.said
    kill(running)
    wait_until(lambda: is_gone(int((two.files / "k2").read_text())), 20)
    past = bob.run("runbook", "history", "dev", "--sandbox", "--json").json["runs"]
    assert [(each["run"], each["state"]) for each in past] == [(run, "killed")]
    (two.files / "k3").touch()
    again = ("runbook", "resume", run, "--sandbox", "--yes")
    assert "the parameter word is missing" in bob.run(*again).said
    done = bob.run(*again, "--param", f"word={SECRET}")
    assert done.code == 0, done.err
    assert f"<value {len(SECRET)} {len(SECRET) + 4}>" in done.err
    assert (two.files / "k1").read_text() == "x\n"
    assert outcomes(bob, run) == [
        ("first", "done"),
        ("secret", "done"),
        ("slow", "failed"),
        ("secret", "done"),
        ("slow", "done"),
        ("last", "done"),
    ]
    # Ann, back again, is told of all that; and there is nothing to go on with.
    assert report(two.ann, run)["ending"] == "done"
    kept = [path.read_bytes() for path in directory(bob, run).rglob("*") if path.is_file()]
    s3, stored = bob.aws("s3"), "bookstore-dev-tfstate-111111111111"
    objects = s3.list_object_versions(Bucket=stored, Prefix="bookstore/dev/")["Versions"]
    for each in objects:
        body_of = s3.get_object(Bucket=stored, Key=each["Key"], VersionId=each["VersionId"])
        kept.append(body_of["Body"].read())
    assert len(kept) > len(objects) > 10
    assert [content for content in kept if SECRET.encode() in content] == []


def test_it_is_watched_live_to_its_end(two: Two) -> None:
    lay(
        two,
        "live",
        step("bash {name=quick reads}", "echo out of it\n")
        + step(
            "bash {name=slow reads}",
            'touch "$FILES/w1"; until [ -e "$FILES/w2" ]; do sleep .1; done\n',
        ),
    )
    running, run = begin(two, "live", "w1")
    watching = two.bob.start("runbook", "watch", run, "--sandbox", "--json")
    assert watching.process.stdout is not None
    lines = []
    for line in watching.process.stdout:
        lines.append(json.loads(line))
        if lines[-1]["event"] == "started" and lines[-1]["block"] == "slow":
            # It is seen while it runs.
            assert running.process.poll() is None
            (two.files / "w2").touch()
    assert watching.finish().code == 0
    assert running.finish().code == 0
    assert {line["schema"] for line in lines} == {"bsops.runbook.event/1"}
    assert [line["event"] for line in lines if line["event"] != "spawned"] == [
        *("begun", "taken", "started", "ended", "started", "ended", "closed"),
    ]
    assert next(line for line in lines if line["event"] == "ended")["text"] == "out of it"
    # Once more, of a run that is over, for people.
    told = two.bob.run("runbook", "watch", run, "--sandbox")
    assert (told.code, "│ out of it" in told.out) == (0, True)


def test_a_run_that_its_leader_left_behind_is_no_more_waited_for(two: Two) -> None:
    lay(two, "left", step("bash {name=slow reads}", 'touch "$FILES/f1"; sleep 300\n'))
    running, run = begin(two, "left", "f1")
    kill(running)
    done = two.bob.run("runbook", "watch", run, "--sandbox", timeout=60)
    assert (done.code, f"next: bsops runbook resume {run}" in done.said) == (1, True)


def test_who_lost_a_run_runs_nothing_more(two: Two) -> None:
    body = step(
        "bash {name=slow reads}", 'touch "$FILES/t1"; until [ -e "$FILES/t2" ]; do sleep .1; done\n'
    )
    lay(two, "taken", body + step("bash {name=next reads}", 'touch "$FILES/t3"\n'))
    running, run = begin(two, "taken", "t1")
    key = f"bookstore/dev/terraform.tfstate.runbooks/{run}/events.jsonl"
    s3, bucket = two.bob.aws("s3"), "bookstore-dev-tfstate-111111111111"
    events = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    theirs = {"event": "taken", "time": "2026-11-26T12:00:00.000+00:00", "who": "bob@elsewhere"}
    line = json.dumps({**theirs, "pid": 1, "pid_started": 1.0})
    s3.put_object(Bucket=bucket, Key=key, Body=events + line.encode() + b"\n")
    (two.files / "t2").touch()
    done = running.finish()
    assert (done.code, "was taken over by bob@elsewhere" in done.said) == (4, True)
    assert not (two.files / "t3").exists()


def test_a_bucket_that_takes_nothing_keeps_anything_from_running(two: Two) -> None:
    lay(two, "refused", step("bash {name=a reads}", 'touch "$FILES/r1"\n'))
    s3, bucket = two.ann.aws("s3"), "bookstore-dev-tfstate-111111111111"
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    document = {
        "Version": "2012-10-17",
        "Statement": [{**policy, "Resource": f"arn:aws:s3:::{bucket}/*"}],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    try:
        done = two.ann.run("runbook", "run", "refused", "dev", "--sandbox", "--yes", "--shared")
    finally:
        s3.delete_bucket_policy(Bucket=bucket)
    assert (done.code, "the run cannot be shared: cannot write" in done.said) == (1, True)
    assert "bsops runbook run refused dev --no-shared --sandbox" in done.said
    assert not (two.files / "r1").exists()


def test_a_protected_environment_shares_its_runs_unless_told_otherwise(two: Two) -> None:
    lay(two, "prod-page", step("bash {name=a reads}"))
    words = ("runbook", "run", "prod-page", "prod", "--sandbox", "--yes", "--json")
    for more, shared in (((), True), (("--no-shared",), False)):
        done = two.ann.run(*words, *more)
        assert done.code == 0, done.err
        assert json.loads(done.out.splitlines()[0])["shared"] is shared
    past = two.bob.run("runbook", "history", "prod", "--sandbox", "--json").json["runs"]
    assert [each["state"] for each in past] == ["done"]
