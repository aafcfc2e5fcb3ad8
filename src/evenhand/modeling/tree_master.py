"""Windows that another solver searches in its own tree, after HiGHS has cut the relaxation to convergence.

SCIP and Gurobi separate cuts within their trees, but the relaxation is cut faster by HiGHS, in rounds. The other solver
then gets only the columns that a window leaves free, with all cuts made so far.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.modeling.highs_master import HighsMaster
from evenhand.modeling.linear import LazyRow, LazyRows, LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.solution import FairSolution

Cone = tuple[Sequence[AffineRow], Fairness]
Attach = Callable[[LinearModel, Sequence[Cone], LazyRows | None], Sequence[Any]]


class TreeMaster(HighsMaster):
    """A :class:`~.windows.WindowMaster` that leaves integer solves to another solver.

    Parameters
    ----------
    attach
        Function that builds the solver's model from (model, fairness constraints, lazy rows), and returns its
        fairness constraints, the first of which has a method ``solve``.
    members
        The fairness constraints: the columns of their loads in the HiGHS model, and the member.
    highs, loads, auxiliaries, added, lazy
        As for :class:`HighsMaster`.
    """

    judges = True

    def __init__(
        self, attach: Attach, members: Sequence[tuple[NDArray[np.int32], Fairness]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._attach, self._members = attach, members
        self._left_out = np.zeros(len(self._integers), dtype=bool)
        self._found: FairSolution | None = None
        self._target: float | None = None

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve a relaxation with HiGHS, and an integer program in the other solver's tree."""
        if relaxed:
            self._found = None
            return super().solve(relaxed=True, gap=gap, time_limit=time_limit)
        part = _Part(self.arrays(), self._integers[self._left_out], self._relaxation)
        cones = [([AffineRow.of([part.place[j]], [1.0]) for j in columns], member) for columns, member in self._members]
        first, *others = self._attach(part.model, cones, part.lazy(self._lazy))
        limit = None if np.isinf(time_limit) else time_limit
        self._found = first.solve(gap=gap, time_limit=limit, others=others, target=self._target)
        self._values = np.empty(0) if self._found.values is None else part.whole(self._found.values)
        self._objective = np.nan if self._found.objective is None else self._found.objective
        return "interrupted" if self._found.interrupted else self._found.status

    def found(self) -> list[Array]:
        """Return none: the tree itself judges every solution that it finds by the fairness constraint."""
        return []

    def bound(self) -> float:
        """Return the proven bound of the last solve."""
        if self._found is None:
            return super().bound()
        return -np.inf if self._found.bound is None else self._found.bound

    def fix(self, columns: NDArray[np.bool_]) -> None:
        """Leave these integer variables out of the next tree."""
        self._left_out = columns

    def release(self) -> None:
        """Let the next tree contain all integer variables again."""
        self._left_out = np.zeros(len(self._integers), dtype=bool)

    def aim(self, objective: float | None) -> None:
        """Let solves end at the first solution at least as good as `objective`; None for no such target."""
        self._target = objective

    def start_from(self, values: Array) -> None:
        """Ignore the warm start: a small tree finds solutions faster than it could take them over."""


class _Part:
    """A model without those columns that are fixed at their values in a point; `place` maps columns to the rest's."""

    def __init__(self, model: LinearModel, fixed: NDArray[np.int32], point: Array) -> None:
        free = np.ones(len(model.costs), dtype=bool)
        free[fixed] = False
        self._kept = np.flatnonzero(free)
        self._point = np.zeros(len(model.costs))
        self._point[fixed] = np.round(point[fixed])
        self.place = np.cumsum(free) - 1
        """Position of each column among those kept."""
        taken = model.matrix @ self._point
        matrix = model.matrix[:, self._kept]
        filled = np.diff(matrix.indptr) > 0
        self.model = LinearModel(
            model.costs[self._kept],
            matrix[filled],
            (model.row_lower - taken)[filled],
            (model.row_upper - taken)[filled],
            model.lower[self._kept],
            model.upper[self._kept],
            model.integer[self._kept],
            model.offset + float(model.costs @ self._point),
        )

    def whole(self, values: Array) -> Array:
        """Return the values of all columns, given those of the columns kept."""
        whole = self._point.copy()
        whole[self._kept] = values[: len(self._kept)]
        return whole

    def lazy(self, lazy: LazyRows | None) -> LazyRows | None:
        """Return a function like `lazy` for the reduced model: its points and its rows are over the columns kept."""
        if lazy is None:
            return None

        def separate(values: Array, integral: bool, /) -> Sequence[LazyRow]:
            return [self._restricted(row) for row in lazy(self.whole(values), integral)]

        return separate

    def _restricted(self, row: LazyRow) -> LazyRow:
        columns, coefficients = np.asarray(row[0]), np.asarray(row[1], dtype=np.float64)
        taken = float(coefficients @ self._point[columns])
        kept = np.isin(columns, self._kept)
        return self.place[columns[kept]], coefficients[kept], row[2] - taken, row[3] - taken
