"""What a process in the sandbox knows: no credentials of the operator, no way out."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bookstore_ops.environments import Environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.process import process_environment
from bookstore_ops.workspace import Workspace

_SENTINEL = "SENTINELKEY"
_CALL = "import boto3; boto3.client('sts'{}).get_caller_identity()"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's home with real-looking credentials, and more in the environment."""
    (tmp_path / ".aws").mkdir()
    credentials = f"[default]\naws_access_key_id={_SENTINEL}FILE\naws_secret_access_key=x\n"
    (tmp_path / ".aws" / "credentials").write_text(credentials)
    (tmp_path / ".aws" / "config").write_text("[default]\nregion=ap-south-1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"{_SENTINEL}ENV")
    monkeypatch.setenv("AWS_SESSION_TOKEN", f"{_SENTINEL}TOKEN")
    return tmp_path


class _Recorder(HTTPServer):
    seen: list[str]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Recorder)
        self.server.seen.append(str(self.headers))
        self.send_response(400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def recorder() -> Iterator[_Recorder]:
    """A server that keeps the headers of what it is asked."""
    with _Recorder(("127.0.0.1", 0), _Handler) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def in_the_sandbox(variables: dict[str, str], code: str) -> "subprocess.CompletedProcess[str]":
    """Run Python as Terraform is run: without inherited AWS variables, with the sandbox's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_only_the_sandboxs_own_key_is_sent(
    home: Path, recorder: _Recorder, environment: Environment
) -> None:
    port = recorder.server_address[1]
    server = Server("i", 1, port, f"http://127.0.0.1:{port}", "now")
    in_the_sandbox(process_environment(server, environment), _CALL.format(""))
    assert recorder.seen
    assert all("Credential=BSOPS111111111111AAA/" in headers for headers in recorder.seen)
    assert not any(_SENTINEL in headers for headers in recorder.seen)


def test_the_operators_region_is_not_used(
    home: Path, recorder: _Recorder, environment: Environment
) -> None:
    port = recorder.server_address[1]
    server = Server("i", 1, port, f"http://127.0.0.1:{port}", "now")
    in_the_sandbox(process_environment(server, environment), _CALL.format(""))
    assert all("/eu-west-1/" in headers for headers in recorder.seen)


def test_a_real_endpoint_cannot_be_reached(workspace: Workspace, environment: Environment) -> None:
    variables = process_environment(lifecycle.ensure(workspace), environment)
    real = ", endpoint_url='https://sts.eu-west-1.amazonaws.com'"
    run = in_the_sandbox(variables, _CALL.format(real))
    assert run.returncode != 0
    assert "403" in run.stderr
    refused = [entry["operation"] for entry in lifecycle.status(workspace).missing]
    assert refused == ["outside:sts.eu-west-1.amazonaws.com:443"]


def test_the_sandbox_itself_is_reached(workspace: Workspace, environment: Environment) -> None:
    variables = process_environment(lifecycle.ensure(workspace), environment)
    assert in_the_sandbox(variables, _CALL.format("")).returncode == 0


def test_a_process_that_is_not_confined_keeps_its_own_proxies(environment: Environment) -> None:
    server = Server("i", 1, 1, "http://127.0.0.1:1", "now")
    assert "HTTPS_PROXY" not in process_environment(server, environment, confined=False)
