"""The journal: who did what, how it ended, and nothing secret."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.journal import Ended, Entry, Journal, mask_arguments, new_run_id, now, who


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def journal(path: Path) -> Journal:
    return Journal(path)


def start(journal: Journal, run: str = "run-1", environment: str = "dev") -> None:
    journal.start(run, "plan", ["plan", environment], environment, sandbox=False)


def end(journal: Journal, run: str = "run-1", **more: Any) -> None:
    values = {"run": run, "time": now(), "outcome": "done", "exit_code": 0, "elapsed_seconds": 1.5}
    journal.end(msgspec.convert(values | more, Ended))


def only(journal: Journal) -> Entry:
    (entry,) = journal.entries()
    return entry


def rewrite(path: Path, **changes: Any) -> None:
    """Change fields of the journal's first line."""
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(json.dumps(json.loads(first) | changes) + "\n" + "".join(rest))


def test_there_are_no_runs_before_the_first(journal: Journal) -> None:
    assert journal.entries() == []


def test_the_steps_of_a_run_are_kept_though_it_never_ended(journal: Journal) -> None:
    start(journal)
    start(journal, "run-2")
    journal.step("run-1", "woken")
    journal.step("run-2", "shifted")
    journal.step("run-1", "healthy")
    end(journal, "run-2")
    steps = {e.started.run: [step.what for step in e.steps] for e in journal.entries()}
    assert steps == {"run-1": ["woken", "healthy"], "run-2": ["shifted"]}
    assert journal.damaged() == 0


def test_a_run_that_began_and_ended_is_one_entry(journal: Journal) -> None:
    start(journal)
    end(journal, counts={"create": 3}, serial=7, account_id="111111111111")
    entry = only(journal)
    assert (entry.started.command, entry.started.environment) == ("plan", "dev")
    assert entry.ended is not None
    assert (entry.outcome, entry.ended.counts, entry.ended.serial) == ("done", {"create": 3}, 7)


@pytest.mark.parametrize("outcome", ["done", "failed", "refused", "interrupted"])
def test_the_outcome_is_how_it_ended(journal: Journal, outcome: str) -> None:
    start(journal)
    end(journal, outcome=outcome)
    assert only(journal).outcome == outcome


def test_a_run_says_who_and_where(journal: Journal) -> None:
    start(journal)
    started = only(journal).started
    assert f"{started.user}@{started.host}" == who()
    assert started.pid == os.getpid()


def test_a_run_of_a_process_that_lives_is_running(journal: Journal) -> None:
    start(journal)
    assert only(journal).outcome == "running"


def test_a_run_of_a_process_that_is_gone_was_killed(journal: Journal, path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from bookstore_ops.journal import Journal\n"
        "Journal(Path(sys.argv[1])).start('run-1', 'apply', [], 'dev', sandbox=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    assert only(journal).outcome == "killed"


def test_a_recycled_pid_does_not_bring_a_run_back_to_life(journal: Journal, path: Path) -> None:
    start(journal)
    rewrite(path, pid_started=psutil.Process().create_time() - 60)
    assert only(journal).outcome == "killed"


def test_a_run_on_another_host_cannot_be_told_alive(journal: Journal, path: Path) -> None:
    start(journal)
    rewrite(path, host="elsewhere")
    assert only(journal).outcome == "killed"


def test_entries_come_oldest_first(journal: Journal) -> None:
    for run in ("c", "a", "b"):
        start(journal, run)
    end(journal, "a")
    assert [entry.started.run for entry in journal.entries()] == ["c", "a", "b"]


def test_entries_can_be_those_of_one_environment(journal: Journal) -> None:
    start(journal, "one", "dev")
    start(journal, "two", "prod")
    assert [entry.started.run for entry in journal.entries("prod")] == ["two"]


def test_only_its_owner_can_read_it(journal: Journal, path: Path) -> None:
    start(journal)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"event":"start","run":"x"', id="torn"),
        pytest.param(b'{"event":"start","run":"x"}\n', id="incomplete"),
        pytest.param(b'{"event":"pause","run":"x"}\n', id="of a later version"),
        pytest.param(b"\xff\xfe\n", id="no text"),
        pytest.param(b"\n", id="empty"),
    ],
)
def test_a_line_that_cannot_be_read_costs_no_other(
    journal: Journal, path: Path, line: bytes
) -> None:
    start(journal, "before")
    with path.open("ab") as file:
        file.write(line)
    start(journal, "after")
    end(journal, "after")
    found = journal.entries()
    assert [entry.started.run for entry in found] == ["before", "after"]
    assert found[1].outcome == "done"


