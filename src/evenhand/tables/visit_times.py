"""Read when each task begins and ends: clock times, dates with times, or numbers, and the pause that follows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.number_tokens import duration_in_hours
from evenhand.tables.numbers import Cell, UnitNumber, to_number
from evenhand.tables.split_rows import small_rows

_HEADERS = {
    "task": ("task", "visit", "name", "id"),
    "start": ("start", "begin", "from"),
    "end": ("end", "finish", "to", "until"),
    "pause": ("pause", "break", "drive", "travel"),
}
_UNIT = re.compile(r"\s*[(\[](.*)[)\]]$")
_PER_UNIT = {"": 1, "min": 1, "minutes": 1, "h": 60, "hours": 60}  # minutes
_CLOCK = r"([0-9]{1,2})(?::|h)([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]+)?))?(?:\s*(am|pm|a\.m\.|p\.m\.|Uhr))?"
_TIME = re.compile(_CLOCK, re.IGNORECASE)
_DATE = re.compile(r"(?:([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}))", re.IGNORECASE)
_ZONE = re.compile(r":[0-9.]+\s*(?:Z|[+-][0-9]{2}:?[0-9]{2}|UTC|GMT|[A-Z]{3,4})", re.IGNORECASE)
_DAY = 86_400
_RIGHT = "write a time such as 08:30, or a date with a time such as 2026-03-02 08:30"


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
    """

    start: Fraction
    end: Fraction
    pause: Fraction
    shown: tuple[str, str]

    @property
    def free(self) -> Fraction:
        """When the agent can start another task."""
        return self.end + self.pause


@dataclass(frozen=True, slots=True)
class _Moment:
    """A point in time: its kind (``clock``, ``date``, ``day`` for a date without a time, ``number``), and its value."""

    kind: str
    value: Fraction


def read_times(file: Path, tasks: Sequence[str], gone: Collection[str] = ()) -> list[Visit | None]:
    """Return when each task begins and ends, from a file with a row of task, start, end and perhaps pause for each.

    A task whose start and end are empty can be done at any time. Pauses without a unit are in minutes.

    Parameters
    ----------
    file
        A text file or workbook, with or without a header. Under a header with the words task, start and end (and
        pause) columns may be in any order, and others are ignored.
    tasks
        Names of the tasks in the costs, length m.
    gone
        Names of tasks that are left out of the costs, whose rows are skipped.

    Returns
    -------
    list of Visit or None
        Length m, in the order of `tasks`.

    Raises
    ------
    InputError
        If a row cannot be read, or a task has no row or two; the message names the file, the line and the value.
    """
    known = set(tasks)
    rows, _ = small_rows(file, known)
    columns, unit, rows = _columns(rows, known, file)
    given: dict[str, tuple[str, tuple[Any, Any, Any]]] = {}
    for line, cells in rows:
        where = f"{file}, line {line}"
        task, *moments = ("" if k is None or k >= len(cells) else cells[k] for k in columns)
        if task in gone and task not in known:
            continue
        if task not in known:
            raise InputError(f"{where}: no task of the costs is called {shown(task)}")
        if task in given:
            raise InputError(f"{where}: task {shown(task)} has a row already; give each task one")
        given[str(task)] = (f"{where}: task {shown(task)}", (moments[0], moments[1], moments[2]))
    _check_all_given(given, tasks, str(file))
    return _visits([given[task] for task in tasks], unit)


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
    given: dict[str, tuple[str, tuple[Any, Any, Any]]] = {}
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
        given[task] = (where, (cells[0], cells[1], cells[2] if len(cells) == 3 else ""))
    _check_all_given(given, tasks, "times")
    return _visits([given[task] for task in tasks], 1)


