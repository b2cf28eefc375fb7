"""Change freezes: which moments a window holds, in any zone, on any day."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.freezes import Freeze, in_both_times, window_at

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_OF_A_WEEK = 7 * 24 * 60

zones = st.sampled_from(sorted(available_timezones()))
minutes = st.integers(0, MINUTES_OF_A_WEEK - 1)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def freeze(**values: Any) -> Freeze:
    return msgspec.convert({"reason": "sale", **values}, Freeze)


def point(minute: int) -> str:
    return f"{DAYS[minute // 1440]} {minute // 60 % 24:02}:{minute % 60:02}"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestOnce:
    @given(zone=zones, since=moments, hours=st.integers(1, 10_000))
    def test_its_begin_is_inside_and_its_end_is_not(
        self, zone: str, since: datetime, hours: int
    ) -> None:
        until = since + timedelta(hours=hours)
        window = freeze(**{"from": since, "until": until}, zone=zone).window_at(since)
        assert window is not None
        assert (window.since, window.until) == (since, until)
        once = freeze(**{"from": since, "until": until}, zone=zone)
        assert once.window_at(until) is None
        assert once.window_at(since - timedelta(seconds=1)) is None
        assert once.window_at(until - timedelta(seconds=1)) == window

    def test_clock_times_are_those_of_its_zone(self) -> None:
        day = {"from": datetime(2026, 12, 18, 16), "until": datetime(2027, 1, 4, 8)}  # noqa: DTZ001
        window = freeze(**day, zone="America/New_York").window_at(utc("2026-12-24T12:00"))
        assert window is not None
        assert (window.since, window.until) == (utc("2026-12-18T21:00"), utc("2027-01-04T13:00"))

    def test_where_a_clock_time_comes_twice_the_longer_window_is_meant(self) -> None:
        # 02:30 comes twice in Berlin on 2026-10-25: at 00:30 and at 01:30 UTC.
        twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
        before, after = datetime(2026, 10, 24), datetime(2026, 10, 26)  # noqa: DTZ001
        until = freeze(**{"from": before, "until": twice}, zone="Europe/Berlin")
        assert until.window_at(utc("2026-10-25T01:29")) is not None
        since = freeze(**{"from": twice, "until": after}, zone="Europe/Berlin")
        assert since.window_at(utc("2026-10-25T00:30")) is not None

    def test_where_a_clock_time_never_comes_the_longer_window_is_meant(self) -> None:
        # 02:30 does not come in Berlin on 2026-03-29: from 02:00 to 03:00 at 01:00 UTC.
        never = datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001
        before, after = datetime(2026, 3, 28), datetime(2026, 3, 30)  # noqa: DTZ001
        until = freeze(**{"from": before, "until": never}, zone="Europe/Berlin")
        assert until.window_at(utc("2026-03-29T01:29")) is not None
        since = freeze(**{"from": never, "until": after}, zone="Europe/Berlin")
        assert since.window_at(utc("2026-03-29T00:30")) is not None


class TestWeekly:
    @given(begin=minutes, length=st.integers(1, MINUTES_OF_A_WEEK - 1), now=moments)
    def test_without_summer_time_it_is_a_matter_of_counting(
        self, begin: int, length: int, now: datetime
    ) -> None:
        weekly = f"{point(begin)} - {point((begin + length) % MINUTES_OF_A_WEEK)}"
        since_monday = (
            now
            - now.replace(hour=0, minute=0, second=0, microsecond=0)
            + timedelta(days=now.weekday())
        )
        since_begin = (since_monday - timedelta(minutes=begin)) % timedelta(days=7)
        inside = since_begin < timedelta(minutes=length)
        assert (freeze(weekly=weekly).window_at(now) is not None) == inside

    @given(zone=zones, begin=minutes, end=minutes, now=moments)
    def test_in_any_zone_a_window_holds_what_it_says(
        self, zone: str, begin: int, end: int, now: datetime
    ) -> None:
        if begin == end:
            return
        each = freeze(weekly=f"{point(begin)} - {point(end)}", zone=zone)
        window = each.window_at(now)
        if window is None:
            return
        assert window.since <= now < window.until
        # A clock is put forward or back by a day at most, ever (Samoa left out a whole one).
        length = timedelta(minutes=(end - begin) % MINUTES_OF_A_WEEK)
        assert abs((window.until - window.since) - length) <= timedelta(days=1)
        assert each.window_at(window.since) is not None

    @pytest.mark.parametrize(
        ("now", "frozen"),
        [
            ("2026-11-27T14:59", False),  # Friday, 15:59 in Berlin
            ("2026-11-27T15:00", True),
            ("2026-11-30T06:59", True),
            ("2026-11-30T07:00", False),
            ("2026-07-03T13:59", False),  # in summer an hour earlier
            ("2026-07-03T14:00", True),
            ("2026-10-25T02:00", True),  # over the night when clocks go back
            ("2026-10-26T06:59", True),
            ("2026-10-26T07:00", False),
        ],
    )
    def test_weekends_follow_the_clock_on_the_wall(self, now: str, frozen: bool) -> None:
        weekend = freeze(weekly="Fri 16:00 - Mon 08:00", zone="Europe/Berlin")
        assert (weekend.window_at(utc(now)) is not None) == frozen


def test_of_several_the_one_that_ends_last_is_told() -> None:
    now = utc("2026-12-19T12:00")
    weekend = freeze(weekly="Fri 16:00 - Mon 08:00", reason="weekend")
    sale = freeze(**{"from": utc("2026-12-18"), "until": utc("2027-01-04")}, reason="Christmas")
    for freezes in ([weekend, sale], [sale, weekend]):
        window = window_at(freezes, now)
        assert window is not None
        assert window.reason == "Christmas"
    assert window_at([], now) is None


def test_a_moment_is_told_in_the_operators_time_and_in_utc() -> None:
    moment = utc("2026-11-30T07:00")
    assert in_both_times(moment, UTC) == "Mon 2026-11-30 07:00 UTC"
    assert in_both_times(moment, ZoneInfo("Europe/Berlin")) == (
        "Mon 2026-11-30 08:00 CET your time, Mon 2026-11-30 07:00 UTC"
    )
    assert in_both_times(moment, timezone(timedelta(hours=-10))).startswith("Sun 2026-11-29 21:00")
