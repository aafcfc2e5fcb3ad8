"""Read a roster's problem from the tables that an office has: shifts, people, wishes and absences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike

from evenhand.applications.rosters.people_rows import read_people
from evenhand.applications.rosters.roster_parts import Request, Shift
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.shift_rows import DAY, OfficeShifts, read_shifts
from evenhand.applications.rosters.wish_rows import read_absences, read_wishes
from evenhand.errors import InputError, prefixed
from evenhand.tables.cost_table import shown


@dataclass(frozen=True, slots=True)
class RosterTables:
    """A problem read from tables.

    Attributes
    ----------
    problem
        The problem.
    notes
        Sentences on how the tables were read, such as columns that are not used.
    """

    problem: RosterProblem
    notes: tuple[str, ...]


def read_roster_tables(
    shifts: str | PathLike[str],
    people: str | PathLike[str],
    wishes: str | PathLike[str] | None = None,
    absences: str | PathLike[str] | None = None,
) -> RosterTables:
    """Return the problem that an office's tables describe.

    Each is a text file of any dialect or a workbook, with a header in English, German or French; columns may be in any
    order. What the columns mean, and what holds where they are missing, is said by
    :func:`~evenhand.applications.rosters.shift_rows.read_shifts`,
    :func:`~evenhand.applications.rosters.people_rows.read_people`,
    :func:`~evenhand.applications.rosters.wish_rows.read_wishes` and
    :func:`~evenhand.applications.rosters.wish_rows.read_absences`.

    Parameters
    ----------
    shifts
        Table of date, start, end, kind, skill, least, preferred, most, cost of too few and too many, and break.
    people
        Table of name, contract hours, skills, limits, and what is carried over.
    wishes
        Table of name, date, kind, want and weight.
    absences
        Table of name, and from and to or date.

    Raises
    ------
    InputError
        If a table cannot be read; one line names file, row and column, and what would be right.
    """
    offered = read_shifts(shifts)
    staff = read_people(people, offered)
    notes = [*offered.notes, *staff.notes]
    requests: tuple[Request, ...] = ()
    away: dict[str, frozenset[int]] = {}
    if wishes is not None:
        requests, said = read_wishes(wishes, offered, staff.people)
        notes += said
    if absences is not None:
        away, said = read_absences(absences, offered, staff.people)
        notes += said
    with prefixed(str(people)):
        rested = _with_rest(offered, staff.rest)
    problem = RosterProblem(
        offered.days,
        rested,
        tuple(replace(person, days_off=away.get(person.name, frozenset())) for person in staff.people),
        offered.cover,
        requests,
        offered.first_date,
        source=str(shifts),
    )
    return RosterTables(problem, tuple(notes))


def _with_rest(shifts: OfficeShifts, rest: float) -> tuple[Shift, ...]:
    """Return the shifts with what may not follow them, so that at least `rest` minutes lie between any two.

    Raises
    ------
    InputError
        If two shifts with a day off between them are closer than that, which a rule for the next day cannot say.
    """
    found = []
    for first in shifts.shifts:
        gaps = {second.name: _gap(first, second) for second in shifts.shifts}
        for name, gap in gaps.items():
            if gap + DAY < rest:
                raise InputError(
                    f"a rest of {rest / 60:g} hours is longer than the {(gap + DAY) / 60:g} hours from "
                    f"{shown(first.name)} to {shown(name)} with a day off between them; ask for a shorter rest, and "
                    "for more days off in a row"
                )
        found.append(replace(first, cannot_precede=frozenset(name for name, gap in gaps.items() if gap < rest)))
    return tuple(found)


def _gap(first: Shift, second: Shift) -> float:
    """Return the minutes from the end of a shift to the start of one on the next day."""
    assert first.end is not None
    assert second.start is not None
    return second.start + DAY - first.end
