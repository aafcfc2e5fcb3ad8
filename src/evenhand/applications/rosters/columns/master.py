r"""The linear master problem: rows of people are its columns, cover and fairness its rows.

It minimises the cost of rows and of cover,

.. math:: \min \sum_k c_k z_k + q \cdot t \quad\text{with}\quad \sum_{k \in K_i} z_k = 1, \qquad
          \ell \le \sum_k a_k z_k + B t \le u,

over weights z of the rows that are known of each person i, and auxiliary variables t: people missing and too many,
loads of fair counts, and what their fairness needs. At prices y of the common rows, the cheapest rows of all people
prove a bound, whether y is optimal or not (Lagrangian duality):

.. math:: \sum_i \min_k (c_k - y \cdot a_k) + \min_{t} (q - B^T y) \cdot t + \min_{\ell \le s \le u} y \cdot s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.modeling.highs_model import silent_highs
from evenhand.modeling.highs_run import run
from evenhand.modeling.library_imports import require

DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""Values of an option of HiGHS."""

FEASIBLE = 2
"""Status of a solution in HiGHS."""


@dataclass(slots=True)
class CommonRows:
    """The rows that people share, with their auxiliary variables.

    Attributes
    ----------
    lower, upper
        Bounds of each row.
    cost, least, most
        Cost and bounds of each auxiliary variable.
    entries
        Coefficients of auxiliary variables, as (row, variable, value).
    """

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)

    def add_row(self, lower: float, upper: float) -> int:
        """Add a row, and return its position."""
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.lower) - 1

    def add_variable(self, row: int, value: float, cost: float, most: float = np.inf, least: float = 0.0) -> int:
        """Add an auxiliary variable with coefficient `value` in one row, and return its position."""
        variable = self.add_free(cost, most, least)
        self.entries.append((row, variable, value))
        return variable

    def add_free(self, cost: float, most: float = np.inf, least: float = 0.0) -> int:
        """Add an auxiliary variable that is in no row yet, and return its position."""
        self.cost.append(cost)
        self.least.append(least)
        self.most.append(most)
        return len(self.cost) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """A row of a person as a column of the master.

    Attributes
    ----------
    person
        Position of the person.
    shifts
        Position of the shift of each day, shape (D,); -1 for days off.
    cost
        What the row costs by itself.
    at, values
        Common rows in which it has a coefficient, and these coefficients.
    """

    person: int
    shifts: NDArray[np.int64]
    cost: float
    at: NDArray[np.int32]
    values: Array

    @property
    def key(self) -> tuple[int, bytes]:
        """What makes a column the same as another."""
        return self.person, self.shifts.tobytes()


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solution of the master.

    Attributes
    ----------
    objective
        Its value.
    weights
        Weight of each column, shape (K,).
    prices
        Dual values of the common rows, shape (M,).
    of_people
        Dual values of the people, shape (n,).
    """

    objective: float
    weights: Array
    prices: Array
    of_people: Array


class Master:
    """The master problem of some people, whose columns are added as they are found.

    Parameters
    ----------
    people
        Positions of the people, shape (n,).
    common
        The common rows.
    others
        What all others have in each common row, shape (M,); None for nothing.
    """

    def __init__(self, people: NDArray[np.intp], common: CommonRows, others: Array | None = None) -> None:
        self.people, self._common, self._others = people, common, others
        self.columns: list[Column] = []
        taken = np.zeros(len(common.lower)) if others is None else others
        self.lower, self.upper = np.array(common.lower) - taken, np.array(common.upper) - taken
        self.cost, self.least, self.most = np.array(common.cost), np.array(common.least), np.array(common.most)
        self._position = {int(person): row for row, person in enumerate(people)}
        self._known: set[tuple[int, bytes]] = set()
        self._entries = sorted(common.entries, key=lambda entry: entry[1])
        self._highs: Any = self._empty()
        self._primal = True

    def _empty(self) -> Any:
        """Return a model with all rows and the auxiliary variables, without columns."""
        highs = silent_highs()
        n, count, size = len(self.people), len(self.lower), len(self.cost)
        ones, empty = np.ones(n), np.empty(0, dtype=np.int32)
        highs.addRows(n, ones, ones, 0, np.zeros(n, dtype=np.int32), empty, np.empty(0))
        highs.addRows(count, self.lower, self.upper, 0, np.zeros(count, dtype=np.int32), empty, np.empty(0))
        variable = np.array([entry[1] for entry in self._entries])
        start = np.searchsorted(variable, np.arange(size)).astype(np.int32)
        row = np.array([n + entry[0] for entry in self._entries], dtype=np.int32)
        value = np.array([entry[2] for entry in self._entries])
        highs.addCols(size, self.cost, self.least, self.most, len(row), start, row, value)
        return highs

    def add(self, columns: list[Column]) -> int:
        """Add those columns that are not known yet; return how many these were."""
        new = []
        for column in columns:
            if column.key not in self._known:
                self._known.add(column.key)
                new.append(column)
        self.columns += new
        self._append(new)
        return len(new)

    def _append(self, columns: list[Column]) -> None:
        """Add columns to the model, whose first rows are the people's and whose next ones are the common rows."""
        if not columns:
            return
        n, count = len(self.people), len(columns)
        sizes = np.array([1 + len(column.at) for column in columns])
        start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        rows = np.concatenate([[self._position[column.person], *(n + column.at)] for column in columns])
        values = np.concatenate([[1.0, *column.values] for column in columns])
        cost = np.array([column.cost for column in columns])
        bounds = np.zeros(count), np.full(count, np.inf)
        self._highs.addCols(count, cost, *bounds, len(rows), start, rows.astype(np.int32), values)

    def fix(self, fixed: Mapping[int, int]) -> None:
        """Let people have only one column each, given by position, and all others any column."""
        upper = np.full(len(self.columns), np.inf)
        for k, column in enumerate(self.columns):
            if fixed.get(column.person, k) != k:
                upper[k] = 0.0
        at = len(self.cost) + np.arange(len(upper), dtype=np.int32)
        self._highs.changeColsBounds(len(at), at, np.zeros(len(at)), upper)
        self._primal = False

    def solve(self) -> Relaxed | None:
        """Solve the master as a linear programme; None if it has no solution with the columns that are known.

        After new columns the last basis is primal feasible, and after new bounds it is dual feasible.
        """
        highs, n = self._highs, len(self.people)
        highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX if self._primal else DUAL_SIMPLEX)
        self._primal = True
        highs.run()
        if highs.modelStatusToString(highs.getModelStatus()) != "Optimal":
            return None
        found, info = highs.getSolution(), highs.getInfo()
        weights, prices = np.array(found.col_value)[len(self.cost) :], np.array(found.row_dual)
        return Relaxed(info.objective_function_value, weights, prices[n:], prices[:n])

    def whole_choice(self, kept: Sequence[int], cutoff: float, time_limit: float) -> dict[int, int] | None:
        """Return the best choice among the `kept` columns, by person, if one below `cutoff` is found in time."""
        whole = Master(self.people, self._common, self._others)
        whole.add([self.columns[k] for k in kept])
        highs, at = whole._highs, len(self.cost) + np.arange(len(kept), dtype=np.int32)
        highs.changeColsIntegrality(len(at), at, np.full(len(at), require("highspy").HighsVarType.kInteger))
        highs.setOptionValue("objective_bound", cutoff)
        if run(highs, time_limit) == "interrupted":
            raise KeyboardInterrupt
        if highs.getInfo().primal_solution_status != FEASIBLE or highs.getInfo().objective_function_value >= cutoff:
            return None
        taken = np.flatnonzero(np.array(highs.getSolution().col_value)[len(self.cost) :] > 0.5)
        return {self.columns[kept[k]].person: kept[k] for k in taken.tolist()}

    def reduced_cost(self, column: Column, relaxed: Relaxed) -> float:
        """Return the reduced cost of a column at the prices of a solution."""
        gain = float(relaxed.prices[column.at] @ column.values)
        return column.cost - gain - float(relaxed.of_people[self._position[column.person]])

    def common_bound(self, prices: Array) -> float:
        """Return the part of the bound at `prices` that is not about rows; -inf if they prove nothing."""
        reduced = self.cost.copy()
        for row, variable, value in self._entries:
            reduced[variable] -= prices[row] * value
        reduced[np.abs(reduced) < 1e-9] = 0.0
        with np.errstate(invalid="ignore"):
            best = np.where(reduced > 0, reduced * self.least, np.where(reduced < 0, reduced * self.most, 0.0))
            sides = np.where(prices > 0, prices * self.lower, np.where(prices < 0, prices * self.upper, 0.0))
        return float(best.sum() + sides.sum())
