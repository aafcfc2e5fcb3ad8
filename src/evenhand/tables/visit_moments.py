"""Turn what people write in the columns start, end, duration, pause and date into moments that can be compared."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.clock import MINUTES, parse_duration, writes_digits
from evenhand.tables.cost_table import shown
from evenhand.tables.dates import day_order, is_weekday, parse_date, parse_moment, parse_weekdays
from evenhand.tables.numbers import UnitNumber

DAY = 1440
"""Minutes of a day."""
MOST_DAYS = 400
"""Upper limit on the numbers by which a plan may count its days."""
RIGHT = "write a time such as 08:30, or a date with a time such as 2026-03-02 08:30"
_ZERO_OF_SPREADSHEETS = datetime.date(1899, 12, 31)
_SPAN = 24  # a plain number above it cannot be the hours of a visit
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$")  # data frames write it behind dates


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written about one task; cells are text, from a file, or what Python has for times.

    Attributes
    ----------
    where
        Beginning of messages: source, line and task.
    start, end, pause, duration, date, end_date
        The cells; empty text for one that is not there.
    """

    where: str
    start: Any
    end: Any = ""
    pause: Any = ""
    duration: Any = ""
    date: Any = ""
    end_date: Any = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time.

    Attributes
    ----------
    kind
        ``clock`` (of any day), ``date``, ``weekday`` (of one week), ``day`` (of a plan's numbered days), ``midnight``
        for a date without a time, or ``number``.
    value
        Minutes since midnight of the clock, the week or the calendar; a number is as the user gave it.
    """

    kind: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Writing:
    """What all cells together say about how times are written.

    Attributes
    ----------
    order
        What comes first in ``02/03/2026``: ``day``, ``month``, or empty if nothing proves it.
    digits
        Whether ``1430`` is a time, because ``0830`` stands beside it.
    days
        Day, from 0, of each text in the columns of dates, and their kind, if these are weekdays or numbered days.
    """

    order: str = ""
    digits: bool = False
    days: tuple[str, dict[str, int]] | None = None


def writing_of(entries: Sequence[Entry], source: str) -> Writing:
    """Return what all entries together say about how times are written.

    Raises
    ------
    InputError
        If dates or weekdays contradict each other, or can be read in two ways.
    """
    times = [cell for entry in entries for cell in (entry.start, entry.end) if isinstance(cell, str)]
    dates = [cell.strip() for entry in entries for cell in (entry.date, entry.end_date) if isinstance(cell, str)]
    dates = list(dict.fromkeys(filter(None, dates)))
    try:
        order = day_order([*times, *dates])
        days: tuple[str, dict[str, int]] | None = None
        if any(map(is_weekday, dates)):
            days = "weekday", dict(zip(dates, parse_weekdays(dates), strict=True))
        elif dates and all(text.isdecimal() and text.isascii() and int(text) <= MOST_DAYS for text in dates):
            days = "day", {text: int(text) for text in dates}
            numbers = set(days[1].values())
            if min(numbers) > 1 or numbers != set(range(min(numbers), max(numbers) + 1)):
                raise ValueError(
                    f"has the days {', '.join(dates[:5])}, which do not count from 1 on without a gap; write dates or "
                    "weekdays"
                )
    except ValueError as error:
        raise InputError(f"{source}: the column of dates {error}") from None
    return Writing(order, any(map(writes_digits, times)), days)


def is_empty(cell: Any) -> bool:
    """Return whether a cell holds nothing: no text, None, NaN or NaT."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or bool(cell != cell)


def moment_of(cell: Any, where: str, writing: Writing) -> Moment:
    """Return the moment that a cell of start or end holds.

    Raises
    ------
    InputError
        If it is none; the message begins with `where`.
    """
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime.datetime | datetime.time) and cell.tzinfo is not None:
        raise InputError(f"{where} has {shown(cell)}, with a time zone; give the times of one place, without it")
    if isinstance(cell, datetime.datetime):
        minutes = Fraction(cell.hour * 60 + cell.minute) + Fraction(
            cell.second * 1_000_000 + cell.microsecond, 6 * 10**7
        )
        return Moment("date", cell.toordinal() * DAY + minutes)
    if isinstance(cell, datetime.date):
        return Moment("midnight", Fraction(cell.toordinal() * DAY))
    if isinstance(cell, datetime.time):
        cell = cell.isoformat()
    if isinstance(cell, str):
        return _of_text(cell, where, writing)
    number = plain_number(cell)
    if number is not None:
        return Moment("number", number)
    if isinstance(cell, float | np.floating):
        raise InputError(f"{where} has {shown(cell)}; start and end must be finite")
    raise InputError(f"{where} has {shown(cell)}, which is not a time; {RIGHT}")


