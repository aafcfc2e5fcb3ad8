"""Check a roster from the plan alone: its cost, and every rule that it violates. It knows nothing of the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evenhand.applications.rosters.roster_parts import RULES, Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.errors import InputError

Row = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a roster violates.

    Attributes
    ----------
    rule
        Name of the rule, as in :data:`evenhand.applications.rosters.roster_parts.RULES`, or ``request``.
    person
        Name of the person; None for cover.
    day
        Day on which it happens; None for a rule on the whole roster.
    shift
        Name of the shift, if the rule concerns one.
    amount
        Size of the violation in the rule's unit.
    """

    rule: str
    person: str | None
    day: int | None
    shift: str | None
    amount: float


@dataclass(frozen=True, slots=True)
class CheckedRoster:
    """What a plan costs, and what it violates.

    Attributes
    ----------
    cost
        Cost of cover, of requests that are not granted, and of priced violations.
    violations
        Violations of hard rules; () if the roster is legal.
    priced
        Violations of rules that have a price.
    """

    cost: float
    violations: tuple[Violation, ...]
    priced: tuple[Violation, ...]


def check_roster(problem: RosterProblem, plan: Sequence[Row]) -> CheckedRoster:
    """Return the cost of a plan and all rules that it violates.

    Parameters
    ----------
    problem
        The problem.
    plan
        For each person, in the problem's order, for each day, the name of a shift; None for a day off.

    Raises
    ------
    InputError
        If the plan has another shape, or an unknown shift.
    """
    known = {shift.name for shift in problem.shifts}
    if len(plan) != len(problem.people):
        raise InputError(f"the plan has {len(plan)} rows; it must have one for each of {len(problem.people)} people")
    for person, row in zip(problem.people, plan, strict=True):
        if len(row) != problem.days:
            raise InputError(f"the plan of {person.name} has {len(row)} days, not {problem.days}")
        for day, shift in enumerate(row):
            if shift is not None and shift not in known:
                raise InputError(f"the plan of {person.name}, {problem.day_in_words(day)}: unknown shift {shift!r}")
    found = [
        item
        for person, row in zip(problem.people, plan, strict=True)
        for item in violations_of_row(problem, person, row)
    ]
    cover_cost, short = _of_cover(problem, plan)
    request_cost, refused = _of_requests(problem, plan)
    found += short
    hard = tuple(item for item in found if item.rule not in problem.prices)
    priced = tuple(item for item in found if item.rule in problem.prices)
    cost = cover_cost + request_cost + sum(problem.prices[item.rule] * item.amount for item in priced)
    assert all(item.rule in RULES for item in found)
    return CheckedRoster(float(cost), (*hard, *refused), priced)


def violations_of_row(problem: RosterProblem, person: Person, row: Row) -> Iterator[Violation]:
    """Yield what one person's row violates by itself: everything but cover and requests."""
    shifts = {shift.name: shift for shift in problem.shifts}
    before: list[str | None] = [*person.last_days[-1:], *row] if person.last_days else [None, *row]
    for day, (first, second) in enumerate(zip(before, row, strict=False)):
        if first is not None and second is not None and second in shifts[first].cannot_precede:
            yield Violation("sequence", person.name, day, second, 1.0)
    for shift in shifts:
        above = sum(worked == shift for worked in row) - person.most_shifts.get(shift, 0)
        if above > 0:
            yield Violation("most_shifts", person.name, None, shift, float(above))
    minutes = sum(shifts[worked].minutes for worked in row if worked is not None)
    if minutes < person.least_minutes:
        yield Violation("least_minutes", person.name, None, None, float(person.least_minutes - minutes))
    if minutes > person.most_minutes:
        yield Violation("most_minutes", person.name, None, None, float(minutes - person.most_minutes))
    yield from _of_runs(problem, person, row)
    weekends = sum(any(row[day] is not None for day in days) for days in problem.weekends())
    if weekends > person.most_weekends:
        yield Violation("most_weekends", person.name, None, None, float(weekends - person.most_weekends))
    for day in sorted(person.days_off):
        if row[day] is not None:
            yield Violation("days_off", person.name, day, row[day], 1.0)


def _of_runs(problem: RosterProblem, person: Person, row: Row) -> Iterator[Violation]:
    """Yield violations of the lengths of runs of work and of rest; days count from the first of the problem."""
    past = len(person.last_days)
    works = [shift is not None for shift in (*person.last_days, *row)]
    start = 0
    while start < len(works):
        stop = start
        while stop < len(works) and works[stop] == works[start]:
            stop += 1
        length, open_ended, day = stop - start, start == 0 or stop == len(works), max(0, start - past)
        if stop >= past:  # a run that ends with the day before the first does so because of the first
            if works[start]:
                beyond = min(length - person.longest_run, stop - past)
                if beyond > 0:
                    yield Violation("longest_run", person.name, day, None, float(beyond))
                if length < person.shortest_run and not open_ended:
                    yield Violation("shortest_run", person.name, day, None, float(person.shortest_run - length))
            elif length < person.shortest_rest and not open_ended:
                yield Violation("shortest_rest", person.name, day, None, float(person.shortest_rest - length))
        start = stop


def _of_cover(problem: RosterProblem, plan: Sequence[Row]) -> tuple[float, list[Violation]]:
    cost, found = 0.0, []
    for need in problem.cover:
        there = sum(row[need.day] == need.shift for row in plan)
        cost += need.under_cost * max(0, need.preferred - there) + need.over_cost * max(0, there - need.preferred)
        if there < need.least:
            found.append(Violation("least_cover", None, need.day, need.shift, float(need.least - there)))
        if need.most is not None and there > need.most:
            found.append(Violation("most_cover", None, need.day, need.shift, float(there - need.most)))
    return cost, found


def _of_requests(problem: RosterProblem, plan: Sequence[Row]) -> tuple[float, list[Violation]]:
    cost, refused = 0.0, []
    rows = {person.name: row for person, row in zip(problem.people, plan, strict=True)}
    for request in problem.requests:
        worked = rows[request.person][request.day]
        granted = (worked is not None if request.shift is None else worked == request.shift) == request.wanted
        if granted:
            continue
        if request.must:
            refused.append(Violation("request", request.person, request.day, request.shift, 1.0))
        else:
            cost += request.weight
    return cost, refused
