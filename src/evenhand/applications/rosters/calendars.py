"""A calendar file for each person of a roster, in the format iCalendar (RFC 5545), which phones and offices read.

Shifts have times in a time zone that the file defines, or times of day of nowhere in particular, as on a wall clock.
The UID of an event is made of person and date, and SEQUENCE grows with time, so that importing the next version of a
roster replaces events instead of adding them; days that the next version leaves free are cancelled.
"""

from __future__ import annotations

import datetime
import hashlib
import zoneinfo
from os import PathLike
from pathlib import Path

from evenhand.applications.rosters.file_names import file_names
from evenhand.applications.rosters.last_plan import LastPlan, changes_since
from evenhand.applications.rosters.roster_parts import Shift
from evenhand.applications.rosters.roster_result import Roster
from evenhand.applications.rosters.time_zones import time_zone_lines
from evenhand.errors import InputError
from evenhand.tables import write_text
from evenhand.tables.cost_table import shown
from evenhand.tables.files import make_folder
from evenhand.visible import visible

LONGEST_LINE = 75
"""Largest number of bytes in a line, RFC 5545 section 3.1; longer lines are folded."""
_PRODUCT = "-//evenhand//rosters//EN"


def write_calendars(
    folder: str | PathLike[str],
    roster: Roster,
    zone: str | None = None,
    stamp: datetime.datetime | None = None,
    last: LastPlan | None = None,
) -> list[Path]:
    """Write a calendar file for each person into a folder, and return the paths.

    Parameters
    ----------
    folder
        The folder; it is created if it does not exist.
    roster
        A roster with dates, whose shifts have a start.
    zone
        Name of a time zone, such as ``Europe/Berlin``; None for times without a zone, which a calendar shows as they
        are wherever it is.
    stamp
        When the roster was made, for the field DTSTAMP; None for now.
    last
        The last plan; its shifts on days that are free now are written as cancelled.

    Raises
    ------
    InputError
        If the roster has no plan or no dates, a shift has no start, the zone is unknown, or a file cannot be written.
    """
    _check_calendars(roster, zone)
    make_folder(folder)
    stamp = stamp or datetime.datetime.now(datetime.UTC)
    names = [person.name for person in roster.problem.people]
    return [
        write_text(Path(folder) / f"{name}.ics", _calendar_text(roster, index, zone, stamp, last))
        for index, name in enumerate(file_names(names))
    ]


def _check_calendars(roster: Roster, zone: str | None) -> None:
    """Raise `InputError` unless a roster can be written as calendars; see :func:`write_calendars`."""
    problem = roster.problem
    if roster.plan is None:
        raise InputError(f"the answer is {roster.status}; there is nothing to write into calendars")
    if problem.first_date is None:
        raise InputError(f"{problem.source}: the days have no dates; calendars need the date of the first day")
    timeless = next((shift.name for shift in problem.shifts if shift.start is None), None)
    if timeless is not None:
        raise InputError(f"{problem.source}: shift {shown(timeless)} has no start; calendars need one")
    check_zone(zone)


def check_zone(zone: str | None) -> None:
    """Raise `InputError` unless a time zone is known on this machine, or None."""
    if zone is None:
        return
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"time zone {shown(zone)} is not known; give a name such as Europe/Berlin") from None


def _calendar_text(
    roster: Roster, index: int, zone: str | None, stamp: datetime.datetime, last: LastPlan | None = None
) -> str:
    """Return the calendar of the person at a position; parameters as for :func:`write_calendars`, all checked."""
    problem = roster.problem
    assert roster.plan is not None
    assert problem.first_date is not None
    person = problem.people[index].name
    shifts = {shift.name: shift for shift in problem.shifts}
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{escaped(person)}")
    if zone is not None:
        lines += time_zone_lines(
            zone, problem.first_date, problem.first_date + datetime.timedelta(days=problem.days + 2)
        )
    for day, name in enumerate(roster.plan[index]):
        date = problem.date_of(day)
        if name is not None and date is not None:
            lines += _event(person, date, shifts[name], zone, stamp)
    for change in () if last is None else changes_since(problem, roster.plan, last):
        date = problem.date_of(change.day)
        if change.person == person and change.after is None and change.before in shifts and date is not None:
            lines += _event(person, date, shifts[change.before], zone, stamp, status="CANCELLED")
    lines.append("END:VCALENDAR")
    return "".join(f"{line}\r\n" for text in lines for line in folded(text))


def _event(
    person: str,
    date: datetime.date,
    shift: Shift,
    zone: str | None,
    stamp: datetime.datetime,
    status: str = "CONFIRMED",
) -> list[str]:
    assert shift.start is not None
    assert shift.end is not None
    midnight = datetime.datetime.combine(date, datetime.time())
    start, end = (midnight + datetime.timedelta(minutes=float(minutes)) for minutes in (shift.start, shift.end))
    at = "" if zone is None else f";TZID={zone}"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_event_uid(person, date)}",
        f"SEQUENCE:{int(stamp.timestamp()) // 60}",
        f"DTSTAMP:{stamp.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART{at}:{start:%Y%m%dT%H%M%S}",
        f"DTEND{at}:{end:%Y%m%dT%H%M%S}",
        f"SUMMARY:{escaped(shift.name)}",
        f"STATUS:{status}",
    ]
    if shift.kinds:
        lines.append(f"CATEGORIES:{','.join(escaped(kind) for kind in sorted(shift.kinds))}")
    if shift.pause:
        lines.append(f"DESCRIPTION:{escaped(f'{shift.minutes / 60:g} hours, break {shift.pause:g} min')}")
    return [*lines, "TRANSP:OPAQUE", "END:VEVENT"]


def _event_uid(person: str, date: datetime.date) -> str:
    """Return the unique identifier of somebody's shift on a date, the same in every version of a roster."""
    digest = hashlib.sha256(f"{person}\x1f{date.isoformat()}".encode()).hexdigest()
    return f"{digest[:32]}@evenhand"


def escaped(text: str) -> str:
    r"""Return a text as a value of an iCalendar property, RFC 5545 section 3.3.11.

    Examples
    --------
    >>> escaped("Late; ward 3, B")
    'Late\\; ward 3\\, B'
    """
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, written)
    return visible(text)


def folded(line: str) -> list[str]:
    """Return a line as lines of at most 75 bytes, all but the first with a space in front, RFC 5545 section 3.1.

    No character is cut in its middle.
    """
    pieces, piece, size = [], "", 0
    for char in line:
        width = len(char.encode("utf-8"))
        if size + width > LONGEST_LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + char, size + width
    return [*pieces, piece]
