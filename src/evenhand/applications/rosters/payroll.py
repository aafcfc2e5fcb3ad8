"""A roster as rows for payroll: each shift with its hours, those at night, and those at the weekend."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from evenhand.applications.rosters.roster_parts import Shift
from evenhand.applications.rosters.roster_problem import DAYS_OF_WEEK, SATURDAY
from evenhand.applications.rosters.roster_result import Roster
from evenhand.applications.rosters.shift_rows import DAY, clock_text, minutes_at_night
from evenhand.errors import InputError
from evenhand.tables import write_rows

HEADER = ("person", "date", "shift", "start", "end", "hours", "night hours", "weekend hours", "weekend")
"""Columns of the file."""


def write_payroll(path: str | PathLike[str], roster: Roster, *, protect: bool = True) -> Path:
    """Write the rows of :func:`payroll_rows` as CSV, and return the path.

    Parameters
    ----------
    path
        The file to write.
    roster
        A roster.
    protect
        Whether names that a spreadsheet would execute as formulas get an apostrophe in front.

    Raises
    ------
    InputError
        If there is no roster, or the file cannot be written.
    """
    rows = [[row[column] for column in HEADER] for row in payroll_rows(roster)]
    return write_rows(path, [HEADER, *rows], protect=protect)


def payroll_rows(roster: Roster) -> list[dict[str, Any]]:
    """Return a row for each shift worked, by person and date.

    ``hours`` is what is paid, without the break. ``night hours`` are those between 23:00 and 06:00, and ``weekend
    hours`` those on Saturday and Sunday, by the clock on the wall, so that a night from Friday has some; both are cut
    by the break's part of the shift. ``weekend`` is yes if the shift starts on Saturday or Sunday, as rosters count it.
    Without dates, ``date`` is the number of the day from 0; without a start, the columns that need one are empty.

    Raises
    ------
    InputError
        If there is no roster.
    """
    if roster.plan is None:
        raise InputError(f"the answer is {roster.status}; there is nothing to pay for")
    problem = roster.problem
    shifts = {shift.name: shift for shift in problem.shifts}
    found = []
    for person, row in zip(problem.people, roster.plan, strict=True):
        for day, name in enumerate(row):
            if name is None:
                continue
            date, weekday = problem.date_of(day), problem.weekday(day)
            found.append(
                {
                    "person": person.name,
                    "date": day if date is None else date.isoformat(),
                    "shift": name,
                    **_hours(shifts[name], weekday),
                    "weekend": "yes" if weekday >= SATURDAY else "no",
                }
            )
    return found


def _hours(shift: Shift, weekday: int) -> dict[str, Any]:
    paid = round(shift.minutes / 60, 4)
    if shift.start is None or shift.end is None:
        return {"start": "", "end": "", "hours": paid, "night hours": "", "weekend hours": ""}
    length = shift.end - shift.start
    part = shift.minutes / length if length else 0.0
    # Minutes on each day that the shift touches, if that day is a Saturday or Sunday.
    weekend = sum(
        max(0.0, min(shift.end, DAY * (after + 1)) - max(shift.start, DAY * after))
        for after in (0, 1, 2)
        if (weekday + after) % DAYS_OF_WEEK >= SATURDAY
    )
    return {
        "start": clock_text(shift.start),
        "end": clock_text(shift.end),
        "hours": paid,
        "night hours": round(part * minutes_at_night(shift.start, shift.end) / 60, 4),
        "weekend hours": round(part * weekend / 60, 4),
    }
