"""Cover and fairness as common rows of the master, and rows of people as its columns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.master import Column, CommonRows
from evenhand.applications.rosters.columns.row_costs import RowCosts, row_costs
from evenhand.applications.rosters.columns.row_space import PricedRow, RowSpace, Workspace
from evenhand.applications.rosters.columns.tallies import Tallies
from evenhand.applications.rosters.counts import KINDS, shifts_counted
from evenhand.applications.rosters.fairness_rows import CountLoads, FairnessRows
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

LARGE = 1e4
"""Upper limit on auxiliary variables, in multiples of the largest load: they are bounded, so that bounds at prices that
are optimal within a tolerance only are finite."""


class FairLoads(NamedTuple):
    """What is counted of whom: a row of the master for each person's load.

    Attributes
    ----------
    counted
        Name of the count.
    row_of
        Position of the common row that defines each person's load, shape (n,); -1 for who is not compared.
    """

    counted: str
    row_of: NDArray[np.int64]


class RosterRows:
    """All rows of all people at given prices of the common rows.

    Parameters
    ----------
    problem
        The problem.
    """

    def __init__(self, problem: RosterProblem) -> None:
        self.problem = problem
        self.costs: RowCosts = row_costs(problem)
        workspace = Workspace()
        self.spaces = [RowSpace(problem, person, workspace=workspace) for person in problem.people]
        self.common = CommonRows()
        self._at: list[tuple[int, int, int]] = []
        self.loads: list[FairLoads] = []
        self._missing = 1e3 * max(1e3, *(max(need.under_cost, need.over_cost) for need in problem.cover), 0.0)
        self._add_cover()
        self._cover = deepcopy(self.common)
        self._row, self._day, self._shift = np.array(self._at, dtype=np.int64).reshape(-1, 3).T
        self._of_shift = {
            **{count: self._kinds(count) for count in KINDS},
            "minutes": np.array([float(shift.minutes) for shift in problem.shifts]),
        }
        self._grants = _grants(problem)

    def _kinds(self, count: str) -> Array:
        names = shifts_counted(self.problem, count)
        return np.array([float(shift.name in names) for shift in self.problem.shifts])

    def _add_cover(self) -> None:
        position = {shift.name: index for index, shift in enumerate(self.problem.shifts)}
        rows, prices = self.common, self.problem.prices
        people = float(len(self.problem.people))
        for need in self.problem.cover:
            at = need.day, position[need.shift]
            row = rows.add_row(need.preferred, need.preferred)
            self._at.append((row, *at))
            rows.add_variable(row, 1.0, need.under_cost, most=need.preferred)
            rows.add_variable(row, -1.0, need.over_cost, most=people)
            if need.least:
                row = rows.add_row(need.least, math.inf)
                self._at.append((row, *at))
                rows.add_variable(row, 1.0, prices.get("least_cover", self._missing), most=need.least)
            if need.most is not None:
                row = rows.add_row(-math.inf, need.most)
                self._at.append((row, *at))
                rows.add_variable(row, -1.0, prices.get("most_cover", self._missing), most=people)

    def share(self, loads: Mapping[str, CountLoads], fairness: Mapping[str, FairnessRows], penalty: float) -> None:
        """Set the rows of fair counts, which may be violated at a price.

        Parameters
        ----------
        loads
            By count, who is compared, and what their loads may be.
        fairness
            By count, rows over the loads; those of an earlier call count no more.
        penalty
            Cost of violating a row by about one unit of a load.
        """
        self.common, self.loads = deepcopy(self._cover), []
        rows = self.common
        for count, there in loads.items():
            of = np.full(len(self.problem.people), -1, dtype=np.int64)
            variables = []
            for person, carried, most in zip(there.people, there.carried, there.most, strict=True):
                of[person] = rows.add_row(-carried, -carried)
                variables.append(rows.add_variable(int(of[person]), -1.0, 0.0, carried + most, carried))
            self.loads.append(FairLoads(count, of))
            self._add_fairness(variables, fairness[count], penalty, float((there.carried + there.most).max()))

    def _add_fairness(self, variables: list[int], own: FairnessRows, penalty: float, size: float) -> None:
        rows, limit = self.common, LARGE * max(size, 1.0)
        helpers = [rows.add_free(0.0, limit) for _ in range(own.auxiliaries)]
        for of_loads, of_helpers, lower, upper in own.rows:
            row = rows.add_row(lower, upper)
            rows.entries += [(row, variables[at], value) for at, value in of_loads.items()]
            rows.entries += [(row, helpers[at], value) for at, value in of_helpers.items()]
            scale = max((abs(value) for value in of_loads.values()), default=1.0)
            for sign, side in ((1.0, lower), (-1.0, upper)):
                if math.isfinite(side):
                    rows.add_variable(row, sign * scale, penalty, most=limit)

    def column(self, person: int, shifts: NDArray[np.int64]) -> Column:
        """Return a row of a person as a column."""
        worked = shifts[self._day] == self._shift
        at, values = self._row[worked].tolist(), [1.0] * int(worked.sum())
        for loads in self.loads:
            if loads.row_of[person] >= 0 and (amount := self.count(loads.counted, person, shifts)):
                at.append(int(loads.row_of[person]))
                values.append(amount)
        cost = self.costs.of(person, shifts)
        return Column(person, shifts, cost, np.array(at, dtype=np.int32), np.array(values, dtype=np.float64))

    def count(self, count: str, person: int, shifts: NDArray[np.int64]) -> float:
        """Return how much of a count a row has."""
        if count == "weekends":
            return float(sum(any(shifts[day] >= 0 for day in days) for days in self.problem.weekends()))
        at_work = shifts >= 0
        if count == "granted":
            work, off = self._grants
            days = np.flatnonzero(at_work)
            return float(work[person, days, shifts[days]].sum() + off[person, ~at_work].sum())
        return float(self._of_shift[count][shifts[at_work]].sum())

    def cheapest(self, person: int, prices: Array) -> PricedRow | None:
        """Return the row of a person that is cheapest at prices of the common rows; None if no row is legal."""
        work, off = self.costs.work[person].copy(), self.costs.off[person].copy()
        np.subtract.at(work, (self._day, self._shift), prices[self._row])
        weekend = 0.0
        for loads in self.loads:
            if loads.row_of[person] < 0:
                continue
            price = float(prices[loads.row_of[person]])
            if loads.counted == "weekends":
                weekend += price
            elif loads.counted == "granted":
                work -= price * self._grants[0][person]
                off -= price * self._grants[1][person]
            else:
                work -= price * self._of_shift[loads.counted]

        def of_weekends(tallies: Tallies) -> Array:
            return -weekend * tallies.weekends

        return self.spaces[person].cheapest(work, off, of_weekends if weekend else None)


def _grants(problem: RosterProblem) -> tuple[Array, Array]:
    """Return how many requests each shift of each day grants, shape (n, D, S), and each day off, shape (n, D)."""
    work = np.zeros((len(problem.people), problem.days, len(problem.shifts)))
    off = np.zeros((len(problem.people), problem.days))
    index: Mapping[str, int] = {person.name: row for row, person in enumerate(problem.people)}
    for request in problem.requests:
        matches = np.array([request.shift in (None, shift.name) for shift in problem.shifts])
        work[index[request.person], request.day, matches == request.wanted] += 1.0
        if not request.wanted:
            off[index[request.person], request.day] += 1.0
    return work, off
