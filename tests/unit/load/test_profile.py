"""When requests are due."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.load.profile import Profile


def test_at_a_constant_rate_they_are_evenly_spread() -> None:
    profile = Profile(rate=50, hold=2)
    dues = [profile.due(number) for number in range(profile.total)]
    assert (len(dues), dues[0]) == (100, 0)
    assert all(b - a == pytest.approx(0.02) for a, b in itertools.pairwise(dues))


def test_a_ramp_grows_evenly_and_comes_before_the_time_at_the_full_rate() -> None:
    profile = Profile(rate=40, hold=10, ramp=10)
    dues = [profile.due(number) for number in range(profile.total)]
    by_second = [sum(second <= due < second + 1 for due in dues) for second in range(20)]
    assert by_second[:10] == pytest.approx([2, 6, 10, 14, 18, 22, 26, 30, 34, 38], abs=1)
    assert by_second[10:] == [40] * 10
    assert (profile.total, profile.held, profile.seconds) == (600, 400, 20)


@given(st.integers(1, 200), st.integers(1, 60), st.integers(0, 60), st.floats(0, 1))
def test_as_many_are_due_as_the_time_says(rate: int, hold: int, ramp: int, part: float) -> None:
    profile = Profile(rate=rate, hold=hold, ramp=ramp)
    number = int(part * (profile.total - 1))
    assert profile.number(profile.due(number)) == pytest.approx(number, abs=1e-6)
    assert 0 <= profile.due(number) <= profile.due(number + 1) <= profile.seconds + 1 / rate
