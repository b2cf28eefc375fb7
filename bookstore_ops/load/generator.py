"""Sends each request when it is due, whatever became of those before it: an open model.

https://grafana.com/docs/k6/latest/using-k6/scenarios/concepts/open-vs-closed/
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bookstore_ops.load.figures import (
    LATE_SECONDS,
    LATE_SHARE,
    Answer,
    Done,
    Figures,
    Times,
    figures_of,
    times_of,
)
from bookstore_ops.load.profile import Profile

# What the line on the screen tells of.
_RECENT_SECONDS = 10.0
# Whether the rate is kept is told from that time; a few late ones are a hiccup.
_WINDOW_SECONDS = 5.0
_HICCUP = 10
_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Live:
    """How it stands: all requests so far, and the times of the last seconds."""

    elapsed: float
    sent: int
    answered: int
    errors: int
    times: Times


@dataclass(frozen=True)
class _Sending:
    due: float
    sent: float


class Generator:
    """One run of a profile. ``ask`` makes one request, and ends within ``patience`` seconds.

    There are as many threads as requests under way. Each ends within its patience: how slow the
    service may be, there is always one free, so what is late is late for want of this machine.
    """

    def __init__(self, profile: Profile, ask: Callable[[], Answer], *, patience: float) -> None:
        self._profile = profile
        self._ask = ask
        self._patience = patience
        self._most = connections(profile, patience)
        self._began = 0.0
        self._stopped: float | None = None
        self._stop = threading.Event()
        self._due: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads = 0
        self._lock = threading.Lock()
        self._taken: list[_Sending] = []
        self._sending: dict[int, _Sending] = {}
        self._done: list[Done] = []
        self._answered = self._errors = 0

    def run(
        self,
        ended: Callable[[], bool],
        tell: Callable[[Live], None],
        sleep: Callable[[float], None],
    ) -> bool:
        """Send all, and wait for their answers; or until ``ended``, or the rate is not kept.

        Whether all were sent. What ``sleep`` raises ends it at once.
        """
        self._began = time.monotonic()
        arrivals = threading.Thread(target=self._arrive, daemon=True)
        arrivals.start()
        try:
            while arrivals.is_alive():
                sleep(_LOOK_SECONDS)
                tell(self._live())
                if ended() or self._cannot_keep_up():
                    return False
        finally:
            self._stop.set()
            self._stopped = min(self._now(), self._profile.seconds)
        deadline = self._now() + self._patience + LATE_SECONDS
        while self._is_busy() and self._now() < deadline:
            sleep(_LOOK_SECONDS)
            tell(self._live())
        return True

    def figures(self) -> Figures:
        """What is known of the requests that were due after the ramp."""
        ramp, stopped = self._profile.ramp, self._stopped or 0.0
        with self._lock:
            done = [each for each in self._done if each.due >= ramp]
            sending = [each.sent - each.due for each in self._sending.values() if each.due >= ramp]
            taken = sum(each.due >= ramp for each in self._taken)
        wanted = self._profile.number(stopped - LATE_SECONDS) - self._profile.number(ramp)
        return figures_of(done, sending, max(0, int(wanted) - taken), stopped - ramp)

    def _arrive(self) -> None:
        for number in range(self._profile.total):
            due = self._profile.due(number)
            if self._stop.wait(max(0.0, due - self._now())):
                return
            self._due.put(due)
            if not self._idle.acquire(blocking=False) and self._threads < self._most:
                # A machine that gives no more threads does not keep the rate: it is told as that.
                with suppress(RuntimeError):
                    threading.Thread(target=self._work, args=(number,), daemon=True).start()
                    self._threads += 1
        self._stop.wait(max(0.0, self._profile.seconds - self._now()))

    def _work(self, name: int) -> None:
        while True:
            due = self._due.get()
            if self._stopped_early():
                return
            sending = _Sending(due, self._now())
            with self._lock:
                self._taken.append(sending)
                self._sending[name] = sending
            answer = self._ask()
            done = Done(due, sending.sent, self._now(), answer)
            with self._lock:
                del self._sending[name]
                self._done.append(done)
                self._answered += bool(answer.status)
                self._errors += done.is_error
            self._idle.release()

    def _stopped_early(self) -> bool:
        return self._stopped is not None and self._stopped < self._profile.seconds

    def _is_busy(self) -> bool:
        with self._lock:
            return bool(self._sending) or len(self._taken) < self._profile.total

    def _cannot_keep_up(self) -> bool:
        now, profile = self._now(), self._profile
        since = now - _WINDOW_SECONDS
        with self._lock:
            recent = itertools.takewhile(lambda each: each.sent >= since, reversed(self._taken))
            late = sum(each.sent - each.due > LATE_SECONDS for each in recent)
            late += max(0, int(profile.number(now - LATE_SECONDS)) - len(self._taken))
        wanted = profile.number(now) - profile.number(since)
        return late > max(_HICCUP, LATE_SHARE * wanted)

    def _live(self) -> Live:
        now = self._now()
        with self._lock:
            recent = list(
                itertools.takewhile(
                    lambda each: each.ended >= now - _RECENT_SECONDS, reversed(self._done)
                )
            )
            sent, answered, errors = len(self._taken), self._answered, self._errors
        return Live(now, sent, answered, errors, times_of(recent))

    def _now(self) -> float:
        return time.monotonic() - self._began


def connections(profile: Profile, patience: float) -> int:
    """How many requests can be under way at once, some to spare."""
    return int(profile.rate * patience * 1.2) + 8
