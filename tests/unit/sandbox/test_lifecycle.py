"""The sandbox's server on good days: started on demand, found again, stopped."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from bookstore_ops.errors import EnvironmentMissing, Refused
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.health import HEALTH, ask
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.record import SERVER_FILE, read_record
from bookstore_ops.workspace import Workspace
from tests.unit.sandbox.conftest import make_workspace


@dataclass(frozen=True)
class Running:
    """A workspace whose server runs, and what was told while it started."""

    workspace: Workspace
    server: Server
    told: list[str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that only look."""
    made = make_workspace(tmp_path_factory.mktemp("running") / "workspace")
    told: list[str] = []
    yield Running(made, lifecycle.ensure(made, progress=told.append), told)
    lifecycle.stop(made)


def test_the_first_call_starts_a_server_that_answers(running: Running) -> None:
    server = running.server
    health = ask(server.port, HEALTH, timeout=5)
    assert health is not None
    assert (health["instance"], health["pid"]) == (server.instance, server.pid)


def test_the_first_call_says_that_the_server_is_fresh(running: Running) -> None:
    assert (running.server.fresh, running.server.lost) == (True, None)


def test_the_second_call_finds_the_same_server(running: Running) -> None:
    second = lifecycle.ensure(running.workspace)
    assert (second.instance, second.fresh, second.lost) == (running.server.instance, False, None)


def test_finding_the_server_takes_a_few_milliseconds(running: Running) -> None:
    took = []
    for _ in range(5):
        start = time.perf_counter()
        lifecycle.ensure(running.workspace)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.015


def test_what_it_waits_for_is_told(running: Running) -> None:
    assert running.told == ["starting the sandbox server"]


def test_only_the_owner_can_read_the_record(running: Running) -> None:
    assert (running.workspace.sandbox / SERVER_FILE).stat().st_mode & 0o777 == 0o600


def test_a_port_asked_for_is_used(workspace: Workspace, other_workspace: Workspace) -> None:
    free = lifecycle.ensure(other_workspace).port
    lifecycle.stop(other_workspace)
    assert lifecycle.ensure(workspace, port=free).port == free


def test_a_port_that_is_taken_is_named_with_its_holder(
    workspace: Workspace, running: Running
) -> None:
    holder = running.server
    with pytest.raises(EnvironmentMissing) as caught:
        lifecycle.ensure(workspace, port=holder.port)
    assert str(holder.port) in caught.value.what
    assert str(holder.pid) in (caught.value.why or "")


def test_a_running_server_does_not_change_its_port(running: Running) -> None:
    with pytest.raises(Refused, match=str(running.server.port)):
        lifecycle.ensure(running.workspace, port=running.server.port + 1)


def test_two_workspaces_have_two_servers_and_stopping_one_leaves_the_other(
    workspace: Workspace, running: Running
) -> None:
    one, two = lifecycle.ensure(workspace), running.server
    assert one.instance != two.instance
    assert one.port != two.port
    lifecycle.stop(workspace)
    assert lifecycle.ensure(running.workspace).instance == two.instance


def test_stopping_ends_the_server_and_its_record_and_it_is_not_reported_lost(
    workspace: Workspace,
) -> None:
    server = lifecycle.ensure(workspace)
    assert lifecycle.stop(workspace)
    assert ask(server.port, HEALTH, timeout=1) is None
    assert read_record(workspace.sandbox) is None
    assert lifecycle.ensure(workspace).lost is None


def test_stopping_says_when_there_was_nothing_to_stop(workspace: Workspace) -> None:
    assert not lifecycle.stop(workspace)


def test_resetting_starts_another_server_and_forgets_what_depended_on_the_old_one(
    workspace: Workspace,
) -> None:
    first = lifecycle.ensure(workspace)
    plan = workspace.make_data_directory("sandbox", "plans") / "dev.tfplan"
    plan.write_text("a plan")
    second = lifecycle.reset(workspace)
    assert (second.instance != first.instance, second.fresh, second.lost) == (True, True, None)
    assert not plan.exists()


def test_status_of_no_server_starts_none(workspace: Workspace) -> None:
    status = lifecycle.status(workspace)
    assert (status.running, status.pid) == (False, None)
    assert read_record(workspace.sandbox) is None


def test_status_of_a_server_tells_its_memory(running: Running) -> None:
    server = running.server
    status = lifecycle.status(running.workspace)
    assert (status.running, status.pid, status.url) == (True, server.pid, server.url)
    assert (status.memory or 0) > 10_000_000


def test_status_lists_what_the_sandbox_replaces_and_why(workspace: Workspace) -> None:
    listed = lifecycle.status(workspace).substitutions
    assert listed
    assert all(entry.what and entry.why for entry in listed)


def test_the_server_sees_no_credentials_of_the_operator(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sentinel-secret")
    monkeypatch.setenv("AWS_PROFILE", "sentinel-profile")
    server = lifecycle.ensure(workspace)
    seen = psutil.Process(server.pid).environ()
    assert not [name for name, value in seen.items() if "sentinel" in value]


def test_a_bare_sandbox_stays_bare_until_it_is_stopped(workspace: Workspace) -> None:
    first = lifecycle.ensure(workspace, bare=True)
    assert (first.bare, lifecycle.ensure(workspace).bare) == (True, True)
    psutil.Process(first.pid).kill()
    assert lifecycle.ensure(workspace).bare
    assert lifecycle.status(workspace).bare
    lifecycle.stop(workspace)
    assert not lifecycle.ensure(workspace).bare


def test_an_ordinary_sandbox_does_not_turn_bare(workspace: Workspace) -> None:
    lifecycle.ensure(workspace)
    with pytest.raises(Refused, match="it is not bare") as raised:
        lifecycle.ensure(workspace, bare=True)
    assert "reset --bare" in str(raised.value.next_step)
    assert lifecycle.reset(workspace, bare=True).bare
