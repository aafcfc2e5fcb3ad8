"""Find what makes a problem impossible before the search, and name person, day and rule.

What is found here is certain. A problem that passes may still be impossible, which the search then proves or not.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from evenhand.applications.rosters.columns.row_costs import RowCosts, row_costs
from evenhand.applications.rosters.columns.row_space import RowSpace, Workspace
from evenhand.applications.rosters.columns.tallies import TooManyTalliesError
from evenhand.applications.rosters.compact_model import possible_shifts
from evenhand.applications.rosters.roster_parts import RULES, Person, Request
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.errors import InputError, prefixed
from evenhand.tables.cost_table import shown

MOST_SECONDS = 2.0
"""Seconds after which no more people are checked one by one."""


def refuse_impossible(problem: RosterProblem, seconds: float = MOST_SECONDS) -> None:
    """Raise `InputError` for the first contradiction among requests, cover or one person's rules.

    Parameters
    ----------
    problem
        The problem.
    seconds
        Time after which no more people are checked one by one.
    """
    with prefixed(problem.source):
        for person in problem.people:
            _check_requests(problem, person)
        costs, begun, workspace = row_costs(problem), time.perf_counter(), Workspace()
        for index in range(len(problem.people)):
            _check_person(problem, index, costs, workspace)
            if time.perf_counter() - begun > seconds:
                break  # the search finds the others
        if "least_cover" not in problem.prices:
            _check_cover(problem)


def _check_requests(problem: RosterProblem, person: Person) -> None:
    musts: dict[int, list[Request]] = {}
    for request in problem.requests:
        if request.must and request.person == person.name:
            musts.setdefault(request.day, []).append(request)
    for day, asked in musts.items():
        where = f"person {shown(person.name)}, {problem.day_in_words(day)}"
        wanted = [request for request in asked if request.wanted]
        if day in person.days_off and wanted and "days_off" not in problem.prices:
            raise InputError(f"{where}: must work, and is absent; leave one of the two out")
        options = [None, *(shift.name for shift in problem.shifts)]
        if not any(all(request.is_granted_by(worked) for request in asked) for worked in options):
            told = " and ".join(_in_words(request) for request in asked)
            raise InputError(f"{where}: {told}; these contradict each other, leave one out")
        for request in wanted:
            if not possible_shifts(problem, person, day):
                raise InputError(f"{where}: {_in_words(request)}, but may not work it; allow it or leave the wish out")


def _in_words(request: Request) -> str:
    what = "any shift" if request.shift is None else f"shift {shown(request.shift)}"
    return f"must {'' if request.wanted else 'not '}work {what}"


def _check_person(problem: RosterProblem, index: int, costs: RowCosts, workspace: Workspace) -> None:
    """Raise an error if a person has no legal row, with the rules of which one must yield."""
    person = problem.people[index]
    if _has_row(problem, person, costs, index, workspace):
        return
    helping = [
        rule
        for rule in RULES
        if rule not in problem.prices
        and rule not in ("least_cover", "most_cover")
        and _has_row_without(problem, index, rule)
    ]
    rules = "; ".join(f"{rule.replace('_', ' ')} {_value(person, rule)}" for rule in helping)
    remedy = f"one of these must be relaxed: {rules}" if rules else "relax more than one of the rules, or give prices"
    raise InputError(f"person {shown(person.name)} has no legal roster of {problem.days} days; {remedy}")


def _value(person: Person, rule: str) -> str:
    if rule == "days_off":
        return f"({len(person.days_off)} days)"
    value = getattr(person, rule, None)
    if isinstance(value, int | float) and rule.endswith("_minutes"):
        return f"{value:g} ({value / 60:g} hours)"
    return f"{value:g}" if isinstance(value, int | float) else "(limits of single shifts)" if value else "of shifts"


def _has_row_without(problem: RosterProblem, index: int, rule: str) -> bool:
    priced = replace(problem, prices={**problem.prices, rule: 1.0})
    return _has_row(priced, priced.people[index], row_costs(priced), index)


def _has_row(
    problem: RosterProblem, person: Person, costs: RowCosts, index: int, workspace: Workspace | None = None
) -> bool:
    try:
        return RowSpace(problem, person, workspace=workspace).cheapest(costs.work[index], costs.off[index]) is not None
    except TooManyTalliesError:
        return True  # not known; the search finds out


def _check_cover(problem: RosterProblem) -> None:
    """Raise an error if the least of a day's shifts needs more people than there are, or all days more time."""
    minutes = {shift.name: shift.minutes for shift in problem.shifts}
    by_day: dict[int, dict[str, int]] = {}
    for need in problem.cover:
        if need.least:
            by_day.setdefault(need.day, {})[need.shift] = need.least
    for day, least in sorted(by_day.items()):
        able = {
            name: [i for i, person in enumerate(problem.people) if name in possible_shifts(problem, person, day)]
            for name in least
        }
        for name, count in least.items():
            if len(able[name]) < count:
                raise InputError(
                    f"{problem.day_in_words(day)}, shift {shown(name)}: at least {count} people are needed, but only "
                    f"{len(able[name])} can work it then; lower the least, or let more people work it"
                )
        short = _short_shifts(least, able)
        if short:
            names = ", ".join(shown(name) for name in sorted(short))
            people = len({i for name in short for i in able[name]})
            raise InputError(
                f"{problem.day_in_words(day)}: shifts {names} need {sum(least[name] for name in short)} people "
                f"together, but only {people} can work any of them then; lower a least, or let more people work them"
            )
    _check_totals(problem, by_day, minutes)


def _short_shifts(least: dict[str, int], able: dict[str, list[int]]) -> set[str]:
    """Return shifts that together need more people than can work any of them (Hall's condition); empty if none."""
    holder: dict[int, str] = {}
    for name, count in least.items():
        for _ in range(count):
            reached: set[str] = set()
            if not _find_person(name, able, holder, reached):
                return reached
    return set()


def _find_person(name: str, able: dict[str, list[int]], holder: dict[int, str], reached: set[str]) -> bool:
    reached.add(name)
    for person in able[name]:
        if person not in holder:
            holder[person] = name
            return True
    for person in able[name]:
        other = holder[person]
        if other not in reached and _find_person(other, able, holder, reached):
            holder[person] = name
            return True
    return False


def _check_totals(problem: RosterProblem, by_day: dict[int, dict[str, int]], minutes: dict[str, float]) -> None:
    if "most_minutes" not in problem.prices:
        needed = sum(count * minutes[name] for least in by_day.values() for name, count in least.items())
        there = sum(person.most_minutes for person in problem.people)
        if needed > there + 1e-9:
            raise InputError(
                f"the least of all shifts needs {needed / 60:g} hours, but people may work {there / 60:g} in all; "
                "lower a least, or raise people's most hours"
            )
    if "most_shifts" not in problem.prices:
        for name in minutes:
            wanted = sum(least.get(name, 0) for least in by_day.values())
            allowed = int(np.sum([person.most_shifts.get(name, 0) for person in problem.people]))
            if wanted > allowed:
                raise InputError(
                    f"shift {shown(name)}: at least {wanted} are needed in all days, but people may work {allowed} in "
                    "all; lower a least, or raise people's limits of that shift"
                )
