"""The process that asks AWS: begun early, asked once it is known what.

To import botocore takes longer than all else before Terraform starts, and it needs no more than a
guess that it will be wanted. A thread would not do: it would share the interpreter's lock, and
botocore reads this process's environment where it must see Terraform's.
"""

import fcntl
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

# On macOS a process that was forked must not ask the system for its proxies.
FORKS = sys.platform == "linux"

# One that was begun before it was known what to ask.
_EARLY: list["Asker"] = []


class Asker:
    """A process that waits for one question and answers it."""

    def __init__(self) -> None:
        self._pid: int | None
        self._pid, self._question, self.answer = _fork() if FORKS else _start()

    def ask(self, question: dict[str, Any]) -> None:
        """Put the question. What is in it goes through a pipe alone."""
        # It may have ended: its answer, none, says so.
        with suppress(BrokenPipeError), os.fdopen(self._question, "wb") as pipe:
            pipe.write(json.dumps(question).encode())

    def end(self) -> int:
        """End it, if it has not ended; how it ended."""
        if self._pid is None:
            return 0
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        status = os.waitpid(self._pid, 0)[1]
        os.close(self.answer)
        self._pid = None
        return os.waitstatus_to_exitcode(status)


def begin_early() -> None:
    """Begin one that will be wanted, most likely; unasked, it ends when bsops does."""
    if FORKS and not _EARLY:
        _EARLY.append(Asker())


def take() -> Asker:
    """The one that was begun early, else a new one."""
    return _EARLY.pop() if _EARLY else Asker()


def _fork() -> tuple[int, int, int]:
    """A copy of this process, which has much of what it needs imported already."""
    (asked, asks), (answered, answers) = _pipe(), _pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(asks)
            os.close(answered)
            # What is under way in the parent ends in the parent.
            signal.set_wakeup_fd(-1)
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in range(3):
                os.dup2(nothing, descriptor)
            serve(asked, answers)
            status = 0
        finally:
            os._exit(status)
    os.close(asked)
    os.close(answers)
    return pid, asks, answered


def _pipe() -> tuple[int, int]:
    """A pipe beside the standard streams, also where bsops was started without one of them."""
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    reader, writer = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return reader, writer


def _start() -> tuple[int, int, int]:
    """A Python of its own."""
    import subprocess

    process = subprocess.Popen(
        # -P: what lies in the directory bsops was started in is no module of ours.
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    descriptors = [os.dup(stream.fileno()) for stream in (process.stdin, process.stdout) if stream]
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()
    process.returncode = 0  # it is waited for by its ID
    return process.pid, descriptors[0], descriptors[1]


def serve(asked: int, answers: int) -> None:
    """Answer one question; the operator's Ctrl-C reaches us, too, and ends us."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    import botocore.session  # noqa: F401  (this is what takes the time)

    from bookstore_ops.aws import look

    with os.fdopen(asked, "rb") as pipe:
        said = pipe.read()
    if not said:
        return
    with os.fdopen(answers, "wb") as pipe:
        pipe.write(json.dumps(look.find(json.loads(said))).encode())


if __name__ == "__main__":
    serve(0, 1)
