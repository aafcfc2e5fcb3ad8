"""Reader of the public shift-scheduling benchmark's text format (Curtois and Qu 2014, schedulingbenchmarks.org)."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

from evenhand.applications.rosters.problem_checks import MOST_DAYS
from evenhand.applications.rosters.roster_parts import Cover, Person, Request, Shift
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown
from evenhand.tables.files import read_text

SECTIONS = {
    "HORIZON": "14",
    "SHIFTS": "E,480,L|N",
    "STAFF": "A,E=14|L=14,4320,3360,5,2,2,1",
    "DAYS_OFF": "A,0,5",
    "SHIFT_ON_REQUESTS": "A,2,E,3",
    "SHIFT_OFF_REQUESTS": "A,2,E,3",
    "COVER": "0,E,4,100,1",
}
"""The sections of a file, with an example of a line."""

NEEDED = ("HORIZON", "SHIFTS", "STAFF", "COVER")

NIGHT, LATE = ("n",), ("l", "p")
"""First letters, small or capital, of the names of night and late shifts in the benchmark's files."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a section, with the words for what is wrong with it."""

    source: str
    number: int
    section: str
    text: str

    def fault(self, what: str) -> InputError:
        example = SECTIONS[self.section]
        return InputError(
            f"{self.source}, line {self.number}: {what}; a line of SECTION_{self.section} is like {example}"
        )

    def cells(self, count: int, *, more: bool = False) -> list[str]:
        cells = [cell.strip() for cell in self.text.split(",")]
        if len(cells) < count or (len(cells) > count and not more):
            at_least = "at least " if more else ""
            raise self.fault(f"{len(cells)} values separated by commas instead of {at_least}{count}")
        return cells

    def whole(self, what: str, text: str, most: int | None = None) -> int:
        digits = text.removeprefix("-") if text.strip("-0") == "" else text  # the benchmark itself has a "-0"
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
            raise self.fault(f"{what} is {shown(text)}, not a whole number of at least 0")
        if most is not None and int(text) > most:
            raise self.fault(f"{what} is {text}, above {most}")
        return int(text)

    def known(self, what: str, name: str, names: Collection[str]) -> str:
        if name not in names:
            raise self.fault(f"{what} {shown(name)} is not known: {choices(name, sorted(names))}")
        return name

    def fresh(self, what: str, name: str, names: Collection[str]) -> str:
        if not name:
            raise self.fault(f"{what} has no name")
        if name in names:
            raise self.fault(f"{what} {shown(name)} is given twice")
        return name


def read_shift_benchmark(
    path: str | os.PathLike[str], *, nights: Collection[str] | None = None, late: Collection[str] | None = None
) -> RosterProblem:
    """Read a problem in the benchmark's format.

    Its runs of work and rest may be shorter where they touch the first or last day, and its first day is a Monday.

    Parameters
    ----------
    path
        The file.
    nights, late
        Names of the shifts that count as nights and as late shifts. The format does not say which these are; None for
        those with names that begin with N (nights), and with L or P (late, as in its own instances).

    Raises
    ------
    InputError
        If the file cannot be read; one line names file, line and value, and what would be right.
    """
    return parse_shift_benchmark(read_text(path), str(path), nights=nights, late=late)


def parse_shift_benchmark(
    text: str, source: str = "memory", *, nights: Collection[str] | None = None, late: Collection[str] | None = None
) -> RosterProblem:
    """Return the problem in `text`; see :func:`read_shift_benchmark`."""
    sections = _take_apart(text, source)
    [horizon, *more] = sections["HORIZON"]
    if more:
        raise more[0].fault("a second length of the horizon")
    days = horizon.whole("the number of days", horizon.cells(1)[0], MOST_DAYS)
    if days == 0:
        raise horizon.fault("the number of days is 0; a roster has at least 1")
    shifts = _with_kinds(_shifts(sections["SHIFTS"]), source, nights, late)
    names = {shift.name for shift in shifts}
    people = _people(sections["STAFF"], names)
    for line in sections["DAYS_OFF"]:
        name, *off = line.cells(2, more=True)
        line.known("person", name, people)
        there = frozenset(line.whole("a day off", day, days - 1) for day in off)
        people[name] = replace(people[name], days_off=people[name].days_off | there)
    requests = [
        _request(line, days, names, people, wanted=wanted)
        for section, wanted in (("SHIFT_ON_REQUESTS", True), ("SHIFT_OFF_REQUESTS", False))
        for line in sections[section]
    ]
    cover = _cover(sections["COVER"], days, names)
    return RosterProblem(days, shifts, tuple(people.values()), cover, tuple(requests), source=source)


