"""What the figures say of requests that are over, and of those that are not."""

import pytest

from bookstore_ops.load.figures import TIMEOUT, Answer, Done, figures_of, times_of


def done(latency: float = 0.1, status: int = 200, failure: str = "", late: float = 0) -> Done:
    return Done(due=1.0, sent=1.0 + late, ended=1.0 + latency, answer=Answer(status, failure))


def test_percentiles_are_exact() -> None:
    times = times_of([done(latency=n / 1000) for n in range(101)])
    found = (times.p50, times.p95, times.p99, times.longest)
    assert found == pytest.approx((0.05, 0.095, 0.099, 0.1))


def test_time_counts_from_when_a_request_was_due() -> None:
    assert done(latency=3, late=2.5).latency == pytest.approx(3)


def test_what_timed_out_is_slow_and_what_was_refused_is_not_fast() -> None:
    times = times_of([done(5, 0, TIMEOUT), done(0.001, 0, "no connection")])
    assert (times.p50, times.longest) == (5, 5)


def test_an_answer_that_says_no_is_an_error() -> None:
    all_of_them = [done(status=s) for s in (200, 304, 401, 429, 503)] + [done(1, 0, TIMEOUT)]
    figures = figures_of(all_of_them, [], 0, 2)
    assert (figures.sent, figures.answered, figures.errors) == (6, 5, 4)
    assert figures.error_percent == pytest.approx(400 / 6)
    assert figures.statuses == {200: 1, 304: 1, 401: 1, 429: 1, 503: 1}
    assert (figures.failures, figures.rate) == ({TIMEOUT: 1}, 3)


def test_who_is_under_way_is_neither_well_nor_an_error() -> None:
    figures = figures_of([done(), done(status=500)], [0.0, 0.0], 0, 1)
    assert (figures.sent, figures.left, figures.error_percent) == (4, 2, 50)


@pytest.mark.parametrize(("late", "of_this_machine"), [(5, False), (6, True)])
def test_with_more_than_a_twentieth_held_up_they_are_of_this_machine(
    late: int, of_this_machine: bool
) -> None:
    slow = [done(late=0.2) for _ in range(late)]
    figures = figures_of([*slow, *(done() for _ in range(100 - late))], [], 0, 1)
    assert figures.are_the_generators is of_this_machine


def test_what_was_never_sent_was_held_up_too() -> None:
    assert figures_of([done() for _ in range(10)], [], 5, 1).are_the_generators
    assert figures_of([done() for _ in range(9)], [0.3], 0, 1).are_the_generators


def test_without_requests_nothing_is_known() -> None:
    figures = figures_of([], [], 0, 0)
    assert (figures.error_percent, figures.times.p95, figures.rate) == (None, None, 0)
