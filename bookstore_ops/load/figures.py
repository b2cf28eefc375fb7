"""What became of the requests, in figures: exact, from every single one."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Sent later than that after it was due, a request was held up by this machine.
LATE_SECONDS = 0.1
# A p95 rests on the slowest twentieth: with more of them late, it is this machine's.
LATE_SHARE = 0.05
TIMEOUT = "timeout"
# From here on an answer says that the request was not done.
_FIRST_BAD = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """A status; or none (0), and the kind of failure."""

    status: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that is over; times are seconds after the beginning."""

    due: float
    sent: float
    ended: float
    answer: Answer

    @property
    def latency(self) -> float:
        """The time from when it was due: what a customer would have waited.

        Counted from when it was sent, a request that had to wait behind slow ones would look
        fast. Gil Tene calls that coordinated omission:
        https://github.com/giltene/wrk2
        """
        return self.ended - self.due

    @property
    def was_late(self) -> bool:
        """Whether this machine held it up before it was sent."""
        return self.sent - self.due > LATE_SECONDS

    @property
    def is_error(self) -> bool:
        """Whether it was not answered, or with 4xx or 5xx."""
        return not self.answer.status or self.answer.status >= _FIRST_BAD

    @property
    def tells_time(self) -> bool:
        """Whether its time counts: one that timed out took that long at least.

        A refused connection is over at once, and would make the others look fast.
        """
        return bool(self.answer.status) or self.answer.failure == TIMEOUT


@dataclass(frozen=True)
class Times:
    """Seconds; None where nothing was measured."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


@dataclass(frozen=True)
class Figures:
    """What is known of the requests that were due at the full rate.

    ``rate`` is how many were sent a second; ``left`` were under way when nobody waited any more.
    """

    sent: int
    answered: int
    errors: int
    late: int
    left: int
    rate: float
    statuses: Mapping[int, int]
    failures: Mapping[str, int]
    times: Times

    @property
    def error_percent(self) -> float | None:
        """The share of errors among the requests that are over."""
        over = self.sent - self.left
        return 100 * self.errors / over if over else None

    @property
    def are_the_generators(self) -> bool:
        """Whether too many were held up by this machine: then they tell of it."""
        return self.late > LATE_SHARE * self.sent


def times_of(done: Iterable[Done]) -> Times:
    """The percentiles, exactly."""
    found = [each.latency for each in done if each.tells_time]
    if not found:
        return Times()
    if len(found) == 1:
        return Times(*found * 4)
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    return Times(cuts[49], cuts[94], cuts[98], max(found))


def figures_of(
    done: Sequence[Done], under_way: Sequence[float], held_up: int, seconds: float
) -> Figures:
    """The figures of requests that are over, of some ``under_way``, and some ``held_up`` unsent.

    ``seconds`` is how long they were sent.
    """
    sent = len(done) + len(under_way)
    return Figures(
        sent=sent,
        answered=sum(bool(each.answer.status) for each in done),
        errors=sum(each.is_error for each in done),
        late=sum(each.was_late for each in done)
        + sum(lag > LATE_SECONDS for lag in under_way)
        + held_up,
        left=len(under_way),
        rate=sent / seconds if seconds > 0 else 0.0,
        statuses=dict(sorted(Counter(d.answer.status for d in done if d.answer.status).items())),
        failures=dict(Counter(d.answer.failure for d in done if d.answer.failure).most_common()),
        times=times_of(done),
    )
