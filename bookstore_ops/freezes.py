"""Windows of time in which nothing is to change (``[[freeze]]`` in an environment's file).

Clock times are those of the window's zone. Where a clock time comes twice or not at all, on the
days when clocks are changed, the longer window is meant.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

import msgspec

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_POINT = rf"({'|'.join(_DAYS)}) ([01][0-9]|2[0-3]):([0-5][0-9])"
_WEEK = timedelta(days=7)
# Far enough from both ends of the calendar that every zone can say it.
_YEARS = range(2000, 3000)

Weekly = Annotated[str, msgspec.Meta(pattern=rf"^{_POINT} - {_POINT}\Z")]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class Window:
    """One stretch of time, both ends in UTC; ``until`` is outside of it."""

    since: datetime
    until: datetime
    reason: str


class Freeze(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A freeze: once (``from`` and ``until``), or every week (``weekly``)."""

    reason: NonEmpty
    zone: NonEmpty = "UTC"
    weekly: Weekly | None = None
    since: datetime | None = msgspec.field(default=None, name="from")
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what is no window.

        Raises:
            ValueError: ends that are missing, too many or in the wrong order, or no such zone.
        """
        zone = _zone(self.zone)
        if self.weekly is not None:
            if self.since is not None or self.until is not None:
                raise ValueError("weekly says it all: remove from and until")
            if _points(self.weekly)[0] == _points(self.weekly)[1]:
                raise ValueError("weekly must end at another time than it begins")
        elif self.since is None or self.until is None:
            raise ValueError("it needs from and until, or weekly")
        elif not all(moment.year in _YEARS for moment in (self.since, self.until)):
            raise ValueError("from and until must lie between the years 2000 and 2999")
        elif _earliest(self.since, zone) >= _latest(self.until, zone):
            raise ValueError("until must be later than from")

    def window_at(self, now: datetime) -> Window | None:
        """The window of this freeze that holds at ``now``, if one does."""
        for since, until in self._stretches(now):
            if since <= now < until:
                return Window(since, until, self.reason)
        return None

    def _stretches(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = _zone(self.zone)
        if self.weekly is None:
            if self.since and self.until:
                yield _earliest(self.since, zone), _latest(self.until, zone)
            return
        begin, end = _points(self.weekly)
        here = now.astimezone(zone).replace(tzinfo=None)
        monday = datetime(here.year, here.month, here.day) - timedelta(  # noqa: DTZ001  (clock time)
            days=here.weekday()
        )
        for week in (-1, 0, 1):
            first = monday + week * _WEEK + begin
            last = monday + week * _WEEK + (end if end > begin else end + _WEEK)
            yield _earliest(first, zone), _latest(last, zone)


def window_at(freezes: Sequence[Freeze], now: datetime) -> Window | None:
    """The window that holds at ``now``; of several the one that ends last."""
    found = [window for freeze in freezes if (window := freeze.window_at(now))]
    return max(found, key=lambda window: window.until, default=None)


def in_both_times(moment: datetime, here: tzinfo | None = None) -> str:
    """A moment in UTC, and in the operator's own time where that differs."""
    utc, local = moment.astimezone(UTC), moment.astimezone(here)
    said = f"{utc:%a %Y-%m-%d %H:%M} UTC"
    if local.utcoffset() == timedelta(0):
        return said
    return f"{local:%a %Y-%m-%d %H:%M %Z} your time, {said}"


def _zone(name: str) -> tzinfo:
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ", e.g. Europe/Berlin"
        raise ValueError(f"zone {name!r} is no IANA time zone{hint}") from None


def _points(weekly: str) -> tuple[timedelta, timedelta]:
    """Begin and end, each as the time since Monday 00:00."""
    begin, end = (
        timedelta(days=_DAYS.index(day), hours=int(hour), minutes=int(minute))
        for day, hour, minute in re.findall(_POINT, weekly)
    )
    return begin, end


def _earliest(moment: datetime, zone: tzinfo) -> datetime:
    return min(_readings(moment, zone))


def _latest(moment: datetime, zone: tzinfo) -> datetime:
    return max(_readings(moment, zone))


def _readings(moment: datetime, zone: tzinfo) -> list[datetime]:
    """What a clock time can mean, in UTC; a moment that names its own offset is that one."""
    if moment.tzinfo is not None:
        return [moment.astimezone(UTC)]
    return [moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
