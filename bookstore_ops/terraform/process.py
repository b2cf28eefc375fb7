"""Running one Terraform process so that no signal, crash or closed pipe loses state.

Terraform gets a session of its own and writes to files, never to a pipe: a second interrupt or
a broken pipe would make it drop state. One signal to bsops is one SIGINT to Terraform; bsops
goes on following until Terraform has ended. If bsops itself is killed, a watchdog interrupts
Terraform, which then stops gracefully. (Not Linux's parent-death signal: that would be a second
interrupt where a CI system sends SIGTERM first and SIGKILL ten seconds later, and the second
interrupt is the one that loses state.)
"""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Protocol

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.files import writing
from bookstore_ops.terraform.progress import Progress

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_SECONDS = 0.1
# A terminal, `timeout` and a CI runner may each deliver the same request: one person, one signal.
_SAME_REQUEST_SECONDS = 0.5
_HARD_STOP_GRACE_SECONDS = 5.0


class Watch(Protocol):
    """Who looks on while a run goes."""

    def update(self, progress: Progress) -> None:
        """Called about ten times a second, and once at the end."""

    def notice(self, message: str) -> None:
        """A line the operator must see now."""


@dataclass(frozen=True)
class Exit:
    """How a process ended. ``signal_number`` is the first signal bsops got meanwhile."""

    code: int
    signal_number: int | None = None
    hard_stopped: bool = False


def _heeded() -> list[signal.Signals]:
    """The signals that ask bsops to stop; under ``nohup`` a lost terminal does not."""
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in _SIGNALS if not (nohup and number == signal.SIGHUP)]


class _Signals:
    """The signals bsops got while a child runs, as numbers in order of arrival."""

    def __init__(self) -> None:
        self.received: list[int] = []

    @contextmanager
    def listening(self) -> Iterator[socket.socket]:
        """Collect signals; the socket turns readable at each one, and when a child ends."""
        reader, writer = socket.socketpair()
        with reader, writer:
            reader.setblocking(False)
            writer.setblocking(False)
            earlier_wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
            earlier = {number: signal.signal(number, self._receive) for number in _heeded()}
            earlier[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _wake_only)
            try:
                yield reader
            finally:
                signal.set_wakeup_fd(earlier_wakeup)
                for number, handler in earlier.items():
                    # Once obeyed, a request repeated must not cut the account of it short.
                    obeyed = self.received and number in _SIGNALS
                    signal.signal(number, signal.SIG_IGN if obeyed else handler)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)


def _wake_only(_number: int, _frame: FrameType | None) -> None:
    """SIGCHLD needs a handler for the wake-up descriptor to be written to."""


class _Stopper:
    """The signal contract: first asks, second warns, third stops hard."""

    def __init__(self, pid: int, watchdog: "_Watchdog", notice: Callable[[str], None]) -> None:
        self._pid = pid
        self._watchdog = watchdog
        self._notice = notice
        self._handled = 0
        self._last = 0.0
        self._hard_since: float | None = None
        self.stage = 0

    def handle(self, received: Sequence[int]) -> None:
        """Act on the signals that came since the last call."""
        for number in received[self._handled :]:
            self._handled += 1
            now = time.monotonic()
            if self.stage and now - self._last < _SAME_REQUEST_SECONDS:
                continue
            self._last = now
            self.stage += 1
            self._act(signal.Signals(number).name)
        if self._hard_since and time.monotonic() - self._hard_since > _HARD_STOP_GRACE_SECONDS:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)

    def give_up(self) -> None:
        """Ask Terraform to stop, unless it was asked already."""
        if self.stage == 0:
            self.stage = 1
            self._watchdog.dismiss()
            self._interrupt()

    def _act(self, name: str) -> None:
        if self.stage == 1:
            self._watchdog.dismiss()
            self._interrupt()
            self._notice(
                f"{name}: Terraform was asked to stop. Waiting for the operations under way to "
                "end, the state to be saved and the lock to be freed."
            )
        elif self.stage == 2:
            self._notice(
                f"{name} again: still waiting. A hard stop now loses track of the resources being "
                "changed at this moment and may leave the state locked. Once more stops hard."
            )
        elif self._hard_since is None:
            self._notice(f"{name}: stopping hard. State may be lost.")
            self._hard_since = time.monotonic()
            self._interrupt()

    def _interrupt(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGINT)


