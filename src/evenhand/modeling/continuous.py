r"""Continuous models with many loads, solved by one conic program.

With few loads, cutting planes find the cheapest fair loads in a few rounds. Each round cuts off one direction, and many
loads have many, so that a norm over many loads is passed to a conic solver instead, unless the cheapest loads are fair
anyway. With relative loads u and their mean m, order 2 becomes a second-order cone that bounds the standard deviation,
``(spread * m, sqrt(s) * (u - m))``, which is precise near equality. Other orders become n power cones,
``w_i x_i <= k_i^(1/p) (limit * m)^(1 - 1/p)`` with ``sum k = limit * m``.

An interior-point solution may lie slightly outside the cone. If it violates the tolerance, the cone is narrowed a
little and the program is solved again. The bound of the first solve, with the full cone, stays the proven one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import MissingExtraError
from evenhand.fairness import Fairness
from evenhand.modeling.audit import audit
from evenhand.modeling.conic import PRECISION, conic_solution, linear_rows, solved
from evenhand.modeling.forms import Norm, form_of
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run_through
from evenhand.modeling.homogenised_linear import Homogenised
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.shadow import shadow_price
from evenhand.modeling.solution import FairSolution

MANY = 8
"""Number of loads above which a conic solve is preferred to cuts."""

NOISE = 1e-8
"""Load, relative to the largest variable, up to which all loads count as zero: interior points are never exactly 0."""

SCALES = (0.01, 0.1, 0.001, 1.0)
"""Units of the variables, relative to the largest bound, that are tried in turn: with power cones the solver fails in
some of them."""

NARROWED = (0.0, 1e-8, 1e-7)
"""Parts of its width by which the cone is narrowed, in turn, until the loads are within tolerance."""


class _Point(NamedTuple):
    status: str
    values: Array
    objective: float
    bound: float
    multipliers: Array


_NOWHERE = _Point("infeasible", np.empty(0), np.nan, np.nan, np.empty(0))


def solve_continuous(
    model: LinearModel, rows: Sequence[AffineRow], fairness: Fairness, tolerance: float, time_limit: float | None
) -> FairSolution | None:
    """Minimise a continuous model with fair loads by a conic solver; return None if that is not possible.

    Parameters
    ----------
    model
        A linear model without integers.
    rows
        Its loads.
    fairness
        A member. If it is not a norm, the result is None.
    tolerance
        Relative excess of the measure over its bound that is tolerated.
    time_limit
        Seconds; None for no limit.
    """
    start = time.perf_counter()
    form = form_of(fairness, len(rows))
    if not isinstance(form, Norm):
        return None
    program = _with_loads(model, rows)

    def left() -> float:
        return np.inf if time_limit is None else max(time_limit - (time.perf_counter() - start), 1e-3)

    try:
        asked = program, form, fairness, tolerance
        point = _cheapest(*asked, left()) or _within(*asked, left)
        if point is not None and point.status == "unbounded":
            point = _beyond(point, *asked, left)
    except MissingExtraError:
        return None
    except KeyboardInterrupt:
        seconds = time.perf_counter() - start
        return FairSolution("time_limit", None, None, None, seconds=seconds, interrupted=True)
    if point is None and _refuted(model, rows, fairness, form):
        point = _NOWHERE
    if point is None:
        return None
    seconds = time.perf_counter() - start
    if point.status != "optimal":
        return FairSolution(point.status, None, None, None, seconds=seconds)
    values, loads = np.split(point.values, [len(model.costs)])
    return FairSolution(
        "optimal",
        point.objective + model.offset,
        min(point.bound, point.objective) + model.offset,
        loads,
        values,
        (audit(loads, fairness),),
        rounds=1,
        seconds=seconds,
        shadow_price=shadow_price(fairness, loads, point.multipliers),
    )


def _within(
    program: LinearModel, form: Norm, fairness: Fairness, tolerance: float, left: Callable[[], float]
) -> _Point | None:
    """Return the optimum, its loads within tolerance of the cone, with the full cone's bound; None if that fails."""
    n, bound = len(form.weights), None
    for part in NARROWED:
        narrowed = replace(form, limit=1.0 + (form.limit - 1.0) * (1.0 - part))
        tried = (_solve(program, narrowed, left(), scale) for scale in SCALES)
        point = next((found for found in tried if found is not None), None)
        if point is None or (part and point.status != "optimal"):
            return None
        if point.status != "optimal":
            return point
        bound = point.bound if bound is None else bound
        loads = np.maximum(point.values[-n:], 0.0)
        if loads.max() <= NOISE * np.abs(point.values).max():
            loads = np.zeros(n)
        if fairness.contains(loads, tolerance):
            return point._replace(values=np.append(point.values[:-n], loads), bound=bound)
    return None


def _beyond(
    point: _Point, program: LinearModel, form: Norm, fairness: Fairness, tolerance: float, left: Callable[[], float]
) -> _Point:
    """Return `point` with the status of a program with a fair improving direction: unbounded only if it is feasible."""
    idle = replace(program, costs=np.zeros(len(program.costs)))
    found = _within(idle, form, fairness, tolerance, left)
    if found is None:
        return point._replace(status="unbounded_relaxation")
    return found if found.status == "infeasible" else point


