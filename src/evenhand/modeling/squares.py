r"""A bounded CV of integral loads as linear rows, exact without any cuts.

For p = 2 (CV, Jain's index, epsilon of order 2) the cone is :math:`\sum_i x_i^2 / s_i \le \beta^2 S^2` with shares
:math:`s_i`, :math:`S = \sum_i x_i` and the limit :math:`\beta` of :class:`.forms.Norm`. Centred at loads
:math:`s_i S_0`, which keeps numbers small, it is

.. math:: \sum_i (x_i - s_i S_0)^2 / s_i \le (\beta^2 - 1) S^2 + (S - S_0)^2.

If every load takes only values :math:`a_i + u_i k_i` with integers :math:`k_i`, both sides have linear rows that are
exact there:

- on the left, a variable :math:`q_i` lies above the chords of the square between neighbouring values. At each value the
  highest chord is the square itself;
- on the right, the sum is written in unary, :math:`S = S_{min} + u \sum_j z_j` with binary
  :math:`z_1 \ge z_2 \ge \dots`, and the right-hand side is the sum of its increments. Branching on :math:`z_j` decides
  whether S is at least :math:`S_{min} + u j`; the relaxation has the secant over the sums that are left.

So a solver finds fair solutions by itself, and its bound is that of the fair model. The rows are as many as the values
that fair loads can take, so that they suit counts and whole hours, not cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.modeling.first_rows import farthest
from evenhand.modeling.forms import Norm, form_of
from evenhand.modeling.lattices import Lattice, common_step, lattices_of
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.total_range import range_of_total

MOST_SUMS = 600
"""Largest number of possible sums of the loads for which the rows are built."""

MOST_VALUES = 400
"""Largest number of possible values of one load for which they are."""

ROUNDING = 1e-6
"""Distance from an integer within which a bound on one counts as that integer."""

SLACK = 1e-9
"""Relative amount by which the right-hand side is larger, so that loads exactly on the cone's boundary are allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """A model in which the CV of integral loads is bounded.

    Attributes
    ----------
    model
        The model, every solution of which is fair. Its own variables come first.
    numbers
        Columns of the integers :math:`k_i` of the loads.
    sums
        Least and largest sum of the loads.
    step
        Distance of neighbouring sums.
    """

    model: LinearModel
    numbers: tuple[int, ...]
    sums: tuple[float, float]
    step: float


def integral_squares(
    model: LinearModel,
    rows: Sequence[AffineRow],
    fairness: Fairness,
    *,
    sums: tuple[float, float] | None = None,
    time_limit: float | None = None,
) -> Squares | None:
    """Return the model with rows that bound the CV of integral loads.

    Parameters
    ----------
    model
        The model without this fairness constraint.
    rows
        The loads, over the model's variables; their constants may be any numbers, such as what agents carry from
        before.
    fairness
        A member of :mod:`evenhand.fairness`, with entitlements or without.
    sums
        Bounds on the sum of the loads, which the model then keeps; None for those that linear relaxations prove. The
        narrower they are, the tighter is the relaxation.
    time_limit
        Seconds for these relaxations; None for no limit.

    Returns
    -------
    Squares or None
        The extended model; None unless the member is a norm of order 2 between asking nothing and equality (CV, Jain's
        index, epsilon with p = 2), all variables of the loads are integer, their coefficients have a common step, and
        there are few enough values and sums.
    """
    form = form_of(fairness, len(rows))
    if not isinstance(form, Norm) or form.order != 2.0:
        return None
    lattices = lattices_of(rows, model.integer)
    if lattices is None:
        return None
    least, most = range_of_total(model, rows, fairness, time_limit) if sums is None else sums
    if not (np.isfinite(least) and np.isfinite(most)) or least > most:
        return None
    return _Builder(model, lattices, form, least, most).build()


class _Builder:
    """Collects columns and rows; their numbers are in units of the common step of all loads."""

    def __init__(self, model: LinearModel, lattices: list[Lattice], form: Norm, least: float, most: float) -> None:
        self._model, self._lattices, self._form = model, lattices, form
        self._first = len(model.costs)
        self._step = common_step([one.step for one in lattices])
        self._steps = np.array([float(one.step / self._step) for one in lattices])
        self._offsets = np.array([one.offset for one in lattices]) / float(self._step)
        self._carried = float(self._offsets.sum())
        self._farthest = farthest(form)
        low = np.ceil(max(least, 0.0) / float(self._step) - self._carried - ROUNDING)
        high = np.floor(most / float(self._step) - self._carried + ROUNDING)
        self._ends = np.arange(low, high + 1.0) if high - low < MOST_SUMS else None
        self._columns: list[tuple[float, float, bool]] = []
        self._rows: list[tuple[list[int], list[float], float, float]] = []

    def build(self) -> Squares | None:
        """Return the extended model; None if there are too many sums or values, or no sum is possible."""
        if self._ends is None or not len(self._ends):
            return None
        sums = self._ends + self._carried
        ranges = [self._range(i, float(sums[0]), float(sums[-1])) for i in range(len(self._lattices))]
        if any(high - low >= MOST_VALUES for low, high in ranges):
            return None
        centre = 0.5 * float(sums[0] + sums[-1])
        numbers = [self._number(i, *ends) for i, ends in enumerate(ranges)]
        squares = [self._square(i, number, centre * self._form.shares[i]) for i, number in enumerate(numbers)]
        self._bound_squares(squares, numbers, sums, centre)
        unit = float(self._step)
        return Squares(self._extended(), tuple(numbers), (float(sums[0]) * unit, float(sums[-1]) * unit), unit)

    def _range(self, i: int, least: float, most: float) -> tuple[float, float]:
        """Return the least and the largest k of a load that the variables' bounds, and fair loads, allow."""
        low, high = self._lattices[i].range(self._model.lower, self._model.upper)
        share, step, offset = self._form.shares[i], self._steps[i], self._offsets[i]
        fair_low = (self._farthest[0][i] * share * least - offset) / step
        fair_high = (self._farthest[1][i] * share * most - offset) / step
        return float(np.ceil(max(low, fair_low) - ROUNDING)), float(np.floor(min(high, fair_high) + ROUNDING))

    def _column(self, lower: float, upper: float, *, integer: bool) -> int:
        self._columns.append((lower, upper, integer))
        return self._first + len(self._columns) - 1

    def _row(self, columns: Sequence[int], coefficients: Sequence[float], lower: float, upper: float) -> None:
        self._rows.append((list(columns), list(coefficients), lower, upper))

    def _number(self, i: int, low: float, high: float) -> int:
        """Add the integer k of a load, and the row that defines it."""
        if low > high:
            self._row((), (), 1.0, np.inf)  # no value is possible
        column = self._column(min(low, high), high, integer=True)
        lattice = self._lattices[i]
        self._row([*lattice.columns.tolist(), column], [*lattice.multiples.tolist(), -1.0], 0.0, 0.0)
        return column

    def _square(self, i: int, number: int, centre: float) -> int:
        """Add the square of a load's distance from its centre, at least the chords between neighbouring values.

        The chord from v to w over the square is (v + w) * value - v * w; here value = v + step * (k - left).
        """
        low, high, _ = self._columns[number - self._first]
        column, step = self._column(0.0, np.inf, integer=False), self._steps[i]
        lefts = np.arange(low, max(high, low + 1.0))
        starts = self._offsets[i] - centre + step * lefts
        slopes = step * (2.0 * starts + step)
        rights = starts * starts - slopes * lefts
        for slope, right in zip(slopes.tolist(), rights.tolist(), strict=True):
            self._row([column, number], [1.0, -slope], right, np.inf)
        return column

    def _bound_squares(self, squares: list[int], numbers: list[int], sums: Array, centre: float) -> None:
        """Add the sum in unary, and bound the squares by the increments of the right-hand side."""
        limit = self._form.limit**2
        right = (limit - 1.0 + SLACK * limit) * sums * sums + (sums - centre) ** 2
        unary = [self._column(0.0, 1.0, integer=True) for _ in sums[1:]]
        for before, after in pairwise(unary):
            self._row([before, after], [1.0, -1.0], 0.0, np.inf)
        low = float(sums[0]) - self._carried
        self._row([*numbers, *unary], [*self._steps.tolist(), *[-1.0] * len(unary)], low, low)
        scale = 1.0 / max(float(np.abs(right).max()), 1.0)
        weights, increments = scale / self._form.shares, -scale * np.diff(right)
        self._row([*squares, *unary], [*weights.tolist(), *increments.tolist()], -np.inf, scale * float(right[0]))

    def _extended(self) -> LinearModel:
        model, added, size = self._model, np.array(self._columns), self._first + len(self._columns)
        starts = np.cumsum([0, *(len(row[0]) for row in self._rows)])
        columns = np.array([column for row in self._rows for column in row[0]], dtype=np.int64)
        values = np.array([value for row in self._rows for value in row[1]])
        new: Any = sparse().csr_array((values, columns, starts), shape=(len(self._rows), size))
        own = (model.matrix.data, model.matrix.indices, model.matrix.indptr)
        old: Any = sparse().csr_array(own, shape=(model.matrix.shape[0], size))
        return LinearModel(
            np.concatenate([model.costs, np.zeros(len(added))]),
            sparse().vstack([old, new], format="csr"),
            np.concatenate([model.row_lower, [row[2] for row in self._rows]]),
            np.concatenate([model.row_upper, [row[3] for row in self._rows]]),
            np.concatenate([model.lower, added[:, 0]]),
            np.concatenate([model.upper, added[:, 1]]),
            np.concatenate([model.integer, added[:, 2] > 0.5]),
            model.offset,
        )
