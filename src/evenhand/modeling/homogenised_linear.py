r"""A continuous model, homogenised (Charnes and Cooper 1962): all multiples of its solutions, with loads of mean 1.

With :math:`y = \tau x` and :math:`\tau \ge 0`, the rows :math:`r^- \le A x \le r^+` become
:math:`\tau r^- \le A y \le \tau r^+`. Minimising a measure, which is homogeneous, over loads of mean 1 then minimises
the measure over the mean load, which is not convex in x.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.conic import least_gini, least_norm
from evenhand.modeling.epigraphs import LinearEpigraph
from evenhand.modeling.forms import Norm
from evenhand.modeling.highs_master import FEASIBILITY, add_columns
from evenhand.modeling.highs_model import add_matrix, highs_of
from evenhand.modeling.highs_run import run_through
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow, unit_of

SMALLEST_SCALE = 1e-9
"""Value of tau, in units of the model's typical length, up to which it counts as 0."""


class Homogenised:
    """The program that minimises t over (y, tau, loads, t), with t above the subgradients or rows added so far.

    Parameters
    ----------
    model
        A linear model; integrality is ignored.
    rows
        Its loads.
    """

    def __init__(self, model: LinearModel, rows: Sequence[AffineRow]) -> None:
        self._size, self._n = len(model.costs), len(rows)
        self._unit = unit_of(rows)
        own = [AffineRow.of(row.columns, row.coefficients / self._unit, row.constant / self._unit) for row in rows]
        self._length = _typical_length(model)
        self.program = homogenised(model, own, self._length)
        self._highs = highs_of(self.program)
        self._highs.setOptionValue("primal_feasibility_tolerance", FEASIBILITY)
        self._highs.setOptionValue("dual_feasibility_tolerance", FEASIBILITY)
        self._values = np.empty(0)
        self.solved = False

    def solve(self) -> bool:
        """Solve the program with its present rows; return whether it has an optimum."""
        if run_through(self._highs) != "optimal":
            return False
        self._values = np.asarray(self._highs.getSolution().col_value)
        self.solved = True
        return True

    def add_subgradient(self, slope: Array) -> None:
        """Add the row t >= ``slope @ loads``."""
        first = self._size + 1
        columns = np.arange(first, first + self._n + 1, dtype=np.int32)
        self._highs.addRow(0.0, np.inf, self._n + 1, columns, np.append(-slope, 1.0))

    def state(self, epigraph: LinearEpigraph) -> None:
        """Add all rows of a linear measure, so that t is at least the measure."""
        extra = add_columns(self._highs, epigraph.auxiliaries.shape[1])
        columns = np.append(np.arange(self._size + 1, self._size + 2 + self._n, dtype=np.int32), extra)
        parts = [epigraph.loads, epigraph.limit[:, np.newaxis], epigraph.auxiliaries]
        add_matrix(self._highs, sparse().csr_array(sparse().hstack(parts)), columns)

    def measure(self) -> float:
        """Return t at the optimum: a lower bound on the least measure."""
        return float(self._highs.getInfo().objective_function_value)

    def real(self) -> tuple[Array, Array]:
        """Return loads, shape (n,), and variables, shape (k,), of a solution; or if tau is 0, of a direction.

        The direction has a mean load of 1: solutions near the optimum then grow without bound, beyond a billion times
        the model's typical length.
        """
        tau = float(self._values[self._size])
        loads, values = self.loads(), self.values()
        if tau <= SMALLEST_SCALE:
            return loads, values / self._unit
        return loads * (self._unit * self._length / tau), values * (self._length / tau)

    def loads(self) -> Array:
        """Return the loads, of mean 1, shape (n,)."""
        return np.maximum(self._values[self._size + 1 : self._size + 1 + self._n], 0.0)

    def values(self) -> Array:
        """Return the variables y, shape (k,)."""
        return self._values[: self._size]

    def solve_conic(self, form: Norm) -> float | None:
        """Minimise the norm of the loads by one conic solve; return its primal-dual gap, None on failure."""
        return self._keep(least_norm(self.program, self._places, form))

    def solve_pairs(self, shares: Array, time_limit: float) -> float | None:
        """Minimise the Gini index of the loads by one conic solve; return its primal-dual gap, None on failure."""
        return self._keep(least_gini(self.program, self._places, shares, time_limit))

    @property
    def _places(self) -> slice:
        return slice(self._size + 1, self._size + 1 + self._n)

    def _keep(self, found: tuple[Array, float] | None) -> float | None:
        if found is None:
            return None
        self._values, gap = found
        self.solved = True
        return gap


def _typical_length(model: LinearModel) -> float:
    """Return a power of two near the median distance of all rows and bounds from the origin.

    In this unit of the variables, tau is neither very large nor very small.
    """
    widths = np.asarray(abs(model.matrix).max(axis=1).todense()).ravel() if model.matrix.shape[0] else np.empty(0)
    widths = np.where(widths > 0.0, widths, 1.0)
    rows = [np.abs(model.row_lower) / widths, np.abs(model.row_upper) / widths]
    distances = np.concatenate([*rows, np.abs(model.lower), np.abs(model.upper)])
    distances = distances[np.isfinite(distances) & (distances > 0.0)]
    return float(2.0 ** np.round(np.log2(np.median(distances)))) if distances.size else 1.0


def homogenised(model: LinearModel, rows: Sequence[AffineRow], length: float = 1.0) -> LinearModel:
    """Return the homogenised program over (y, tau, loads, t), with tau in units of 1 / `length`."""
    stack, size, n = sparse(), len(model.costs), len(rows)
    blocks: list[Any] = []
    uppers: list[Array] = []
    for matrix, lower, upper in (
        (model.matrix, model.row_lower, model.row_upper),
        (stack.eye_array(size, format="csr"), model.lower, model.upper),
    ):
        # The rows  A y - tau lower >= 0  and  A y - tau upper <= 0,  for finite sides only.
        for sign, bound in ((1.0, lower), (-1.0, upper)):
            closed = np.isfinite(bound)
            limits = stack.csr_array(-bound[closed][:, np.newaxis] / length)
            blocks.append(sign * stack.hstack([matrix[closed], limits], format="csr"))
            uppers.append(np.full(int(closed.sum()), np.inf))
    limits = stack.vstack(blocks, format="csr")
    defined = stack.lil_array((n, size + 1 + n + 1))
    for place, row in enumerate(rows):
        defined[place, row.columns] = row.coefficients
        defined[place, size] = row.constant / length
        defined[place, size + 1 + place] = -1.0
    mean = np.zeros((1, size + n + 2))
    mean[0, size + 1 : -1] = 1.0 / n
    padded = stack.hstack([limits, stack.csr_array((limits.shape[0], n + 1))], format="csr")
    return LinearModel(
        np.append(np.zeros(size + n + 1), 1.0),
        stack.vstack([padded, defined.tocsr(), stack.csr_array(mean)], format="csr"),
        np.concatenate([np.zeros(limits.shape[0] + n), [1.0]]),
        np.concatenate([*uppers, np.zeros(n), [1.0]]),
        lower=np.concatenate([np.full(size, -np.inf), np.zeros(n + 2)]),
    )
