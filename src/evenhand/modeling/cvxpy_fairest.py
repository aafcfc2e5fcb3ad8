r"""The strictest fairness parameter that a CVXPY model allows: by one conic solve, or with integers by bisection.

The strictest parameter minimises :math:`\Phi(x) / \bar x` over the model's loads. That is not convex, but does not
change when x is scaled. The model is therefore homogenised (Charnes and Cooper 1962; for conic models, its
perspective): the canonical form :math:`b - A z \in K` becomes :math:`b \tau - A z \in K` with :math:`\tau \ge 0`, and
:math:`\Phi` is minimised over loads of mean 1. The loads of the model are then :math:`x / \tau`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.conic import conic_solution
from evenhand.modeling.cvxpy_cones import epigraph_constraints
from evenhand.modeling.cvxpy_loads import has_integers, known_nonnegative, loads_of, unit_of
from evenhand.modeling.epigraphs import epigraph_of, parameter_at_limit
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear_fairest import RESOLUTION, Fairest, bisected, fairest_linear
from evenhand.modeling.loads import brief, require_model

ALMOST_EQUAL = 1e-5
"""Distance from equality, relative to the parameter's range, within which equality itself is tried."""

VANISHING = 1e-7
"""Value of the scale tau up to which it counts as 0, so that loads grow without bound."""

ACCURACY = 1e-7
"""Assumed error of the least measure found, relative to it and to the mean load."""

DEFAULT = 1e-8
"""Clarabel's own tolerance of gap and feasibility."""


