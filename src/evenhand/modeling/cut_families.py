r"""Three families of linear cuts for a cone of fair loads.

Each cut is a row :math:`a \cdot (x, k) \ge 0` over the loads x (n,) and, for the disaggregated family alone, auxiliary
variables :math:`k \ge 0` (n,).

- :class:`Gradient`: :math:`(\beta/n\, 1 - g) \cdot x \ge 0` with a subgradient g at the loads themselves. It separates
  them, but touches the cone only at the origin.
- :class:`Supporting` (default): the same formula at the point where the line from the loads to equal ones enters the
  cone, so that the cut supports the cone; linear members have several rows at once.
- :class:`Disaggregated`: equations (20) to (23) of the paper on dispersion control. :math:`\|w \circ x\|_p \le t` for
  :math:`t = \beta \bar x` is split into :math:`\sum_i k_i = t` and n power cones
  :math:`w_i x_i \le k_i^{1/p} t^{1 - 1/p}`, each of which has its own tangents.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.forms import Norm, form_of

SMALLEST_PART = 1e-4
"""Least part of t at which a power cone has a tangent: nearer to 0 tangents are too steep for solvers."""


class CutFamily(Protocol):
    """A family of cuts for one fairness member and n loads."""

    auxiliaries: int
    """Number of auxiliary variables, 0 or n."""

    def equalities(self) -> Array:
        """Return rows that must equal 0, shape (e, n + auxiliaries)."""

    def initial(self) -> Array:
        """Return the first rows, shape (r, n + auxiliaries)."""

    def cuts(self, loads: Array) -> Array:
        """Return rows that together separate unfair `loads`, shape (n,), from the cone: shape (r, n + auxiliaries)."""


class Supporting:
    """Cuts at the points that each member proposes, on the boundary of the cone."""

    auxiliaries = 0

    def __init__(self, fairness: Fairness, n: int) -> None:
        self._fairness, self._n = fairness, n

    def equalities(self) -> Array:
        """Return no rows."""
        return np.empty((0, self._n))

    def initial(self) -> Array:
        """Return the cuts at loads that a single agent carries alone, without duplicates."""
        rows = np.vstack([self.cuts(alone) for alone in np.eye(self._n)])
        _, first = np.unique(np.round(rows, 12), axis=0, return_index=True)
        return rows[np.sort(first)]

    def cuts(self, loads: Array) -> Array:
        """Return a row for each of the member's cut points."""
        return np.array([self._fairness.cut(point) for point in self._fairness.cut_points(loads)])


class Gradient(Supporting):
    """Cuts at the loads themselves."""

    def cuts(self, loads: Array) -> Array:
        """Return the cut at `loads`, one row."""
        return self._fairness.cut(loads)[np.newaxis]


class Disaggregated:
    """Tangents of the n power cones into which a norm is split.

    Raises
    ------
    InputError
        If the member is not a norm at this parameter (p = inf, Gini, equality, ...), and so has no power cones.
    """

    def __init__(self, fairness: Fairness, n: int) -> None:
        form = form_of(fairness, n)
        if not isinstance(form, Norm):
            raise InputError(f"{fairness} of {n} loads has no power cones; use the supporting cuts")
        self._form, self.auxiliaries = form, n

    def equalities(self) -> Array:
        """Return the row that says that the parts k sum to t."""
        return np.concatenate([-self._form.multiple, np.ones(self.auxiliaries)])[np.newaxis]

    def initial(self) -> Array:
        """Return the tangents at equal loads: one for each agent."""
        return self.cuts(self._form.shares)

    def cuts(self, loads: Array) -> Array:
        r"""Return the tangent of each power cone at the point of its surface that belongs to `loads`.

        With k° the part of an agent in t° = 1: :math:`w_i x_i \le \frac1p k°^{1/p - 1} k_i + (1 - \frac1p) k°^{1/p} t`.
        """
        form, n = self._form, self.auxiliaries
        carried = form.weights * loads
        parts = (carried / np.linalg.norm(carried, form.order)) ** form.order
        parts = np.maximum(parts, SMALLEST_PART)
        slope = parts ** (1.0 / form.order - 1.0) / form.order
        rest = (1.0 - 1.0 / form.order) * parts ** (1.0 / form.order)
        return np.hstack([rest[:, np.newaxis] * form.multiple - np.diag(form.weights), np.diag(slope)]).reshape(n, -1)


FAMILIES: dict[str, type[Gradient | Supporting | Disaggregated]] = {
    "supporting": Supporting,
    "gradient": Gradient,
    "disaggregated": Disaggregated,
}
"""The families by name."""
