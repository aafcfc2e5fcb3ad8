r"""Fairness written out for modelling libraries: linear rows, a norm, or (failing both) cuts alone.

With shares :math:`s_i` and relative loads :math:`u_i = x_i / (n s_i)` (`fairness/cone.py`), a member is one of

- a :class:`Polyhedron`: rows over the loads and non-negative auxiliary variables, for p = inf, the largest over the
  mean, the range, Hoover and Gini, and for every member at the parameter that asks for equality;
- a :class:`Norm`: :math:`\|w \circ x\|_p \le \beta\, \bar x`, for the other (epsilon, p), the CV and Jain's index;
- neither (None), which only the outer approximation can state: a member of your own, and the Gini index of many loads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness import (
    RELATIVE_TOLERANCE,
    EpsilonFairness,
    Fairness,
    GiniAtMost,
    HooverAtMost,
    MaxOverMean,
    RangeAtMost,
)
from evenhand.fairness.selection import stated
from evenhand.fairness.shares import shares_of
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


PAIRS = 20_000
"""The Gini index of loads with more pairs than this (of 201 and more) is not written out as rows."""

ROUNDING = 1e-15
"""By what part a computed mean of equal loads may exceed them."""


@dataclass(frozen=True, slots=True, eq=False)
class Polyhedron:
    """Rows ``0 <= loads @ x + auxiliaries @ t <= upper`` over loads x (n,) and auxiliary variables t >= 0 (q,).

    Attributes
    ----------
    loads
        Coefficients of the loads, shape (r, n).
    auxiliaries
        Coefficients of the auxiliary variables, shape (r, q), SciPy sparse: the Gini index has one for each two agents.
    upper
        Shape (r,): 0 for equalities, infinity for inequalities.
    """

    loads: Array
    auxiliaries: Any
    upper: Array

    @property
    def matrix(self) -> Any:
        """Coefficients of the loads, then the auxiliary variables, shape (r, n + q), in compressed rows."""
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
        """The right-hand side as a linear function of the loads, shape (n,)."""
        n = len(self.weights)
        return np.full(n, self.limit / n)

    @property
    def spread(self) -> float:
        """The same cone where p = 2: the largest standard deviation of the relative loads, over the mean."""
        return math.sqrt(max(self.limit - 1.0, 0.0) * (self.limit + 1.0))


Form = Polyhedron | Norm | None


def form_of(fairness: Fairness, n: int) -> Form:
    """Return how `fairness` of `n` loads is written out."""
    fairness = stated(fairness, n)
    shares = shares_of(n, fairness.entitlements)
    if asks_equality(fairness, n):
        return _polyhedron(_deviations(shares), equal=True)
    if asks_nothing(fairness, n):
        return _polyhedron(np.empty((0, n)))
    return _form(fairness, shares)


def asks_all_or_nothing(fairness: Fairness, n: int) -> bool:
    """Tell whether `fairness` of `n` loads is equality, or no rule at all."""
    return asks_nothing(fairness, n) or asks_equality(fairness, n)


def asks_nothing(fairness: Fairness, n: int) -> bool:
    """Tell whether any `n` loads meet `fairness`."""
    vacuous, equality = fairness.parameter_range(n)
    return (fairness.parameter - vacuous) * (equality - vacuous) <= 0.0


def asks_equality(fairness: Fairness, n: int) -> bool:
    """Tell whether `fairness` of `n` loads leaves no more room than loads have that count as equal.

    Those differ by at most 1e-9 of their mean. A parameter a rounding away from equality, or a bound that is that of
    equal loads in all its digits, is no different, but no solver could be told.
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


@singledispatch
def _form(fairness: Fairness, shares: Array) -> Form:
    """Return the form at a parameter between asking nothing and equality; a new member registers here."""
    n = len(shares)
    power = fairness.power_form(n)
    if power is None:
        return None
    order, limit = power
    return Norm(order, shares ** (1.0 / order) / (n * shares), limit, shares)


@_form.register(MaxOverMean)
def _largest_form(fairness: MaxOverMean, shares: Array) -> Form:
    return _polyhedron(_caps(shares, fairness.bound(len(shares))))


@_form.register(EpsilonFairness)
def _epsilon_form(fairness: EpsilonFairness, shares: Array) -> Form:
    if math.isinf(fairness.p):
        return _polyhedron(_caps(shares, fairness.bound(len(shares))))
    form: Form = _form.dispatch(object)(fairness, shares)
    return form


@_form.register(RangeAtMost)
def _range_form(fairness: RangeAtMost, shares: Array) -> Form:
    """Write u_i <= high, low <= u_i and high - low <= bound * mean."""
    n = len(shares)
    relative = np.diag(1.0 / (n * shares))
    loads = np.vstack([-relative, relative, np.full((1, n), fairness.bound(n) / n)])
    auxiliaries = np.zeros((2 * n + 1, 2))
    auxiliaries[:n, 0] = 1.0
    auxiliaries[n:-1, 1] = -1.0
    auxiliaries[-1] = -1.0, 1.0
    return _polyhedron(loads, auxiliaries)


@_form.register(HooverAtMost)
def _hoover_form(fairness: HooverAtMost, shares: Array) -> Form:
    """Write d_i >= u_i - mean and sum s_i d_i <= bound * mean: deviations upwards make half of all."""
    n = len(shares)
    loads = np.vstack([-_deviations(shares), np.full((1, n), fairness.bound(n) / n)])
    return _polyhedron(loads, np.vstack([np.eye(n), -shares]))


@_form.register(GiniAtMost)
def _gini_form(fairness: GiniAtMost, shares: Array) -> Form:
    """Write d_ij >= u_i - u_j for i < j; the distance of two loads is twice that, less their difference."""
    n = len(shares)
    if n * (n - 1) > 2 * PAIRS:
        return None
    relative = np.diag(1.0 / (n * shares))
    first, second = np.triu_indices(n, 1)
    weights = shares[first] * shares[second]
    differences = relative[first] - relative[second]
    budget = fairness.bound(n) / n + weights @ differences
    pairs = sparse().eye_array(len(weights))
    return _polyhedron(
        np.vstack([-differences, budget]),
        sparse().vstack([pairs, -2.0 * weights[np.newaxis]]),
    )


def _polyhedron(loads: Array, auxiliaries: Any = None, *, equal: bool = False) -> Polyhedron:
    rows = len(loads)
    others = (rows, 0) if auxiliaries is None else auxiliaries
    return Polyhedron(loads, sparse().csr_array(others, dtype=np.float64), np.full(rows, 0.0 if equal else np.inf))


def _caps(shares: Array, bound: float) -> Array:
    """Return the rows of bound * mean - u_i."""
    n = len(shares)
    return bound / n - np.diag(1.0 / (n * shares))


def _deviations(shares: Array) -> Array:
    """Return the rows of u_i - mean."""
    return -_caps(shares, 1.0)
