"""When each task begins and ends, and the pause that follows: checked, in one unit, whoever wrote it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.dates import SHORT_WEEKDAYS
from evenhand.tables.visit_moments import (
    RIGHT,
    Entry,
    Moment,
    Writing,
    is_empty,
    minutes_of,
    moment_of,
    plain_number,
    with_date,
    writing_of,
)

_LATE = (
    "if it goes over midnight, write dates before all times (2026-03-02 22:00), or hours above 24 for the next day "
    "(30:00 for 06:00)"
)
_LATE_ON_A_DAY = (
    "if it goes over midnight, write hours above 24 for the next day (30:00 for 06:00), or a column 'end date'"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """When a task occupies its agent.

    Attributes
    ----------
    start, end
        Begin and end, in seconds, or in the user's unit if they are numbers.
    pause
        Time after the end before the same agent can start another task, in the same unit.
    shown
        Begin and end as the user wrote them, for messages.
    day
        Day on which it begins, in words; empty for hours of any day, and for numbers.
    clock
        Whether begin and end are times of a clock; otherwise they are numbers in the user's unit.
    """

    start: Fraction
    end: Fraction
    pause: Fraction
    shown: tuple[str, str]
    day: str = ""
    clock: bool = True

    @property
    def free(self) -> Fraction:
        """When the agent can start another task."""
        return self.end + self.pause


@dataclass(frozen=True, slots=True)
class Units:
    """Units of plain numbers in the columns of pauses and durations, and those that the headers name; or empty."""

    pause: str = "min"
    pause_header: str = ""
    duration: str = ""
    duration_header: str = ""


def times_of(times: Any, tasks: Sequence[str]) -> list[Visit | None]:
    """Return when each task begins and ends, given in Python; see `times` of :func:`evenhand.assignment.assign`.

    Parameters
    ----------
    times
        A mapping from tasks, by name or position, to (start, end) or (start, end, pause), or a sequence of these in the
        order of the tasks; None in place of a pair means any time. Start and end are times as text,
        ``datetime.datetime``, ``datetime.time``, or numbers in one unit, which is then also that of pauses; otherwise
        a pause is a number of minutes, a ``datetime.timedelta``, or text.
    tasks
        Names of the tasks, length m.

    Raises
    ------
    InputError
        If a value cannot be used; the message names the task.
    """
    if not isinstance(times, Mapping):
        if isinstance(times, str) or not isinstance(times, Iterable):
            raise InputError(f"times are {shown(times)}; give a mapping from tasks to (start, end), or a sequence")
        listed = list(times)
        if len(listed) != len(tasks):
            raise InputError(f"times: {len(listed)} given for {len(tasks)} tasks; give one for each")
        times = dict(zip(range(len(tasks)), listed, strict=True))
    place = {name: position for position, name in enumerate(tasks)}
    given: dict[str, Entry] = {}
    for key, moments in times.items():
        position = place.get(key, key) if isinstance(key, str) else key
        if isinstance(position, bool) or not isinstance(position, int | np.integer) or not 0 <= position < len(tasks):
            raise InputError(f"times: there is no task {key!r}; give names, or positions from 0 to {len(tasks) - 1}")
        task = tasks[int(position)]
        where = f"times: task {shown(task)}"
        if task in given:
            raise InputError(f"{where} is given twice, by name and by position")
        if moments is None:
            moments = ("", "")
        if isinstance(moments, str) or not isinstance(moments, Iterable):
            raise InputError(f"{where} has {shown(moments)}; expected (start, end) or (start, end, pause)")
        cells = tuple(moments)
        if len(cells) not in (2, 3):
            raise InputError(f"{where} has {len(cells)} values; expected (start, end) or (start, end, pause)")
        given[task] = Entry(where, cells[0], cells[1], cells[2] if len(cells) == 3 else "")
    check_all_given(given, tasks, "times")
    return visits_of([given[task] for task in tasks], "times")


def check_all_given(given: Collection[str], tasks: Sequence[str], source: str) -> None:
    """Raise an InputError if a task has no entry."""
    missing = [task for task in tasks if task not in given]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(
            f"{source}: no times for task {shown(missing[0])}{more}; give each task a row, with empty start and end if "
            "it can be done at any time"
        )


def visits_of(entries: Sequence[Entry], source: str, units: Units | None = None) -> list[Visit | None]:
    """Return the visit of each entry; None for one without start and end.

    Parameters
    ----------
    entries
        What is written about each task.
    source
        Name of the file or argument, for messages about all entries.
    units
        Units of plain numbers.

    Raises
    ------
    InputError
        If an entry cannot be read in exactly one way, or a visit does not end after its start.
    """
    units = units or Units()
    writing = writing_of(entries, source)
    moments = [_both(entry, writing, units) for entry in entries]
    kind = _one_kind(entries, moments)
    visits: list[Visit | None] = []
    for entry, pair in zip(entries, moments, strict=True):
        if pair is None:
            visits.append(None)
            continue
        start, end = pair[0].value, pair[1].value
        written = str(entry.start), _clock(end) if is_empty(entry.end) and kind != "number" else str(entry.end)
        if end <= start:
            when = "when" if end == start else "before"
            remedy = "its end must be later"
            if end < start and not is_empty(entry.date):
                remedy = _LATE_ON_A_DAY
            elif end < start and kind == "clock":
                remedy = _LATE
            raise InputError(
                f"{entry.where} ends at {shown(written[1])}, {when} it starts at {shown(written[0])}; {remedy}"
            )
        if not is_empty(entry.date):
            last = entry.date if is_empty(entry.end_date) else entry.end_date
            written = f"{entry.date} {written[0]}", f"{last} {written[1]}"
        visit = _visit(entry, start, end, written, units, of_numbers=kind == "number")
        visits.append(replace(visit, day=_day(kind, start, entry), clock=kind != "number"))
    return visits


def _visit(
    entry: Entry, start: Fraction, end: Fraction, written: tuple[str, str], units: Units, *, of_numbers: bool
) -> Visit:
    if not of_numbers:
        pause = minutes_of(entry.pause, entry.where, "pause", units.pause, units.pause_header)
        return Visit(60 * start, 60 * end, 60 * pause, written)
    if is_empty(entry.pause):
        return Visit(start, end, Fraction(0), written)
    pause_as_given = plain_number(entry.pause)
    if pause_as_given is None or pause_as_given < 0:
        raise InputError(
            f"{entry.where} has the pause {shown(entry.pause)}; it must be a number of 0 or more, in the unit of the "
            "times"
        )
    return Visit(start, end, pause_as_given, written)


def _both(entry: Entry, writing: Writing, units: Units) -> tuple[Moment, Moment] | None:
    """Return start and end of an entry; None if it has neither."""
    if is_empty(entry.start) and is_empty(entry.end):
        return None
    no_end = is_empty(entry.end) and is_empty(entry.duration)
    for lacks, what in ((is_empty(entry.start), "start"), (no_end, "end")):
        if lacks:
            raise InputError(f"{entry.where} has no {what}; give both, or neither if it can be done at any time")
    start = moment_of(entry.start, entry.where, writing)
    if not is_empty(entry.date):
        start = with_date(start, entry.date, entry.where, writing)
    lasts = minutes_of(entry.duration, entry.where, "duration", units.duration, units.duration_header)
    if is_empty(entry.end):
        if start.kind == "midnight":
            raise InputError(f"{entry.where} has {shown(entry.start)}, a date without a time; {RIGHT}")
        if not lasts:
            raise InputError(f"{entry.where} has the duration {shown(entry.duration)}; it must be longer than 0")
        return start, Moment(start.kind, start.value + lasts)
    end = moment_of(entry.end, entry.where, writing)
    day = entry.date if is_empty(entry.end_date) else entry.end_date
    if not is_empty(day) and not (is_empty(entry.end_date) and end.kind != "clock"):
        end = with_date(end, day, entry.where, writing)
    if not is_empty(entry.duration) and start.kind == end.kind and abs(end.value - start.value - lasts) >= 1:
        raise InputError(
            f"{entry.where} goes from {shown(entry.start)} to {shown(entry.end)}, which is not its duration of "
            f"{shown(entry.duration)}; mend it, or take one of the columns away"
        )
    return start, end


def _one_kind(entries: Sequence[Entry], moments: Sequence[tuple[Moment, Moment] | None]) -> str:
    """Return the kind of all moments; a date without a time is one of midnight only where others have times."""
    first: tuple[str, Any] | None = None
    day: tuple[str, Any] | None = None
    for entry, pair in zip(entries, moments, strict=True):
        for moment, cell in zip(pair or (), (entry.start, entry.end), strict=False):
            if moment.kind == "midnight":
                day = day or (entry.where, cell)
                continue
            if first is None:
                first = (moment.kind, cell)
            elif first[0] != moment.kind:
                raise InputError(
                    f"{entry.where} has {shown(cell)}, and another task {shown(first[1])}; give all times alike, with "
                    "a date or without"
                )
    if day is not None and (first is None or first[0] != "date"):
        raise InputError(f"{day[0]} has {shown(day[1])}, a date without a time; {RIGHT}")
    return "date" if first is None else first[0]


def _day(kind: str, start: Fraction, entry: Entry) -> str:
    """Return the day of a moment in words."""
    if kind == "date":
        date = datetime.date.fromordinal(int(start // 1440))
        return f"{SHORT_WEEKDAYS[date.weekday()]} {date.isoformat()}"
    if kind == "weekday":
        return str(entry.date).strip()
    return f"day {int(start // 1440)}" if kind == "day" else ""


def _clock(minutes: Fraction) -> str:
    """Return the time of day of a moment, as a clock shows it."""
    hour, minute = divmod(int(minutes % 1440), 60)
    return f"{hour:02}:{minute:02}"
