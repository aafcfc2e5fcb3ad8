"""Fairness in HiGHS models: as rows, or by cuts in rounds of solves.

>>> import highspy
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.highspy import fair
>>> highs = highspy.Highs()
>>> highs.silent()
>>> hours = [highs.addVariable(lb=0) for _ in range(3)]
>>> _ = highs.addConstr(hours[0] + hours[1] + hours[2] == 12)
>>> highs.setObjective(1 * hours[0] + 2 * hours[1] + 4 * hours[2])
>>> answer = fair(highs, hours, EpsilonFairness(0.9, p=2)).solve()
>>> answer.status, [round(load, 3) for load in answer.loads.tolist()]
('optimal', [5.284, 4.321, 2.395])
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.first_rows import first_rows
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.highs_master import DEFINED, HighsMaster, add_columns
from evenhand.modeling.highs_model import add_matrix, add_rows
from evenhand.modeling.joint import Joint
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LazyRows
from evenhand.modeling.loads import (
    AffineRow,
    check_loads,
    check_ranges,
    constant_row,
    names_of,
    require_model,
    require_present,
    unit_of,
)
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.outer_approximation import TOLERANCE, Separator, check_limits, left_of
from evenhand.modeling.rounds import Progress
from evenhand.modeling.shadow import shadow_price
from evenhand.modeling.solution import FairSolution, as_maximised
from evenhand.modeling.square_search import family_of, solve_with_squares
from evenhand.modeling.windows import WindowRounds


class FairCone:
    """A fairness constraint in a HiGHS model; :meth:`solve` solves the model under it."""

    def __init__(
        self,
        highs: Any,
        rows: Sequence[AffineRow],
        fairness: Fairness,
        *,
        cuts: str = "supporting",
        tolerance: float = TOLERANCE,
        lazy: LazyRows | None = None,
        first: bool = False,
    ) -> None:
        lp = highs.getLp()
        check_ranges(rows, np.asarray(lp.col_lower_), np.asarray(lp.col_upper_))
        self.fairness, self.removed = fairness, False
        self._highs, self._lazy, before = highs, lazy, highs.getNumCol()
        self._rows, self._cuts = rows, cuts
        self._separator = Separator(fairness, len(rows), family_of(cuts), tolerance)
        self._unit = unit_of(rows)
        self.load_columns = self._define(rows)
        self._auxiliaries = add_columns(highs, self._separator.auxiliaries)
        columns = np.concatenate([self.load_columns, self._auxiliaries])
        add_rows(highs, self._separator.equalities(), columns, 0.0)
        linear = isinstance(form_of(fairness, len(rows)), Polyhedron)
        if not linear:
            add_rows(highs, self._separator.initial(), columns)
        if linear or first:
            self._state(first_rows(fairness, len(rows)))
        self._added = highs.getNumCol() - before

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        others: Sequence[FairCone] = (),
    ) -> FairSolution:
        """Solve the model with fair loads.

        Parameters
        ----------
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Function that is called after every round.
        others
            Other fairness constraints of the same model, which must hold too.

        Returns
        -------
        FairSolution
            The solution, with ``values`` of all columns, including those of the loads. Cuts stay in the model: the next
            solve, after a change of the model, starts with them.

        Raises
        ------
        InputError
            If the loads' columns or rows have moved, because others were deleted; or if a constraint was removed.
        """
        check_limits(gap, time_limit)
        require_present([self, *others])
        start, master = time.perf_counter(), HighsMaster(*columns_of([self, *others]))
        if master.has_integers and not master.is_lazy:
            model, maximises = master.minimised()
            answer = solve_with_squares(
                model,
                [(cone._rows, cone.fairness) for cone in (self, *others)],
                gap=gap,
                time_limit=time_limit,
                progress=progress,
                tolerance=self._separator.tolerance,
                cuts=self._cuts,
            )
            if answer is not None:
                return as_maximised(answer) if maximises else answer
        time_limit = left_of(time_limit, start)
        return self.search(master, gap=gap, time_limit=time_limit, progress=progress, others=others)

    def search(
        self,
        master: HighsMaster,
        *,
        gap: float,
        time_limit: float | None,
        progress: Callable[[Progress], None] | None,
        others: Sequence[FairCone],
    ) -> FairSolution:
        """Solve in rounds and windows with `master`, which holds this model; see :meth:`solve`."""
        joint = Joint([cone._separator for cone in (self, *others)])
        rounds = WindowRounds(master, joint, gap=gap, time_limit=time_limit, progress=progress)
        solution: FairSolution = master.run(rounds.run)
        if solution.loads is None:
            return solution
        # Computed in the loads' scaled unit, like the duals; the price of a parameter does not depend on it.
        priced = not (master.has_integers or others) and solution.status == "optimal"
        price = shadow_price(self.fairness, solution.loads, self._multipliers()) if priced else None
        units = np.concatenate([np.full(len(cone.load_columns), cone._unit) for cone in (self, *others)])
        return replace(solution, loads=solution.loads * units, shadow_price=price)

    def remove(self) -> None:
        """Remove the constraint from the model: all its rows, cuts included, become free.

        Rows and columns are not deleted, because that would move those of the model; the columns of the loads become
        free variables.

        Raises
        ------
        InputError
            If the loads' columns or rows have moved, because others were deleted.
        """
        self.require_places()
        self.removed = True
        own = np.concatenate([self.load_columns, self._auxiliaries]).tolist()
        rows = np.unique(np.concatenate([np.asarray(self._highs.getColEntries(column)[1]) for column in own]))
        rows = rows[~np.isin(rows, np.asarray(self._definitions))]
        for row in rows.tolist():
            self._highs.changeRowBounds(row, -np.inf, np.inf)
        for column in self.load_columns.tolist():
            self._highs.changeColBounds(column, -np.inf, np.inf)

    def require_places(self) -> None:
        """Check that the loads' columns, and the rows that define them, are still where they were added.

        Raises
        ------
        InputError
            If they are not.
        """
        for load, (column, row) in enumerate(zip(self.load_columns.tolist(), self._definitions, strict=True)):
            there = column < self._highs.getNumCol()  # HiGHS does not check this, and would return arbitrary memory
            _, rows, coefficients = self._highs.getColEntries(column) if there else (None, [], [])
            if DEFINED not in np.asarray(coefficients)[np.asarray(rows) == row]:
                raise InputError(
                    f"columns or rows of the model were deleted: load {load} is no longer column {column}, defined by "
                    f"row {row}; build the model without them and call fair() on that"
                )

    def _state(self, rows: Polyhedron) -> None:
        """Add rows over the loads' columns and new auxiliary columns."""
        columns = np.concatenate([self.load_columns, add_columns(self._highs, rows.auxiliaries.shape[1])])
        add_matrix(self._highs, rows.matrix, columns, rows.upper)

    def _multipliers(self) -> Array:
        """Return the multipliers of the fairness constraint with respect to the loads, from the duals of their rows."""
        duals = self._highs.getSolution()
        multipliers: Array = (
            np.asarray(duals.row_dual)[self._definitions] - np.asarray(duals.col_dual)[self.load_columns]
        )
        return multipliers

    def _define(self, rows: Sequence[AffineRow]) -> NDArray[np.int32]:
        """Add a column for each load, divided by the loads' unit, and return the columns."""
        places = add_columns(self._highs, len(rows))
        self._definitions = range(self._highs.getNumRow(), self._highs.getNumRow() + len(rows))
        for place, row in zip(places.tolist(), rows, strict=True):
            columns, coefficients = np.append(row.columns, place), np.append(row.coefficients / self._unit, DEFINED)
            fixed = -row.constant / self._unit
            self._highs.addRow(fixed, fixed, len(columns), columns.astype(np.int32), coefficients)
        return places


