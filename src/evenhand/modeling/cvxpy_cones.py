"""Epigraphs of the measures as CVXPY constraints, and the parametric bounds that tie their limit to the mean load."""

from __future__ import annotations

from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.cone import Cone
from evenhand.modeling.cvxpy_loads import has_integers
from evenhand.modeling.epigraphs import Epigraph, LinearEpigraph, NormEpigraph
from evenhand.modeling.library_imports import require


def epigraph_constraints(loads: Any, limit: Any, epigraph: Epigraph) -> list[Any]:
    """Return constraints that bound the measure of `loads`, shape (n,), by the scalar expression `limit`."""
    if isinstance(epigraph, LinearEpigraph):
        return _rows(loads, limit, epigraph)
    if epigraph.order == 2.0:
        return [require("cvxpy").norm(epigraph.matrix @ loads, 2) <= limit]
    return _norm(loads, limit, epigraph)


def _rows(loads: Any, limit: Any, epigraph: LinearEpigraph) -> list[Any]:
    cp = require("cvxpy")
    rows = _sparse(epigraph.loads) @ loads + epigraph.limit * limit
    if epigraph.auxiliaries.shape[1]:
        auxiliaries = cp.Variable(epigraph.auxiliaries.shape[1], nonneg=True)
        rows = rows + epigraph.auxiliaries @ auxiliaries
    return [rows >= 0]


def _norm(loads: Any, limit: Any, epigraph: NormEpigraph) -> list[Any]:
    r"""Write :math:`\|w \circ x\|_p \le l` for loads that other constraints keep non-negative.

    With continuous variables, power cones are used: :math:`r_i^{1/p} l^{1 - 1/p} \ge z_i \ge w_i x_i` and
    :math:`\sum r_i = l`. The variables z make Clarabel fail less often: on none of 1500 random problems of orders from
    2.5 to 50, against two without z and one with ``cp.pnorm(..., approx=False)``. With integer variables, a tree of
    second-order cones is used, because most solvers for integers lack power cones; it is exact if p is a fraction with
    a denominator of up to 1024.
    """
    cp = require("cvxpy")
    scaled = epigraph.matrix @ loads
    if has_integers(loads):
        return [cp.pnorm(scaled, epigraph.order) <= limit]
    n = loads.shape[0]
    parts, bases = cp.Variable(n), cp.Variable(n)
    return [
        cp.sum(parts) == limit,
        bases >= scaled,
        cp.PowCone3D(parts, cp.hstack([limit] * n), bases, 1.0 / epigraph.order),
    ]


def _sparse(matrix: Any) -> Any:
    return require("scipy.sparse").csr_array(matrix) if matrix.size > np.count_nonzero(matrix) * 2 else matrix


def parameter_factors(fairness: Fairness, n: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (a, b), (c, d) such that the bound is ``(a + b q) limit <= (c + d q) mean`` for every parameter q.

    Raises
    ------
    InputError
        If the bound is not such a function of the parameter.
    """
    factors = fairness.linear_bound(n) if isinstance(fairness, Cone) else None
    if factors is not None:
        return factors
    if fairness.name == "jain":
        raise InputError(
            "parameter: the bound of JainAtLeast is not linear in J; use CVAtMost with cv = sqrt(1/J - 1) as parameter"
        )
    raise InputError(f"parameter: the bound of {fairness!r} is not known to be linear in a parameter; leave it out")
