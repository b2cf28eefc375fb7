"""A state that is there has a copy, and not an old one."""

from datetime import timedelta

import pytest

from bookstore_ops.bootstrap.backend_file import BACKEND_FILE, Backend, render
from bookstore_ops.journal import Journal
from bookstore_ops.preflight.check import Status
from bookstore_ops.states.backups import BackupStore
from bookstore_ops.terraform.state import StateSummary
from tests.unit.preflight.support import NOW, Ground

BACKEND = render(
    Backend("b", "dev/terraform.tfstate", "eu-west-1", "111111111111", True, None), "dev"
)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The time that copies and runs are written with: the last of these."""
    told = [NOW.isoformat(timespec="seconds")]
    for module in ("bookstore_ops.states.backups", "bookstore_ops.journal"):
        monkeypatch.setattr(f"{module}.now", lambda: told[-1])
    return told


def _copy(well: Ground) -> None:
    directory = well.context.workspace.make_data_directory("backups", "state", "dev")
    BackupStore(directory, "dev").save(b"{}", StateSummary(serial=7), command="state backup")


def _run(well: Ground, command: str, *, sandbox: bool = False, name: str = "dev") -> None:
    journal = Journal(well.context.workspace.journal)
    journal.start("r", command, [], name, sandbox=sandbox)


def _days_ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="seconds")


def test_before_there_is_a_state_none_is_needed(well: Ground) -> None:
    assert well.at("BS607").status is Status.SKIPPED
    (well.context.root / "terraform.tfstate").write_text("")
    assert well.at("BS607").status is Status.SKIPPED


@pytest.mark.parametrize(("name", "text"), [("terraform.tfstate", "{}"), (BACKEND_FILE, BACKEND)])
def test_a_state_without_one_is_a_warning(well: Ground, name: str, text: str) -> None:
    (well.context.root / name).write_text(text)
    found = well.at("BS607")
    assert (found.status, found.next_step) == (Status.WARNING, "bsops state backup dev")
    assert well.at("BS607", sandbox=True).status is Status.SKIPPED


def test_one_that_is_old_is_a_warning_once_something_was_applied(
    well: Ground, times: list[str]
) -> None:
    times.append(_days_ago(8))
    _copy(well)
    found = well.at("BS607")
    assert (found.status, found.what) == (
        Status.OK,
        "the last copy of the state is of 2026-11-18, serial 7",
    )
    times.append(_days_ago(7))
    _run(well, "plan")
    _run(well, "apply", sandbox=True)
    _run(well, "apply", name="prod")
    assert well.at("BS607").status is Status.OK
    _run(well, "apply")
    found = well.at("BS607")
    assert (found.status, found.why, found.next_step) == (
        Status.WARNING,
        "1 run may have changed the state since",
        "bsops state backup dev",
    )


def test_one_of_this_week_is_not_old(well: Ground, times: list[str]) -> None:
    times.append(_days_ago(6))
    _copy(well)
    times.append(_days_ago(1))
    _run(well, "destroy")
    assert well.at("BS607").status is Status.OK


def test_the_newest_counts(well: Ground, times: list[str]) -> None:
    times.append(_days_ago(30))
    _copy(well)
    times.append(_days_ago(10))
    _run(well, "apply")
    times.append(_days_ago(9))
    _copy(well)
    assert well.at("BS607").status is Status.OK
    later = well.probing(now=lambda: NOW + timedelta(days=365))
    assert well.at("BS607", probes=later).status is Status.OK


def test_a_journal_that_cannot_be_read_is_unknown(well: Ground, times: list[str]) -> None:
    times.append(_days_ago(8))
    _copy(well)
    well.context.workspace.journal.mkdir()
    assert well.at("BS607").status is Status.UNKNOWN
