"""The tables of wishes and absences: who wants to work what on which date, and who is away."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from os import PathLike

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.rosters.people_rows import position_of
from evenhand.applications.rosters.roster_parts import Person, Request
from evenhand.applications.rosters.roster_roles import ABSENCES, ANY, NO, OFF, WISHES, YES
from evenhand.applications.rosters.shift_rows import OfficeShifts
from evenhand.errors import choices


def read_wishes(
    path: str | PathLike[str], shifts: OfficeShifts, people: Sequence[Person]
) -> tuple[tuple[Request, ...], list[str]]:
    """Return the wishes in a table, and notes.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.WISHES`. Needed are name and date. An
    empty kind is any shift, ``off`` a day off; without a column ``want`` each row is something wanted; the weight
    is 1 where none is given, and ``must`` makes a wish a rule.

    Raises
    ------
    InputError
        If a row cannot be read; one line names file, row and column, and what would be right.
    """
    table = OfficeTable(path, "wishes", WISHES, ("name", "date"), ("kind", "want"))
    found: dict[tuple[str, int, str | None, bool], int] = {}
    wishes = []
    for row in table.rows:
        wish = _wish(row, shifts, people)
        key = (wish.person, wish.day, wish.shift, wish.wanted)
        if key in found:
            raise row.fault("name", f"has this wish already, line {found[key]}; take one away")
        found[key] = row.line
        wishes.append(wish)
    return tuple(wishes), [*table.notes(), *_hopeless(table, wishes, shifts, people)]


def read_absences(
    path: str | PathLike[str], shifts: OfficeShifts, people: Sequence[Person]
) -> tuple[dict[str, frozenset[int]], list[str]]:
    """Return the days on which each person is away, by name, and notes.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.ABSENCES`. Needed are a name and a date,
    or the first and the last date. Days outside the roster are left out, with a note where a whole row is.

    Raises
    ------
    InputError
        If a row cannot be read; one line names file, row and column, and what would be right.
    """
    table = OfficeTable(path, "absences", ABSENCES, ("name", ("date", "from")), ("to",))
    away: dict[str, set[int]] = {}
    outside = 0
    for row in table.rows:
        person = people[position_of(row, people)].name
        start = "from" if row.text("from") or "date" not in table else "date"
        first = row.date(start)
        last = row.date("to") if row.text("to") else first
        if last < first:
            raise row.fault("to", f"is before the first day, {first}")
        span = range(_day(first, shifts), _day(last, shifts) + 1)
        days = set(span) & set(range(shifts.days))
        outside += not days
        away.setdefault(person, set()).update(days)
    notes = table.notes()
    if outside:
        notes.append(f"{path}: {outside} row{'s are' if outside > 1 else ' is'} outside the roster's dates, left out")
    return {person: frozenset(days) for person, days in away.items()}, notes


def _wish(row: OfficeRow, shifts: OfficeShifts, people: Sequence[Person]) -> Request:
    person = people[position_of(row, people)]
    date = row.date("date")
    day = _day(date, shifts)
    if not 0 <= day < shifts.days:
        last = shifts.first_date + datetime.timedelta(days=shifts.days - 1)
        raise row.fault("date", f"is outside the roster, {shifts.first_date} to {last}")
    word = row.text("want").casefold()
    if word and word not in YES | NO:
        raise row.fault("want", "is neither yes nor no")
    wanted = word not in NO
    kind = row.text("kind").casefold()
    weight = row.number("weight", 1.0, finite=False)
    if kind in OFF:
        return Request(person.name, day, None, not wanted, weight)
    return Request(person.name, day, None if kind in ANY else _shift(row, shifts, person), wanted, weight)


def _hopeless(
    table: OfficeTable, wishes: Sequence[Request], shifts: OfficeShifts, people: Sequence[Person]
) -> list[str]:
    """Return a sentence on the wishes for shifts that are not there, or that the person may not work, if any."""
    there = {(need.day, need.shift) for need in shifts.cover if need.most != 0}
    able = {person.name: person for person in people}
    found = [
        row
        for row, wish in zip(table.rows, wishes, strict=True)
        if wish.wanted and wish.shift is not None
        if (wish.day, wish.shift) not in there or not able[wish.person].may_work(wish.shift)
    ]
    if not found:
        return []
    lines = ", ".join(str(row.line) for row in found[:8]) + (" and more" if len(found) > 8 else "")
    plural = "s" if len(found) > 1 else ""
    return [
        f"{table.source}, line{plural} {lines}: cannot be granted, as the date has no such shift, or the person lacks "
        "its skill"
    ]


def _shift(row: OfficeRow, shifts: OfficeShifts, person: Person) -> str:
    """Return the shift that a wish names by its name or its kind."""
    text = " ".join(row.text("kind").split())
    by_name = {shift.name.casefold(): shift.name for shift in shifts.shifts}
    if text.casefold() in by_name:
        return by_name[text.casefold()]
    listed = shifts.kinds.get(text.casefold(), ())
    if not listed:
        names = [shift.name for shift in shifts.shifts]
        raise row.fault("kind", f"is no shift; {choices(text, names)}, or off for a day off")
    able = [name for name in listed if person.may_work(name)] or listed
    if len(able) > 1:
        raise row.fault("kind", f"could be {' or '.join(map(repr, able))}; name one of them")
    return able[0]


def _day(date: datetime.date, shifts: OfficeShifts) -> int:
    return (date - shifts.first_date).days
