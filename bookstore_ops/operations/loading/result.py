"""What a load test came to, in words."""

from dataclasses import dataclass, field
from enum import StrEnum

from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.load.figures import Figures
from bookstore_ops.load.profile import Profile
from bookstore_ops.operations.loading.wanted import MORE
from bookstore_ops.releases.analysis import Analysis, Verdict

TOKEN_VARIABLE = "BSOPS_LOAD_TOKEN"  # noqa: S105 - a name
_TURNED_AWAY = {
    401: f"401: without a token that the API knows ({TOKEN_VARIABLE}) the service is never asked",
    403: "403: the token does not allow it, or the firewall does not",
    429: "429: turned away by a limit (firewall.rate_limit_per_user and rate_limit_per_ip in five "
    "minutes, api.throttle in a second), not by the service",
}


class Ending(StrEnum):
    """Why a load test ended."""

    TIME = "time"
    SIGNAL = "signal"
    ALARM = "alarm"
    GENERATOR = "generator"


@dataclass(frozen=True)
class LoadTest:
    """What a load test came to. ``analysis`` is None where its figures are not the service's."""

    service: str
    url: str
    profile: Profile
    ending: Ending
    figures: Figures
    analysis: Analysis | None
    alarms: list[str] = field(default_factory=list)
    not_judged: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool | None:
        """Whether the service achieved what it must; None: that cannot be said."""
        if self.ending is Ending.ALARM:
            return False
        if self.analysis is None or self.ending is Ending.SIGNAL:
            return None
        return self.analysis.verdict is Verdict.PASS

    @property
    def hints(self) -> list[str]:
        """What statuses mean of which the service knows nothing."""
        return [words for status, words in _TURNED_AWAY.items() if status in self.figures.statuses]


def summary(done: LoadTest) -> str:
    """The figures in a line."""
    figures, times = done.figures, done.figures.times
    ms = ", ".join(
        f"{name} {value * 1000:.0f} ms"
        for name, value in (("p50", times.p50), ("p95", times.p95), ("p99", times.p99))
        if value is not None
    )
    errors = f"{figures.error_percent or 0:.2f} % errors"
    whose = "the generator" if done.ending is Ending.GENERATOR else done.service
    parts = [f"{whose}: {figures.rate:.1f}/s", f"{figures.sent} sent", errors, ms]
    return f"{', '.join(filter(None, parts))}; ended by {done.ending}"


def failure(done: LoadTest, look: str) -> BsopsError | None:
    """What is to be said of one that was not held; ``look`` is the command that tells more."""
    service = done.service
    if done.ending is Ending.GENERATOR:
        return OperationFailed(
            f"this machine did not keep the rate: the figures are its own, not those of {service}",
            why=f"{done.figures.late} of {done.figures.sent} requests were sent late or not at all",
            next_step=f"a lower --rate, or a machine that has less to do; {MORE}",
        )
    if done.held is not False:
        return None
    if done.ending is Ending.ALARM:
        return OperationFailed(
            f"{service} raised an alarm under the load",
            why=", ".join(done.alarms),
            next_step=f"bsops runbook list --for {done.alarms[0]}",
        )
    words = done.analysis.words if done.analysis else ""
    return OperationFailed(
        f"{service} did not achieve what it must at {done.profile.rate:g} requests a second",
        why="\n".join([words, *done.hints]),
        next_step=look,
    )