def _columns(
    rows: list[tuple[int, list[Cell]]], tasks: Collection[str], file: Path
) -> tuple[list[int | None], int, list[tuple[int, list[Cell]]]]:
    """Return the columns of task, start, end and pause, the minutes in a unit of pause, and the rows below a header."""
    if not rows:
        raise InputError(f"{file}: the file is empty; it needs a row of task, start and end for each task")
    line, first = rows[0]
    words = [str(cell).strip().lower() for cell in first]
    bare = [_UNIT.sub("", word) for word in words]
    found: dict[str, int] = {}
    for kind, names in _HEADERS.items():
        places = [k for k, word in enumerate(bare) if word in names]
        if len(places) > 1 and str(first[0]) not in tasks:
            raise InputError(
                f"{file}, line {line}: {shown(first[places[0]])} and {shown(first[places[1]])} could both be the {kind}"
            )
        if places:
            found[kind] = places[0]
    if {"task", "start", "end"} <= found.keys():
        unit = 1
        if "pause" in found:
            written = _UNIT.search(words[found["pause"]])
            if (written[1].strip() if written else "") not in _PER_UNIT:
                raise InputError(f"{file}, line {line}: the unit of {shown(first[found['pause']])} must be min or h")
            unit = _PER_UNIT[written[1].strip() if written else ""]
        return [found["task"], found["start"], found["end"], found.get("pause")], unit, rows[1:]
    wide = next((row for row in rows if len(row[1]) not in (1, 3, 4)), None)
    if wide is not None:
        raise InputError(
            f"{file}, line {wide[0]}: {len(wide[1])} cells; without a header with the words task, start and end there "
            "must be three (task, start, end), or four with a pause"
        )
    looks_like_data = str(first[0]) in tasks or any(character.isdigit() for word in words[1:] for character in word)
    return [0, 1, 2, 3], 1, rows if looks_like_data else rows[1:]


def _check_all_given(given: Collection[str], tasks: Sequence[str], source: str) -> None:
    missing = [task for task in tasks if task not in given]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(
            f"{source}: no times for task {shown(missing[0])}{more}; give each task a row, with empty start and end if "
            "it can be done at any time"
        )


def _visits(given: Sequence[tuple[str, tuple[Any, Any, Any]]], unit: int) -> list[Visit | None]:
    """Return the visits, each given as the beginning of messages, and start, end and pause."""
    moments: list[tuple[_Moment, _Moment] | None] = []
    for where, (start, end, _) in given:
        if _empty(start) and _empty(end):
            moments.append(None)
            continue
        for cell, what in ((start, "start"), (end, "end")):
            if _empty(cell):
                raise InputError(f"{where} has no {what}; give both, or neither if it can be done at any time")
        moments.append((_moment(start, where), _moment(end, where)))
    kind = _one_kind(given, moments)
    visits: list[Visit | None] = []
    for (where, (start, end, pause)), pair in zip(given, moments, strict=True):
        if pair is None:
            visits.append(None)
            continue
        begin, finish = pair[0].value, pair[1].value
        if finish < begin and kind == "clock":
            raise InputError(
                f"{where} ends at {shown(end)}, before it starts at {shown(start)}; if it goes over midnight, write "
                "dates before all times (2026-03-02 22:00), or hours above 24 for the next day (30:00 for 06:00)"
            )
        if finish <= begin:
            when = "when" if finish == begin else "before"
            raise InputError(f"{where} ends at {shown(end)}, {when} it starts ({shown(start)}); its end must be later")
        rest = _pause(pause, where, unit, of_numbers=kind == "number")
        visits.append(Visit(begin, finish, rest, (str(start), str(end))))
    return visits


def _one_kind(
    given: Sequence[tuple[str, tuple[Any, Any, Any]]], moments: Sequence[tuple[_Moment, _Moment] | None]
) -> str:
    """Return the kind of all moments; a date without a time is one of midnight only where others have times."""
    first: tuple[str, Any] | None = None
    day: tuple[str, Any] | None = None
    for (where, cells), pair in zip(given, moments, strict=True):
        for moment, cell in zip(pair or (), cells, strict=False):
            if moment.kind == "day":
                day = day or (where, cell)
                continue
            if first is None:
                first = (moment.kind, cell)
            elif first[0] != moment.kind:
                raise InputError(
                    f"{where} has {shown(cell)}, and another task {shown(first[1])}; give all times alike, with a date "
                    "or without"
                )
    if day is not None and (first is None or first[0] != "date"):
        raise InputError(f"{day[0]} has {shown(day[1])}, a date without a time; {_RIGHT}")
    return "date" if first is None else first[0]


