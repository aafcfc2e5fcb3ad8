"""Random models of integer and continuous variables, and their optima by enumeration and a conic solver."""

from __future__ import annotations

import itertools

import cvxpy
import numpy as np

from evenhand.fairness import CVAtMost, EpsilonFairness
from evenhand.modeling import LinearModel

KINDS = ([1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [1, 0, 0, 0, 0])
CVS = (0.2, 0.05, 0.5)


def mixed_problem(seed):
    """Return a model of five variables between -1 and 4, three loads, and a member."""
    rng = np.random.default_rng(seed)
    costs = np.round(rng.normal(size=5) * 10, 1)
    loads = np.round(rng.uniform(0, 8, (3, 5)), 1) * (rng.random((3, 5)) < 0.6)
    matrix, right = np.round(rng.normal(size=(2, 5)) * 3, 1), np.round(rng.uniform(-2, 8, 2), 1)
    fairness = CVAtMost(CVS[seed % 3]) if seed % 2 else EpsilonFairness(0.9 - 0.1 * (seed % 4), p=2)
    return LinearModel(costs, matrix, -np.inf, right, -1, 4, KINDS[seed % 4]), loads, fairness


def mixed_optimum(model, loads, fairness):
    """Return the least cost over all values of the integers; None where no fair solution exists."""
    integers = np.flatnonzero(model.integer)
    x, fixed = cvxpy.Variable(len(model.costs)), cvxpy.Parameter(len(integers))
    carried, n = loads @ x, len(loads)
    if isinstance(fairness, CVAtMost):
        mean = cvxpy.sum(carried) / n
        fair = cvxpy.norm(carried - mean) <= fairness.cv * np.sqrt(n) * mean
    else:
        fair = (1 + fairness.epsilon * (np.sqrt(n) - 1)) * cvxpy.norm(carried) <= cvxpy.sum(carried)
    limits = [model.matrix @ x <= model.row_upper, x >= model.lower, x <= model.upper, carried >= 0, fair]
    problem = cvxpy.Problem(cvxpy.Minimize(model.costs @ x), [*limits, x[integers] == fixed])
    found = []
    for values in itertools.product(range(-1, 5), repeat=len(integers)):
        fixed.value = np.array(values, dtype=float)
        problem.solve(solver="CLARABEL")
        if problem.status == "optimal":
            found.append(problem.value)
    return min(found, default=None)
