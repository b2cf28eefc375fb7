"""What is looked at, what AWS says of it, and what is called idle."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How something stands. What could not be told is never ``used``."""

    IDLE = "idle"
    USED = "used"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One resource, judged. ``name`` is how AWS calls it, ``address`` its place in the state.

    ``since`` is when it was made, as far as AWS tells; ``amount`` how much was counted of it;
    ``why`` is the reason of the verdict, ``mend`` the command or the value that would end it.
    """

    kind: str
    name: str
    verdict: Verdict
    why: str
    address: str = ""
    since: datetime | None = None
    amount: str = ""
    mend: str = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of CloudWatch that is above zero where something is used.

    ``steady``: its service reports zeros as well, so that silence is no answer; of the others
    silence is a zero.
    """

    namespace: str
    metric: str
    stat: str
    dimensions: tuple[tuple[str, str], ...]
    steady: bool


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What CloudWatch has of a measure, by day; ``problem`` says why not all of it."""

    values: Mapping[date, float] = {}
    problem: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Something whose use is measured. ``counted`` is what its measures count, in words.

    ``made`` is when it was made, None where nobody asked. ``beside``: the state does not know it,
    so that whole days since it was made are enough to judge it.
    """

    kind: str
    name: str
    counted: str
    measures: tuple[Measure, ...]
    address: str = ""
    made: datetime | None = None
    beside: bool = False
    mend: str = ""


class Period(msgspec.Struct, frozen=True):
    """The whole days, by UTC, that are looked back on, and the day of ``at`` that is not over."""

    days: int
    at: datetime

    @property
    def start(self) -> datetime:
        """The first moment of the first day: CloudWatch answers best to whole periods."""
        midnight = self.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.days)

    @property
    def end(self) -> datetime:
        """The last moment of the day that is not over."""
        return self.start + timedelta(days=self.days + 1)

    def whole_days(self, made: datetime | None) -> list[date]:
        """The days that are over, and during all of which something made then was there."""
        days = [self.start + timedelta(days=number) for number in range(self.days)]
        return [day.date() for day in days if made is None or made <= day]


def judge(subject: Subject, found: Mapping[Measure, Series], period: Period) -> Finding:
    """Hold what was measured of something against nothing at all."""
    days = period.whole_days(subject.made)
    verdict, why = _verdict(subject, found, days, period)
    idle = verdict is Verdict.IDLE
    return Finding(
        kind=subject.kind,
        name=subject.name,
        verdict=verdict,
        why=why,
        address=subject.address,
        since=subject.made,
        amount=f"0 {subject.counted} in {len(days)} d" if idle else "",
        mend=subject.mend if idle else "",
    )


def _verdict(
    subject: Subject, found: Mapping[Measure, Series], days: list[date], period: Period
) -> tuple[Verdict, str]:
    values = [value for measure in subject.measures for value in found[measure].values.values()]
    if any(value > 0 for value in values):
        return Verdict.USED, f"{subject.counted} were counted"
    doubt = _doubt(subject, found, days, period)
    if doubt:
        return Verdict.UNKNOWN, doubt
    if subject.beside:
        return Verdict.IDLE, f"it stands beside what the state knows, without {subject.counted}"
    return Verdict.IDLE, f"no {subject.counted}"


def _doubt(
    subject: Subject, found: Mapping[Measure, Series], days: list[date], period: Period
) -> str:
    """Why nothing may be said of something of which nothing was counted; empty: all is known."""
    if not subject.measures:
        return "nothing tells what to measure of it"
    for measure in subject.measures:
        if found[measure].problem:
            return found[measure].problem
    if not days or (len(days) < period.days and not subject.beside):
        return f"too young: it was there for {len(days)} of {period.days} days"
    for measure in subject.measures:
        if measure.steady and not found[measure].values.keys() >= set(days):
            return f"CloudWatch lacks days of {measure.metric}: younger, or not measured"
    return ""
