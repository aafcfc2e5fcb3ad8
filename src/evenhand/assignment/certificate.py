"""Certificates: the multipliers and points with which anybody can check a bound without trusting the solver."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import lagrangian_bound, round_down
from evenhand.assignment.kernels.vertex import OUTWARD, RAISED, dual_value
from evenhand.assignment.passes import lagrangian_value
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import UNLIMITED, Clock, OutOfTimeError
from evenhand.assignment.relaxation import LARGEST_COST, Relaxation, Scaled
from evenhand.assignment.table_blocks import IN_PLACE
from evenhand.fairness import Fairness

MODESTY = 1e-12
"""Relative amount by which the stated bound lies below the computed one, because the cuts are rounded too."""

DOUBTFUL = 1e-10
"""Relative rounding error above which a bound is summed again in exact arithmetic."""


def certificate_of(
    problem: Problem, relaxation: Relaxation, clock: Clock = UNLIMITED
) -> tuple[Certificate | None, float]:
    """Return the certificate of the relaxation's bound, or of its infeasibility, and the bound it proves (unscaled).

    The multipliers are those of the relaxation. Cuts and costs are the true ones, without the allowance for tolerances
    and without perturbations, so that the bound differs slightly from the relaxation's. Returns None instead of a
    certificate, and inf, if infeasibility is known but the ray proves none without those.
    """
    vertex, scaled = relaxation.vertex, relaxation.scaled
    if relaxation.infeasible:
        multipliers, points, price, _ = _combine(relaxation, vertex.ray)
        worst = scaled.costs._replace(cost=np.where(scaled.allowed, 0.0, np.inf))
        if dual_value(worst, scaled.allowed, price) <= 0.0:
            return None, np.inf
        return Certificate("infeasible", multipliers, points), np.inf
    multipliers, points, price, sizes = _combine(relaxation, vertex.multiplier)
    rate = scaled.cost_scale / scaled.burden_scale
    certificate = Certificate("bound", multipliers * rate, points * scaled.burden_scale)
    if problem.costs.size >= IN_PLACE:  # without copies of the table
        fairness = relaxation.pool.fairness
        return certificate_of_table(problem, fairness, certificate.multipliers, certificate.points, clock)
    true = scaled.costs._replace(cost=_true_costs(problem, scaled))
    bound = float(dual_value(true, scaled.allowed, price)) * scaled.cost_scale
    return _settled(problem, relaxation.pool.fairness, certificate, sizes * rate, bound, clock)


def certificate_of_table(
    problem: Problem,
    fairness: Fairness,
    multipliers: NDArray[np.float64],
    points: NDArray[np.float64],
    clock: Clock = UNLIMITED,
    value: Callable[[NDArray[np.float64]], float] | None = None,
) -> tuple[Certificate, float]:
    """Return the certificate that multipliers (k,) and points (k, n) make, and the bound it proves; all is unscaled.

    `value` returns the bound that prices prove, shape (n,); by default, a pass over the table does.
    """
    price, sizes = prices_of(fairness, multipliers, points)
    bound = lagrangian_value(problem, price) if value is None else value(price)
    return _settled(problem, fairness, Certificate("bound", multipliers, points), sizes, bound, clock)


def _settled(
    problem: Problem,
    fairness: Fairness,
    certificate: Certificate,
    sizes: NDArray[np.float64],
    bound: float,
    clock: Clock,
) -> tuple[Certificate, float]:
    """Return the certificate and its bound, summed again in exact arithmetic where rounding leaves it doubtful.

    `sizes`, shape (n,), are those of the terms of the prices. If the clock expires on the way, the first sum stays,
    which is rounded down by more than its error.
    """
    if _is_doubtful(problem, sizes, bound):
        with contextlib.suppress(OutOfTimeError):
            bound = _exact_bound(problem, fairness, certificate, clock)
    if bound < problem.base_cost:
        # Multipliers of zero prove more: the cost of the cheapest assignment without fairness.
        none = Certificate("bound", certificate.multipliers[:0], certificate.points[:0])
        certificate, bound = none, problem.base_cost
    return certificate, bound - MODESTY * abs(bound)


def _is_doubtful(problem: Problem, sizes: NDArray[np.float64], bound: float) -> bool:
    """Return whether rounding may change a bound by more than a part of DOUBTFUL.

    The largest burden of all, where it is known, saves a pass over a large table if it is small enough.
    """
    m = problem.burdens.shape[1]
    allowed = DOUBTFUL * abs(bound) / OUTWARD - problem.size
    with np.errstate(over="ignore"):
        looked = problem.looked
        if looked is not None and looked.burdens is problem.burdens:
            most = sizes @ problem.initial_loads + float(sizes.sum()) * m * looked.largest_burden
            if most <= allowed:
                return False
        moved = sizes @ (problem.initial_loads + problem.burdens.sum(axis=1, dtype=np.float64))
    return not moved <= allowed


def _exact_bound(problem: Problem, fairness: Fairness, certificate: Certificate, clock: Clock) -> float:
    """Return the bound that `certificate` proves, in the exact arithmetic of `verify`; -inf if it proves none."""
    tables = (problem.costs, problem.burdens, problem.initial_loads, problem.allowed)
    try:
        dual = dual_vector(fairness, certificate, len(problem.agents))
        return round_down(lagrangian_bound(*tables, dual, between=clock.check))
    except (DualVectorError, OverflowError):
        return -np.inf


def _true_costs(problem: Problem, scaled: Scaled) -> NDArray[np.float64]:
    """Return the scaled costs without perturbations; lowering one too large for the scale can only weaken a bound."""
    with np.errstate(over="ignore"):
        costs = np.minimum(problem.costs / scaled.cost_scale, LARGEST_COST)
    return np.where(scaled.allowed, np.ascontiguousarray(costs.T), np.inf)


def _combine(
    relaxation: Relaxation, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Combine exact cuts with positive `weights`: return multipliers, points, prices, and the sizes of their terms."""
    pool = relaxation.pool
    used = np.flatnonzero(weights[: len(pool)] > 0.0)
    n = relaxation.loads.shape[0]
    multipliers = np.array([weights[k] / pool.scales[k] for k in used])
    points = np.array([pool.points[k] for k in used]).reshape(len(used), n)
    price, sizes = prices_of(pool.fairness, multipliers, points)
    return multipliers, points, price, sizes


def prices_of(
    fairness: Fairness, multipliers: NDArray[np.float64], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the prices that the cuts at `points` make, raised for rounding, and the sizes of their terms."""
    n = points.shape[1]
    cuts = np.array([fairness.cut(point) for point in points]).reshape(points.shape)
    price = multipliers @ cuts
    # A cut is the difference of bound / n and a subgradient, each of which is rounded.
    sizes = multipliers @ (np.abs(cuts) + 2.0 * fairness.bound(n) / n)
    return price + RAISED * np.abs(price), sizes
