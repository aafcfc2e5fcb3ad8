r"""A lower bound for rosters of many days, from prices on cover and on the limits of each person (Lagrangian duality).

With prices y on the people there, and non-negative ones p on what each person's limits on minutes, weekends and single
shifts leave out, a row is the cheapest by a dynamic programme without any tallies, and every choice of prices proves

.. math:: \sum_j y_j b_j - \sum_i p_i \cdot u_i
          + \sum_i \min_{x \in X_i} \bigl(c_i \cdot x - \sum_j y_j x_j + p_i \cdot A_i x\bigr),

where b is the number of people preferred, and :math:`A_i x \le u_i` are the limits. Prices follow means of the
subgradients, scaled by their sizes (Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015): some hundred
rounds come within some percent of the best bound of this kind.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.cheapest_row import fill_days, trace_back
from evenhand.applications.rosters.columns.objective_step import objective_step
from evenhand.applications.rosters.columns.row_costs import row_costs
from evenhand.applications.rosters.columns.row_programme import RowArrays, row_arrays
from evenhand.applications.rosters.columns.row_space import Workspace
from evenhand.applications.rosters.model_search import Clock, Report
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

FIRST_PRICE = 0.15
"""First price of cover, as a fraction of what a missing person costs."""

FIRST_STEP, LAST_STEP = 0.3, 0.003
"""Step of a price in the first and in the last round, as a fraction of the largest cost of cover."""

MEMORY, MEMORY_OF_SQUARES = 0.8, 0.95
"""Weights of the past in the means of subgradients and of their squares."""


class PriceBound:
    """A bound that is raised round by round.

    Parameters
    ----------
    problem
        The problem.

    Attributes
    ----------
    bound
        The best bound so far.
    """

    def __init__(self, problem: RosterProblem) -> None:
        self._problem, self._costs, self._workspace = problem, row_costs(problem), Workspace()
        self._people = [row_arrays(problem, person, frozenset(), ()) for person in problem.people]
        self._minutes = np.array([float(shift.minutes) for shift in problem.shifts])
        self._unit = max(self._minutes.max(initial=0.0), 1.0)
        people, shifts, prices = problem.people, problem.shifts, problem.prices
        self._preferred = np.zeros((problem.days, len(shifts)))
        self._lower, self._upper = np.zeros_like(self._preferred), np.zeros_like(self._preferred)
        position = {shift.name: index for index, shift in enumerate(shifts)}
        for need in problem.cover:
            at = need.day, position[need.shift]
            self._preferred[at], self._lower[at], self._upper[at] = need.preferred, -need.over_cost, need.under_cost
        each = np.array([[person.most_shifts.get(shift.name, 0) for shift in shifts] for person in people], dtype=float)
        most = np.array([person.most_minutes for person in people]) / self._unit
        least = np.array([person.least_minutes for person in people]) / self._unit
        weekends = np.array([float(person.most_weekends) for person in people])
        self._limits = np.column_stack([most, -least, weekends, each])
        scale = {"most_minutes": self._unit, "least_minutes": self._unit}
        rules = ["most_minutes", "least_minutes", "most_weekends", *["most_shifts"] * len(shifts)]
        self._dearest = np.array([scale.get(rule, 1.0) * prices.get(rule, math.inf) for rule in rules])
        self.bound = 0.0  # no cost is negative

    def raise_by(self, progress_made: Callable[[], float]) -> None:
        """Raise the bound until `progress_made`, the fraction of the time that is used, is 1."""
        dearest = float(self._upper.max(initial=0.0)) or 1.0
        prices = [FIRST_PRICE * self._upper, np.zeros_like(self._limits)]
        mean, square = [np.zeros_like(one) for one in prices], [np.zeros_like(one) for one in prices]
        bounds = ((self._lower, self._upper), (np.zeros(1), self._dearest))
        rounds = 0
        while (done := progress_made()) < 1.0 and math.isfinite(self.bound):
            rounds += 1
            value, slopes = self._at(*prices)
            self.bound = max(self.bound, value)
            step = dearest * FIRST_STEP * (LAST_STEP / FIRST_STEP) ** done
            for part, slope in enumerate(slopes):
                mean[part] = MEMORY * mean[part] + (1.0 - MEMORY) * slope
                square[part] = MEMORY_OF_SQUARES * square[part] + (1.0 - MEMORY_OF_SQUARES) * slope**2
                even = np.sqrt(square[part] / (1.0 - MEMORY_OF_SQUARES**rounds)) + 1e-3
                change = step * mean[part] / (1.0 - MEMORY**rounds) / even
                prices[part] = np.clip(prices[part] + change, *bounds[part])

    def _at(self, prices: Array, limited: Array) -> tuple[float, tuple[Array, Array]]:
        """Return the bound at prices, and its subgradients by the prices on cover and on limits."""
        value = float((prices * self._preferred).sum() - (limited * self._limits).sum())
        there, used = np.zeros_like(prices), np.zeros_like(limited)
        days = np.arange(self._problem.days)
        for person, arrays in enumerate(self._people):
            own = limited[person]
            of_shift = (own[0] - own[1]) * self._minutes / self._unit + own[3:]
            work = self._costs.work[person] + of_shift - prices
            least, shifts = self._cheapest(arrays, work, self._costs.off[person], float(own[2]))
            if shifts is None:
                self.bound = math.inf  # nobody can be left out
                return math.inf, (there, used)
            value += least
            worked = shifts >= 0
            there[days[worked], shifts[worked]] += 1.0
            minutes = self._minutes[shifts[worked]].sum() / self._unit
            weekends = sum(bool(worked[list(weekend)].any()) for weekend in self._problem.weekends())
            counted = np.bincount(shifts[worked], minlength=len(self._minutes))
            used[person] = [minutes, -minutes, weekends, *counted]
        return value, (self._preferred - there, used - self._limits)

    def _cheapest(
        self, arrays: RowArrays, work: Array, off: Array, weekend: float
    ) -> tuple[float, NDArray[np.int64] | None]:
        """Return the least cost of a row without limits, and its shifts, shape (D,); None if there is no row."""
        days, groups = len(work), len(arrays.groups)
        best = np.empty((days, groups), dtype=np.int64)
        for group, members in enumerate(arrays.groups):
            best[:, group] = members[np.argmin(work[:, members], axis=1)]
        least = np.ascontiguousarray(np.take_along_axis(work, best, axis=1))
        table, came_from = self._workspace.tables(days, arrays.phases, 1)
        nowhere = np.zeros((groups, 1), dtype=np.int64)
        rules = arrays.rules._replace(after_work=nowhere, after_weekend=nowhere, weekend_cost=weekend)
        fill_days(rules, least, off, arrays.first_phase, table, came_from)
        ends = table[days % 2, :, 0]
        phase = int(np.argmin(ends))
        if not np.isfinite(ends[phase]):
            return math.inf, None
        chosen = np.empty(days, dtype=np.int64)
        trace_back(came_from, groups, phase, 0, chosen)
        shifts = np.where(chosen >= 0, best[np.arange(days), np.maximum(chosen, 0)], -1) if groups else chosen
        return float(ends[phase]), shifts


def price_bound(problem: RosterProblem, clock: Clock, seconds: float, report: Report | None) -> float:
    """Return a lower bound on the cost of all legal rosters, found in some seconds; infinite if there is none."""
    prices, begun, step = PriceBound(problem), time.perf_counter(), objective_step(problem)

    def progress_made() -> float:
        return 1.0 if clock.left <= 0.0 else (time.perf_counter() - begun) / max(seconds, 1e-9)

    try:
        prices.raise_by(progress_made)
    except KeyboardInterrupt:
        clock.interrupted = True
    bound = prices.bound
    if step and math.isfinite(bound):
        bound = step * math.ceil(bound / step - 1e-6 * max(1.0, bound / step))
    if report is not None:
        report(None, bound)
    return bound
