r"""Epigraphs of the measures: fairness with a variable bound, which can be a parameter or be minimised.

A member bounds its measure :math:`\Phi` by :math:`\beta\,\bar x`. Here the right-hand side is a variable, the *limit*:
rows, or a norm, say that :math:`\Phi(x) \le` limit, and the caller constrains the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, Fairness, JainAtLeast
from evenhand.fairness.shares import shares_of
from evenhand.modeling.forms import Norm, Polyhedron, form_of

STEP = 1e-4
"""Step of the difference quotient of a bound, relative to the parameter's distance from the nearer end of its range."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearEpigraph:
    """Rows ``loads @ x + limit * l + auxiliaries @ t >= 0`` over loads x, the limit l and auxiliary variables t >= 0.

    Attributes
    ----------
    loads
        Coefficients of the loads, shape (r, n).
    limit
        Coefficients of the limit, shape (r,).
    auxiliaries
        Coefficients of the auxiliary variables, shape (r, q), SciPy sparse.
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
        Whether to write a power mean of order 2 as a standard deviation: the same cone, but numerically more precise
        near equality. :func:`limit_over_mean` gives the limit that belongs to it.

    Raises
    ------
    InputError
        If the member is neither linear nor a norm.
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
        # Rows are affine in the bound beta, which multiplies the mean: rows at two bounds determine slope and constant.
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
    r"""Return the limit of the epigraph over the mean load that `fairness` asks for, strictly within its range.

    It is :math:`\beta`; for a power mean of order 2 it is :math:`\sqrt{\beta^2 - 1}`, the equivalent bound on the
    standard deviation.
    """
    form = form_of(fairness, n)
    return form.spread if isinstance(form, Norm) and form.order == 2.0 else fairness.bound(n)


@limit_over_mean.register(CVAtMost)
@limit_over_mean.register(JainAtLeast)
def _variation(fairness: CVAtMost | JainAtLeast, n: int) -> float:
    # Not computed from the power mean, sqrt(1 + CV^2), in which a small CV is lost to rounding.
    return fairness.bound(n)


def limit_slope(fairness: Fairness, n: int) -> float:
    """Return the derivative of :func:`limit_over_mean` with respect to the parameter, strictly within its range."""
    ends = fairness.parameter_range(n)
    step = STEP * min(abs(fairness.parameter - end) for end in ends)
    above, below = (fairness.with_parameter(fairness.parameter + sign * step) for sign in (1.0, -1.0))
    slope: float = (limit_over_mean(above, n) - limit_over_mean(below, n)) / (above.parameter - below.parameter)
    return slope


def parameter_at_bound(fairness: Fairness, n: int, bound: float) -> float:
    """Return the strictest parameter, up to rounding, with a bound of at least `bound`."""
    return _strictest(fairness, n, lambda member: member.bound(n) >= bound)


def parameter_at_limit(fairness: Fairness, n: int, limit: float) -> float:
    """Return the strictest parameter, up to rounding, with a :func:`limit_over_mean` of at least `limit`."""
    return _strictest(fairness, n, lambda member: limit_over_mean(member, n) >= limit)


def _strictest(fairness: Fairness, n: int, allows: Callable[[Fairness], bool]) -> float:
    """Bisect for the strictest parameter, up to rounding, that `allows` accepts; neither end of the range is tried."""
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
    """Return `values` with rounding errors, left where the rows of both bounds cancel, set to zero."""
    return np.where(np.abs(values) < 1e-12 * np.abs(values).max(initial=0.0), 0.0, values)
