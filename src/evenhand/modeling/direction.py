"""The fairest direction of a continuous model: the least measure over loads of mean 1 in the homogenised model."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness, GiniAtMost
from evenhand.fairness.selection import stated
from evenhand.fairness.shares import shares_of
from evenhand.modeling.epigraphs import LinearEpigraph, epigraph_of
from evenhand.modeling.forms import Form, Norm, Polyhedron, form_of
from evenhand.modeling.homogenised_linear import Homogenised
from evenhand.modeling.linear import LinearModel

PRECISION = 1e-9
"""Relative gap between the measure and its lower bound at which the homogenised model counts as solved."""

BESIDE = 1e-8
"""Amount subtracted from a conic solver's minimum to make it a lower bound: its loads are feasible only to 1e-9."""

ROUNDS = 1000
"""Upper limit on the rounds of subgradients; after that, the bound reached so far is returned."""

FEW = 300
"""Number of pairs of loads (those of 25) up to which the Gini index is written as rows for a simplex method; with more,
an interior-point method is used."""


def fairest_direction(
    model: LinearModel, rows: Any, fairness: Fairness, time_limit: float = np.inf
) -> tuple[float, Array, Array] | None:
    """Minimise the measure over loads of mean 1 in the homogenised model.

    Returns
    -------
    tuple or None
        A proven lower bound on the measure, loads, shape (n,), and variables, shape (k,). Both belong to a solution; or
        to a direction, if the minimum is only approached. None if no loads have a positive sum.
    """
    homogenised = Homogenised(model, rows)
    deadline = time.perf_counter() + time_limit
    bound = _in_one_go(homogenised, fairness, len(rows), time_limit)
    if bound is None:
        bound = _by_subgradients(homogenised, fairness, deadline)
    if not homogenised.solved:
        return None
    return (bound, *homogenised.real())


def _in_one_go(homogenised: Homogenised, fairness: Fairness, n: int, time_limit: float) -> float | None:
    """Minimise by one conic solve, and return a lower bound; for a linear measure, add its rows and return None."""
    if isinstance(fairness, GiniAtMost) and n * (n - 1) // 2 > FEW:
        shares = shares_of(n, fairness.entitlements)
        return _proven(homogenised, fairness, homogenised.solve_pairs(shares, time_limit))
    form = _between(fairness, n)
    if isinstance(form, Norm):
        return _proven(homogenised, fairness, homogenised.solve_conic(form))
    if isinstance(form, Polyhedron) and stated(fairness, n) is fairness:
        epigraph = epigraph_of(fairness, n)
        if isinstance(epigraph, LinearEpigraph):
            homogenised.state(epigraph)
    return None


def _between(fairness: Fairness, n: int) -> Form:
    """Return the form of the member in the middle of its parameter's range: neither vacuous nor equality."""
    return form_of(fairness.with_parameter(0.5 * sum(fairness.parameter_range(n))), n)


def _proven(homogenised: Homogenised, fairness: Fairness, gap: float | None) -> float | None:
    """Return a lower bound on the measure after a conic solve with this primal-dual `gap`; None if the gap is."""
    # A power mean or a deviation changes by no more than the objective that was minimised.
    return None if gap is None else float(fairness.value(homogenised.loads())) - gap - BESIDE


def _by_subgradients(homogenised: Homogenised, fairness: Fairness, deadline: float) -> float:
    """Minimise by cutting planes: subgradients of the measure as lower bounds on it; return the bound reached.

    If the measure was added as rows, the first solve is exact.
    """
    bound = 0.0
    for _ in range(ROUNDS):
        if time.perf_counter() > deadline or not homogenised.solve():
            break
        loads = homogenised.loads()
        bound, value = homogenised.measure(), float(fairness.value(loads))
        if value <= bound * (1.0 + PRECISION) + PRECISION:
            break
        homogenised.add_subgradient(fairness.subgradient(loads))
    return bound
