"""The tables of wishes and absences: who wants to work what on which date, and who is away."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from os import PathLike

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.rosters.people_rows import position_of
from evenhand.applications.rosters.roster_parts import Person, Request
from evenhand.applications.rosters.roster_roles import ABSENCES, ANY, KIND, NO, NOT, OFF, PERIOD, WISHES, YES
from evenhand.applications.rosters.shift_rows import OfficeShifts
from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown
from evenhand.tables.header_words import Role, seems_header
from evenhand.tables.spans import split_dates


def read_wishes(
    path: str | PathLike[str], shifts: OfficeShifts, people: Sequence[Person]
) -> tuple[tuple[Request, ...], list[str]]:
    """Return the wishes in a table, and notes.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.WISHES`. Needed are a name
    and a date, or the first and the last. The kind is a shift, ``any``, ``off`` for a day off, or one of these after
    ``not``; where it is empty, ``want`` must say yes or no. Without a column ``want`` each row is something wanted;
    without one of kinds, ``want`` may hold them. The weight is 1 where none is given; ``must`` makes a wish a rule.

    Raises
    ------
    InputError
        If a row cannot be read; one line names file, row and column, and what would be right.
    """
    table = _wish_table(path)
    found: dict[tuple[str, int, str | None, bool], int] = {}
    wishes: list[Request] = []
    hopeless: list[int] = []
    there = [(need.day, need.shift) for need in shifts.cover if need.most != 0]
    possible = {(one.name, day, shift) for one in people for day, shift in there if one.may_work(shift)}
    for row in table.rows:
        for wish in _wishes(row, shifts, people):
            key = (wish.person, wish.day, wish.shift, wish.wanted)
            if key in found:
                raise row.fault("name", f"has this wish already, line {found[key]}; take one away")
            found[key] = row.line
            wishes.append(wish)
            if wish.wanted and wish.shift is not None and (wish.person, wish.day, wish.shift) not in possible:
                hopeless.append(row.line)
    notes = table.notes()
    if hopeless:
        hopeless = list(dict.fromkeys(hopeless))
        lines = ", ".join(map(str, hopeless[:8])) + (" and more" if len(hopeless) > 8 else "")
        where = f"{path}, line{'s' if len(hopeless) > 1 else ''} {lines}"
        notes.append(f"{where}: cannot be granted, as the date has no such shift, or the person lacks its skill")
    return tuple(wishes), notes


def read_absences(
    path: str | PathLike[str], shifts: OfficeShifts, people: Sequence[Person]
) -> tuple[dict[str, frozenset[int]], list[str]]:
    """Return the days on which each person is away, by name, and notes.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.ABSENCES`. Needed are a name and a date,
    or the first and the last date, in two columns or in one. Days outside the roster are left out, with a note where a
    whole row is.

    Raises
    ------
    InputError
        If a row cannot be read; one line names file, row and column, and what would be right.
    """
    joined = (PERIOD, split_dates)
    table = OfficeTable(path, "absences", ABSENCES, ("name", ("date", "from")), ("to",), joined=joined)
    if seems_header(table.columns.headers, {"want": WISHES["want"]}):
        raise InputError(f"{path}: a column says what is wanted, as in a table of wishes; give it as the wishes")
    away: dict[str, set[int]] = {}
    outside = 0
    for row in table.rows:
        person = people[position_of(row, people)].name
        span = _days(row, shifts)
        days = set(span) & set(range(shifts.days))
        outside += not days
        away.setdefault(person, set()).update(days)
    notes = table.notes()
    if outside:
        notes.append(f"{path}: {outside} row{'s are' if outside > 1 else ' is'} outside the roster's dates, left out")
    return {person: frozenset(days) for person, days in away.items()}, notes


def _wish_table(path: str | PathLike[str]) -> OfficeTable:
    """Return the table of wishes; a column ``want`` that holds shifts or days off, not yes or no, is the kind."""
    joined = (PERIOD, split_dates)
    table = OfficeTable(path, "wishes", WISHES, ("name", ("date", "from")), ("kind", "want"), joined=joined)
    if "kind" in table or all(text.casefold() in YES | NO for text in table.column("want")):
        return table
    roles = {**WISHES, "kind": Role(f"{KIND.sure}|{WISHES['want'].sure}")}
    return OfficeTable(path, "wishes", {role: roles[role] for role in roles if role != "want"}, (), joined=joined)


def _days(row: OfficeRow, shifts: OfficeShifts) -> range:
    """Return the days of a row, from 0 on, which may be outside the roster: its date, or from the first to the last."""
    if "from" not in row.table or ("date" in row.table and not row.text("from")):
        first = last = row.date("date")
    else:
        first = row.date("from")
        if not row.text("to"):
            where = row.where("to") if "to" in row.table else f"{row.table.source}, line {row.line}"
            raise InputError(f"{where}: no last day; write {first} for this day alone")
        last = row.date("to")
    if last < first:
        raise row.fault("to", f"is before the first day, {first}")
    return range((first - shifts.first_date).days, (last - shifts.first_date).days + 1)


def _wishes(row: OfficeRow, shifts: OfficeShifts, people: Sequence[Person]) -> list[Request]:
    """Return the wishes of a row, one for each of its days."""
    person = people[position_of(row, people)]
    days = _days(row, shifts)
    for day in (days[0], days[-1]):
        if not 0 <= day < shifts.days:
            last = shifts.first_date + datetime.timedelta(days=shifts.days - 1)
            role = "date" if row.text("date") else "to" if day and day == days[-1] else "from"
            raise row.fault(role, f"is outside the roster, {shifts.first_date} to {last}")
    word, kind = row.text("want").casefold(), " ".join(row.text("kind").split())
    if word and word not in YES | NO:
        raise row.fault("want", "is neither yes nor no")
    if not word and not kind:
        raise InputError(f"{row.table.source}, line {row.line}: neither a kind nor yes or no; write off for a day off")
    wanted = word not in NO
    refused = next((start for start in NOT if kind.casefold().startswith(start)), "")
    if refused and kind.casefold() not in {shift.name.casefold() for shift in shifts.shifts} | set(shifts.kinds):
        if word:
            raise row.fault("kind", f"and {shown(row.text('want'))} can be read in two ways; leave one of them out")
        kind, wanted = kind[len(refused) :].strip(), False
    weight = row.number("weight", 1.0, finite=False)
    if kind.casefold() in OFF:
        return [Request(person.name, day, None, not wanted, weight) for day in days]
    shift = None if kind.casefold() in ANY else _shift(row, kind, shifts, person)
    return [Request(person.name, day, shift, wanted, weight) for day in days]


def _shift(row: OfficeRow, text: str, shifts: OfficeShifts, person: Person) -> str:
    """Return the shift that a wish names by its name or its kind."""
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
