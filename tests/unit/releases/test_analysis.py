"""Verdicts on samples."""

import pytest

from bookstore_ops.releases.analysis import Sample, Verdict, judge
from bookstore_ops.releases.model import Criterion

ERRORS = Criterion(name="errors", source="errors", at_most=1.0, over_stable=0.5)
P95 = Criterion(name="p95", source="p95", times_stable=2.0)
ORDERS = Criterion(name="orders", source="custom", namespace="Shop", metric="Orders", at_least=10.0)


def sample(requests: float = 1000, **values: float | None) -> Sample:
    return Sample(requests, values)


def verdict(criterion: Criterion, new: Sample, stable: Sample | None) -> Verdict:
    return judge([criterion], new, stable, minimum_requests=100).verdict


@pytest.mark.parametrize(
    ("criterion", "new", "stable", "expected"),
    [
        (ERRORS, sample(errors=0.2), sample(errors=0.1), Verdict.PASS),
        (ERRORS, sample(errors=1.0), sample(errors=0.6), Verdict.PASS),
        (ERRORS, sample(errors=1.1), sample(errors=9.0), Verdict.FAIL),
        (ERRORS, sample(errors=0.8), sample(errors=0.2), Verdict.FAIL),
        (ERRORS, sample(errors=0.8), None, Verdict.PASS),
        (ERRORS, sample(errors=0.2), sample(20, errors=0.1), Verdict.INCONCLUSIVE),
        (ERRORS, sample(errors=1.1), sample(0), Verdict.FAIL),
        (ERRORS, sample(99, errors=50.0), sample(errors=0.1), Verdict.INCONCLUSIVE),
        (P95, sample(p95=0.4), sample(p95=0.2), Verdict.PASS),
        (P95, sample(p95=0.5), sample(p95=0.2), Verdict.FAIL),
        (P95, sample(p95=None), sample(p95=0.2), Verdict.INCONCLUSIVE),
        (P95, sample(p95=0.2), sample(p95=None), Verdict.INCONCLUSIVE),
        (ORDERS, sample(orders=10.0), None, Verdict.PASS),
        (ORDERS, sample(orders=9.0), None, Verdict.FAIL),
    ],
)
def test_verdict(
    criterion: Criterion, new: Sample, stable: Sample | None, expected: Verdict
) -> None:
    assert verdict(criterion, new, stable) is expected


def test_one_failure_outweighs_what_cannot_be_judged() -> None:
    analysis = judge(
        [P95, ORDERS], sample(p95=None, orders=1.0), sample(p95=0.2), minimum_requests=100
    )
    assert analysis.verdict is Verdict.FAIL
    assert analysis.words == "orders is 1, at least 10 is wanted"


def test_the_words_say_what_was_found_and_what_is_allowed() -> None:
    analysis = judge([P95], sample(p95=0.5), sample(p95=0.2), minimum_requests=100)
    assert analysis.words == "p95 is 0.5, the stable colour's 0.2 allows 0.4"
