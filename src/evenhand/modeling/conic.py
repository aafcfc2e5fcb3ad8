"""The fairest direction under a norm, or under the Gini index of many loads, by one conic solve.

The power mean of relative loads u of mean 1 is minimised. For order 2 that is the same as minimising the standard
deviation t, with ``(t, sqrt(s) * (u - 1))`` in a second-order cone. For other orders t is minimised subject to n power
cones, ``w_i x_i <= k_i^(1/p) t^(1 - 1/p)`` with ``sum k = t``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.forms import Norm
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LinearModel

PRECISION = 1e-9
"""Tolerance of gap and feasibility that Clarabel is asked for."""

ACCEPTED = 1e-6
"""Relative infeasibility and gap up to which a solution that Clarabel calls almost solved counts as solved."""


def conic_solution(
    costs: Array, matrix: Any, right: Array, cones: list[Any], time_limit: float = np.inf, precision: float = PRECISION
) -> Any:
    """Return Clarabel's solution of min ``costs @ x`` with ``right - matrix @ x`` in the cones."""
    clarabel, stack = require("clarabel"), sparse()
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.time_limit = False, time_limit
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = precision
    nothing = stack.csc_matrix((len(costs), len(costs)))
    return clarabel.DefaultSolver(nothing, costs, stack.csc_matrix(matrix), right, cones, settings).solve()


def solved(solution: Any, costs: Array, matrix: Any, right: Array) -> bool:
    """Return whether Clarabel's solution of min ``costs @ x`` with ``right - matrix @ x`` in cones is optimal.

    A solution that it calls almost solved is checked against the data. Its slacks and duals lie in the cones but may
    violate their equations; the dual residual, times the size of x, counts as an additional gap.
    """
    if str(solution.status) != "AlmostSolved":
        return str(solution.status) == "Solved"
    x, slacks, duals = (np.asarray(part) for part in (solution.x, solution.s, solution.z))
    sizes = abs(matrix) @ np.abs(x) + np.abs(right)
    missed = np.abs(matrix @ x + slacks - right)
    if not (missed <= ACCEPTED * sizes + PRECISION * sizes.max(initial=0.0)).all():
        return False
    objective, paid = float(costs @ x), float(np.abs(costs) @ np.abs(x))
    unproven = float(np.abs(costs + matrix.T @ duals) @ np.abs(x))
    return abs(objective + float(right @ duals)) + unproven <= ACCEPTED * abs(objective) + PRECISION * paid


def least_norm(program: LinearModel, loads: slice, form: Norm) -> tuple[Array, float] | None:
    """Minimise the norm of the loads in `program`, whose rows fix their mean at 1.

    Parameters
    ----------
    program
        Rows and bounds; its costs do not matter.
    loads
        Columns of the loads.
    form
        The norm.

    Returns
    -------
    tuple or None
        The variables of `program` and the gap between primal and dual; None if there is no solution.
    """
    clarabel = require("clarabel")
    size, n = len(program.costs), len(form.weights)
    extra = 1 if form.order == 2 else 1 + n
    rows, right, cones = linear_rows(clarabel, program, extra)
    conic_rows, conic_right, conic = (_second_order if form.order == 2 else _powers)(
        clarabel, form, size, loads, size + extra
    )
    objective = np.zeros(size + extra)
    objective[size] = 1.0
    matrix = sparse().vstack([rows, conic_rows])
    solution = conic_solution(objective, matrix, np.concatenate([right, conic_right]), cones + conic)
    if str(solution.status) != "Solved":
        return None  # "AlmostSolved" is no proof of what is refuted
    return np.asarray(solution.x)[:size], abs(float(solution.obj_val - solution.obj_val_dual))


