"""The roster of before: which shifts change against it, what a change may cost, and how the days before this one were.

Two rosters meet by the names of people and by dates (or, where neither has dates, by numbers of days), so that the last
plan may be an earlier version of this one, the weeks before it, or both.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from evenhand.applications.rosters.roster_parts import Request
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.documents import read_json
from evenhand.tables.shapes import Shape, check_shape

MOST_DAYS_BEFORE = 28
"""Upper limit on the days before the first that are remembered."""
_SHAPE: Shape = {"plan": (None, [[(str, None)]]), "people": [str], "first_date": (str, None)}
_WANTED = "the JSON that evenhand solve rosters --json wrote"


@dataclass(frozen=True, slots=True)
class LastPlan:
    """An earlier roster.

    Attributes
    ----------
    source
        Name of its file.
    first_date
        Date of its first day; None if its days have no dates.
    rows
        By name of a person, for each day, the name of the shift; None for a day off.
    """

    source: str
    first_date: datetime.date | None
    rows: Mapping[str, tuple[str | None, ...]]

    def offset(self, problem: RosterProblem) -> int:
        """Return the number of days from the first day of this plan to the first of a problem.

        Raises
        ------
        InputError
            If only one of both has dates.
        """
        if (self.first_date is None) is not (problem.first_date is None):
            without = self.source if self.first_date is None else problem.source
            raise InputError(f"{self.source}: the days of {without} have no dates, and those of the other have")
        if self.first_date is None or problem.first_date is None:
            return 0
        return (problem.first_date - self.first_date).days


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which somebody's shift is another one than in the last plan.

    Attributes
    ----------
    person
        Name of the person.
    day
        Day of the new roster, from 0.
    before, after
        Names of the shifts; None for a day off.
    """

    person: str
    day: int
    before: str | None
    after: str | None


def read_last_plan(path: str | PathLike[str]) -> LastPlan:
    """Read a roster that ``evenhand solve rosters --json`` wrote.

    Raises
    ------
    InputError
        If the file cannot be read or is not a roster; the message names the field.
    """
    data = read_json(path, wanted=_WANTED)
    if not isinstance(data, dict) or not data.keys() >= _SHAPE.keys():
        raise InputError(f"{path}: is no roster; give {_WANTED}")
    check_shape(data, _SHAPE, str(path))
    people, plan = data["people"], data["plan"]
    if plan is None:
        raise InputError(f"{path}: holds no plan; its status is {shown(str(data.get('status')))}")
    if len(set(people)) != len(people) or len(plan) != len(people) or len({len(row) for row in plan}) > 1:
        raise InputError(f"{path}: plan must have a row of equal length for each of {len(people)} different people")
    try:
        first = None if data["first_date"] is None else datetime.date.fromisoformat(data["first_date"])
    except ValueError:
        raise InputError(
            f"{path}: first_date is {shown(str(data['first_date']))}; it must be a date such as 2026-03-02"
        ) from None
    return LastPlan(str(path), first, {name: tuple(row) for name, row in zip(people, plan, strict=True)})


def changes_since(problem: RosterProblem, plan: Sequence[Sequence[str | None]], last: LastPlan) -> tuple[Change, ...]:
    """Return the changes of a plan against the last one, on the days that both have, for the people that both have.

    Parameters
    ----------
    problem
        The problem.
    plan
        For each person, for each day, the name of a shift; None for a day off.
    last
        The last plan.
    """
    found = []
    for person, row in zip(problem.people, plan, strict=True):
        for day, before in _kept_days(problem, person.name, last):
            if row[day] != before:
                found.append(Change(person.name, day, before, row[day]))
    return tuple(found)


def change_rows(problem: RosterProblem, changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as JSON values: person, day, date, and the shifts before and after."""
    return [
        {
            "person": one.person,
            "day": one.day,
            "date": None if (date := problem.date_of(one.day)) is None else date.isoformat(),
            "before": one.before,
            "after": one.after,
        }
        for one in changes
    ]


def with_change_cost(problem: RosterProblem, last: LastPlan, cost: float) -> RosterProblem:
    """Return the problem with a cost of each day that changes against the last plan.

    A day off that becomes work, work that becomes a day off, and another shift cost the same. The costs are requests
    that count as nobody's wish (:attr:`Request.counted`). Shifts that the problem does not have any more cost nothing.

    Parameters
    ----------
    problem
        The problem.
    last
        The last plan.
    cost
        Cost of a change, at least 0.
    """
    shifts = {shift.name for shift in problem.shifts}
    kept = tuple(
        Request(person.name, day, before, before is not None, cost, counted=False)
        for person in problem.people
        for day, before in _kept_days(problem, person.name, last)
        if before is None or before in shifts
    )
    return replace(problem, requests=problem.requests + kept)


def continued(problem: RosterProblem, last: LastPlan) -> RosterProblem:
    """Return the problem with each person's days before the first, as far as the last plan has them.

    Runs of work and rest, and the rest after the last shift, then go on from there. Shifts that the problem does not
    have end what is known.
    """
    before = min(last.offset(problem), max((len(row) for row in last.rows.values()), default=0))
    if before <= 0 or before < last.offset(problem):
        return problem
    shifts = {shift.name for shift in problem.shifts}
    people = []
    for person in problem.people:
        row = last.rows.get(person.name, ())[max(0, before - MOST_DAYS_BEFORE) : before]
        unknown = [place for place, shift in enumerate(row) if shift is not None and shift not in shifts]
        people.append(replace(person, last_days=row[unknown[-1] + 1 :] if unknown else row))
    return replace(problem, people=tuple(people))


def unlike(problem: RosterProblem, last: LastPlan) -> list[str]:
    """Return sentences on what of the last plan is not used: people and shifts that are gone, and other dates."""
    length, offset = max((len(row) for row in last.rows.values()), default=0), last.offset(problem)
    if offset > length or offset + problem.days <= 0:
        return [f"{last.source}: none of its days is in the roster or just before it, so that it is not used"]
    gone = [name for name in last.rows if name not in {person.name for person in problem.people}]
    shifts = dict.fromkeys(shift for row in last.rows.values() for shift in row if shift is not None)
    lost = [shift for shift in shifts if shift not in {shift.name for shift in problem.shifts}]
    said = [f"{last.source}: not among the people: {', '.join(map(shown, gone))}"] if gone else []
    if lost:
        said.append(
            f"{last.source}: not among the shifts: {', '.join(map(shown, lost))}; changes from these cost nothing"
        )
    return said


def _kept_days(problem: RosterProblem, person: str, last: LastPlan) -> list[tuple[int, str | None]]:
    """Return the days of a problem that the last plan has, with somebody's shift there."""
    offset, row = last.offset(problem), last.rows.get(person, ())
    return [(day, row[day + offset]) for day in range(problem.days) if 0 <= day + offset < len(row)]
