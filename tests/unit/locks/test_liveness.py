"""Whether a lock's holder lives: what proves it, what does not, and what nobody can tell."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.journal import Ended, Entry, Started
from bookstore_ops.locks.liveness import (
    Liveness,
    Machine,
    TerraformProcess,
    Verdict,
    judge,
    local_holder,
    this_machine,
)
from bookstore_ops.locks.lock import Lock, LockKind
from bookstore_ops.locks.signs import Sign

CREATED = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
AT = CREATED.timestamp()


def a_lock(**more: Any) -> Lock:
    values = {
        "kind": LockKind.S3,
        "place": "s3://bucket/key.tflock",
        "id": "1b1c",
        "who": "ann@laptop",
        "created": "2026-11-22T12:00:00Z",
    }
    return Lock(**{**values, **more})


def a_machine(
    *processes: TerraformProcess, who: str = "ann@laptop", booted: float = AT - 9999
) -> Machine:
    return Machine(who, booted, processes)


def a_run(*, alive: bool = False, ended: str | None = None, **more: Any) -> Entry:
    values: dict[str, Any] = {
        "run": "run-1",
        "time": (CREATED - timedelta(seconds=20)).isoformat(),
        "user": "ann",
        "host": "laptop",
        "pid": 77,
        "pid_started": AT - 20,
        "command": "apply",
        "arguments": [],
        "environment": "dev",
        "sandbox": False,
    }
    end = None
    if ended:
        time = (CREATED + timedelta(seconds=60)).isoformat()
        end = Ended(run="run-1", time=time, outcome=ended, exit_code=1, elapsed_seconds=80)  # type: ignore[arg-type]
    return Entry(Started(**{**values, **more}), end, alive=alive)


def a_sign(*, seconds_ago: float, **more: Any) -> Sign:
    values: dict[str, Any] = {
        "lock_ids": ["1b1c"],
        "run": "run-1",
        "who": "bob@elsewhere",
        "pid": 5,
        "command": "apply",
        "seen": (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(),
    }
    return Sign(**{**values, **more})


def process(*, here: bool | None = True, started: float = AT - 1) -> TerraformProcess:
    return TerraformProcess(99, started, here)


class TestOnThisMachine:
    def test_a_run_of_the_journal_that_goes_on_is_alive(self) -> None:
        verdict = judge(a_lock(), a_machine(), [a_run(alive=True)], None)
        assert (verdict.liveness, verdict.pid, verdict.mine) == (Liveness.ALIVE, 77, True)

    def test_a_killed_bsops_whose_terraform_still_stops_is_alive(self) -> None:
        verdict = judge(a_lock(), a_machine(process()), [a_run()], None)
        assert (verdict.liveness, verdict.pid) == (Liveness.ALIVE, 99)
        assert "its bsops was killed" in verdict.reason

    def test_a_killed_run_without_a_process_is_dead(self) -> None:
        verdict = judge(a_lock(), a_machine(), [a_run()], None)
        assert verdict.liveness is Liveness.DEAD
        assert verdict.reason == "bsops apply (pid 77) was killed"

    def test_a_run_that_ended_and_left_its_lock_is_dead(self) -> None:
        verdict = judge(a_lock(), a_machine(), [a_run(ended="interrupted")], None)
        assert verdict.liveness is Liveness.DEAD
        assert "ended (interrupted)" in verdict.reason

    def test_a_runbook_under_way_holds_no_lock_itself(self) -> None:
        runs = [a_run(), a_run(alive=True, run="run-2", command="runbook run", pid=78)]
        verdict = judge(a_lock(), a_machine(), runs, None)
        assert verdict.liveness is Liveness.DEAD
        assert verdict.reason == "bsops apply (pid 77) was killed"

    def test_a_run_that_ended_before_the_lock_was_taken_is_not_its_holder(self) -> None:
        late = a_lock(created="2026-11-22T12:05:00Z")
        verdict = judge(late, a_machine(), [a_run(ended="done")], None)
        assert verdict.run is None

    def test_a_terraform_without_bsops_is_alive(self) -> None:
        verdict = judge(a_lock(), a_machine(process()), [], None)
        assert (verdict.liveness, verdict.pid) == (Liveness.ALIVE, 99)

    def test_a_terraform_younger_than_the_lock_cannot_hold_it(self) -> None:
        verdict = judge(a_lock(), a_machine(process(started=AT + 60)), [], None)
        assert verdict.liveness is Liveness.DEAD

    def test_a_terraform_on_another_state_does_not_count(self) -> None:
        verdict = judge(a_lock(), a_machine(process(here=False)), [], None)
        assert verdict.liveness is Liveness.DEAD

    def test_a_terraform_that_cannot_be_looked_into_leaves_it_open(self) -> None:
        verdict = judge(a_lock(), a_machine(process(here=None)), [], None)
        assert verdict.liveness is Liveness.UNKNOWN

    def test_a_restart_since_then_ended_the_holder(self) -> None:
        verdict = judge(a_lock(), a_machine(booted=AT + 5), [], None)
        assert verdict.liveness is Liveness.DEAD
        assert "restarted" in verdict.reason

    @pytest.mark.parametrize("host", ["localhost", "runner"])
    def test_a_name_that_any_machine_has_proves_nothing(self, host: str) -> None:
        verdict = judge(a_lock(who=f"ann@{host}"), a_machine(who=f"ann@{host}"), [], None)
        assert verdict.liveness is Liveness.UNKNOWN

    def test_a_lock_of_a_colleague_here_is_not_mine(self) -> None:
        assert not judge(a_lock(who="bob@laptop"), a_machine(), [], None).mine


class TestOnAnotherMachine:
    def judged(self, sign: Sign | None, **lock: Any) -> Verdict:
        return judge(a_lock(who="bob@elsewhere", **lock), a_machine(), [a_run(alive=True)], sign)

    def test_a_fresh_sign_of_life_proves_it(self) -> None:
        verdict = self.judged(a_sign(seconds_ago=5, ci="https://ci.example/7"))
        assert verdict.liveness is Liveness.ALIVE
        assert verdict.ci == "https://ci.example/7"

    def test_an_old_one_proves_nothing(self) -> None:
        verdict = self.judged(a_sign(seconds_ago=900))
        assert verdict.liveness is Liveness.UNKNOWN
        assert "last seen 15m ago" in verdict.reason

    def test_a_sign_for_another_lock_is_not_its_holders(self) -> None:
        verdict = self.judged(a_sign(seconds_ago=5, lock_ids=["other"]))
        assert (verdict.liveness, verdict.sign) == (Liveness.UNKNOWN, None)

    @pytest.mark.parametrize("created", ["2026-11-22T12:00:00Z", "2020-01-01T00:00:00Z"])
    def test_age_alone_proves_nothing(self, created: str) -> None:
        assert self.judged(None, created=created).liveness is Liveness.UNKNOWN

    def test_a_lock_that_cannot_be_read_says_nothing(self) -> None:
        verdict = judge(a_lock(id="", who="", problem="it is empty"), a_machine(), [], None)
        assert verdict.liveness is Liveness.UNKNOWN


class TestLocalLocks:
    @pytest.mark.parametrize(
        ("holder", "liveness"),
        [(41, Liveness.ALIVE), (0, Liveness.DEAD), (None, Liveness.UNKNOWN)],
    )
    def test_the_kernel_knows_who_holds_the_file(
        self, holder: int | None, liveness: Liveness
    ) -> None:
        lock = a_lock(kind=LockKind.LOCAL, place="x", who="bob@elsewhere")
        assert judge(lock, a_machine(), [], None, lambda _: holder).liveness is liveness

    @pytest.fixture
    def held(self, tmp_path: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
        """A state file that another process holds, as Terraform would."""
        state = tmp_path / "terraform.tfstate"
        state.write_text("{}")
        script = (
            "import fcntl, sys\n"
            f"handle = open({str(state)!r}, 'r+')\n"
            "fcntl.lockf(handle, fcntl.LOCK_EX)\n"
            "print('held', flush=True)\n"
            "sys.stdin.read()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            yield tmp_path / ".terraform.tfstate.lock.info", child
            child.kill()

    def test_its_holder_is_found_and_with_its_end_gone(
        self, held: "tuple[Path, subprocess.Popen[str]]"
    ) -> None:
        lock_file, child = held
        assert local_holder(lock_file) == child.pid
        child.kill()
        child.wait()
        assert local_holder(lock_file) == 0

    def test_without_a_state_file_nobody_holds_it(self, tmp_path: Path) -> None:
        assert local_holder(tmp_path / ".terraform.tfstate.lock.info") == 0


def test_this_machine_sees_a_real_terraform_and_where_it_works(tmp_path: Path) -> None:
    (tmp_path / "x.tf").write_text("")
    with subprocess.Popen(
        ["terraform", "console"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as child:
        machine = this_machine(lambda directory: directory == tmp_path)
        assert (child.pid, True) in [(each.pid, each.here) for each in machine.processes]
        child.kill()
