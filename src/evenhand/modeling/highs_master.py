"""A HiGHS model to which fairness cuts are added in rounds, and in which variables can be fixed for windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling.highs_model import add_matrix, add_rows, silent_highs
from evenhand.modeling.highs_run import run
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LazyRows, LinearModel, Program
from evenhand.modeling.window_master import Probe

DEFINED = -1.0
"""Coefficient of a load's own column in the row that defines it."""

FEASIBILITY = 1e-9
"""Tolerance of feasibility and integrality: with HiGHS's default of 1e-6, cuts near the cone could not be
distinguished."""

OPTIONS = (
    "time_limit",
    "mip_rel_gap",
    "mip_abs_gap",
    "primal_feasibility_tolerance",
    "mip_feasibility_tolerance",
    "objective_target",
)
"""Options that a solve changes, and restores afterwards."""
SUBMIPS = ("mip_heuristic_run_rens", "mip_heuristic_run_rins", "mip_heuristic_run_root_reduced_cost")
"""HiGHS's heuristics that solve sub-MIPs, which are switched off: the presolve of these (strengthenInequalities, HiGHS
1.16) was caught in an endless loop that no time limit ends and that takes all memory. :mod:`.incumbents` has similar
heuristics."""


class HighsMaster:
    """A HiGHS model with a column for each load and each auxiliary variable of the cuts.

    Parameters
    ----------
    highs
        The model; rows that are added to it stay.
    loads, definitions, auxiliaries
        Columns of the loads, the rows that define them, and columns of the auxiliary variables of their cuts.
    added
        Number of columns that are not the user's own.
    lazy
        Lazy rows of the model; see :func:`evenhand.modeling.solve_model.solve_fair_milp`.
    """

    judges = False

    def __init__(
        self,
        highs: Any,
        loads: NDArray[np.int32],
        definitions: NDArray[np.int32],
        auxiliaries: NDArray[np.int32],
        added: int,
        lazy: LazyRows | None = None,
    ) -> None:
        self._highspy = require("highspy")
        self._highs, self._lazy, self._own = highs, lazy, highs.getNumCol() - added
        self._loads, self._definitions, self._auxiliaries = loads, definitions, auxiliaries
        kinds = np.array(
            [int(kind.value) for kind in highs.getLp().integrality_] or [0] * highs.getNumCol(), dtype=np.uint8
        )
        self._integers = np.flatnonzero(kinds != 0).astype(np.int32)
        self._kinds = kinds[self._integers]
        if np.any(self._kinds > 1):
            raise InputError("the model has semi-continuous or semi-integer variables; write them with binaries")
        self._fixed: tuple[NDArray[np.int32], Array, Array] | None = None
        self._relaxed = False
        self._values = self._relaxation = np.empty(0)
        self._objective, self._tree = np.nan, highs
        self._start: Array | None = None
        self._parts: Any = None

    @property
    def maximises(self) -> bool:
        """Whether the model maximises."""
        return bool(self._highs.getObjectiveSense()[1] == self._highspy.ObjSense.kMaximize)

    @property
    def is_lazy(self) -> bool:
        """Whether the model has lazy rows, which are added only when they are violated."""
        return self._lazy is not None

    @property
    def has_integers(self) -> bool:
        """Whether any variable is integer."""
        return len(self._integers) > 0

    def run(self, solve: Callable[[], Any]) -> Any:
        """Call `solve` with the tolerances that it needs, and restore the model and its options afterwards."""
        before = {name: self._highs.getOptionValue(name)[1] for name in OPTIONS}
        try:
            for name in OPTIONS[3:5]:
                self._highs.setOptionValue(name, min(FEASIBILITY, before[name]))
            self._highs.setOptionValue("mip_abs_gap", 0.0)
            self._highs.setOptionValue("time_limit", np.inf)
            return solve()
        finally:
            self.release()
            self._relax(False)
            for name, value in before.items():
                self._highs.setOptionValue(name, value)

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve the model with its present rows; see :class:`evenhand.modeling.master.Master`."""
        self._relax(relaxed)
        self._tree = self._highs if relaxed or not self.has_integers else self._copy(gap)
        status = run(self._tree, time_limit)
        solution = self._tree.getSolution()
        self._values = np.asarray(solution.col_value) if solution.value_valid else np.empty(0)
        self._objective = float(self._tree.getInfo().objective_function_value) if len(self._values) else np.nan
        return status

    def _copy(self, gap: float) -> Any:
        """Return a copy of the model in a new HiGHS object, for a tree search.

        The clock of an object that has run before would stop some parts of a tree too early, and others too late.
        """
        highs = silent_highs()
        highs.passOptions(self._highs.getOptions())
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_improving_solution_save", True)
        for heuristic in SUBMIPS:
            highs.setOptionValue(heuristic, False)
        highs.passModel(self._highs.getLp())
        if self._start is not None:
            _begin_with(highs, self._start, np.arange(len(self._start), dtype=np.int32))
        return highs

    def objective(self) -> float:
        """Return the objective of the solution found, NaN if there is none."""
        return self._objective

    def bound(self) -> float:
        """Return the proven bound of the last solve with integers."""
        return float(self._tree.getInfo().mip_dual_bound) if self.has_integers else self.objective()

    def loads(self) -> Array:
        """Return the loads of the solution found, shape (n,)."""
        return self._values[self._loads]

    def auxiliaries(self) -> Array:
        """Return the values of the auxiliary variables."""
        return self._values[self._auxiliaries]

    def values(self) -> Array:
        """Return the values of all columns."""
        return self._values

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries), each at least 0."""
        add_rows(self._highs, rows, np.concatenate([self._loads, self._auxiliaries]))

    def rule_out(self) -> bool:
        """Exclude the integral solution found by a row; return False unless all of the user's variables are binary."""
        lp = self._highs.getLp()
        lower, upper = np.asarray(lp.col_lower_)[self._integers], np.asarray(lp.col_upper_)[self._integers]
        if len(self._integers) < self._own or np.any(lower < 0.0) or np.any(upper > 1.0):
            return False
        ones = self._values[self._integers] > 0.5
        signs = np.where(ones, 1.0, -1.0)
        self._highs.addRow(-np.inf, float(ones.sum()) - 1.0, len(signs), self._integers, signs)
        return True

    def separate(self, *, integral: bool) -> bool:
        """Add the lazy rows that the solution found violates; return whether there were any."""
        rows = [] if self._lazy is None else self._lazy(self.values(), integral)
        for columns, coefficients, lower, upper in rows:
            self._highs.addRow(
                lower, upper, len(columns), np.asarray(columns, dtype=np.int32), np.asarray(coefficients, dtype=float)
            )
        return len(rows) > 0

    # ---- other solutions --------------------------------------------------------------------------

    def found(self) -> list[Array]:
        """Return the integral solutions that the last solve found before its best, the best of them last."""
        return [np.asarray(one.col_value) for one in self._tree.getSavedMipSolutions()[:-1]]

    @contextmanager
    def showing(self, values: Array) -> Iterator[None]:
        """Return a context in which `values` of all columns take the place of the solution found."""
        before = self._values, self._objective
        lp = self._highs.getLp()
        self._values, self._objective = values, float(np.asarray(lp.col_cost_) @ values) + lp.offset_
        try:
            yield
        finally:
            self._values, self._objective = before

    def integers(self, values: Array) -> Array:
        """Return the values of the integer variables, shape (q,), among those of all columns."""
        return values[self._integers]

    def probe(self, probe: Probe) -> tuple[str, list[Array]]:
        """Solve a modified copy of the model; see :class:`~.window_master.Probe`."""
        self._relax(False)  # a master with a tree of its own solves only the relaxation here
        highs = self._copy(probe.gap)
        size = highs.getNumCol()
        highs.setOptionValue("output_flag", False)
        outer = self._outer_rows(np.flatnonzero(np.abs(probe.rows.loads).sum(axis=0)))
        highs.deleteRows(len(outer), outer)
        columns = np.concatenate([self._loads, add_columns(highs, probe.rows.auxiliaries.shape[1])])
        add_matrix(highs, probe.rows.matrix, columns, probe.rows.upper)
        if probe.fixed is not None:
            self._fix_alone(highs, probe.fixed, probe.start)
        if probe.elastic:
            above, below = self._loosen(highs, outer)
        if probe.start is not None:
            _begin_with(highs, probe.start, self._integers if probe.elastic else np.arange(size, dtype=np.int32))
        status = run(highs, probe.time_limit)
        found = [np.array(one.col_value) for one in highs.getSavedMipSolutions()]
        if probe.elastic:
            for values in found:
                values[self._loads] += values[above] - values[below]
        return status, [values[:size] for values in found]

    def _outer_rows(self, covered: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return, in order, the rows over the `covered` loads other than their definitions: inner rows imply these."""
        rows = np.unique(self.arrays().matrix.tocsc()[:, self._loads[covered]].indices)
        return np.setdiff1d(rows, self._definitions).astype(np.int32)

    def _fix_alone(self, highs: Any, fixed: NDArray[np.bool_], values: Array | None) -> None:
        """Fix the chosen integer variables at `values`, and release those that the window has fixed."""
        if self._fixed is not None:
            chosen, lower, upper = self._fixed
            highs.changeColsBounds(len(chosen), chosen, lower, upper)
        if values is not None:
            chosen = self._integers[fixed]
            at = np.round(values[chosen])
            highs.changeColsBounds(len(chosen), chosen, at, at)

    def _loosen(self, highs: Any, deleted: NDArray[np.int32]) -> NDArray[np.int32]:
        """Let the loads differ from their columns at a cost, the only one; return the columns of these differences.

        The result has shape (2, n): amounts above, and amounts below. They enter the rows that define the loads.
        """
        first, count = highs.getNumCol(), len(self._loads)
        highs.changeColsCost(first, np.arange(first, dtype=np.int32), np.zeros(first))
        highs.changeObjectiveOffset(0.0)
        highs.changeObjectiveSense(self._highspy.ObjSense.kMinimize)
        highs.setOptionValue("objective_target", FEASIBILITY)
        definitions = self._definitions - np.searchsorted(deleted, self._definitions).astype(np.int32)
        starts, ones, most = np.arange(count, dtype=np.int32), np.ones(count), np.full(count, np.inf)
        for sign in (DEFINED, -DEFINED):
            highs.addCols(count, ones, np.zeros(count), most, count, starts, definitions, sign * ones)
        return np.arange(first, first + 2 * count, dtype=np.int32).reshape(2, count)

    def apart(self, agents: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the integer variables that affect the loads of agents other than these only, shape (q,)."""
        if self._parts is None:
            self._parts = self._find_parts()
        some, own = self._parts.sum(axis=0) > 0.0, self._parts[agents].sum(axis=0) > 0.0
        others: NDArray[np.bool_] = some & ~own
        return others

    def _find_parts(self) -> Any:
        """Return which integer variables each load depends on, shape (n, q): non-zero entries of a sparse array.

        A load depends on them directly, or through continuous variables that an equation relates to them.
        """
        model = self.arrays()
        matrix = abs(model.matrix).tocsr()
        definitions = matrix[self._definitions]
        continuous = np.where(model.integer, 0.0, 1.0)
        continuous[self._loads] = 0.0
        equal = matrix[np.flatnonzero(model.row_lower == model.row_upper)]
        through = (definitions @ sparse().diags_array(continuous)) @ equal.T @ equal
        return (definitions + through).tocsc()[:, self._integers].tocsr()

    # ---- directions -------------------------------------------------------------------------------

    def program(self) -> Program:
        """Return the model with its loads and cuts, to minimise."""
        model = self.arrays()
        if self.maximises:
            model = replace(model, costs=-model.costs)
        return Program(model, self._loads, self._auxiliaries)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Return a context in which the objective is zero."""
        costs = np.array(self._highs.getLp().col_cost_)
        every = np.arange(len(costs), dtype=np.int32)
        self._highs.changeColsCost(len(costs), every, np.zeros(len(costs)))
        try:
            yield
        finally:
            self._highs.changeColsCost(len(costs), every, costs)

    # ---- windows ----------------------------------------------------------------------------------

    def reduced_costs(self) -> Array:
        """Return the least cost of moving each integer variable off its bound, shape (q,); 0 for one between bounds."""
        self._relaxation = self._values
        duals = np.asarray(self._highs.getSolution().col_dual)[self._integers]
        lp = self._highs.getLp()
        values = self._values[self._integers]
        lower, upper = np.asarray(lp.col_lower_)[self._integers], np.asarray(lp.col_upper_)[self._integers]
        at_bound = (values <= lower + FEASIBILITY) | (values >= upper - FEASIBILITY)
        # At a fractional bound, the nearest integer is less than 1 away and costs less than the reduced cost: no
        # fixing.
        whole = np.abs(values - np.round(values)) <= FEASIBILITY
        return np.where(at_bound & whole, np.abs(duals), 0.0)

    def fix(self, columns: NDArray[np.bool_]) -> None:
        """Fix the chosen integer variables, shape (q,), at their values in the relaxation."""
        chosen = self._integers[columns]
        lp = self._highs.getLp()
        self._fixed = chosen, np.asarray(lp.col_lower_)[chosen], np.asarray(lp.col_upper_)[chosen]
        at = np.round(self._relaxation[chosen])
        self._highs.changeColsBounds(len(chosen), chosen, at, at)

    def release(self) -> None:
        """Undo :meth:`fix`: restore the bounds of the fixed variables."""
        if self._fixed is not None:
            chosen, lower, upper = self._fixed
            self._highs.changeColsBounds(len(chosen), chosen, lower, upper)
            self._fixed = None

    def aim(self, objective: float | None) -> None:
        """Let solves end at the first solution at least as good as `objective`; None for no such target."""
        unreachable = np.inf if self.maximises else -np.inf
        self._highs.setOptionValue("objective_target", unreachable if objective is None else objective)

    def start_from(self, values: Array) -> None:
        """Warm-start the next solves with the values of all columns."""
        self._start = values

    # ---- help -------------------------------------------------------------------------------------

    def arrays(self) -> LinearModel:
        """Return the model, with its loads and cuts, as arrays in its own sense."""
        lp = self._highs.getLp()
        shape = (lp.num_row_, lp.num_col_)
        parts = (lp.a_matrix_.value_, lp.a_matrix_.index_, lp.a_matrix_.start_)
        by_rows = lp.a_matrix_.format_ != self._highspy.MatrixFormat.kColwise
        matrix = (sparse().csr_array if by_rows else sparse().csc_array)(parts, shape=shape)
        integer = np.zeros(shape[1], dtype=bool)
        integer[self._integers] = True
        bounds = (lp.row_lower_, lp.row_upper_, lp.col_lower_, lp.col_upper_)
        return LinearModel(lp.col_cost_, matrix, *bounds, integer, lp.offset_)

    def minimised(self) -> tuple[LinearModel, bool]:
        """Return :meth:`arrays` as a model to minimise, and whether its objective was negated for that."""
        model = self.arrays()
        return (model.with_objective(-model.costs, -model.offset), True) if self.maximises else (model, False)

    def _relax(self, relaxed: bool) -> None:
        if relaxed == self._relaxed or not self.has_integers:
            return
        kind = int(self._highspy.HighsVarType.kContinuous.value)
        kinds = np.full(len(self._integers), kind, dtype=np.uint8) if relaxed else self._kinds
        self._highs.changeColsIntegrality(len(self._integers), self._integers, kinds)
        self._relaxed = relaxed


def _begin_with(highs: Any, values: Array, columns: NDArray[np.int32]) -> None:
    """Warm-start a solve with the values of these columns."""
    highs.setSolution(len(columns), columns, np.ascontiguousarray(values[columns]))


def add_columns(highs: Any, count: int) -> NDArray[np.int32]:
    """Add `count` continuous non-negative columns without cost, and return their indices."""
    first = highs.getNumCol()
    none, zeros = np.empty(0, dtype=np.int32), np.zeros(count)
    highs.addCols(count, zeros, zeros, np.full(count, np.inf), 0, none, none, np.empty(0))
    return np.arange(first, first + count, dtype=np.int32)
