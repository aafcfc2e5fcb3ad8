r"""The forms of fairness members for modelling libraries: linear rows, a norm, or neither, which leaves cuts.

With shares :math:`s_i` and relative loads :math:`u_i = x_i / (n s_i)` (`fairness/cone.py`), a member is one of

- a :class:`Polyhedron`: rows over the loads and non-negative auxiliary variables, for the members that have such rows
  (p = inf, largest and least over mean, top share, range, Hoover, Gini), and for every member at the parameter that
  asks for equality;
- a :class:`Norm`: :math:`\|w \circ x\|_p \le \beta\, \bar x`, for the other (epsilon, p), the CV and Jain's index;
- neither (None), for which only outer approximation is available: a user's own member, or the Gini index of many loads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import RELATIVE_TOLERANCE, Fairness
from evenhand.fairness.linear_rows import caps
from evenhand.fairness.selection import stated
from evenhand.fairness.shares import shares_of
from evenhand.modeling.library_imports import sparse

ROUNDING = 1e-15
"""Largest relative rounding error of the mean of equal loads."""


@dataclass(frozen=True, slots=True, eq=False)
class Polyhedron:
    """Rows ``0 <= loads @ x + auxiliaries @ t <= upper`` over loads x (n,) and auxiliary variables t >= 0 (q,).

    Attributes
    ----------
    loads
        Coefficients of the loads, shape (r, n).
    auxiliaries
        Coefficients of the auxiliary variables, shape (r, q), SciPy sparse: the Gini index has one per pair of agents.
    upper
        Upper bounds of the rows, shape (r,): 0 for equalities, infinity for inequalities.
    """

    loads: Array
    auxiliaries: Any
    upper: Array

    @property
    def matrix(self) -> Any:
        """Coefficients of loads, then of auxiliary variables, shape (r, n + q), as a compressed sparse row array."""
        return sparse().csr_array(sparse().hstack([self.loads, self.auxiliaries]))

    def terms(self) -> Iterator[tuple[list[int], list[float], float]]:
        """Return the columns (loads first), the coefficients and the upper bound of each row."""
        matrix = self.matrix
        for start, stop, upper in zip(matrix.indptr[:-1], matrix.indptr[1:], self.upper.tolist(), strict=True):
            yield matrix.indices[start:stop].tolist(), matrix.data[start:stop].tolist(), upper


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    r"""The cone :math:`\|w \circ x\|_p \le \beta\, \bar x` of non-negative loads x.

    Attributes
    ----------
    order
        p, finite.
    weights
        w, shape (n,): the power mean of the relative loads is the norm of ``w * x``.
    limit
        :math:`\beta`, at least 1.
    shares
        Share of each agent, shape (n,).
    """

    order: float
    weights: Array
    limit: float
    shares: Array

    @property
    def multiple(self) -> Array:
        """Coefficients of the right-hand side as a linear function of the loads, shape (n,)."""
        n = len(self.weights)
        return np.full(n, self.limit / n)

    @property
    def spread(self) -> float:
        """The limit as a standard deviation, for p = 2: the largest one of the relative loads, over the mean."""
        return math.sqrt(max(self.limit - 1.0, 0.0) * (self.limit + 1.0))


Form = Polyhedron | Norm | None


def form_of(fairness: Fairness, n: int) -> Form:
    """Return the form of `fairness` for `n` loads."""
    fairness = stated(fairness, n)
    if asks_equality(fairness, n):
        return _polyhedron(-caps(shares_of(n, fairness.entitlements), 1.0), equal=True)
    if _asks_nothing(fairness, n):
        return _polyhedron(np.empty((0, n)))
    return _form(fairness, n)


def asks_all_or_nothing(fairness: Fairness, n: int) -> bool:
    """Return whether `fairness` of `n` loads asks for equality, or for nothing."""
    return _asks_nothing(fairness, n) or asks_equality(fairness, n)


def _asks_nothing(fairness: Fairness, n: int) -> bool:
    """Return whether all vectors of `n` loads meet `fairness`."""
    vacuous, equality = fairness.parameter_range(n)
    return (fairness.parameter - vacuous) * (equality - vacuous) <= 0.0


def asks_equality(fairness: Fairness, n: int) -> bool:
    """Return whether `fairness` of `n` loads allows only loads that count as equal, within 1e-9 of their mean.

    A parameter that differs from equality by rounding only, or a bound equal to the value of equal loads in all digits,
    has a cone too narrow for any solver: it is treated as equality.
    """
    _, equality = fairness.parameter_range(n)
    if fairness.parameter == equality:
        return True
    bound, equal = fairness.bound(n), n * shares_of(n, fairness.entitlements)
    if bound <= float(fairness.value(equal)) * (1.0 + ROUNDING):
        return True
    nearly = equal.copy()
    nearly[0] *= 1.0 + RELATIVE_TOLERANCE
    return float(fairness.value(nearly)) > bound * float(nearly.mean())


def _form(fairness: Fairness, n: int) -> Form:
    """Return the form for a parameter that not all loads meet, and not only equal ones."""
    rows, power = fairness.rows(n), fairness.power_form(n)
    if rows is not None:
        shape = (len(rows.loads), rows.auxiliaries)
        return _polyhedron(rows.loads, sparse().coo_array((rows.value, (rows.row, rows.column)), shape))
    if power is None:
        return None
    order, limit = power
    shares = shares_of(n, fairness.entitlements)
    return Norm(order, shares ** (1.0 / order) / (n * shares), limit, shares)


def _polyhedron(loads: Array, auxiliaries: Any = None, *, equal: bool = False) -> Polyhedron:
    rows = len(loads)
    others = (rows, 0) if auxiliaries is None else auxiliaries
    return Polyhedron(loads, sparse().csr_array(others, dtype=np.float64), np.full(rows, 0.0 if equal else np.inf))
