"""The least and largest sum of a count in plans that cost no more than a known one, by linear programming."""

from __future__ import annotations

import math

import numpy as np

from evenhand.applications.rosters.compact_model import CompactModel, count_expressions
from evenhand.applications.rosters.fairness_rows import CountLoads
from evenhand.applications.rosters.linear_builder import Expression
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run

ROUNDING = 1e-6
"""Distance from a possible sum within which a bound of the linear program counts as it."""


def range_of_sum(
    model: CompactModel, loads: CountLoads, cost: float, known: tuple[float, float], time_limit: float
) -> tuple[float, float]:
    """Return bounds on the sum of a count's loads, what was carried included, no wider than the `known` ones.

    The model gets a row that limits its cost, and loses its objective.
    """
    builder = model.builder
    objective = Expression({column: value for column, value in enumerate(builder.costs) if value}, builder.offset)
    builder.row(objective, upper=cost + ROUNDING)
    total = Expression.sum(count_expressions(model, loads))
    linear = model.linear()
    costs = np.zeros(len(linear.costs))
    for column, coefficient in total.terms.items():
        costs[column] = coefficient
    carried, unit = float(loads.carried.sum()), loads.unit
    found = list(known)
    highs = highs_of(linear)
    highs.setOptionValue("solve_relaxation", True)
    for side, sign in ((0, 1.0), (1, -1.0)):
        highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), sign * costs)
        highs.changeObjectiveOffset(0.0)
        if run(highs, 0.5 * time_limit) != "optimal":
            continue
        value = (sign * highs.getInfo().objective_function_value + total.constant) / unit
        whole = math.ceil(value - ROUNDING) if side == 0 else math.floor(value + ROUNDING)
        bound = carried + unit * whole
        found[side] = max(found[0], bound) if side == 0 else min(found[1], bound)
    return (found[0], found[1]) if found[0] <= found[1] else known