def fairest(
    problem: Any,
    loads: Any,
    fairness: Fairness,
    *,
    solver: str = "highs",
    resolution: float = RESOLUTION,
    time_limit: float | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that a model allows, whatever its objective.

    Parameters
    ----------
    problem
        A CVXPY problem, continuous or integer, without the fairness constraint in question.
    loads, fairness
        As for :func:`evenhand.modeling.cvxpy.fair`; the member's own parameter does not matter.
    solver, resolution, time_limit, progress
        For a problem with integers, as for :func:`evenhand.modeling.fairest`.

    Returns
    -------
    Fairest
        With status ``optimal``, `reached` is the strictest parameter up to the solver's accuracy, `refuted` a slightly
        stricter one (None if equality is reached), and `loads` meet it. If the strictest parameter is only approached
        as loads grow without bound, `loads` is a direction of mean 1. If the model allows loads of zero, these are
        returned, and equality is reached. The status is ``infeasible`` if the model has no solution with non-negative
        loads, fair or not.

    Raises
    ------
    InputError
        If the problem is not convex, or for the reasons of :func:`evenhand.modeling.cvxpy.fair`.
    MissingExtraError
        If CVXPY or Clarabel is missing.

    Examples
    --------
    Twelve hours, of which the first of three agents can work at most 2:

    >>> import cvxpy as cp
    >>> from evenhand import MaxOverMean
    >>> hours = cp.Variable(3, nonneg=True)
    >>> problem = cp.Problem(cp.Minimize(0), [cp.sum(hours) == 12, hours[0] <= 2])
    >>> answer = fairest(problem, hours, MaxOverMean(1))
    >>> answer.status, round(answer.reached, 6), answer.loads.round(4).tolist()
    ('optimal', 1.25, [2.0, 5.0, 5.0])
    """
    start = time.perf_counter()
    cp = require("cvxpy")
    require("clarabel")
    require_model(problem, cp.Problem, "a cp.Problem", "problem")
    vector, fairness = loads_of(loads, fairness)
    _check_convex(problem)
    if problem.is_mixed_integer() or has_integers(vector):
        how: dict[str, Any] = {"resolution": resolution, "time_limit": time_limit, "progress": progress}
        return _with_integers(problem, loads, fairness, solver, how)
    constraints = list(problem.constraints)
    if not known_nonnegative(vector):
        constraints.append(vector >= 0)
    found = _direction(constraints, vector, fairness)
    # Zero loads count as equal. They need not be looked for if equality is reached already.
    if (found is None or found[0] != found[1]) and _is_feasible([*constraints, vector == 0]):
        n = vector.shape[0]
        equality = fairness.parameter_range(n)[1]
        found = equality, equality, np.zeros(n), 1.0
    if found is None or (found[3] == 0.0 and not _is_feasible(constraints)):
        return Fairest("infeasible", None, None, None, seconds=time.perf_counter() - start)
    reached, refuted, loads_found, scale = found
    return Fairest(
        "optimal",
        fairness.with_parameter(reached),
        reached,
        None if refuted == reached else refuted,
        loads_found / scale if scale else loads_found,
        seconds=time.perf_counter() - start,
    )


def _direction(constraints: list[Any], vector: Any, fairness: Fairness) -> tuple[float, float, Array, float] | None:
    """Return the strictest parameter, a refuted one (the same at equality), loads of mean 1, and the model's scale."""
    found = _homogeneous_optimum(constraints, vector, fairness, equal=False)
    if found is None:
        return None
    direction, scale, least = found
    n = len(direction)
    vacuous, equality = fairness.parameter_range(n)
    reached = float(fairness.level(direction))
    if abs(reached - equality) <= ALMOST_EQUAL * abs(vacuous - equality):
        equal = _homogeneous_optimum(constraints, vector, fairness, equal=True)
        if equal is not None:
            return equality, equality, *equal[:2]
    return reached, parameter_at_limit(fairness, n, least * (1.0 - ACCURACY) - ACCURACY), direction, scale


def _with_integers(problem: Any, loads: Any, fairness: Fairness, solver: str, how: dict[str, Any]) -> Fairest:
    """Bisect the parameter: by cuts if the model is linear, otherwise with CVXPY's own solvers."""
    cp = require("cvxpy")
    from evenhand.modeling.cvxpy import arrays_of, is_linear, solve

    idle = cp.Problem(cp.Minimize(0), problem.constraints)
    if is_linear(idle):
        arrays = arrays_of(idle, loads, fairness)
        answer = fairest_linear(arrays.model, arrays.loads, fairness, solver=solver, **how)
        return replace(answer, values=None)
    return bisected(lambda member: solve(idle, loads, member), fairness, **how)


def _check_convex(problem: Any) -> None:
    cp = require("cvxpy")
    for place, constraint in enumerate(problem.constraints):
        if not cp.Problem(cp.Minimize(0), [constraint]).is_dcp():
            raise InputError(
                f"problem has a constraint [{place}] that is not convex by CVXPY's rules: {brief(constraint)}"
            )


def _is_feasible(constraints: list[Any]) -> bool:
    cp = require("cvxpy")
    check = cp.Problem(cp.Minimize(0), constraints)
    check.solve(solver="CLARABEL")
    return check.status in ("optimal", "optimal_inaccurate")


def _homogeneous_optimum(
    constraints: list[Any], vector: Any, fairness: Fairness, *, equal: bool
) -> tuple[Array, float, float] | None:
    """Return loads of mean 1 that minimise the measure in the homogenised model, the model's scale, and the minimum.

    The model's own loads are these, divided by the scale, which is 0 if they grow without bound. With `equal`, only
    equal relative loads are allowed. None if no loads have a positive mean.
    """
    cp = require("cvxpy")
    n, unit = vector.shape[0], unit_of(vector)
    tied, limit = cp.Variable(n), cp.Variable()
    constraints = [*constraints, tied == vector / unit]
    if equal:
        form = form_of(fairness.with_parameter(fairness.parameter_range(n)[1]), n)
        if not isinstance(form, Polyhedron) or form.upper.any():
            return None  # equality among selected agents is not the same as equality of all
        constraints += [form.loads @ tied == 0, limit >= 0]
    else:
        constraints += epigraph_constraints(tied, limit, epigraph_of(fairness, n))
    compiled = cp.Problem(cp.Minimize(limit), constraints).get_problem_data("CLARABEL")[0]
    start = compiled["param_prob"].var_id_to_col[tied.id]
    columns = np.arange(start, start + n)
    solution = _solve_homogeneous(compiled, columns)
    if solution is None:
        return None
    direction = np.maximum(solution[columns], 0.0)
    mean = float(direction.mean())
    scale = max(float(solution[-1]), 0.0) / mean
    real = scale / (_size(compiled["b"]) * unit) if scale > VANISHING else 0.0
    return direction / mean, real, float(compiled["c"] @ solution[:-1])


def _solve_homogeneous(compiled: dict[str, Any], columns: NDArray[np.intp]) -> Array | None:
    r"""Solve the homogenised form of the compiled model; the result's last entry is :math:`\tau` times b's size."""
    clarabel, scipy_sparse = require("clarabel"), sparse()
    conic = require("cvxpy.reductions.solvers.conic_solvers.clarabel_conif")
    rows, size = compiled["A"], compiled["c"].size
    mean = np.zeros((1, size + 1))
    mean[0, columns] = 1.0 / len(columns)
    scale = np.zeros((1, size + 1))
    scale[0, size] = -1.0
    homogeneous = scipy_sparse.hstack([rows, -compiled["b"][:, np.newaxis] / _size(compiled["b"])])
    matrix = scipy_sparse.vstack([mean, scale, homogeneous])
    right = np.concatenate([[1.0, 0.0], np.zeros(rows.shape[0])])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(1), *conic.dims_to_solver_cones(compiled["dims"])]
    answer = conic_solution(np.append(compiled["c"], 0.0), matrix, right, cones, precision=DEFAULT)
    status = str(answer.status)
    if status in ("Solved", "AlmostSolved"):
        return np.asarray(answer.x)
    if status in ("PrimalInfeasible", "AlmostPrimalInfeasible"):
        return None
    raise ArithmeticError(f"Clarabel ended with {status}; scale the model so that its numbers are nearer to 1")


def _size(b: Array) -> float:
    """Return the divisor of the right-hand sides, their largest entry, which makes the scale of the model near 1."""
    return float(np.abs(b).max(initial=0.0)) or 1.0