def columns_of(
    cones: Sequence[FairCone],
) -> tuple[Any, NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], int, LazyRows | None]:
    """Return the arguments of a :class:`HighsMaster` of these constraints; see :meth:`FairCone.require_places`."""
    for cone in cones:
        cone.require_places()
        cone._separator.forget()
    loads = np.concatenate([cone.load_columns for cone in cones])
    definitions = np.concatenate([cone._definitions for cone in cones]).astype(np.int32)
    auxiliaries = np.concatenate([cone._auxiliaries for cone in cones])
    return cones[0]._highs, loads, definitions, auxiliaries, sum(cone._added for cone in cones), cones[0]._lazy


def fair(highs: Any, loads: Any, fairness: Fairness, *, cuts: str = "auto", tolerance: float = TOLERANCE) -> FairCone:
    """Bound the dispersion of `loads` in a HiGHS model.

    Linear members (p = inf, largest or least over mean, top share, range, Hoover, Gini of up to 200 agents, equality)
    are added as rows, which also hold in ``highs.run()``. Other members need cuts in rounds, because HiGHS accepts none
    during its search: call the result's ``solve()``. Some first rows are added at once: with these, ``highs.run()``
    finds nearly fair loads (see :mod:`.first_rows`), and :func:`~evenhand.modeling.audit` reports how fair they are.

    Parameters
    ----------
    highs
        A ``highspy.Highs`` model, continuous or integer, to minimise or maximise.
    loads
        Affine expressions of the model, variables or numbers, one per agent. The constraint also keeps them
        non-negative.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        ``auto``, ``squares`` or a family of cuts; see :func:`~evenhand.modeling.solve_fair_milp`.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Returns
    -------
    FairCone
        The constraint.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If highspy is missing.
    """
    rows, fairness = _rows(highs, loads, fairness)
    return FairCone(highs, rows, fairness, cuts=cuts, tolerance=tolerance, first=True)


def arrays_of(highs: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a HiGHS model and its loads as arrays."""
    rows, fairness = _rows(highs, loads, fairness)
    none = np.empty(0, dtype=np.int32)
    master = HighsMaster(highs, none, none, none, 0)
    model, maximise = master.minimised()
    return Arrays(model, rows, fairness, names_of(loads), maximise=maximise)


def _rows(highs: Any, loads: Any, fairness: Fairness) -> tuple[list[AffineRow], Fairness]:
    """Return the loads as rows over the model's columns."""
    highspy = require("highspy")
    require_model(highs, highspy.Highs, "a highspy.Highs", "highs")
    entries, fairness = check_loads(loads, fairness)
    return [_row(highs, highspy, position, load) for position, load in enumerate(entries)], fairness


def _row(highs: Any, highspy: Any, position: int, load: Any) -> AffineRow:
    """Return a load as a row over the model's columns."""
    from highspy.highs import highs_linear_expression, highs_var

    fixed = constant_row(position, load)
    if fixed is not None:
        return fixed
    if isinstance(load, highs_var):
        columns, coefficients, constant = [load.index], [1.0], 0.0
    elif isinstance(load, highs_linear_expression):
        if load.bounds is not None:
            raise InputError(f"loads[{position}] is a comparison; give an affine expression")
        columns, coefficients, constant = load.idxs, load.vals, load.constant or 0.0
    else:
        raise InputError(f"loads[{position}] is {type(load).__name__}; give an affine expression of the HiGHS model")
    if len(columns) and max(columns) >= highs.getNumCol():
        raise InputError(f"loads[{position}] uses column {max(columns)}, which this model does not have")
    return AffineRow.of(columns, coefficients, constant)
