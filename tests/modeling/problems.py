"""Random small models whose loads must be fair, and their optima by cutting planes: the same list for every adapter."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import highspy
import numpy as np

from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.modeling.linear import LinearModel

ORDERS = (2, 3, 5, 10, math.inf)
INFEASIBLE = math.inf
"""What stands for the optimum of a model without a solution."""


@dataclass(frozen=True)
class FairProblem:
    """A linear model, its loads ``loads @ x + constants``, and the member that they must meet."""

    model: LinearModel
    loads: np.ndarray
    constants: np.ndarray
    fairness: Fairness


def convex_problems(p, count=200, seed=0):
    """Return `count` random continuous problems of order `p`, of 2 to 6 loads; about one in six is infeasible.

    Some have entitlements, constants, negative costs, open bounds, equations, or loads that could be negative.
    """
    order = 1000 if math.isinf(p) else int(10 * p)
    return [_convex_problem(np.random.default_rng((seed, order, index)), p) for index in range(count)]


def integer_problems(p, count=100, seed=0):
    """Return `count` random problems of order `p` with 8 to 10 variables that are 0 or 1, of 2 to 4 loads."""
    order = 1000 if math.isinf(p) else int(10 * p)
    return [_integer_problem(np.random.default_rng((seed, order, index, 1)), p) for index in range(count)]


def enumerated_optimum(problem):
    """Return the least cost over all 0/1 vectors, INFEASIBLE where there is none."""
    model = problem.model
    points = np.array(list(itertools.product((0.0, 1.0), repeat=len(model.costs))))
    activity = points @ model.matrix.T.toarray()
    kept = ((activity >= model.row_lower - 1e-9) & (activity <= model.row_upper + 1e-9)).all(axis=1)
    points = points[kept]
    loads = points @ problem.loads.T + problem.constants
    kept = (loads >= -1e-9).all(axis=1) & problem.fairness.contains(np.maximum(loads, 0.0), 1e-9)
    costs = points[kept] @ model.costs + model.offset
    return float(costs.min()) if costs.size else INFEASIBLE


def cutting_plane_optimum(problem, tolerance=1e-9):
    """Return the optimum of a continuous problem, INFEASIBLE where there is none, by linear programs and cuts.

    The members' own cuts and memberships are all that is asked of the package.
    """
    model, fairness = problem.model, problem.fairness
    highs = _highs_of(model)
    for load, constant in zip(problem.loads, problem.constants, strict=True):
        _add_row(highs, load, -constant)
    for _ in range(2000):
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return INFEASIBLE
        assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        x = np.array(highs.getSolution().col_value)
        y = np.maximum(problem.loads @ x + problem.constants, 0.0)
        if fairness.contains(y, tolerance):
            return float(model.costs @ x) + model.offset
        for point in (y, fairness.supporting_point(y), *fairness.cut_points(y)):
            cut = fairness.cut(point) / np.abs(fairness.cut(point)).max()
            if cut @ y < 0.0:
                _add_row(highs, cut @ problem.loads, -(cut @ problem.constants))
    raise AssertionError("cutting planes did not converge")


def _convex_problem(rng, p):
    n = int(rng.integers(2, 7))
    k = int(rng.integers(n, 3 * n + 1))
    loads = rng.uniform(0.0, 3.0, (n, k)) * (rng.random((n, k)) < rng.uniform(0.3, 1.0))
    sure = rng.permutation(k)[:n]
    loads[np.arange(n), sure] += 1.0  # so that every load can be positive
    if rng.random() < 0.15:
        row = rng.integers(n)
        loads[row, (sure[row] + 1) % k] = -1.0
    constants = rng.uniform(0.0, 1.0, n) * (rng.random() < 0.3)
    upper = rng.uniform(1.0, 6.0, k)
    costs = rng.uniform(0.5, 5.0, k) * np.where(rng.random(k) < 0.15, -1.0, 1.0)
    demands = rng.uniform(0.0, 2.0, (2, k)) * (rng.random((2, k)) < 0.7)
    needed = demands @ upper * rng.uniform(0.1, 0.6, 2)
    capacity = rng.uniform(0.0, 1.0, (1, k))
    matrix = np.vstack([demands, capacity])
    row_lower = np.append(needed, -np.inf)
    row_upper = np.append(np.full(2, np.inf), capacity @ upper * 0.8)
    if rng.random() < 0.3:
        row_upper[0] = row_lower[0]
    model = LinearModel(
        costs,
        matrix,
        row_lower,
        row_upper,
        lower=np.where(rng.random(k) < 0.2, rng.uniform(0.0, 0.5, k), 0.0),
        upper=np.where((rng.random(k) < 0.3) & (costs > 0.0), np.inf, upper),
        offset=float(rng.integers(0, 2)),
    )
    return FairProblem(model, loads, constants, _member(rng, p, n))


def _integer_problem(rng, p):
    n = int(rng.integers(2, 5))
    k = int(rng.integers(8, 11))
    loads = rng.integers(0, 6, (n, k)).astype(float)
    costs = rng.integers(1, 12, k).astype(float)
    matrix = rng.integers(0, 4, (1, k)).astype(float)
    model = LinearModel(costs, matrix, matrix.sum() * rng.uniform(0.2, 0.6), np.inf, upper=1.0, integer=True)
    return FairProblem(model, loads, np.zeros(n), _member(rng, p, n))


def _member(rng, p, n):
    entitlements = tuple(rng.uniform(0.5, 3.0, n)) if rng.random() < 0.4 else None
    return EpsilonFairness(float(rng.choice([0.4, 0.7, 0.85, 0.93, 0.98])), p, entitlements=entitlements)


def _highs_of(model):
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-10)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-10)
    nothing = np.empty(0)
    highs.addCols(
        len(model.costs),
        model.costs,
        np.array(model.lower),
        np.array(model.upper),
        0,
        nothing.astype(np.int32),
        nothing.astype(np.int32),
        nothing,
    )
    for row, low, high in zip(model.matrix.toarray(), model.row_lower, model.row_upper, strict=True):
        _add_row(highs, row, low, high)
    return highs


def _add_row(highs, coefficients, low, high=np.inf):
    columns = np.flatnonzero(coefficients).astype(np.int32)
    highs.addRow(float(low), float(high), len(columns), columns, coefficients[columns])
