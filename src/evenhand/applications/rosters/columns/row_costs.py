"""What requests and absences cost on each day of each person, and what a whole row costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.check_roster import violations_of_row
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array


@dataclass(frozen=True, slots=True)
class RowCosts:
    """Costs that a row has by itself, whatever others work.

    Attributes
    ----------
    problem
        The problem.
    work
        Cost of each shift on each day for each person, shape (n, D, S); infinite where it is forbidden.
    off
        Cost of each day off, shape (n, D).
    """

    problem: RosterProblem
    work: Array
    off: Array

    def of(self, person: int, row: NDArray[np.int64]) -> float:
        """Return the cost of a row, infinite if it is not legal; `row` as in :class:`.row_space.PricedRow`."""
        days, at_work = np.arange(self.problem.days), row >= 0
        cost = float(self.off[person, ~at_work].sum() + self.work[person, days[at_work], row[at_work]].sum())
        for item in violations_of_row(self.problem, self.problem.people[person], named(self.problem, row)):
            if item.rule != "days_off":  # in `work` already
                cost += self.problem.prices.get(item.rule, math.inf) * item.amount
        return cost


def named(problem: RosterProblem, row: NDArray[np.int64]) -> tuple[str | None, ...]:
    """Return a row of positions as names of shifts, None for days off."""
    return tuple(None if shift < 0 else problem.shifts[shift].name for shift in row.tolist())


def unnamed(problem: RosterProblem, row: Sequence[str | None]) -> NDArray[np.int64]:
    """Return a row of names as positions of shifts, -1 for days off."""
    position = {shift.name: index for index, shift in enumerate(problem.shifts)}
    return np.array([-1 if shift is None else position[shift] for shift in row], dtype=np.int64)


def row_costs(problem: RosterProblem) -> RowCosts:
    """Return the costs of the rows of a problem."""
    work = np.zeros((len(problem.people), problem.days, len(problem.shifts)))
    off = np.zeros((len(problem.people), problem.days))
    absent = problem.prices.get("days_off", math.inf)
    for i, person in enumerate(problem.people):
        if "most_shifts" not in problem.prices:
            work[i][:, [not person.may_work(shift.name) for shift in problem.shifts]] = math.inf
        for day in person.days_off:
            work[i, day] += absent
    index = {person.name: row for row, person in enumerate(problem.people)}
    for request in problem.requests:
        matches = np.array([request.shift in (None, shift.name) for shift in problem.shifts])
        work[index[request.person], request.day, matches != request.wanted] += request.weight
        if request.wanted:
            off[index[request.person], request.day] += request.weight
    return RowCosts(problem, work, off)
