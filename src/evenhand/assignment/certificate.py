"""Certificates: what a reader needs to check a bound without trusting the solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.vertex import RAISED, dual_value
from evenhand.assignment.relaxation import DEAREST
from evenhand.assignment.result import Certificate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.problem import Problem
    from evenhand.assignment.relaxation import Relaxation, Scaled

# Cuts, too, are rounded; a certificate claims a little less than it was computed to prove.
MODESTY = 1e-12


def certificate_of(problem: Problem, relaxation: Relaxation) -> tuple[Certificate | None, float]:
    """Return the certificate of the relaxation's bound, or of its infeasibility, and the bound it proves (unscaled).

    The multipliers are those of the relaxation; cuts and costs are the true ones, without tolerances and specks.
    """
    vertex, scaled = relaxation.vertex, relaxation.scaled
    if relaxation.infeasible:
        multipliers, points, price = _combine(relaxation, vertex.ray)
        worst = scaled.costs._replace(cost=np.where(scaled.allowed, 0.0, np.inf))
        if dual_value(worst, scaled.allowed, price) <= 0.0:
            return None, np.inf
        return Certificate("infeasible", multipliers, points), np.inf
    multipliers, points, price = _combine(relaxation, vertex.multiplier)
    true = scaled.costs._replace(cost=_true_costs(problem, scaled))
    bound = float(dual_value(true, scaled.allowed, price)) * scaled.cost_scale
    if bound < problem.base_cost:
        # No multipliers prove as much as the cheapest assignment without fairness costs.
        multipliers, points, bound = multipliers[:0], points[:0], problem.base_cost
    rate = scaled.cost_scale / scaled.burden_scale
    return Certificate("bound", multipliers * rate, points * scaled.burden_scale), bound - MODESTY * abs(bound)


def _true_costs(problem: Problem, scaled: Scaled) -> NDArray[np.float64]:
    """Return the scaled costs without specks; a pair too dear for the scale counts as lowered, which proves no more."""
    with np.errstate(over="ignore"):
        return np.where(scaled.allowed, np.minimum(problem.cost / scaled.cost_scale, DEAREST), np.inf)


def _combine(
    relaxation: Relaxation, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return multipliers of the exact cuts, their points and the price vector they make."""
    pool = relaxation.pool
    used = np.flatnonzero(weights[: len(pool)] > 0.0)
    n = relaxation.loads.shape[0]
    multipliers = np.array([weights[k] / pool.scales[k] for k in used])
    points = np.array([pool.points[k] for k in used]).reshape(len(used), n)
    price = np.zeros(n)
    for multiplier, point in zip(multipliers, points, strict=True):
        price += multiplier * pool.fairness.cut(point)
    return multipliers, points, price + RAISED * np.abs(price)
