"""The roster's model in CP-SAT, with the difference between the largest and the smallest count in the objective."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from evenhand.applications.rosters import RosterProblem
from evenhand.applications.rosters.compact_model import CompactModel, build_compact, count_expressions
from evenhand.applications.rosters.counts import Plan, entitlements_of
from evenhand.applications.rosters.fair_counts import loads_possible
from evenhand.applications.rosters.linear_builder import Expression
from evenhand.modeling.linear import LinearModel

PARTS = 100
"""Parts of a full-timer's unit in which counts in proportion to contracts are compared."""

LARGEST = 100_000
"""Upper limit on integer variables without one of their own, beyond all counts and covers."""


def solve_with_cpsat(
    problem: RosterProblem, count: str, weight: float, seconds: float, seed: int, *, proportional: bool = False
) -> tuple[Plan | None, float | None]:
    """Return the plan that CP-SAT finds, None if none, and its bound on cost plus weighted difference.

    If `proportional`, the counts, with what was carried, are divided by contracts before they are compared, in parts of
    1 / :data:`PARTS` of a full-timer's unit, and plan and bound are for the objective times :data:`PARTS`.
    """
    from ortools.sat.python import cp_model

    compact = build_compact(problem)
    builder = compact.builder
    largest, smallest = builder.variable(weight, integer=True), builder.variable(-weight, integer=True)
    for load in _loads(compact, count, proportional=proportional):
        builder.row(Expression().add(largest).add(load, -1.0), lower=0.0)
        builder.row(Expression().add(load).add(smallest, -1.0), lower=0.0)
    scale = PARTS if proportional else 1
    builder.costs = [
        cost if column in (*largest.terms, *smallest.terms) else scale * cost
        for column, cost in enumerate(builder.costs)
    ]
    linear = compact.linear()
    model = cp_model.CpModel()
    variables = [
        model.new_int_var(int(low), int(min(high, LARGEST)), f"x{column}")
        for column, (low, high) in enumerate(zip(linear.lower, linear.upper, strict=True))
    ]
    _add_rows(model, variables, linear)
    model.minimize(
        sum(int(cost) * variable for cost, variable in zip(linear.costs, variables, strict=True)) + int(linear.offset)
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed % (1 << 31)
    status = solver.solve(model)
    bound = float(solver.best_objective_bound)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, bound
    return compact.plan_of(np.array([solver.value(variable) for variable in variables], dtype=np.float64)), bound


def _loads(compact: CompactModel, count: str, *, proportional: bool) -> list[Expression]:
    """Return the counts that are compared."""
    loads = loads_possible(compact.problem, count)
    counts = count_expressions(compact, loads)
    if not proportional:
        return counts
    entitled = entitlements_of(compact.problem, count)[list(loads.people)]
    found = []
    for own, carried, part in zip(counts, loads.carried, PARTS * entitled.max() / entitled / loads.unit, strict=True):
        terms = {column: float(round(part * value)) for column, value in own.terms.items()}
        found.append(Expression(terms, float(round(part * (own.constant + carried)))))
    return found


def _add_rows(model: object, variables: list[object], linear: LinearModel) -> None:
    """Add all rows with whole coefficients; they are multiplied by their common denominator."""
    matrix = linear.matrix
    for row in range(matrix.shape[0]):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        exact = [Fraction(float(value)).limit_denominator(10_000) for value in matrix.data[entries]]
        factor = int(np.lcm.reduce([value.denominator for value in exact] or [1]))
        total = sum(
            int(value * factor) * variables[column]  # type: ignore[operator]
            for column, value in zip(matrix.indices[entries].tolist(), exact, strict=True)
        )
        low, high = linear.row_lower[row] * factor, linear.row_upper[row] * factor
        if np.isfinite(low):
            model.add(total >= int(np.ceil(low - 1e-6)))  # type: ignore[attr-defined]
        if np.isfinite(high):
            model.add(total <= int(np.floor(high + 1e-6)))  # type: ignore[attr-defined]