def _cheapest(
    program: LinearModel, form: Norm, fairness: Fairness, tolerance: float, time_limit: float
) -> _Point | None:
    """Return the optimal vertex without fairness if its loads are fair, otherwise None."""
    highs = highs_of(program)
    highs.setOptionValue("time_limit", time_limit)
    highs.setOptionValue("primal_feasibility_tolerance", PRECISION)
    if run_through(highs) != "optimal":
        return None
    n = len(form.weights)
    values = np.clip(np.asarray(highs.getSolution().col_value), program.lower, program.upper)
    if not fairness.contains(values[-n:], tolerance):
        return None
    objective = float(program.costs @ values)
    return _Point("optimal", values, objective, objective, np.zeros(n))


def _refuted(model: LinearModel, rows: Sequence[AffineRow], fairness: Fairness, form: Norm) -> bool:
    """Return whether even the fairest direction is unfair, which proves infeasibility.

    Close to infeasibility, this problem is numerically easier than the original one.
    """
    homogenised = Homogenised(model, rows)
    gap = homogenised.solve_conic(form)
    if gap is None:
        return False
    return float(fairness.value(homogenised.loads())) - gap > form.limit * (1.0 + PRECISION)


def _with_loads(model: LinearModel, rows: Sequence[AffineRow]) -> LinearModel:
    """Return the model over (x, loads), with each load a variable defined by an equation."""
    stack, size, n = sparse(), len(model.costs), len(rows)
    defined = stack.lil_array((n, size + n))
    for place, row in enumerate(rows):
        defined[place, row.columns] = row.coefficients
        defined[place, size + place] = -1.0
    constants = -np.array([row.constant for row in rows])
    return LinearModel(
        np.append(model.costs, np.zeros(n)),
        stack.vstack([stack.hstack([model.matrix, stack.csr_array((model.matrix.shape[0], n))]), defined.tocsr()]),
        np.append(model.row_lower, constants),
        np.append(model.row_upper, constants),
        np.append(model.lower, np.zeros(n)),
        np.append(model.upper, np.full(n, np.inf)),
    )


def _solve(program: LinearModel, form: Norm, time_limit: float, scale: float) -> _Point | None:
    """Return the optimum of `program` with its last n variables in the cone, in units of `scale`; None on failure."""
    clarabel, stack = require("clarabel"), sparse()
    size, n = len(program.costs), len(form.weights)
    extra = 1 if form.order == 2 else n + 1
    linear, right, cones = linear_rows(clarabel, program, extra)
    conic, more = (_second_order if form.order == 2 else _powers)(clarabel, form, size)
    matrix = stack.csc_matrix(stack.vstack([linear, conic]))
    unit = float(np.abs(program.costs).max(initial=0.0)) or 1.0
    scale *= float(np.abs(right).max(initial=0.0)) or 1.0
    costs = np.append(program.costs / unit, np.zeros(extra))
    sides = np.append(right / scale, np.zeros(conic.shape[0]))
    solution = conic_solution(costs, matrix, sides, cones + more, time_limit)
    known = {"PrimalInfeasible": "infeasible", "DualInfeasible": "unbounded"}
    if not solved(solution, costs, matrix, sides):
        status = str(solution.status)
        return _NOWHERE._replace(status=known[status]) if status in known else None
    values = np.clip(scale * np.asarray(solution.x)[:size], program.lower, program.upper)
    duals = np.asarray(solution.z)[len(right) :]
    bound = unit * scale * float(solution.obj_val_dual)
    multipliers = -unit * (conic[:, size - n : size].T @ duals)
    return _Point("optimal", values, float(program.costs @ values), bound, multipliers)


def _second_order(clarabel: Any, form: Norm, size: int) -> tuple[Any, list[Any]]:
    """Return the equation of the mean m and the deviations from it in a second-order cone.

    The mean is a variable, so that no row but its definition contains all loads.
    """
    n = len(form.weights)
    stack = sparse()
    mean = stack.csr_array(np.append(np.full(n, 1.0 / n), -1.0)[np.newaxis])
    spread = stack.csr_array(([-form.spread], ([0], [n])), shape=(1, n + 1))
    roots = np.sqrt(form.shares)
    deviations = stack.hstack([stack.diags_array(-roots / (n * form.shares)), stack.csr_array(roots[:, np.newaxis])])
    rows = stack.vstack([mean, spread, deviations])
    return _at_the_end(rows, size, 1), [clarabel.ZeroConeT(1), clarabel.SecondOrderConeT(n + 1)]


def _powers(clarabel: Any, form: Norm, size: int) -> tuple[Any, list[Any]]:
    """Return t = limit * m, sum k = t and, for each load, (k_i, t, w_i x_i) in the power cone of exponent 1/p."""
    n = len(form.weights)
    stack = sparse()
    linear = np.zeros((2, 2 * n + 1))
    linear[0, :n], linear[0, n] = form.multiple, -1.0
    linear[1, n], linear[1, n + 1 :] = -1.0, 1.0
    at = np.arange(n)
    places = np.ravel([n + 1 + at, np.full(n, n), at])
    rows = np.ravel([3 * at, 3 * at + 1, 3 * at + 2])
    values = -np.ravel([np.ones(n), np.ones(n), form.weights])
    cones = stack.csr_array((values, (rows, places)), shape=(3 * n, 2 * n + 1))
    return _at_the_end(stack.vstack([stack.csr_array(linear), cones]), size, n + 1), [
        clarabel.ZeroConeT(2),
        *(clarabel.PowerConeT(1.0 / form.order) for _ in range(n)),
    ]


def _at_the_end(rows: Any, size: int, extra: int) -> Any:
    """Pad rows over the loads (the last of `size` variables) and `extra` variables with zeros for all others."""
    stack, n = sparse(), rows.shape[1] - extra
    return stack.csr_array(stack.hstack([stack.csr_array((rows.shape[0], size - n)), rows]))
