"""OR-Tools CP-SAT on whole numbers, for members with linear rows; others are refused.

Costs and burdens are multiplied by the power of ten that makes them whole, at most 10^6, so that those with up to six
decimals are exact; others are rounded, and lose at most half of that unit a task. Rows become whole, too: coefficients
are read as fractions with denominators of at most 10^6, which is exact for parameters of a few decimals, or rounded to
multiples of 2^-30. The cost of an answer is recomputed from its assignment, and its loads judged by the member itself.
"""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.assignment.peers.result import Model, NotMeasurableError, PeerResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness
    from evenhand.fairness.linear_rows import Rows

    Array = NDArray[np.float64]

LIBRARY = "ortools"
LABEL = "OR-Tools CP-SAT"
DECIMALS = 6
"""Largest number of decimals that are kept of costs and burdens."""
DENOMINATOR, ROUNDED = 10**6, 2**30
"""Largest denominator that a row's coefficient is read with, and the one it is rounded to where that is not exact."""
STATUSES = {cp_model.OPTIMAL: "optimal", cp_model.INFEASIBLE: "infeasible"}


def solve(costs: Array, fairness: Fairness, gap: float, cap: float, burdens: Array | None = None) -> PeerResult:
    """Solve one case, stopping after `cap` seconds.

    Raises
    ------
    NotMeasurableError
        Where the member has no linear rows, or whole numbers would not fit into 64 bits.
    """
    start = time.perf_counter()
    model = Model.of(costs, fairness, burdens)
    rows = fairness.rows(len(costs))
    if rows is None:
        raise NotMeasurableError(f"{fairness} has no linear rows")
    program = cp_model.CpModel()
    unit, shares = _assignment(program, model, rows)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.relative_gap_limit = gap
    solver.parameters.max_time_in_seconds = max(0.01, cap - (time.perf_counter() - start))
    status = solver.solve(program)
    if status == cp_model.MODEL_INVALID:
        raise NotMeasurableError(f"whole numbers do not fit: {program.validate()}")
    chosen, paid = None, None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = np.array([next(i for i, x in some.items() if solver.boolean_value(x)) for some in shares], np.intp)
        paid = model.paid(chosen)
    name = STATUSES.get(status, "time_limit")
    bound = np.inf if name == "infeasible" else solver.best_objective_bound / unit
    return PeerResult(name, paid, bound, chosen, time.perf_counter() - start, {"branches": int(solver.num_branches)})


def whole(values: Array) -> tuple[NDArray[np.int64], int]:
    """Return values times the least power of ten that makes the finite ones whole, and that power; 0 for others."""
    finite = np.where(np.isfinite(values), values, 0.0)
    for decimals in range(DECIMALS + 1):
        scaled = finite * 10**decimals
        if (np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1.0, np.abs(scaled))).all():
            break
    return np.rint(finite * 10**decimals).astype(np.int64), 10**decimals


def whole_rows(rows: Rows) -> tuple[list[list[int]], list[dict[int, int]]]:
    """Return each row's coefficients of the loads, and of the auxiliary variables, as whole numbers.

    Auxiliary variables are counted in units so fine that what the rows ask of them is whole.
    """
    loads = [[_fraction(value) for value in row] for row in rows.loads.tolist()]
    finest = math.lcm(*(value.denominator for row in loads for value in row)) if rows.auxiliaries else 1
    others: list[dict[int, Fraction]] = [{} for _ in loads]
    for row, column, value in zip(rows.row.tolist(), rows.column.tolist(), rows.value.tolist(), strict=True):
        others[row][column] = _fraction(value) / finest
    own, auxiliary = [], []
    for row, other in zip(loads, others, strict=True):
        scale = math.lcm(*(value.denominator for value in (*row, *other.values())))
        common = math.gcd(*(int(value * scale) for value in (*row, *other.values()))) or 1
        own.append([int(value * scale) // common for value in row])
        auxiliary.append({column: int(value * scale) // common for column, value in other.items()})
    return own, auxiliary


def _fraction(value: float) -> Fraction:
    near = Fraction(value).limit_denominator(DENOMINATOR)
    return near if abs(float(near) - value) <= 1e-14 * abs(value) else Fraction(round(value * ROUNDED), ROUNDED)


def _assignment(program: cp_model.CpModel, model: Model, rows: Rows) -> tuple[int, list[dict[int, cp_model.IntVar]]]:
    """Add variables and rows; return whole units per unit of cost, and for each task its variable of each agent."""
    costs, unit = whole(model.costs)
    burdens, _ = whole(model.burdens)
    n, m = costs.shape
    shares = [{i: program.new_bool_var("") for i in np.flatnonzero(model.allowed[:, j]).tolist()} for j in range(m)]
    for some in shares:
        program.add_exactly_one(some.values())
    largest = int(np.where(model.allowed, burdens, 0).max(axis=0).sum())
    loads = [program.new_int_var(0, largest, "") for _ in range(n)]
    for i, load in enumerate(loads):
        carried = [(some[i], int(burdens[i, j])) for j, some in enumerate(shares) if i in some]
        program.add(cp_model.LinearExpr.weighted_sum(*_unzipped(carried)) == load)
    own, auxiliary = whole_rows(rows)
    most = 2 * largest * max((abs(value) for row in own for value in row), default=1) * n
    extras = [program.new_int_var(0, min(most, 2**50), "") for _ in range(rows.auxiliaries)]
    for row, other in zip(own, auxiliary, strict=True):
        terms = [*zip(loads, row, strict=True), *((extras[column], value) for column, value in other.items())]
        program.add(cp_model.LinearExpr.weighted_sum(*_unzipped(terms)) >= 0)
    paid = [(x, int(costs[i, j])) for j, some in enumerate(shares) for i, x in some.items()]
    program.minimize(cp_model.LinearExpr.weighted_sum(*_unzipped(paid)))
    return unit, shares


def _unzipped(terms: list[tuple[cp_model.IntVar, int]]) -> tuple[list[cp_model.IntVar], list[int]]:
    return [variable for variable, _ in terms], [value for _, value in terms]
