"""Running one block: a process group of its own, timed, stopped with all it started.

The group is stopped, too, when bsops itself is killed: a watchdog holds a pipe whose other end
goes with bsops. So a run that is resumed never meets its own block still at work.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, cast

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.runbooks.commands import Command

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_SECONDS = 0.1
_GRACE_SECONDS = 10.0
# What a process left behind may still have printed.
_DRAIN_SECONDS = 0.5
_CHUNK = 64 * 1024
# A terminal and a CI system may each deliver the same request.
_SAME_REQUEST_SECONDS = 0.5


@dataclass(frozen=True)
class Exit:
    """How a block ended. ``signal_number`` is the first signal bsops got meanwhile."""

    code: int
    seconds: float
    timed_out: bool = False
    signal_number: int | None = None


class _Stop:
    """Asks the group to end, and insists later."""

    def __init__(self, pid: int, notice: Callable[[str], None]) -> None:
        self._pid = pid
        self._notice = notice
        self._received: list[int] = []
        self._last = 0.0
        self._asked: float | None = None
        self.first: int | None = None

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """A signal to bsops."""
        self._received.append(number)

    def heed(self) -> None:
        """Hand on what was received: the first asks, a later one ends it hard."""
        while self._received:
            number = self._received.pop(0)
            now = time.monotonic()
            if self.first is not None and now - self._last < _SAME_REQUEST_SECONDS:
                continue
            self._last = now
            name = signal.Signals(number).name
            if self.first is None:
                self.first = number
                self._notice(f"{name}: the step was asked to stop; waiting for its end")
                self.send(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
            else:
                self._notice(f"{name} again: the step is ended hard")
                self.send(signal.SIGKILL)

    def ask(self) -> None:
        """End it: by request, by force once the time of grace is over."""
        now = time.monotonic()
        if self._asked is None:
            self._asked = now
            self.send(signal.SIGTERM)
        elif now - self._asked > _GRACE_SECONDS:
            self.send(signal.SIGKILL)

    def send(self, number: int) -> None:
        """A signal to the whole group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, number)


def run(
    command: Command,
    *,
    cwd: Path,
    timeout: float,
    started: Callable[[int], None],
    on_output: Callable[[bytes, bool], None],
    on_tick: Callable[[float], None],
    notice: Callable[[str], None],
) -> Exit:
    """Run a command to its end; must be called from the main thread (signals).

    ``on_output`` gets pieces of output, and whether they are of standard error; ``on_tick`` is
    called about ten times a second with the seconds since the start.

    Raises:
        EnvironmentMissing: it cannot be started.
    """
    began = time.monotonic()
    with _started(command, cwd) as child, _watchdog(child.pid):
        started(child.pid)
        stop = _Stop(child.pid, notice)
        timed_out = False
        with _listening(stop), selectors.DefaultSelector() as selector:
            _register(selector, child)
            unsent = memoryview(command.stdin)
            ended: float | None = None
            while selector.get_map() or child.poll() is None:
                for key, _ in selector.select(_TICK_SECONDS):
                    if key.data == "in":
                        unsent = _send(selector, cast("IO[bytes]", key.fileobj), unsent)
                    else:
                        _receive(selector, key, on_output)
                seconds = time.monotonic() - began
                on_tick(seconds)
                stop.heed()
                if seconds > timeout and child.poll() is None:
                    timed_out = True
                    stop.ask()
                if child.poll() is not None:
                    ended = ended or time.monotonic()
                    if time.monotonic() - ended > _DRAIN_SECONDS:
                        break
        stop.send(signal.SIGTERM)
    return Exit(child.returncode, time.monotonic() - began, timed_out, stop.first)


@contextmanager
def _started(command: Command, cwd: Path) -> "Iterator[subprocess.Popen[bytes]]":
    try:
        child = subprocess.Popen(
            command.argv,
            cwd=cwd,
            env=dict(command.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise EnvironmentMissing(
            f"cannot start {command.argv[0]}",
            why=str(error),
            next_step="bsops doctor   (is that program installed?)",
        ) from error
    try:
        yield child
    finally:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        for stream in (child.stdin, child.stdout, child.stderr):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        child.wait()


def _register(selector: selectors.BaseSelector, child: "subprocess.Popen[bytes]") -> None:
    for stream, event, data in (
        (child.stdin, selectors.EVENT_WRITE, "in"),
        (child.stdout, selectors.EVENT_READ, "out"),
        (child.stderr, selectors.EVENT_READ, "error"),
    ):
        assert stream is not None  # noqa: S101  (each is a pipe)
        os.set_blocking(stream.fileno(), False)
        selector.register(stream, event, data)


def _send(selector: selectors.BaseSelector, stream: IO[bytes], unsent: memoryview) -> memoryview:
    sent = 0
    broken = False
    try:
        sent = os.write(stream.fileno(), unsent[:_CHUNK]) if unsent else 0
    except BlockingIOError:
        return unsent
    except OSError:
        broken = True
    unsent = unsent[sent:]
    if broken or not unsent:
        selector.unregister(stream)
        with suppress(OSError):
            stream.close()
    return unsent


def _receive(
    selector: selectors.BaseSelector,
    key: selectors.SelectorKey,
    on_output: Callable[[bytes, bool], None],
) -> None:
    try:
        chunk = os.read(key.fd, _CHUNK)
    except BlockingIOError:
        return
    if chunk:
        on_output(chunk, key.data == "error")
    else:
        selector.unregister(key.fileobj)


@contextmanager
def _listening(stop: _Stop) -> Iterator[None]:
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heeded = [number for number in _SIGNALS if not (nohup and number == signal.SIGHUP)]
    earlier = {number: signal.signal(number, stop.receive) for number in heeded}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


@contextmanager
def _watchdog(pid: int) -> Iterator[None]:
    """End the group ``pid`` should bsops be killed meanwhile."""
    reader, writer = os.pipe()
    # POSIX's form: dash knows no other that takes a group.
    script = f"read -r dismissed || kill -s TERM -- -{pid}"
    try:
        dog = subprocess.Popen(
            ["/bin/sh", "-c", script],
            stdin=reader,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
    finally:
        os.close(reader)
    try:
        yield
    finally:
        with suppress(OSError):
            os.write(writer, b"dismissed\n")
        os.close(writer)
        dog.wait()