def _take_apart(text: str, source: str) -> dict[str, list[_Line]]:
    sections: dict[str, list[_Line]] = {}
    current: str | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("SECTION_"):
            current = stripped.removeprefix("SECTION_")
            if current not in SECTIONS:
                hint = choices(current, SECTIONS, quoted=False)
                raise InputError(f"{source}, line {number}: section {shown(stripped)} is not known; {hint}")
            if current in sections:
                raise InputError(f"{source}, line {number}: {stripped} comes twice; put its lines together")
            sections[current] = []
        elif current is None:
            raise InputError(
                f"{source}, line {number}: {shown(stripped)} comes before any section; "
                "a file of the shift-scheduling benchmark begins with SECTION_HORIZON"
            )
        else:
            sections[current].append(_Line(source, number, current, stripped))
    for section in NEEDED:
        if not sections.get(section):
            raise InputError(f"{source}: no SECTION_{section} with lines such as {SECTIONS[section]}")
    return {section: sections.get(section, []) for section in SECTIONS}


def _shifts(lines: list[_Line]) -> list[Shift]:
    found: dict[str, tuple[_Line, Shift]] = {}
    for line in lines:
        name, minutes, *after = line.cells(2, more=True)
        if len(after) > 1:
            raise line.fault(f"{2 + len(after)} values separated by commas instead of 3")
        forbidden = frozenset(filter(None, (shift.strip() for shift in "".join(after).split("|"))))
        length = line.whole("the length in minutes", minutes)
        found[line.fresh("shift", name, found)] = (line, Shift(name, length, cannot_precede=forbidden))
    for line, shift in found.values():
        for after_it in shift.cannot_precede:
            line.known("shift", after_it, found)
    return [shift for _, shift in found.values()]


def _with_kinds(
    shifts: list[Shift], source: str, nights: Collection[str] | None, late: Collection[str] | None
) -> tuple[Shift, ...]:
    names = [shift.name for shift in shifts]
    kinds: dict[str, set[str]] = {name: set() for name in names}
    for kind, given, letters in (("night", nights, NIGHT), ("late", late, LATE)):
        for name in given if given is not None else [name for name in names if name[0].lower() in letters]:
            if name not in kinds:
                raise InputError(f"{source}: {kind} shift {shown(name)} is not known; {choices(name, names)}")
            kinds[name].add(kind)
    return tuple(replace(shift, kinds=frozenset(kinds[shift.name])) for shift in shifts)


def _people(lines: list[_Line], shifts: set[str]) -> dict[str, Person]:
    people: dict[str, Person] = {}
    for line in lines:
        name, limits, *rest = line.cells(8)
        line.fresh("person", name, people)
        most_shifts: dict[str, int] = {}
        for limit in limits.split("|"):
            shift, equals, number = (part.strip() for part in limit.partition("="))
            if not equals:
                raise line.fault(f"{shown(limit)} is not a shift with its limit, such as E=14")
            most_shifts[line.fresh("the limit of shift", line.known("shift", shift, shifts), most_shifts)] = line.whole(
                f"the limit of shift {shown(shift)}", number
            )
        what: tuple[str, ...] = (
            *("MaxTotalMinutes", "MinTotalMinutes", "MaxConsecutiveShifts"),
            *("MinConsecutiveShifts", "MinConsecutiveDaysOff", "MaxWeekends"),
        )
        most, least, longest, shortest, rest_days, weekends = map(line.whole, what, rest)
        for name_of, value, above in (("MinTotalMinutes", least, most), ("MinConsecutiveShifts", shortest, longest)):
            if value > above:
                raise line.fault(f"{name_of} is {value}, above the largest allowed, {above}")
        if longest == 0:
            raise line.fault("MaxConsecutiveShifts is 0; a run of work has at least 1 day")
        people[name] = Person(
            name, most_shifts, least, most, longest, max(1, shortest), max(1, rest_days), most_weekends=weekends
        )
    return people


def _request(line: _Line, days: int, shifts: set[str], people: Collection[str], *, wanted: bool) -> Request:
    person, day, shift, weight = line.cells(4)
    line.known("person", person, people)
    line.known("shift", shift, shifts)
    return Request(person, line.whole("the day", day, days - 1), shift, wanted, float(line.whole("the weight", weight)))


def _cover(lines: list[_Line], days: int, shifts: set[str]) -> tuple[Cover, ...]:
    found: dict[tuple[int, str], Cover] = {}
    for line in lines:
        at, shift, *numbers = line.cells(5)
        day = line.whole("the day", at, days - 1)
        line.known("shift", shift, shifts)
        if (day, shift) in found:
            raise line.fault(f"the cover of day {day}, shift {shown(shift)} is given twice")
        needed, under, over = map(
            line.whole, ("the requirement", "the weight for under", "the weight for over"), numbers
        )
        found[day, shift] = Cover(day, shift, needed, float(under), float(over))
    return tuple(found.values())
