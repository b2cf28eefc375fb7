"""Rehearsals: something is broken in the sandbox, and its runbook mends it."""

import shutil

import pytest

from tests.e2e.test_locks import kill, put_lock, start_apply
from tests.e2e.workspaces import REPOSITORY, Bench


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other, and all pages."""
    shutil.copytree(REPOSITORY / "runbooks", warm_bench.root / "runbooks")
    return warm_bench


@pytest.mark.rehearses(
    "state-locked",
    broken="An apply killed; a lock of an unknown holder",
    mended="The lock is gone, a plan runs",
)
def test_state_locked_by_a_killed_apply(bench: Bench) -> None:
    kill(bench, start_apply(bench))
    assert bench.lock_is_held()
    assert bench.run("plan", "dev", "--sandbox").code == 4

    words = ("runbook", "run", "state-locked", "dev", "--sandbox", "--yes")
    foreseen = bench.run(*words, "--dry-run", "--json")
    assert foreseen.code == 0, foreseen.err
    verdicts = {each["block"]: each["verdict"] for each in foreseen.json["blocks"]}
    assert (verdicts["look"], verdicts["break"], verdicts["force"]) == (
        "looked",
        "would-run",
        "would-skip",
    )
    assert bench.lock_is_held()

    waits = bench.run(*words)
    assert (waits.code, "--allow break" in waits.said) == (1, True)
    assert bench.lock_is_held()

    done = bench.run(*words, "--allow", "break")
    assert done.code == 0, done.err
    assert not bench.lock_is_held()
    (newest,) = bench.run("runbook", "history", "--last", "1", "--json").json["runs"]
    assert newest["outcomes"] == {
        "look": "done",
        "wait": "skipped",
        "break": "done",
        "ask": "skipped",
        "force": "skipped",
        "free": "done",
        "recover": "done",
        "plan": "done",
    }
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0


def test_state_locked_by_a_holder_of_whom_nothing_is_known(bench: Bench) -> None:
    put_lock(bench)
    words = ("runbook", "run", "state-locked", "dev", "--sandbox", "--yes", "--allow", "force")
    waits = bench.run(*words, "--param", "reason=-- Ann said; `so`")
    assert waits.code == 1
    assert "ask is done by hand" in waits.said
    assert "Ask ann@elsewhere whether that run has ended" in waits.said
    assert bench.lock_is_held()
    (newest,) = bench.run("runbook", "history", "--last", "1", "--json").json["runs"]
    again = ("runbook", "resume", newest["run"], "--yes", "--allow", "force", "--from", "force")
    done = bench.run(*again)
    assert done.code == 0, done.err
    assert not bench.lock_is_held()
    assert "forced: -- Ann said; `so`" in bench.run("history", "dev").out
