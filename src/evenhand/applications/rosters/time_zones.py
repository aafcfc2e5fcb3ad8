"""The definition of a time zone within a calendar file (VTIMEZONE, RFC 5545 section 3.6.5)."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import NamedTuple

_HOUR = datetime.timedelta(hours=1)


class _Change(NamedTuple):
    """A change of a zone's offset: when (in the time before it), the offsets around it, and its name after it."""

    local: datetime.datetime
    before: datetime.timedelta
    after: datetime.timedelta
    name: str
    summer: bool


def time_zone_lines(zone: str, first: datetime.date, last: datetime.date) -> list[str]:
    """Return the lines that define a zone for all times from `first` to `last`.

    Each part of that time between two changes of the clock is an observance of its own, without rules of recurrence.

    Parameters
    ----------
    zone
        Name of a zone that is known on this machine.
    first, last
        The dates.
    """
    info = zoneinfo.ZoneInfo(zone)
    begin = datetime.datetime.combine(first, datetime.time()) - datetime.timedelta(days=1)
    end = datetime.datetime.combine(last, datetime.time()) + datetime.timedelta(days=1)
    offset, name, summer = _state(begin, info)
    # The observance of the first times; it begins before them all.
    changes = [_Change(begin, offset, offset, name, summer), *_changes(info, begin, end)]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for change in changes:
        kind = "DAYLIGHT" if change.summer else "STANDARD"
        lines += [
            f"BEGIN:{kind}",
            f"DTSTART:{change.local:%Y%m%dT%H%M%S}",
            f"TZOFFSETFROM:{_offset(change.before)}",
            f"TZOFFSETTO:{_offset(change.after)}",
            f"TZNAME:{change.name}",
            f"END:{kind}",
        ]
    return [*lines, "END:VTIMEZONE"]


def _changes(info: zoneinfo.ZoneInfo, begin: datetime.datetime, end: datetime.datetime) -> list[_Change]:
    """Return the changes of a zone's offset between two times, found to the second by bisection of hours."""
    found = []
    now, last = begin.replace(tzinfo=datetime.UTC), end.replace(tzinfo=datetime.UTC)
    while now < last:
        then = now + _HOUR
        if _at(now, info)[0] != _at(then, info)[0]:
            low, high = now, then
            while high - low > datetime.timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if _at(middle, info)[0] == _at(now, info)[0] else (low, middle)
            before, (after, name, summer) = _at(now, info)[0], _at(high, info)
            found.append(_Change((high + before).replace(tzinfo=None), before, after, name, summer))
        now = then
    return found


def _at(moment: datetime.datetime, info: zoneinfo.ZoneInfo) -> tuple[datetime.timedelta, str, bool]:
    return _state(moment.astimezone(info), info)


def _state(moment: datetime.datetime, info: zoneinfo.ZoneInfo) -> tuple[datetime.timedelta, str, bool]:
    """Return offset, name, and whether it is summer time at a moment of the zone."""
    there = moment if moment.tzinfo is info else moment.replace(tzinfo=info)
    offset = there.utcoffset()
    assert offset is not None
    return offset, there.tzname() or "local", bool(there.dst())


def _offset(offset: datetime.timedelta) -> str:
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02}{rest // 60:02}"
    return text + (f"{rest % 60:02}" if rest % 60 else "")
