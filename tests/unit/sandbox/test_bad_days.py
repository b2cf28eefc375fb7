"""The sandbox's server on bad days: killed, hung, forgotten, raced for."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import psutil
import pytest

from bookstore_ops.errors import EnvironmentMissing, OperationFailed
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.record import SERVER_FILE, ServerRecord, read_record, write_record
from bookstore_ops.workspace import Workspace

_REPOSITORY = Path(__file__).resolve().parents[3]

_ENSURE = """
import sys
from pathlib import Path
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
print(lifecycle.ensure(workspace, progress=print).instance)
"""


def ensure_elsewhere(workspace: Workspace) -> subprocess.Popen[str]:
    """Another bsops that wants the sandbox."""
    return subprocess.Popen(
        [sys.executable, "-c", _ENSURE, str(workspace.root)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
    )


def eventually(condition: Callable[[], object], *, within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def servers_of(workspace: Workspace) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE:
            line = process.info["cmdline"] or []
            if "bookstore_ops.sandbox.server" in line and str(workspace.sandbox) in line:
                found.append(process.pid)
    return found


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def record_of(workspace: Workspace) -> ServerRecord:
    record = read_record(workspace.sandbox)
    assert record is not None
    return record


def test_a_killed_server_is_replaced_and_reported_lost(workspace: Workspace) -> None:
    first = lifecycle.ensure(workspace)
    kill(first.pid)
    second = lifecycle.ensure(workspace)
    assert second.fresh
    assert str(first.pid) in (second.lost or "")


def test_what_depended_on_a_killed_server_goes_with_it(workspace: Workspace) -> None:
    kill(lifecycle.ensure(workspace).pid)
    stale = workspace.make_data_directory("sandbox", "tree") / "terraform.tfstate"
    stale.write_text("{}")
    lifecycle.ensure(workspace)
    assert not stale.exists()


def test_a_loss_is_reported_once(workspace: Workspace) -> None:
    kill(lifecycle.ensure(workspace).pid)
    lifecycle.ensure(workspace)
    assert lifecycle.ensure(workspace).lost is None


def test_a_hung_server_is_killed_and_replaced(workspace: Workspace) -> None:
    first = lifecycle.ensure(workspace)
    os.kill(first.pid, signal.SIGSTOP)
    second = lifecycle.ensure(workspace)
    assert "did not answer" in (second.lost or "")
    assert servers_of(workspace) == [second.pid]


def test_a_hung_server_can_be_stopped(workspace: Workspace) -> None:
    os.kill(lifecycle.ensure(workspace).pid, signal.SIGSTOP)
    assert lifecycle.stop(workspace)
    assert servers_of(workspace) == []


def test_a_recycled_pid_is_left_alone(workspace: Workspace) -> None:
    kill(lifecycle.ensure(workspace).pid)
    with subprocess.Popen(["sleep", "60"]) as innocent:
        stale = msgspec.structs.replace(record_of(workspace), pid=innocent.pid)
        write_record(workspace.sandbox, stale)
        lifecycle.ensure(workspace)
        assert innocent.poll() is None
        innocent.kill()


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"instance": "somebody else"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_stranger_on_the_recorded_port_is_not_taken_for_the_sandbox(
    workspace: Workspace,
) -> None:
    with HTTPServer(("127.0.0.1", 0), _Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        workspace.make_data_directory("sandbox")
        port = stranger.server_address[1]
        write_record(
            workspace.sandbox, ServerRecord("ours", os.getpid(), 0.0, port, "5.2.5", "before")
        )
        server = lifecycle.ensure(workspace)
        stranger.shutdown()
    assert server.port != port


def test_an_unreadable_record_is_replaced(workspace: Workspace) -> None:
    workspace.make_data_directory("sandbox")
    (workspace.sandbox / SERVER_FILE).write_text("{ half a rec")
    assert lifecycle.ensure(workspace).fresh


def test_two_at_once_get_one_server(workspace: Workspace) -> None:
    with ThreadPoolExecutor() as pool:
        outputs = list(
            pool.map(lambda _: ensure_elsewhere(workspace).communicate(timeout=60)[0], range(3))
        )
    assert len({output.splitlines()[-1] for output in outputs}) == 1
    assert len(servers_of(workspace)) == 1


def test_a_starter_killed_in_the_middle_leaves_no_second_server(workspace: Workspace) -> None:
    starter = ensure_elsewhere(workspace)
    assert eventually(lambda: servers_of(workspace))
    starter.kill()
    starter.communicate()
    server = lifecycle.ensure(workspace)
    assert eventually(lambda: servers_of(workspace) == [server.pid])


def test_a_server_that_dies_at_start_shows_the_end_of_its_log(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "werkzeug"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('this werkzeug is broken')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    with pytest.raises(OperationFailed) as caught:
        lifecycle.ensure(workspace)
    assert "this werkzeug is broken" in (caught.value.why or "")


def test_another_moto_is_refused_with_the_way_to_the_right_one(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "moto-9.9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: moto\nVersion: 9.9.9\n")
    monkeypatch.setenv("PYTHONPATH", str(other.parent))
    with pytest.raises(EnvironmentMissing, match=r"9\.9\.9") as caught:
        lifecycle.ensure(workspace)
    assert caught.value.next_step == "pip install 'bookstore-ops[sandbox]'"


def test_a_server_whose_workspace_is_removed_ends_by_itself(workspace: Workspace) -> None:
    lifecycle.ensure(workspace)
    shutil.rmtree(workspace.data)
    assert eventually(lambda: not servers_of(workspace))


def test_the_server_listens_on_the_loopback_interface_only(workspace: Workspace) -> None:
    server = lifecycle.ensure(workspace)
    listening = {
        connection.laddr[0]
        for connection in psutil.Process(server.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_the_server_outlives_the_command_that_started_it(workspace: Workspace) -> None:
    output, _ = ensure_elsewhere(workspace).communicate(timeout=60)
    assert lifecycle.ensure(workspace).instance == output.splitlines()[-1]


def test_interrupting_the_starter_does_not_reach_the_server(workspace: Workspace) -> None:
    server = lifecycle.ensure(workspace)
    assert os.getsid(server.pid) == server.pid
