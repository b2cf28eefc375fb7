"""A signal to bsops reaches Terraform once, and loses nothing."""

import os
import signal
import subprocess
import time

import psutil
import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import BSOPS, Bench, Running, wait_until

CHAIN = 14
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


def start_apply(bench: Bench, after: int = 3) -> Running:
    """Start an apply of a long chain, and wait until some of it is done."""
    bench.write_chain(CHAIN)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    running = bench.start("apply", "dev", "--sandbox", "--yes")
    running.wait_for_event("apply", "apply_complete", after)
    return running


@pytest.mark.parametrize("group", [False, True], ids=["alone", "group"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_during_apply_stops_it_with_state_saved_and_lock_freed(
    bench: Bench, number: signal.Signals, group: bool
) -> None:
    running = start_apply(bench)
    running.signal(number, group=group)
    done = running.finish()
    assert done.code == 128 + number, done.err
    assert f"{number.name}: Terraform was asked to stop" in done.err
    assert 3 <= len(bench.parameters()) < CHAIN
    bench.assert_nothing_lost()


@pytest.mark.parametrize("group", [False, True], ids=["alone", "group"])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_during_plan_leaves_no_plan_and_no_lock(
    bench: Bench, number: signal.Signals, group: bool
) -> None:
    running = bench.start("plan", "dev", "--sandbox", "--no-details")
    running.wait_for_event("plan", "version")
    running.signal(number, group=group)
    done = running.finish()
    assert done.code == 128 + number, done.err
    assert not list((bench.root / ".bsops/sandbox/plans/dev").glob("*"))
    assert bench.terraform_pids() == []
    bench.assert_nothing_lost()


def test_a_signal_while_the_plan_is_read_back_applies_nothing(bench: Bench) -> None:
    running = bench.start("apply", "dev", "--sandbox", "--yes")
    wait_until(lambda: list((bench.root / ".bsops/runs").glob("*/*-show.stderr")))
    running.signal(signal.SIGTERM)
    done = running.finish()
    assert done.code == 143, done.err
    assert bench.parameters() == set()
    assert bench.events("apply") == []


def test_the_ledger_of_an_interrupted_apply_is_true_and_the_next_completes_it(
    bench: Bench,
) -> None:
    running = start_apply(bench)
    running.signal(signal.SIGTERM)
    done = running.finish()
    # A creation that was cut off may have reached the state, tainted, or not.
    in_doubt = bench.cancelled()
    tainted = in_doubt & bench.state_names()
    applied = len(bench.state_names() - in_doubt)
    assert f"{applied} applied, 0 failed" in done.err
    assert f"{CHAIN - applied - len(in_doubt)} not started" in done.err
    assert done.err.count("tainted: the next apply replaces it") == len(tainted)
    assert done.err.count("it is not in the state") == len(in_doubt - tainted)
    assert "bsops plan dev --sandbox" in done.err
    for name in bench.parameters() - bench.state_names():
        # Its request was cancelled in flight: the ledger says so, and the operator clears it up.
        assert "it is not in the state: if AWS made it, import it" in done.err
        bench.aws("ssm").delete_parameter(Name=name)
    assert bench.apply().code == 0
    assert len(bench.parameters()) == CHAIN
    bench.assert_nothing_lost()


def test_a_second_signal_warns_and_still_loses_nothing(bench: Bench) -> None:
    running = start_apply(bench)
    running.signal(signal.SIGINT)
    time.sleep(0.6)
    if running.process.poll() is None:
        running.signal(signal.SIGINT)
    done = running.finish()
    assert done.code == 130
    bench.assert_nothing_lost()


def test_a_signal_delivered_twice_at_once_is_one_request(bench: Bench) -> None:
    running = start_apply(bench)
    running.signal(signal.SIGINT)
    running.signal(signal.SIGINT, group=True)
    done = running.finish()
    assert "again" not in done.err
    bench.assert_nothing_lost()


def test_a_third_signal_stops_hard_and_names_the_lock_that_is_left(bench: Bench) -> None:
    running = start_apply(bench)
    server = psutil.Process(lifecycle.ensure(bench.workspace).pid)
    server.suspend()  # AWS does not answer: neither can the state be saved nor the lock be freed
    try:
        for _ in range(3):
            running.signal(signal.SIGINT)
            time.sleep(0.8)
        wait_until(lambda: bench.terraform_pids() == [], seconds=30)
    finally:
        server.resume()
    done = running.finish()
    assert done.code == 130
    assert "SIGINT again: still waiting" in done.err
    assert "SIGINT: stopping hard" in done.err
    assert "HELD" in done.err
    assert "bsops unlock dev --sandbox" in done.err
    assert bench.terraform_pids() == []


def test_bsops_killed_during_apply_leaves_a_terraform_that_stops_by_itself(bench: Bench) -> None:
    running = start_apply(bench)
    running.signal(signal.SIGKILL)
    running.process.communicate()
    runs = bench.run("history", "--json").json["runs"]
    assert [run["outcome"] for run in runs] == ["done", "killed"]
    wait_until(lambda: bench.terraform_pids() == [], seconds=30)
    assert len(bench.parameters()) < CHAIN
    bench.assert_nothing_lost()


def test_ci_that_terminates_and_then_kills_bsops_interrupts_terraform_once(bench: Bench) -> None:
    running = start_apply(bench)
    running.signal(signal.SIGTERM)
    time.sleep(0.2)
    running.signal(signal.SIGKILL)
    running.process.communicate()
    wait_until(lambda: bench.terraform_pids() == [], seconds=30)
    bench.assert_nothing_lost()


def test_an_apply_whose_reader_goes_away_runs_to_its_proper_end(bench: Bench) -> None:
    bench.write_chain(6)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    done = subprocess.run(
        ["sh", "-c", '"$0" apply dev --sandbox --yes 2>&1 | head -1', str(BSOPS)],
        cwd=bench.root,
        env=bench.env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert len(done.stdout.splitlines()) == 1
    wait_until(lambda: ended(bench, "apply"), seconds=60)
    assert len(bench.parameters()) == 6
    assert done.stderr == ""
    bench.assert_nothing_lost()


def test_an_apply_on_a_terminal_that_is_closed_stops_gracefully(bench: Bench) -> None:
    import pexpect

    bench.write_chain(CHAIN)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    child = pexpect.spawn(
        str(BSOPS),
        ["apply", "dev", "--sandbox", "--yes"],
        cwd=str(bench.root),
        env=bench.env({"TERM": "xterm"}),
        encoding="utf-8",
    )
    wait_until(lambda: sum(e.get("type") == "apply_complete" for e in bench.events("apply")) >= 3)
    os.close(child.fileno())
    wait_until(lambda: ended(bench, "apply"), seconds=60)
    runs = bench.run("history", "--json").json["runs"]
    assert runs[-1]["exit_code"] == 129
    bench.assert_nothing_lost()


def ended(bench: Bench, command: str) -> bool:
    """Whether the journal has the end of the last run of a command."""
    runs = bench.run("history", "--json").json["runs"]
    return any(run["command"] == command and "exit_code" in run for run in runs)
