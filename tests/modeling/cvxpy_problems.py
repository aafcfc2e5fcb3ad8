"""The shared random problems as CVXPY problems, and their optima."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
from problems import INFEASIBLE

from evenhand.modeling.cvxpy import fair

STATUSES = {"optimal", "infeasible"}


def model_of(problem):
    """Return the variables, the objective, the constraints without fairness, and the loads of a shared problem."""
    model = problem.model
    if model.integer.all():
        x, rows = cp.Variable(len(model.costs), boolean=True), []
    else:
        x, rows = cp.Variable(len(model.costs)), []
        rows += _sides(x, model.lower, model.upper)
    rows += _sides(model.matrix @ x, model.row_lower, model.row_upper)
    return x, model.costs @ x + model.offset, rows, problem.loads @ x + problem.constants


def optimum(problem, solver="CLARABEL", **options):
    """Return the optimum under the fairness constraint and the loads there; INFEASIBLE and None without one."""
    _, cost, rows, loads = model_of(problem)
    model = cp.Problem(cp.Minimize(cost), [*rows, *fair(loads, problem.fairness)])
    model.solve(solver=solver, **options)
    assert model.status in STATUSES, model.status
    return (INFEASIBLE, None) if model.status == "infeasible" else (float(model.value), loads.value)


def _sides(expression, low, high):
    rows = []
    if np.isfinite(low).any():
        at = np.flatnonzero(np.isfinite(low))
        rows.append(expression[at] >= low[at])
    if np.isfinite(high).any():
        at = np.flatnonzero(np.isfinite(high))
        rows.append(expression[at] <= high[at])
    return rows
