"""Whether the new colour does well enough: measured values against the criteria, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bookstore_ops.releases.model import Criterion


class Verdict(StrEnum):
    """What an analysis comes to."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Sample:
    """What was measured of one colour: its requests, and values by criterion (None: no data)."""

    requests: float = 0
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One criterion's verdict, with the reason in words."""

    criterion: str
    verdict: Verdict
    words: str


@dataclass(frozen=True)
class Analysis:
    """The verdict on a step, and what it rests on."""

    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """The findings that decided."""
        return "; ".join(f.words for f in self.findings if f.verdict is self.verdict)


@dataclass(frozen=True)
class Names:
    """How the two that are compared are called, and what is before the second one's value."""

    new: str = "the new colour"
    stable: str = "the stable colour"
    stables: str = "the stable colour's"


def judge(
    criteria: Sequence[Criterion],
    new: Sample,
    stable: Sample | None,
    *,
    minimum_requests: int,
    names: Names = Names(),
) -> Analysis:
    """Hold the new colour's sample against every criterion.

    ``stable`` is None where the stable colour has no traffic by intent: then nothing is compared
    with it. One failure decides; without one, one criterion that cannot be judged. A colour with
    fewer than ``minimum_requests`` cannot be judged at all: one error in three requests is no
    third of anything.
    """
    if new.requests < minimum_requests:
        words = f"{new.requests:g} of {minimum_requests} requests that a verdict needs"
        return Analysis(Verdict.INCONCLUSIVE, (Finding("requests", Verdict.INCONCLUSIVE, words),))
    findings = tuple(_find(each, new, stable, minimum_requests, names) for each in criteria)
    verdicts = {finding.verdict for finding in findings}
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return Analysis(verdict, findings)
    return Analysis(Verdict.PASS, findings)


def _find(
    criterion: Criterion, new: Sample, stable: Sample | None, minimum: int, names: Names
) -> Finding:
    name, value = criterion.name, new.values.get(criterion.name)

    def finding(verdict: Verdict, words: str) -> Finding:
        return Finding(name, verdict, f"{name} {words}")

    if value is None:
        return finding(Verdict.INCONCLUSIVE, f"was not measured for {names.new}")
    if criterion.at_most is not None and value > criterion.at_most:
        return finding(Verdict.FAIL, f"is {value:.4g}, at most {criterion.at_most:g} is allowed")
    if criterion.at_least is not None and value < criterion.at_least:
        return finding(Verdict.FAIL, f"is {value:.4g}, at least {criterion.at_least:g} is wanted")
    if criterion.is_relative and stable is not None:
        beside = stable.values.get(name)
        if beside is None or stable.requests < minimum:
            return finding(
                Verdict.INCONCLUSIVE,
                f"is {value:.4g}, but {names.stable} has too little to compare with "
                f"({stable.requests:g} of {minimum} requests)",
            )
        limit = _limit(criterion, beside)
        if value > limit:
            return finding(
                Verdict.FAIL, f"is {value:.4g}, {names.stables} {beside:.4g} allows {limit:.4g}"
            )
    return finding(Verdict.PASS, f"is {value:.4g}")


def _limit(criterion: Criterion, stable: float) -> float:
    limits = []
    if criterion.over_stable is not None:
        limits.append(stable + criterion.over_stable)
    if criterion.times_stable is not None:
        limits.append(stable * criterion.times_stable)
    return min(limits)