def _empty(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or bool(cell != cell)  # NaN and NaT


def _moment(cell: Any, where: str) -> _Moment:
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime.datetime | datetime.time) and cell.tzinfo is not None:
        raise InputError(f"{where} has {shown(cell)}, with a time zone; give the times of one place, without it")
    if isinstance(cell, datetime.datetime):
        seconds = Fraction(cell.hour * 3600 + cell.minute * 60 + cell.second) + Fraction(cell.microsecond, 1_000_000)
        return _Moment("date", cell.toordinal() * _DAY + seconds)
    if isinstance(cell, datetime.date):
        return _Moment("day", Fraction(cell.toordinal() * _DAY))
    if isinstance(cell, datetime.time):
        cell = cell.isoformat()
    if isinstance(cell, str):
        return _of_text(cell.strip(), where)
    if isinstance(cell, int | float | np.integer | np.floating | Fraction) and not isinstance(
        cell, bool | np.bool_ | UnitNumber
    ):
        if not np.isfinite(float(cell)):
            raise InputError(f"{where} has {shown(cell)}; start and end must be finite")
        return _Moment("number", Fraction(cell.item() if isinstance(cell, np.generic) else cell))
    raise InputError(f"{where} has {shown(cell)}, which is not a time; {_RIGHT}")


def _of_text(text: str, where: str) -> _Moment:
    """Return the moment in ``08:30``, ``8:30 pm``, ``2026-03-02 08:30`` or ``2.3.2026 08:30``."""
    refusal = f"{where} has {shown(text)}"
    date = _DATE.match(text)
    rest = text[date.end() :] if date else text
    day = 0
    if date:
        year, month, of_month = (int(part) for part in (date[1], date[2], date[3]) if part) if date[1] else (
            int(date[6]), int(date[5]), int(date[4])
        )  # fmt: skip
        try:
            day = datetime.date(year, month, of_month).toordinal()
        except ValueError as error:
            raise InputError(f"{refusal}, which is no date: {error}") from None
        if not rest:
            return _Moment("day", Fraction(day * _DAY))
        rest = rest[1:].lstrip() if rest[0] in "Tt " else f" {rest}"
    clock = _TIME.fullmatch(rest)
    if clock is None:
        if _ZONE.search(text):
            raise InputError(f"{refusal}, with a time zone; give the times of one place, without it")
        raise InputError(f"{refusal}, which is not a time; {_RIGHT}")
    hour, minute, second = int(clock[1]), int(clock[2]), Fraction(clock[3] or 0)
    half = (clock[4] or "").lower().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise InputError(f"{refusal}; with am or pm the hour is from 1 to 12")
        hour = hour % 12 + 12 * (half == "pm")
    if hour > 47 or (date and (hour, minute, second) > (24, 0, 0)):
        raise InputError(f"{refusal}, which is not a time; {_RIGHT}")
    return _Moment("date" if date else "clock", day * _DAY + 3600 * hour + 60 * minute + second)


def _pause(cell: Any, where: str, unit: int, *, of_numbers: bool) -> Fraction:
    """Return a pause in seconds, or as it is among times that are numbers.

    Plain numbers are minutes, times the `unit` of the column.
    """
    if _empty(cell):
        return Fraction(0)
    seconds = None
    if isinstance(cell, datetime.timedelta):
        seconds = None if of_numbers else Fraction(str(cell.total_seconds()))
    elif isinstance(cell, str):
        seconds = None if of_numbers else _pause_of_text(cell.strip(), unit)
    elif isinstance(cell, UnitNumber):
        seconds = _pause_of_text(str(cell), unit)
    elif isinstance(cell, int | float | np.integer | np.floating | Fraction) and np.isfinite(float(cell)):
        exact = Fraction(cell.item() if isinstance(cell, np.generic) else cell)
        seconds = exact if of_numbers else 60 * unit * exact
    if seconds is None or seconds < 0:
        right = "a number of 0 or more, in the unit of the times" if of_numbers else "minutes, such as 15, or 0:15"
        raise InputError(f"{where} has the pause {shown(cell)}; it must be {right}")
    return seconds


def _pause_of_text(text: str, unit: int) -> Fraction | None:
    try:
        number = to_number(text)
    except ValueError:
        hours = duration_in_hours(text)
        return None if hours is None else Fraction(round(3_600_000 * hours), 1000)
    return 60 * unit * Fraction(number) if np.isfinite(number) else None