def _of_text(text: str, where: str, writing: Writing) -> Moment:
    try:
        date, minutes = parse_moment(text, order=writing.order, digits=writing.digits)
    except ValueError as error:
        raise InputError(f"{where} has {shown(text.strip())}, which {error}") from None
    since = -1 if date is None else (date - _ZERO_OF_SPREADSHEETS).days
    if 0 <= since <= 1:
        # How a spreadsheet shows 24:00 and more hours that are formatted as a time of day.
        date, minutes = None, (minutes or Fraction(0)) + DAY * since
    if date is None:
        assert minutes is not None
        return Moment("clock", minutes)
    return Moment("midnight" if minutes is None else "date", date.toordinal() * DAY + (minutes or Fraction(0)))


def with_date(moment: Moment, cell: Any, where: str, writing: Writing) -> Moment:
    """Return a moment on the day that a cell of a column of dates names.

    Raises
    ------
    InputError
        If the cell is no day, or if the moment has another date already.
    """
    text = str(cell).strip()
    if writing.days is not None:
        kind, days = writing.days
        day = days[text]
    else:
        kind = "date"
        try:
            day = parse_date(_MIDNIGHT.sub("", text), writing.order).toordinal()
        except ValueError as error:
            raise InputError(f"{where} has the date {shown(text)}, which {error}") from None
    if moment.kind == "clock":
        return Moment(kind, day * DAY + moment.value)
    if moment.kind in ("date", "midnight") and kind == "date":
        if moment.value // DAY == day or moment == Moment("date", Fraction((day + 1) * DAY)):
            return moment
        other = datetime.date.fromordinal(int(moment.value // DAY)).isoformat()
        raise InputError(f"{where} has the date {shown(text)}, but a time on {other}; leave one of the columns out")
    raise InputError(f"{where} has the date {shown(text)} and beside it a time that is no hour of a day; {RIGHT}")


def minutes_of(cell: Any, where: str, what: str, unit: str, header: str = "") -> Fraction:
    """Return the minutes in a pause or a duration; 0 for an empty cell.

    Parameters
    ----------
    cell
        Text, a number or a ``datetime.timedelta``.
    where
        Beginning of messages.
    what
        ``pause`` or ``duration``.
    unit
        Unit of plain numbers; empty if it is not known.
    header
        Unit that the header of the column names; empty if it names none.

    Raises
    ------
    InputError
        If it is no length of time, is negative, or has no unit.
    """
    if is_empty(cell):
        return Fraction(0)
    if isinstance(cell, datetime.timedelta):
        minutes = Fraction(str(cell.total_seconds())) / 60
    elif (number := plain_number(cell)) is not None:
        minutes = MINUTES[unit or "min"] * number
    else:
        text = str(cell).strip()
        try:
            minutes = parse_duration(text, unit)
        except ValueError as error:
            raise InputError(f"{where} has the {what} {shown(text)}, which {error}") from None
        if text.count(":") == 1 and header in ("s", "min"):
            raise InputError(
                f"{where} has the {what} {shown(text)} in a column of {header}: hours and minutes, or minutes and "
                "seconds? Write plain numbers, or take the unit out of the header for hours and minutes"
            )
        if not header and 0 < minutes < 1 and not any(character.isalpha() or character == ":" for character in text):
            raise InputError(
                f"{where} has the {what} {shown(text)}, less than a minute; if it is in hours, write {what} (h) into "
                f"the header, or {text} h into the cell"
            )
    if minutes < 0:
        raise InputError(f"{where} has the {what} {shown(cell)}; it must be minutes, such as 15, or 0:15")
    return minutes


def plain_number(cell: Any) -> Fraction | None:
    """Return a finite number as it is; None for anything else, also for one that is shown with a unit."""
    numbers = int | float | np.integer | np.floating | Fraction
    if isinstance(cell, bool | np.bool_ | UnitNumber) or not isinstance(cell, numbers) or not np.isfinite(float(cell)):
        return None
    return Fraction(cell.item() if isinstance(cell, np.generic) else cell)


def unit_of_numbers(cells: Sequence[Any]) -> str:
    """Return ``min`` if some plain number is too large for the hours of a visit, otherwise nothing: it is not known."""
    for cell in cells:
        try:
            if (
                parse_duration(str(cell), "min") > _SPAN
                and str(cell).strip().replace(",", "").replace(".", "").isdigit()
            ):
                return "min"
        except ValueError:
            continue
    return ""
