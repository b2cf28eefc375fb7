"""What bsops does to the process it runs in is undone after each test."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Each test begins with the signal handlers of the test run."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    earlier = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in earlier.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the caller's shell decides what bsops does."""
    for name in list(os.environ):
        if name.startswith(("BSOPS_", "TF_", "AWS_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """The URL of a fake AWS; its account is 123456789012."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def logged_in(aws_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that the fake AWS takes; it is reached by way of the AWS configuration file."""
    config = tmp_path / "aws-config"
    config.write_text(f"[default]\nendpoint_url = {aws_server}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fake")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
