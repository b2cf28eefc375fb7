"""What bsops does to the process it runs in is undone after each test."""

import os
import signal
from collections.abc import Iterator

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