class _Watchdog:
    """A shell that interrupts Terraform when bsops dies without having dismissed it."""

    # Terraform's pid comes first; then a line dismisses it, end of file means that bsops is gone.
    _SCRIPT = 'read -r pid && { read -r dismissed || kill -INT "$pid"; }'

    def __init__(self) -> None:
        reader, self._writer = os.pipe()
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", self._SCRIPT],
                stdin=reader,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        finally:
            os.close(reader)

    def guard(self, pid: int) -> None:
        """Begin to watch over ``pid``."""
        os.write(self._writer, f"{pid}\n".encode())

    def dismiss(self) -> None:
        """Terraform has ended or was interrupted already: do nothing any more."""
        if self._writer < 0:
            return
        with suppress(BrokenPipeError):
            os.write(self._writer, b"dismissed\n")
        os.close(self._writer)
        self._writer = -1
        self._process.wait()


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    output: Path,
    errors: Path,
    on_line: Callable[[bytes], None],
    on_tick: Callable[[], None],
    notice: Callable[[str], None],
    secret: bool = False,
) -> Exit:
    """Run ``command`` to its end, following what it writes to ``output`` line by line.

    ``on_line`` gets each line once it is whole, without its newline; ``on_tick`` is called about
    ten times a second. If either raises, the program is interrupted and waited for first. Must be
    called from the main thread (signals). SIGHUP stays ignored under ``nohup``. ``secret``:
    ``output`` has no name once both ends hold it, so that not even a killed run leaves it behind.

    Raises:
        EnvironmentMissing: the program cannot be started or the files cannot be written.
    """
    signals = _Signals()
    with writing(output):
        writers = (_create(output), _create(errors))
    with writers[0], writers[1], output.open("rb") as reader, signals.listening() as wakeup:
        if secret:
            output.unlink()
        watchdog = _Watchdog()
        try:
            child = _spawn(command, cwd, environ, writers)
            watchdog.guard(child.pid)
            stopper = _Stopper(child.pid, watchdog, notice)
            lines = _Lines(reader, on_line)
            try:
                with selectors.DefaultSelector() as selector:
                    selector.register(wakeup, selectors.EVENT_READ)
                    while True:
                        ended = child.poll() is not None
                        stopper.handle(signals.received)
                        lines.drain()
                        on_tick()
                        if ended:
                            break
                        selector.select(_TICK_SECONDS)
                        _empty(wakeup)
                    lines.finish()
            except BaseException:
                # bsops itself is at fault: Terraform must neither run on unseen nor lose state.
                if child.poll() is None:
                    stopper.give_up()
                    child.wait()
                raise
        finally:
            watchdog.dismiss()
    first = signals.received[0] if signals.received else None
    return Exit(child.returncode, first, hard_stopped=stopper.stage > 2)


def _create(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _spawn(
    command: Sequence[str], cwd: Path, environ: Mapping[str, str], writers: Sequence[IO[bytes]]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=writers[0],
            stderr=writers[1],
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentMissing(
            f"cannot start {command[0]}",
            why=error.strerror,
            next_step="bsops version   (names the Terraform that bsops uses)",
        ) from error


class _Lines:
    """Hands on whole lines of a growing file."""

    def __init__(self, reader: IO[bytes], on_line: Callable[[bytes], None]) -> None:
        self._reader = reader
        self._on_line = on_line
        self._partial = b""

    def drain(self) -> None:
        """Hand on what has been written since the last call."""
        chunk = self._reader.read()
        if not chunk:
            return
        *whole, self._partial = (self._partial + chunk).split(b"\n")
        for line in whole:
            self._on_line(line)

    def finish(self) -> None:
        """Hand on what stands behind the last newline: a panic may end so."""
        if self._partial:
            self._on_line(self._partial)


def _empty(wakeup: socket.socket) -> None:
    with suppress(BlockingIOError):
        while wakeup.recv(4096):
            pass
