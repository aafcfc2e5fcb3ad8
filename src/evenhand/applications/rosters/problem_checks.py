"""Checks of a roster's problem: every name and number, before anything is solved."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from evenhand.applications.rosters.roster_parts import RULES, Cover, Person, Request, Shift
from evenhand.errors import InputError, choices, prefixed
from evenhand.number_checks import checked_whole, is_number
from evenhand.tables.cost_table import shown

MOST_DAYS = 1_000
"""Upper limit on the days of a problem."""


def check_problem(
    source: str,
    days: int,
    shifts: tuple[Shift, ...],
    people: tuple[Person, ...],
    cover: tuple[Cover, ...],
    requests: tuple[Request, ...],
    prices: Mapping[str, float],
    day_in_words: Callable[[int], str],
) -> None:
    """Check names, days and numbers; raise `InputError` for the first that cannot be used."""
    with prefixed(source):
        checked_whole("days", days, 1, MOST_DAYS)
        known = _unique("shift", (shift.name for shift in shifts))
        staff = _unique("person", (person.name for person in people))
        if not known:
            raise InputError("there are no shifts; give at least one")
        if not staff:
            raise InputError("there are no people; give at least one")
        for shift in shifts:
            _check_shift(shift, known)
        for person in people:
            _check_person(days, person, known)
        _check_cover(days, cover, known, day_in_words)
        for request in requests:
            _check_request(days, request, known, staff, day_in_words)
        for rule, price in prices.items():
            _known("rule with a price", rule, RULES)
            _check_number(f"price of {rule}", price)


def _unique(what: str, names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name:
            raise InputError(f"the name of a {what} is {name!r}; give a text that is not empty")
        if name in seen:
            raise InputError(f"{what} {shown(name)} is given twice; each needs a name of its own")
        seen.add(name)
    return seen


def _known(what: str, name: Any, known: Collection[str]) -> None:
    if name not in known:
        raise InputError(f"{what} {shown(str(name))} is not known; {choices(name, sorted(known))}")


def _check_number(what: str, value: Any, *, infinite: bool = False) -> None:
    if not is_number(value) or math.isnan(value) or value < 0 or (math.isinf(value) and not infinite):
        raise InputError(f"{what} is {value!r}; it must be a number of at least 0")


def _check_day(days: int, what: str, day: Any) -> None:
    checked_whole(f"the day of {what}", day, 0, days - 1)


def _check_shift(shift: Shift, shifts: set[str]) -> None:
    where = f"shift {shown(shift.name)}"
    _check_number(f"{where}: minutes", shift.minutes)
    _check_number(f"{where}: pause", shift.pause)
    if shift.start is not None:
        checked_whole(f"{where}: start", shift.start, 0, 24 * 60 - 1, what="minutes after midnight")
    for after in shift.cannot_precede:
        _known(f"{where}: cannot_precede: shift", after, shifts)


def _check_person(days: int, person: Person, shifts: set[str]) -> None:
    where = f"person {shown(person.name)}"
    for shift, most in person.most_shifts.items():
        _known(f"{where}: most_shifts: shift", shift, shifts)
        checked_whole(f"{where}: most_shifts of {shown(shift)}", most, 0)
    for name in ("least_minutes", "most_minutes"):
        _check_number(f"{where}: {name}", getattr(person, name))
    if person.least_minutes > person.most_minutes:
        raise InputError(
            f"{where}: least_minutes {person.least_minutes:g} is above most_minutes {person.most_minutes:g}"
        )
    for name in ("longest_run", "shortest_run", "shortest_rest"):
        # A long rest or run would be a long array; the longest run may be any number, for no limit.
        checked_whole(f"{where}: {name}", getattr(person, name), 1, None if name == "longest_run" else MOST_DAYS)
    checked_whole(f"{where}: most_weekends", person.most_weekends, 0)
    if person.shortest_run > person.longest_run:
        raise InputError(f"{where}: shortest_run {person.shortest_run} is above longest_run {person.longest_run}")
    for day in person.days_off:
        _check_day(days, f"days_off of {where}", day)
    _check_number(f"{where}: contract", person.entitlement)
    for count, carried in person.carried.items():
        _check_number(f"{where}: carried {count}", carried)
    for last in person.last_days:
        if last is not None:
            _known(f"{where}: last_days: shift", last, shifts)


def _check_cover(days: int, cover: tuple[Cover, ...], shifts: set[str], day_in_words: Callable[[int], str]) -> None:
    seen: set[tuple[int, str]] = set()
    for need in cover:
        _check_day(days, "cover", need.day)
        where = f"cover of {day_in_words(need.day)}"
        _known(f"{where}: shift", need.shift, shifts)
        where += f", shift {shown(need.shift)}"
        if (need.day, need.shift) in seen:
            raise InputError(f"{where} is given twice; one need for each day and shift")
        seen.add((need.day, need.shift))
        _check_need(where, need)


def _check_need(where: str, need: Cover) -> None:
    checked_whole(f"{where}: preferred", need.preferred, 0)
    checked_whole(f"{where}: least", need.least, 0)
    _check_number(f"{where}: under_cost", need.under_cost)
    _check_number(f"{where}: over_cost", need.over_cost)
    if need.most is not None:
        checked_whole(f"{where}: most", need.most, 0)
        if need.most < need.least:
            raise InputError(f"{where}: most {need.most} is below least {need.least}")


def _check_request(
    days: int, request: Request, shifts: set[str], people: set[str], day_in_words: Callable[[int], str]
) -> None:
    _known("request of person", request.person, people)
    _check_day(days, f"a request of {shown(request.person)}", request.day)
    where = f"request of {shown(request.person)} for {day_in_words(request.day)}"
    if request.shift is not None:
        _known(f"{where}: shift", request.shift, shifts)
    _check_number(f"{where}: weight", request.weight, infinite=True)
