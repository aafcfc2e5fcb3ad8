"""The fairest direction of a continuous model: the least measure among loads of mean 1, whatever their scale."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness import GiniAtMost
from evenhand.fairness.selection import stated
from evenhand.fairness.shares import shares_of
from evenhand.modeling.epigraphs import LinearEpigraph, epigraph_of
from evenhand.modeling.forms import Norm, Polyhedron, form_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness
    from evenhand.modeling.forms import Form
    from evenhand.modeling.homogenised import Homogenised
    from evenhand.modeling.linear import LinearModel

    Array = NDArray[np.float64]

PRECISION = 1e-9
"""Relative distance of the measure from its lower bound at which the homogenised model is solved."""

BESIDE = 1e-8
"""How much lower the measure of loads of mean 1 may be than that of a conic solver's, which are feasible to 1e-9."""

ROUNDS = 1000
"""Most rounds of subgradients; the bracket is what is known by then."""

FEW = 300
"""Most pairs of loads (those of 25) whose Gini index is stated to a simplex method; more take an interior point."""


def fairest_direction(
    model: LinearModel, rows: Any, fairness: Fairness, time_limit: float = np.inf
) -> tuple[float, Array, Array] | None:
    """Return the least measure of loads of mean 1 in the homogenised model.

    Returns
    -------
    tuple or None
        A proven lower bound on the measure, the loads (n,) and the variables (k,), of a solution or, where the least
        is only approached, of a direction; None where no loads of positive sum exist.
    """
    from evenhand.modeling.homogenised import Homogenised

    homogenised = Homogenised(model, rows)
    deadline = time.perf_counter() + time_limit
    bound = _in_one_go(homogenised, fairness, len(rows), time_limit)
    if bound is None:
        bound = _by_subgradients(homogenised, fairness, deadline)
    if not homogenised.solved:
        return None
    return (bound, *homogenised.real())


def _in_one_go(homogenised: Homogenised, fairness: Fairness, n: int, time_limit: float) -> float | None:
    """Return a lower bound on the measure by one conic solve; or state what rows say, and return None."""
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
    """Return the form of the member at a parameter that asks for something, but not for equality."""
    return form_of(fairness.with_parameter(0.5 * sum(fairness.parameter_range(n))), n)


def _proven(homogenised: Homogenised, fairness: Fairness, gap: float | None) -> float | None:
    """Return a lower bound on the measure after a conic solve that left `gap`."""
    # Whether the measure is a power mean or a deviation, it grows no faster than what was minimised.
    return None if gap is None else float(fairness.value(homogenised.loads())) - gap - BESIDE


def _by_subgradients(homogenised: Homogenised, fairness: Fairness, deadline: float) -> float:
    """Hold the measure above ever more of its subgradients; return a lower bound on it.

    Where it was stated as rows, the first solve is the last.
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
