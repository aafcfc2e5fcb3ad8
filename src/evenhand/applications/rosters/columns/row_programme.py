"""Arrange one person's rules as the arrays of :mod:`.cheapest_row`: groups of shifts, phases and tallies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.cheapest_row import (
    FIRST_OF_WEEKEND,
    NO_WEEKEND,
    SECOND_OF_WEEKEND,
    RowRules,
)
from evenhand.applications.rosters.columns.tallies import Tallies, TallySteps, end_costs, tally_up
from evenhand.applications.rosters.counts import shifts_counted
from evenhand.applications.rosters.roster_parts import Person, Shift
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array


@dataclass(frozen=True, slots=True)
class RowArrays:
    """One person's rules as arrays, without tallies.

    Attributes
    ----------
    groups
        Positions of the shifts of each group.
    rules
        The rules; where tallies lead is empty.
    first_phase
        Phase before the first day.
    phases
        Number of phases.
    steps
        What a shift of each group adds to the tallies.
    """

    groups: tuple[NDArray[np.int64], ...]
    rules: RowRules
    first_phase: int
    phases: int
    steps: TallySteps


@dataclass(frozen=True, slots=True)
class RowProgramme:
    """One person's rules as arrays, with tallies for whole rows; attributes as in :class:`RowArrays`."""

    groups: tuple[NDArray[np.int64], ...]
    rules: RowRules
    first_phase: int
    phases: int
    tallies: Tallies


def row_programme(
    problem: RosterProblem, person: Person, limited: frozenset[str], counted: Sequence[str]
) -> RowProgramme:
    """Return the arrays of a person for whole rows.

    Parameters
    ----------
    problem, person
        The problem, and one of its people.
    limited
        Names of the shifts whose limit ``most_shifts`` is kept; the others are not.
    counted
        Counts of shifts, ``nights`` or ``late``, that tallies tell apart.

    Raises
    ------
    TooManyTalliesError
        If there are more than :data:`.tallies.MOST_TALLIES` tallies.
    """
    arrays, prices = row_arrays(problem, person, limited, counted), problem.prices
    caps = [
        math.inf if "most_shifts" in prices or name not in person.most_shifts else person.most_shifts[name]
        for name in arrays.steps.names
    ]
    minutes = person.most_minutes
    if "most_minutes" in prices:
        minutes = problem.days * max((step[0] for step in arrays.steps.of_group), default=0.0)
    weekends = len(problem.weekends())
    if "most_weekends" not in prices:
        weekends = min(weekends, person.most_weekends)
    tallies, after_work, after_weekend = tally_up(arrays.steps, (minutes + 1e-9, *caps), weekends, problem.days)
    tallies.cost[:] = end_costs(problem, person, tallies)
    rules = arrays.rules._replace(after_work=after_work, after_weekend=after_weekend)
    return RowProgramme(arrays.groups, rules, arrays.first_phase, arrays.phases, tallies)


def row_arrays(problem: RosterProblem, person: Person, limited: frozenset[str], counted: Sequence[str]) -> RowArrays:
    """Return the arrays of a person, with tallies left out; see :func:`row_programme`."""
    soft = "most_shifts" in problem.prices
    possible = [shift for shift in problem.shifts if soft or person.may_work(shift.name)]
    position = {shift.name: index for index, shift in enumerate(problem.shifts)}
    before = next((shift for shift in problem.shifts if person.last_days[-1:] == (shift.name,)), None)
    names = frozenset(shift.name for shift in possible)
    classes = sorted({shift.cannot_precede & names for shift in [*possible, *([before] if before else [])]}, key=sorted)
    sets = {name: frozenset([name]) for name in limited} | {name: shifts_counted(problem, name) for name in counted}
    alike: dict[tuple[object, ...], list[Shift]] = {}
    for shift in possible:
        barred = tuple(shift.name in forbidden for forbidden in classes)
        inside = tuple(shift.name in each for each in sets.values())
        alike.setdefault((shift.cannot_precede & names, barred, shift.minutes, inside), []).append(shift)
    first = [shifts[0] for shifts in alike.values()]
    price = problem.prices.get("sequence", math.inf)
    follow = [[price if shift.name in forbidden else 0.0 for shift in first] for forbidden in classes or [frozenset()]]
    nowhere = np.empty((len(first), 0), dtype=np.int64)
    run_ends, run_goes_on = _runs(problem, person)
    rest_ends = _ends(person.shortest_rest, max(person.shortest_rest, 1), problem.prices.get("shortest_rest", math.inf))
    rules = RowRules(
        follow=np.array(follow, dtype=np.float64).reshape(max(len(classes), 1), len(first)),
        class_of=np.array([classes.index(shift.cannot_precede & names) for shift in first], dtype=np.int64),
        rest_ends=rest_ends,
        run_ends=run_ends,
        run_goes_on=run_goes_on,
        open_run=_open_run(person),
        weekend_of=_weekend_of(problem),
        after_work=nowhere,
        after_weekend=nowhere,
        weekend_cost=0.0,
    )
    last_class = classes.index(before.cannot_precede & names) if before else 0
    count = max(len(classes), 1)
    flags = [(shift.minutes, *(int(shift.name in each) for each in sets.values())) for shift in first]
    return RowArrays(
        groups=tuple(np.array([position[shift.name] for shift in shifts]) for shifts in alike.values()),
        rules=rules,
        first_phase=_first_phase(person, len(rest_ends), len(run_ends), count, last_class),
        phases=len(rest_ends) + len(run_ends) * count,
        steps=TallySteps(tuple(sets), tuple(flags)),
    )


def _runs(problem: RosterProblem, person: Person) -> tuple[Array, Array]:
    """Return the costs of ending a run after each number of days, and of going on, shape (L,) each."""
    longest = max(min(person.longest_run, problem.days), 1)
    size = max(longest, min(person.shortest_run, problem.days))
    ends = _ends(person.shortest_run, size, problem.prices.get("shortest_run", math.inf))
    days = np.arange(1, size + 1)
    return ends, np.where(days >= person.longest_run, problem.prices.get("longest_run", math.inf), 0.0)


def _ends(shortest: int, size: int, price: float) -> Array:
    """Return the cost of ending a run or a rest after 1, 2, ... days, shape (size,)."""
    missing = np.maximum(shortest - np.arange(1, size + 1), 0)
    return np.where(missing > 0, price * np.maximum(missing, 1), 0.0)


def _days_alike(person: Person) -> int:
    """Return for how many days before the first the person worked in a row, or rested."""
    past = [shift is not None for shift in person.last_days]
    return next((k for k in range(len(past)) if past[-1 - k] != past[-1]), len(past))


def _open_run(person: Person) -> int:
    if not person.last_days:
        return 0
    whole = person.last_days[-1] is not None and _days_alike(person) == len(person.last_days)
    return len(person.last_days) if whole else -1


def _first_phase(person: Person, rests: int, runs: int, classes: int, last_class: int) -> int:
    days = _days_alike(person)
    if person.last_days and person.last_days[-1] is not None:
        return rests + (min(days, runs) - 1) * classes + last_class
    if not person.last_days or days == len(person.last_days):
        return rests - 1  # the rest may have begun long before
    return min(days, rests) - 1


def _weekend_of(problem: RosterProblem) -> NDArray[np.int64]:
    found = np.full(problem.days, NO_WEEKEND, dtype=np.int64)
    for weekend in problem.weekends():
        found[weekend[0]] = FIRST_OF_WEEKEND
        for day in weekend[1:]:
            found[day] = SECOND_OF_WEEKEND
    return found
