"""The signal contract, held against real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.terraform.process import Exit, run

CHILD = Path(__file__).with_name("child.py")
PARENT = Path(__file__).with_name("parent.py")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def nothing() -> None:
    """No tick is of interest."""


@dataclass
class Follower:
    """Runs a program in ``directory`` and remembers what was told on the way."""

    directory: Path
    lines: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def run(
        self,
        *command: str,
        on_line: Callable[[str], None] = lambda _: None,
        on_tick: Callable[[], None] = nothing,
        environ: Mapping[str, str] | None = None,
    ) -> Exit:
        def hear(line: bytes) -> None:
            self.lines.append(line.decode())
            on_line(line.decode())

        return run(
            command,
            cwd=self.directory,
            environ={"PATH": os.environ["PATH"]} if environ is None else environ,
            output=self.directory / "output",
            errors=self.directory / "errors",
            on_line=hear,
            on_tick=on_tick,
            notice=self.notices.append,
        )

    def run_child(
        self, *signals: int, apart: float = 0.6, enough: int = 1, seconds: float = 0.3
    ) -> Exit:
        """Run the child; once it is ready, send ourselves ``signals``, so many seconds apart."""
        due: list[tuple[float, int]] = []

        def begin(line: str) -> None:
            if line == "ready":
                start = time.monotonic()
                due.extend((start + apart * n, number) for n, number in enumerate(signals))

        def send() -> None:
            while due and due[0][0] <= time.monotonic():
                os.kill(os.getpid(), due.pop(0)[1])

        return self.run(
            sys.executable,
            str(CHILD),
            str(self.directory / "log"),
            str(enough),
            str(seconds),
            on_line=begin,
            on_tick=send,
        )

    @property
    def child_log(self) -> list[str]:
        return read_log(self.directory)


def read_log(directory: Path) -> list[str]:
    log = directory / "log"
    return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def follower(tmp_path: Path) -> Follower:
    return Follower(tmp_path)


class TestOutput:
    def test_every_whole_line_is_handed_on_without_its_newline(self, follower: Follower) -> None:
        assert follower.run("sh", "-c", "echo one; echo; echo two").code == 0
        assert follower.lines == ["one", "", "two"]

    def test_a_last_line_without_a_newline_is_handed_on_too(self, follower: Follower) -> None:
        follower.run("sh", "-c", "echo whole; printf 'panic: torn'")
        assert follower.lines == ["whole", "panic: torn"]

    def test_a_line_written_in_pieces_arrives_as_one(self, follower: Follower) -> None:
        follower.run("sh", "-c", "printf one; sleep 0.3; echo ' and the rest'")
        assert follower.lines == ["one and the rest"]

    def test_lines_arrive_while_the_program_still_runs(self, follower: Follower) -> None:
        heard: list[float] = []
        follower.run(
            "sh", "-c", "echo early; sleep 1", on_line=lambda _: heard.append(time.monotonic())
        )
        assert time.monotonic() - heard[0] > 0.5

    def test_a_burst_of_megabytes_arrives_whole_and_in_order(self, follower: Follower) -> None:
        script = "for n in range(40000): print(n, 'x' * 60)"
        follower.run(sys.executable, "-c", script)
        assert [int(line.split()[0]) for line in follower.lines] == list(range(40000))

    def test_one_line_of_megabytes_arrives_whole(self, follower: Follower) -> None:
        follower.run(sys.executable, "-c", "print('x' * 3_000_000)")
        assert [len(line) for line in follower.lines] == [3_000_000]

    def test_standard_error_goes_to_a_file_of_its_own(self, follower: Follower) -> None:
        follower.run("sh", "-c", "echo out; echo err >&2")
        assert (follower.directory / "errors").read_text() == "err\n"

    def test_the_files_can_be_read_by_their_owner_only(self, follower: Follower) -> None:
        follower.run("true")
        modes = {
            (follower.directory / name).stat().st_mode & 0o777 for name in ("output", "errors")
        }
        assert modes == {0o600}

    def test_ticks_come_about_ten_times_a_second(self, follower: Follower) -> None:
        ticks: list[None] = []
        follower.run("sleep", "1", on_tick=lambda: ticks.append(None))
        assert 5 <= len(ticks) <= 30


class TestStarting:
    def test_the_exit_status_is_the_programs_own(self, follower: Follower) -> None:
        assert follower.run("sh", "-c", "exit 3") == Exit(3)

    def test_the_program_gets_the_environment_given_and_no_other(self, follower: Follower) -> None:
        follower.run("/usr/bin/env", environ={"ONLY": "this"})
        assert follower.lines == ["ONLY=this"]

    def test_the_program_cannot_read_the_operators_input(self, follower: Follower) -> None:
        follower.run("sh", "-c", "read -r answer || echo no input")
        assert follower.lines == ["no input"]

    def test_the_program_runs_in_a_session_of_its_own(self, follower: Follower) -> None:
        follower.run(sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())")
        assert follower.lines == ["True"]

    def test_a_missing_program_is_named_with_the_command_that_helps(
        self, follower: Follower
    ) -> None:
        with pytest.raises(EnvironmentMissing, match="cannot start /no/terraform") as raised:
            follower.run("/no/terraform")
        assert raised.value.next_step is not None
        assert "bsops version" in raised.value.next_step

    def test_a_directory_that_cannot_take_the_events_is_the_operators_next_step(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(EnvironmentMissing, match="cannot write"):
            Follower(tmp_path / "missing").run("true")

    def test_nothing_is_left_behind_when_the_program_has_ended(self, follower: Follower) -> None:
        before = psutil.Process().children()
        follower.run("true")
        assert psutil.Process().children() == before

    def test_nothing_is_left_behind_when_the_program_is_missing(self, follower: Follower) -> None:
        before = psutil.Process().children()
        with pytest.raises(EnvironmentMissing):
            follower.run("/no/terraform")
        assert psutil.Process().children() == before

    def test_earlier_signal_handlers_are_back_afterwards(self, follower: Follower) -> None:
        before = [signal.getsignal(number) for number in (*SIGNALS, signal.SIGCHLD)]
        follower.run("true")
        assert [signal.getsignal(number) for number in (*SIGNALS, signal.SIGCHLD)] == before


class Interrupting(Mapping[str, str]):
    """An environment that has the signal sent at the moment it is read."""

    def __getitem__(self, name: str) -> str:
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        os.kill(os.getpid(), signal.SIGINT)
        return iter(["PATH"])

    def __len__(self) -> int:
        return 1


class TestFirstSignal:
    @pytest.mark.parametrize("number", SIGNALS, ids=lambda number: signal.Signals(number).name)
    def test_is_one_sigint_to_the_program_and_then_patience(
        self, follower: Follower, number: signal.Signals
    ) -> None:
        ended = follower.run_child(number)
        assert ended == Exit(1, number)
        assert follower.child_log == ["SIGINT", "ended"]
        assert follower.lines == ["ready", "stopped"]

    def test_says_what_is_waited_for(self, follower: Follower) -> None:
        follower.run_child(signal.SIGTERM)
        (notice,) = follower.notices
        assert notice.startswith("SIGTERM: Terraform was asked to stop. Waiting for")

    @pytest.mark.parametrize(
        "second", [signal.SIGINT, signal.SIGTERM], ids=["same signal", "another signal"]
    )
    def test_delivered_twice_at_once_is_one_request(
        self, follower: Follower, second: signal.Signals
    ) -> None:
        ended = follower.run_child(signal.SIGINT, second, apart=0.2, seconds=1)
        assert ended == Exit(1, signal.SIGINT)
        assert follower.child_log == ["SIGINT", "ended"]
        assert len(follower.notices) == 1

    def test_that_comes_while_the_program_is_being_started_stops_it(
        self, follower: Follower
    ) -> None:
        began = time.monotonic()
        ended = follower.run("sleep", "20", environ=Interrupting())
        assert ended.signal_number == signal.SIGINT
        assert time.monotonic() - began < 5

    def test_is_kept_when_the_program_ended_well_all_the_same(self, follower: Follower) -> None:
        ended = follower.run(
            "sh",
            "-c",
            "trap '' INT; echo ready; sleep 0.3",
            on_line=lambda _: os.kill(os.getpid(), signal.SIGTERM),
        )
        assert ended == Exit(0, signal.SIGTERM)

    def test_sighup_stays_ignored_under_nohup(self, follower: Follower) -> None:
        earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            ended = follower.run(
                "sh",
                "-c",
                "echo ready; sleep 0.3",
                on_line=lambda _: os.kill(os.getpid(), signal.SIGHUP),
            )
        finally:
            signal.signal(signal.SIGHUP, earlier)
        assert ended == Exit(0)


class TestSecondSignal:
    def test_only_warns_of_what_a_hard_stop_would_cost(self, follower: Follower) -> None:
        ended = follower.run_child(signal.SIGINT, signal.SIGINT, seconds=1)
        assert ended == Exit(1, signal.SIGINT)
        assert follower.child_log == ["SIGINT", "ended"]
        assert "may leave the state locked" in follower.notices[1]


class TestThirdSignal:
    def test_interrupts_the_program_once_more(self, follower: Follower) -> None:
        ended = follower.run_child(*[signal.SIGINT] * 3, enough=2)
        assert ended == Exit(1, signal.SIGINT, hard_stopped=True)
        assert follower.child_log == ["SIGINT", "SIGINT", "ended"]
        assert follower.notices[2] == "SIGINT: stopping hard. State may be lost."

    def test_kills_a_program_that_ignores_it_after_a_grace(self, follower: Follower) -> None:
        ended = follower.run_child(*[signal.SIGTERM] * 3, enough=99)
        assert ended == Exit(-signal.SIGKILL, signal.SIGTERM, hard_stopped=True)
        assert follower.child_log == ["SIGINT", "SIGINT"]

    def test_is_the_last_that_counts(self, follower: Follower) -> None:
        ended = follower.run_child(*[signal.SIGINT] * 4, enough=2, seconds=1)
        assert ended.hard_stopped
        assert follower.child_log == ["SIGINT", "SIGINT", "ended"]


class TestFailureOfBsopsItself:
    def test_stops_the_program_gracefully_before_it_is_reported(self, follower: Follower) -> None:
        def fail(line: str) -> None:
            raise ZeroDivisionError(line)

        with pytest.raises(ZeroDivisionError, match="ready"):
            follower.run(
                sys.executable,
                str(CHILD),
                str(follower.directory / "log"),
                "1",
                "0.2",
                on_line=fail,
            )
        assert follower.child_log == ["SIGINT", "ended"]

    def test_sends_no_second_interrupt_to_a_program_that_is_stopping(
        self, follower: Follower
    ) -> None:
        def interrupt_then_fail(line: str) -> None:
            if line == "stopping":
                raise ZeroDivisionError
            os.kill(os.getpid(), signal.SIGINT)

        script = "trap 'echo INT >> log; echo stopping' INT; echo ready; sleep 0.5; sleep 0.5; true"
        with pytest.raises(ZeroDivisionError):
            follower.run("sh", "-c", script, on_line=interrupt_then_fail)
        assert follower.child_log == ["INT"]


@dataclass
class Parent:
    """A process that follows the child, to be killed."""

    directory: Path
    process: subprocess.Popen[str]

    def child_ended(self, *, within: float = 10) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if "ended" in read_log(self.directory):
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def start_parent(tmp_path: Path) -> Iterator[Callable[[str], Parent]]:
    """Starts a parent, and waits until its child is ready."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: str) -> Parent:
        process = subprocess.Popen(
            [sys.executable, str(PARENT), str(tmp_path), "1", seconds],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return Parent(tmp_path, process)

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


class TestDeathOfBsops:
    def test_by_sigkill_is_one_interrupt_to_the_program(
        self, start_parent: Callable[[str], Parent]
    ) -> None:
        parent = start_parent("0.5")
        parent.process.kill()
        assert parent.child_ended()
        assert read_log(parent.directory) == ["SIGINT", "ended"]

    def test_by_sigkill_after_sigterm_sends_no_second_interrupt(
        self, start_parent: Callable[[str], Parent]
    ) -> None:
        parent = start_parent("1.5")
        parent.process.terminate()
        time.sleep(0.5)
        parent.process.kill()
        assert parent.child_ended()
        assert read_log(parent.directory) == ["SIGINT", "ended"]

    def test_by_sigkill_of_its_whole_session_does_not_reach_the_program(
        self, start_parent: Callable[[str], Parent]
    ) -> None:
        parent = start_parent("0.5")
        os.killpg(parent.process.pid, signal.SIGKILL)
        assert parent.child_ended()
        assert read_log(parent.directory) == ["SIGINT", "ended"]

    def test_ctrl_c_to_its_whole_group_is_one_interrupt(
        self, start_parent: Callable[[str], Parent]
    ) -> None:
        parent = start_parent("0.3")
        os.killpg(parent.process.pid, signal.SIGINT)
        parent.process.wait(10)
        assert read_log(parent.directory) == ["SIGINT", "ended"]
        assert (parent.directory / "exit").read_text() == "1 2"

    def test_of_the_reader_of_its_output_does_not_disturb_the_program(
        self, start_parent: Callable[[str], Parent]
    ) -> None:
        parent = start_parent("0.2")
        assert parent.process.stdout is not None
        parent.process.stdout.close()
        time.sleep(0.3)
        assert read_log(parent.directory) == []
        parent.process.terminate()
        parent.process.wait(10)
        assert (parent.directory / "exit").read_text() == "1 15"
