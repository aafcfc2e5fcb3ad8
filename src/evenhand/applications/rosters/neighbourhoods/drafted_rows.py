"""A roster that is being changed, with its cost: rows of people, or a part of their days, are taken out and put in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.row_costs import RowCosts, row_costs, unnamed
from evenhand.applications.rosters.counts import Plan, shifts_counted
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.neighbourhoods.unfairness import Unfairness
from evenhand.applications.rosters.roster_parts import Request
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

SHORTFALL = 1e4
"""Cost of each person below the least or above the most of a shift, a hard rule, while a roster is changed."""

OFF = -1
"""Position that stands for a day off."""


class DraftedRows:
    """Rows of all people with the cost that they have together.

    Parameters
    ----------
    problem
        The problem.
    fair
        The fairness asked for, of which violations cost `penalty` per unit of load.
    """

    def __init__(self, problem: RosterProblem, fair: FairCounts) -> None:
        self.problem, self.fair = problem, fair
        self.costs: RowCosts = row_costs(problem)
        self._last: dict[tuple[str, int], float] = {}
        people, days, shifts = self.costs.work.shape
        self.rows = np.full((people, days), OFF, dtype=np.int64)
        self.there = np.zeros((days, shifts), dtype=np.int64)
        self.own = np.zeros(people)
        self._inside = np.zeros(people, dtype=bool)
        self.unfair = [Unfairness(fair, count) for count in fair.members]
        self.penalty = 0.0
        self._weights = {one.count: _weights(problem, one.count) for one in self.unfair}
        self._cover = _cover_costs(problem)
        self._least, self._most = _hard_cover(problem)
        self._at = np.indices((days, shifts))
        self._days = np.arange(days)
        self._wishes: dict[str, list[Request]] = {}
        for request in problem.wishes:
            self._wishes.setdefault(request.person, []).append(request)

    @property
    def cost(self) -> float:
        """Cost of cover, and of the rows that are in."""
        return float(self.own.sum()) + self.cover_cost()

    def cover_cost(self, first: int = 0, stop: int | None = None) -> float:
        """Return the cost of cover of the days from `first` up to, but without, `stop`."""
        inside = slice(first, stop)
        return float(self._cover[self._at[0][inside], self._at[1][inside], self.there[inside]].sum())

    @property
    def covers(self) -> bool:
        """Whether all hard bounds of cover are kept."""
        return bool((self.there >= self._least).all() and (self.there <= self._most).all())

    @property
    def missed(self) -> float:
        """By how many units of load all counts miss their fairness."""
        return sum(one.value() for one in self.unfair)

    @property
    def is_fair(self) -> bool:
        """Whether the loads are as fair as asked."""
        return all(self.fair.unfair(one.count, one.loads) == () for one in self.unfair)

    def marginal(self, first: int = 0, stop: int | None = None) -> Array:
        """Return what one more person on each of these days and shifts would add to the cost of cover, shape (d, S)."""
        day, shift, there = (part[first:stop] for part in (*self._at, self.there))
        added: Array = self._cover[day, shift, there + 1] - self._cover[day, shift, there]
        return added

    def plan(self) -> Plan:
        """Return the plan with names."""
        return self.plan_of(self.rows)

    def plan_of(self, rows: NDArray[np.int64]) -> Plan:
        """Return rows of all people, shape (n, D), with names."""
        names = [*(shift.name for shift in self.problem.shifts), None]
        return tuple(tuple(names[shift] for shift in row) for row in rows.tolist())

    def load(self, plan: Plan) -> None:
        """Put in all rows of a plan; nothing may be in."""
        for person, row in enumerate(plan):
            self.put(person, unnamed(self.problem, row))

    def put(self, person: int, row: NDArray[np.int64]) -> None:
        """Put in a row of a person who has none."""
        assert not self._inside[person]
        self._inside[person] = True
        self._change(person, row, 1)
        self.rows[person] = row
        self.own[person] = self._own_cost(person, row)

    def take(self, person: int) -> NDArray[np.int64]:
        """Take out a person's row, and return it; nothing changes if it is out."""
        row: NDArray[np.int64] = self.rows[person].copy()
        if not self._inside[person]:
            return row
        self._inside[person] = False
        self._change(person, row, -1)
        self.rows[person] = OFF
        self.own[person] = 0.0
        return row

    def _own_cost(self, person: int, row: NDArray[np.int64]) -> float:
        if self.problem.prices:
            return self.costs.of(person, row)
        worked = row >= 0  # a legal row breaks no rule, so that only its days cost
        work = self.costs.work[person][self._days[worked], row[worked]].sum()
        return float(self.costs.off[person][~worked].sum() + work)

    def _change(self, person: int, row: NDArray[np.int64], sign: int) -> None:
        worked = row >= 0
        self.there[self._days[worked], row[worked]] += sign
        for one in self.unfair:
            if person in one.position:
                count = self._count(one.count, person, row)
                one.loads[one.position[person]] += sign * count
                self._last[one.count, person] = count

    def _count(self, count: str, person: int, row: NDArray[np.int64]) -> float:
        worked = row >= 0
        weights = self._weights[count]
        if weights is not None:
            return float(weights[row[worked]].sum())
        if count == "weekends":
            return float(sum(worked[list(days)].any() for days in self.problem.weekends()))
        names = [shift.name for shift in self.problem.shifts]
        mine = self._wishes.get(self.problem.people[person].name, [])
        return float(
            sum(request.is_granted_by(None if row[request.day] < 0 else names[row[request.day]]) for request in mine)
        )


def _weights(problem: RosterProblem, count: str) -> Array | None:
    """Return what each shift adds to a count; None if a count is not a sum over shifts."""
    if count == "minutes":
        return np.array([float(shift.minutes) for shift in problem.shifts])
    if count in ("nights", "late"):
        names = shifts_counted(problem, count)
        return np.array([float(shift.name in names) for shift in problem.shifts])
    return None


def _hard_cover(problem: RosterProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the hard bounds on the number of people on each day and shift, shape (D, S) each."""
    position = {shift.name: index for index, shift in enumerate(problem.shifts)}
    least = np.zeros((problem.days, len(problem.shifts)), dtype=np.int64)
    most = np.full(least.shape, len(problem.people), dtype=np.int64)
    for need in problem.cover:
        at = need.day, position[need.shift]
        if "least_cover" not in problem.prices:
            least[at] = need.least
        if need.most is not None and "most_cover" not in problem.prices:
            most[at] = need.most
    return least, most


def _cover_costs(problem: RosterProblem) -> Array:
    """Return the cost of each number of people on each day and shift, shape (D, S, n + 2)."""
    position = {shift.name: index for index, shift in enumerate(problem.shifts)}
    there = np.arange(len(problem.people) + 2)
    costs = np.zeros((problem.days, len(problem.shifts), len(there)))
    short, over = (problem.prices.get(rule, SHORTFALL) for rule in ("least_cover", "most_cover"))
    for need in problem.cover:
        cost = need.under_cost * np.maximum(0, need.preferred - there)
        cost = cost + need.over_cost * np.maximum(0, there - need.preferred)
        cost = cost + short * np.maximum(0, need.least - there)
        if need.most is not None:
            cost = cost + over * np.maximum(0, there - need.most)
        costs[need.day, position[need.shift]] = cost
    return costs
