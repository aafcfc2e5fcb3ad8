"""The table of people: contracts, skills, limits of each, and what they carry from earlier rosters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_roles import PEOPLE
from evenhand.applications.rosters.shift_rows import OfficeShifts
from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown

REST_HOURS = 11.0
"""Hours between two shifts where the table says none: the least that the European directive 2003/88 allows."""
LONGEST_RUN = 6
"""Working days in a row at most where the table says none: one day off in each week, as the same directive asks."""
WEEK = 168.0
"""Hours of a week."""
ABOVE_CONTRACT = 1.1
"""Most hours as a multiple of the contract's hours in the dates, where the table says none."""
_SEPARATORS = (";", ",", "/", "|", "+")


@dataclass(frozen=True, slots=True)
class OfficePeople:
    """What a table of people says.

    Attributes
    ----------
    table
        The table, for messages.
    people
        The people, without absences.
    rest
        Least rest between two shifts of anybody, in minutes.
    notes
        Sentences on how the table was read.
    """

    table: OfficeTable
    people: tuple[Person, ...]
    rest: float
    notes: tuple[str, ...]


def read_people(path: str | PathLike[str], shifts: OfficeShifts) -> OfficePeople:
    """Return what a table of people says.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.PEOPLE`. Only the name is needed. Empty
    cells and missing columns: least hours 0; most hours the contract's and a tenth more or, without contracts, no
    limit; longest run 6 days, shortest run and days off in a row 1; rest 11 hours; any number of weekends; nothing
    carried. Contracts are hours per week, all other hours those between the first and last date.
    Contracts in per cent, or a column of shares in their place, say in proportion to what people are compared; they
    limit no hours.

    Raises
    ------
    InputError
        If a row cannot be read, or nobody has a skill that a shift needs; one line names file, row and column.
    """
    table = OfficeTable(path, "people", PEOPLE, ("name",), ("contract", "skills", "rest", "weekends"))
    entitled = "contract" in table or "share" in table
    for header, largest in table.numbers_unread() if not entitled else ():
        if largest <= WEEK:
            raise InputError(
                f"{path}: no column is understood as the contract, but {shown(header)} holds numbers; call it contract "
                "hours if it is the hours per week, or take it away"
            )
    people: dict[str, Person] = {}
    lines: dict[str, int] = {}
    for row in table.rows:
        name = row.needed("name", "Ada")
        if name in people:
            raise row.fault("name", f"has a row already, line {lines[name]}; give each person one")
        people[name], lines[name] = _person(row, name, shifts), row.line
    _check_skills(table, shifts)
    rests = {row.minutes("rest", REST_HOURS * 60) for row in table.rows}
    rest = max(rests)
    notes = table.notes()
    if entitled and not _has_hours(table):
        notes.append(f"{path}: contracts are shares, so that they limit nobody's hours; most hours would")
    if "share" in table and "contract" in table:
        notes.append(f"{path}: column not used: {table.header('share')}, as there are contracts")
    if len(rests) > 1:
        notes.append(
            f"{path}: rests between {min(rests) / 60:g} and {rest / 60:g} hours; the longest is kept for everybody"
        )
    return OfficePeople(table, tuple(people.values()), rest, tuple(notes))


def _skills_of(text: str) -> frozenset[str]:
    """Return the skills in a cell, in lower case; they are separated by ``;``, ``,``, ``/``, ``|`` or ``+``.

    Examples
    --------
    >>> sorted(_skills_of("ICU; Wound care"))
    ['icu', 'wound care']
    """
    for separator in _SEPARATORS[1:]:
        text = text.replace(separator, _SEPARATORS[0])
    return frozenset(" ".join(part.split()).casefold() for part in text.split(_SEPARATORS[0]) if part.strip())


def _person(row: OfficeRow, name: str, shifts: OfficeShifts) -> Person:
    weeks = shifts.days / 7
    contract = _contract(row)
    hours = contract if contract is not None and _has_hours(row.table) else None
    usual = 1440.0 * shifts.days if hours is None else ABOVE_CONTRACT * hours * weeks
    least = row.minutes("least hours", 0.0)
    most = row.minutes("most hours", max(usual, least))
    if most < least:
        raise row.fault("most hours", f"is below the least hours, {least / 60:g}")
    longest = row.whole("longest run", LONGEST_RUN, 1)
    shortest = row.whole("shortest run", 1, 1)
    if shortest > longest:
        raise row.fault("shortest run", f"is above the longest run, {longest}")
    able = _skills_of(row.text("skills"))
    return Person(
        name,
        {shift: shifts.days for shift, skill in shifts.skills.items() if not skill or skill.casefold() in able},
        least,
        most,
        longest,
        shortest,
        row.whole("days off in a row", 1, 1),
        row.whole("weekends", 1_000),
        contract=contract,
        carried=_carried(row),
    )


def _has_hours(table: OfficeTable) -> bool:
    """Return whether contracts are hours per week, not shares: per cent, or a column of shares."""
    return "contract" in table and not any(text.endswith("%") for text in table.column("contract"))


def _contract(row: OfficeRow) -> float | None:
    """Return a person's contract: minutes per week, or a share; None if there are none in the table."""
    role = "contract" if "contract" in row.table else "share"
    if role not in row.table:
        return None
    if not row.text(role):
        raise InputError(f"{row.where(role)}: the cell is empty; give each person's contract, such as 38.5")
    if not _has_hours(row.table):
        contract = row.number(role, 0.0, kinds=("number", "percent"))
    else:
        contract = row.minutes(role, 0.0)
        if contract > 60.0 * WEEK:
            raise row.fault(role, "is more hours than a week has; write the hours per week, such as 38.5")
    if contract == 0.0:
        raise row.fault(role, "must be above 0; leave people without work out of the table")
    return contract


def _carried(row: OfficeRow) -> Mapping[str, float]:
    carried = {
        "nights": row.number("nights carried", 0.0),
        "weekends": row.number("weekends carried", 0.0),
        "late": row.number("late carried", 0.0),
        "minutes": row.minutes("hours carried", 0.0),
    }
    return {count: value for count, value in carried.items() if value}


def _check_skills(table: OfficeTable, shifts: OfficeShifts) -> None:
    """Raise an error if nobody has a skill that some shift needs; the message names the nearest spelling."""
    known: dict[str, str] = {}
    for row in table.rows:
        for skill in _skills_of(row.text("skills")):
            known.setdefault(skill, skill)
    for name, skill in shifts.skills.items():
        if not skill or skill.casefold() in known:
            continue
        lacking = f"{shifts.source}: {shown(name)} needs the skill {shown(skill)}, which nobody in {table.source} has"
        if "skills" not in table:
            raise InputError(f"{lacking}; add a column with skills there")
        raise InputError(f"{lacking}; {choices(skill.casefold(), sorted(known))}")


def position_of(row: OfficeRow, people: Sequence[Person]) -> int:
    """Return the position of the person that a row of another table names.

    Raises
    ------
    InputError
        If there is no such person; the message offers the nearest spelling.
    """
    name = row.needed("name", "Ada")
    exact = [index for index, person in enumerate(people) if person.name == name]
    alike = exact or [index for index, person in enumerate(people) if person.name.casefold() == name.casefold()]
    if len(alike) != 1:
        raise row.fault("name", f"is not in the people's table; {choices(name, [one.name for one in people])}")
    return alike[0]
