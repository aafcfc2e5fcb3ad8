r"""Epigraphs of the measures: fairness with its bound left open, to be a parameter, or to be minimised.

A member bounds its measure :math:`\Phi` by :math:`\beta\,\bar x`. Here the right-hand side is a variable of its own,
the *limit*: rows or a norm that say :math:`\Phi(x) \le` limit, whatever the limit is tied to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, Fairness, JainAtLeast
from evenhand.fairness.shares import shares_of
from evenhand.modeling.forms import Norm, Polyhedron, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

STEP = 1e-4
"""Step of the derivative of a bound, relative to the distance from the nearer end of its parameter's range."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearEpigraph:
    """Rows ``loads @ x + limit * l + auxiliaries @ t >= 0`` over loads x, the limit l and auxiliary variables t >= 0.

    Attributes
    ----------
    loads
        Shape (r, n).
    limit
        Shape (r,).
    auxiliaries
        Shape (r, q), SciPy sparse.
    """

    loads: Array
    limit: Array
    auxiliaries: Any


@dataclass(frozen=True, slots=True, eq=False)
class NormEpigraph:
    r"""The cone :math:`\|M x\|_p \le` limit.

    Attributes
    ----------
    order
        p, finite.
    matrix
        M, shape (n, n).
    """

    order: float
    matrix: Array


Epigraph = LinearEpigraph | NormEpigraph


def epigraph_of(fairness: Fairness, n: int, *, deviation: bool = True) -> Epigraph:
    """Return the epigraph of the measure of `fairness` for `n` loads, whatever its parameter.

    Parameters
    ----------
    fairness
        A member.
    n
        Number of loads.
    deviation
        Write a power mean of order 2 as a standard deviation, whose limit is that of :func:`limit_over_mean`: the same
        cones, told more sharply near equality.

    Raises
    ------
    InputError
        Where the member is neither rows nor a norm.
    """
    shares = shares_of(n, fairness.entitlements)
    first, second = (_inside(fairness, n, part) for part in (1 / 3, 2 / 3))
    form, other = form_of(first, n), form_of(second, n)
    if isinstance(form, Norm):
        if form.order == 2.0 and deviation:
            relative = np.diag(1.0 / (n * shares)) - 1.0 / n
            return NormEpigraph(2.0, np.sqrt(shares)[:, np.newaxis] * relative)
        return NormEpigraph(form.order, np.diag(form.weights))
    if isinstance(form, Polyhedron) and isinstance(other, Polyhedron):
        # Rows are affine in the bound, which multiplies the mean: two bounds tell both of their parts.
        low, high = first.bound(n), second.bound(n)
        limit = (other.loads - form.loads).sum(axis=1) / (high - low)
        loads = form.loads - np.outer(limit, np.full(n, low / n))
        return LinearEpigraph(_clean(loads), _clean(limit), form.auxiliaries)
    raise InputError(
        f"fairness is {fairness!r}, which is neither linear nor a norm; "
        "use solve_fair_milp or another adapter, whose outer approximation needs its cuts only"
    )


@singledispatch
def limit_over_mean(fairness: Fairness, n: int) -> float:
    r"""Return the limit of the epigraph, over the mean load, that `fairness`, strictly within its range, asks for.

    It is :math:`\beta`; for a power mean of order 2 it is :math:`\sqrt{\beta^2 - 1}`, the bound on the standard
    deviation that says the same.
    """
    form = form_of(fairness, n)
    return form.spread if isinstance(form, Norm) and form.order == 2.0 else fairness.bound(n)


@limit_over_mean.register(CVAtMost)
@limit_over_mean.register(JainAtLeast)
def _variation(fairness: CVAtMost | JainAtLeast, n: int) -> float:
    # Not by way of the power mean, in which a small CV drowns.
    return fairness.bound(n)


def limit_slope(fairness: Fairness, n: int) -> float:
    """Return the derivative of :func:`limit_over_mean` with respect to the parameter, strictly within its range."""
    ends = fairness.parameter_range(n)
    step = STEP * min(abs(fairness.parameter - end) for end in ends)
    above, below = (fairness.with_parameter(fairness.parameter + sign * step) for sign in (1.0, -1.0))
    slope: float = (limit_over_mean(above, n) - limit_over_mean(below, n)) / (above.parameter - below.parameter)
    return slope


def parameter_at_bound(fairness: Fairness, n: int, bound: float) -> float:
    """Return the strictest parameter, to rounding, whose bound is at least `bound`."""
    return _strictest(fairness, n, lambda member: member.bound(n) >= bound)


def parameter_at_limit(fairness: Fairness, n: int, limit: float) -> float:
    """Return the strictest parameter, to rounding, whose :func:`limit_over_mean` is at least `limit`."""
    return _strictest(fairness, n, lambda member: limit_over_mean(member, n) >= limit)


def _strictest(fairness: Fairness, n: int, allows: Callable[[Fairness], bool]) -> float:
    """Return the strictest parameter, to rounding, that `allows` is true of; it is not asked of either end."""
    low, high = fairness.parameter_range(n)
    middle = 0.5 * (low + high)
    while middle not in (low, high):
        if allows(fairness.with_parameter(middle)):
            low = middle
        else:
            high = middle
        middle = 0.5 * (low + high)
    return high


def _inside(fairness: Fairness, n: int, part: float) -> Fairness:
    vacuous, equality = fairness.parameter_range(n)
    return fairness.with_parameter(vacuous + part * (equality - vacuous))


def _clean(values: Array) -> Array:
    """Return `values` without the rounding errors that stand where the two bounds cancel."""
    return np.where(np.abs(values) < 1e-12 * np.abs(values).max(initial=0.0), 0.0, values)
