"""Signals while a release is driven: heeded between two calls to AWS, never within one.

An exception that a handler raises within a call is one more failure to botocore, which tries
again: the signal would be lost, and the call might have been carried out.
"""

import signal
import time
from types import FrameType, TracebackType
from typing import Any, Self

from bookstore_ops.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NAP_SECONDS = 0.1


class Signals:
    """Notes the first signal that comes, and raises it where :meth:`check` is called."""

    def __init__(self) -> None:
        self._noted = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):  # not one that nohup has ignored
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """See whether a signal came.

        Raises:
            Interrupted: one did.
        """
        if self._noted:
            raise Interrupted(self._noted, "interrupted")

    def sleep(self, seconds: float) -> None:
        """Wait, but not on when a signal comes.

        Raises:
            Interrupted: one came.
        """
        deadline = time.monotonic() + seconds
        self.check()
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _NAP_SECONDS))
            self.check()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._noted = self._noted or number