def least_gini(
    program: LinearModel, loads: slice, shares: Array, time_limit: float = np.inf
) -> tuple[Array, float] | None:
    """Minimise the Gini index of the loads, like :func:`least_norm`, with a variable for each pair of loads.

    The index is ``sum s_i s_j |u_i - u_j|`` over pairs i < j, and ``|a| = 2 max(a, 0) - a``. An interior-point method
    can handle the n^2 rows: their elimination fills only the block of the loads.
    """
    clarabel, stack = require("clarabel"), sparse()
    size, n = len(program.costs), len(shares)
    first, second = np.triu_indices(n, 1)
    pairs = len(first)
    at, weights = np.arange(pairs), shares[first] * shares[second]
    relative = 1.0 / (n * shares)
    differences = stack.csr_array(
        (np.append(relative[first], -relative[second]), (np.append(at, at), loads.start + np.append(first, second))),
        shape=(pairs, size),
    )
    rows, right, cones = linear_rows(clarabel, program, pairs)
    eye = stack.eye_array(pairs)
    matrix = stack.vstack(
        [rows, stack.hstack([differences, -eye]), stack.hstack([stack.csr_array((pairs, size)), -eye])], format="csc"
    )
    right = np.append(right, np.zeros(2 * pairs))
    costs = np.append(-(differences.T @ weights), 2.0 * weights)
    solution = conic_solution(costs, matrix, right, [*cones, clarabel.NonnegativeConeT(2 * pairs)], time_limit)
    if str(solution.status) != "Solved":
        return None
    x, duals = np.asarray(solution.x), np.asarray(solution.z)
    # Over n^2 variables, small dual residuals add up: they are counted as part of the gap.
    unproven = float(np.abs(costs + matrix.T @ duals) @ np.abs(x))
    return x[:size], abs(float(solution.obj_val - solution.obj_val_dual)) + unproven


def linear_rows(clarabel: Any, program: LinearModel, extra: int) -> tuple[Any, Array, list[Any]]:
    """Return the rows and bounds of `program` as (A, b, cones): ``b - A x`` in a zero cone and a non-negative one.

    A has `extra` more columns, of zeros.
    """
    stack, size = sparse(), len(program.costs)
    everything = stack.vstack([program.matrix, stack.eye_array(size)], format="csr")
    lower = np.concatenate([program.row_lower, program.lower])
    upper = np.concatenate([program.row_upper, program.upper])
    equal = lower == upper
    below, above = np.isfinite(lower) & ~equal, np.isfinite(upper) & ~equal
    rows = stack.vstack([everything[equal], -everything[below], everything[above]], format="csr")
    right = np.concatenate([upper[equal], -lower[below], upper[above]])
    padded = stack.hstack([rows, stack.csr_array((rows.shape[0], extra))], format="csr")
    zeros, rest = int(equal.sum()), int(below.sum() + above.sum())
    return padded, right, [clarabel.ZeroConeT(zeros), clarabel.NonnegativeConeT(rest)]


def _second_order(clarabel: Any, form: Norm, size: int, loads: slice, width: int) -> tuple[Any, Array, list[Any]]:
    n = len(form.weights)
    rows, right = np.zeros((n + 1, width)), np.zeros(n + 1)
    rows[0, size] = -1.0
    rows[1:, loads] = -np.diag(form.weights)
    right[1:] = -np.sqrt(form.shares)
    return sparse().csr_array(rows), right, [clarabel.SecondOrderConeT(n + 1)]


def _powers(clarabel: Any, form: Norm, size: int, loads: slice, width: int) -> tuple[Any, Array, list[Any]]:
    """Return sum k = t and, for each load, (k_i, t, w_i x_i) in the power cone of exponent 1/p."""
    n = len(form.weights)
    total = np.zeros((1, width))
    total[0, size] = -1.0
    total[0, size + 1 :] = 1.0
    rows = np.zeros((n, 3, width))
    at = np.arange(n)
    rows[at, 0, size + 1 + at] = -1.0
    rows[:, 1, size] = -1.0
    rows[at, 2, loads.start + at] = -form.weights
    matrix = sparse().csr_array(np.vstack([total, rows.reshape(3 * n, width)]))
    cones = [clarabel.ZeroConeT(1), *(clarabel.PowerConeT(1.0 / form.order) for _ in range(n))]
    return matrix, np.zeros(3 * n + 1), cones