def test_an_end_without_a_beginning_is_no_entry(journal: Journal) -> None:
    end(journal, "lost")
    assert journal.entries() == []


def test_many_processes_can_write_at_once(journal: Journal, path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bookstore_ops.journal import Journal\n"
        "for n in range(50): Journal(Path(sys.argv[1])).start(\n"
        "    f'{sys.argv[2]}-{n}', 'plan', ['x' * 5000], 'dev', sandbox=True)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path), str(n)]) for n in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(journal.entries()) == 150


def test_a_journal_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(EnvironmentMissing, match="cannot write"):
        start(Journal(tmp_path / "journal.jsonl"))


def test_a_line_that_does_not_fit_on_the_disk_stops_the_run(path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from bookstore_ops.journal import Journal\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: Journal(Path(sys.argv[1])).start('run', 'plan', [], 'dev', sandbox=True)\n"
        "except Exception as error: sys.exit(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "EnvironmentMissing"


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(EnvironmentMissing, match="cannot read"):
        Journal(tmp_path / "journal.jsonl").entries()


@pytest.mark.parametrize(
    ("arguments", "masked"),
    [
        (["plan", "dev"], ["plan", "dev"]),
        (["--var", "password=hunter2"], ["--var", "password=***"]),
        (["--var=password=hunter2"], ["--var=password=***"]),
        (["-var", "password=a=b"], ["-var", "password=***"]),
        (["-var=password=a=b"], ["-var=password=***"]),
        (["--var", "password=", "dev"], ["--var", "password=***", "dev"]),
        (["--var", "a=1", "--var", "b=2"], ["--var", "a=***", "--var", "b=***"]),
        (["--var-file", "x=y.tfvars"], ["--var-file", "x=y.tfvars"]),
        (["--var-file=secret.tfvars"], ["--var-file=secret.tfvars"]),
        (["--target", 'aws_x.y["a=b"]'], ["--target", 'aws_x.y["a=b"]']),
        (["--param", "token=hunter2"], ["--param", "token=***"]),
        (["--param=token=hunter2"], ["--param=token=***"]),
        (["--var"], ["--var"]),
        ([], []),
        (["tfvars", "new", "dev", "--set", "a.b=x"], ["tfvars", "new", "dev", "--set", "a.b=***"]),
        (
            ["tfvars", "set", "--json", "dev", "db.password", "hunter2"],
            ["tfvars", "set", "--json", "dev", "db.password", "***"],
        ),
    ],
)
def test_the_values_of_variables_are_left_out(arguments: list[str], masked: list[str]) -> None:
    assert mask_arguments(arguments) == masked


WORDS = st.sampled_from(["plan", "dev", "--json", "--target", "a.b", "--var-file", "x.tfvars"])
VALUES = st.text(alphabet="αβγδ\n\"'= -", min_size=1).map(lambda text: f"Ω{text}Ω")


@given(
    before=st.lists(WORDS),
    value=VALUES,
    joined=st.booleans(),
    option=st.sampled_from(["--var", "-var", "--set", "--param"]),
    after=st.lists(WORDS),
)
def test_no_value_after_var_ever_stays(
    before: list[str], value: str, joined: bool, option: str, after: list[str]
) -> None:
    given_as = [f"{option}=name={value}"] if joined else [option, f"name={value}"]
    masked = mask_arguments([*before, *given_as, *after])
    assert "Ω" not in "".join(masked)
    assert masked[: len(before)] == before
    assert masked[len(masked) - len(after) :] == after


def test_the_values_of_variables_never_reach_the_file(journal: Journal, path: Path) -> None:
    journal.start("run", "plan", ["plan", "--var", "password=hunter2"], "dev", sandbox=False)
    assert "hunter2" not in path.read_text()
    assert only(journal).started.arguments == ["plan", "--var", "password=***"]


def test_run_names_differ_and_say_what_they_are() -> None:
    names = {new_run_id("plan", "dev") for _ in range(5)}
    assert len(names) == 5
    assert all("-plan-dev-" in name for name in names)
