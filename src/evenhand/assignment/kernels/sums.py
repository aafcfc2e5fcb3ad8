"""Compensated sums: what an addition rounds away is kept, so that a sum is as good as rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.compiled import entry, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs


@inner
def add(total: float, term: float) -> tuple[float, float]:
    """Return the rounded sum and, exactly, what was rounded away (Knuth's two-sum)."""
    following = total + term
    kept = following - total
    return following, (total - (following - kept)) + (term - kept)


@entry
def settle(costs: Costs, tasks: NDArray[np.int64], agents: NDArray[np.int64], load: NDArray[np.float64]) -> float:
    """Give `tasks` to `agents`: write what all agents then carry, `costs.initial` included, and return what it costs.

    The cost is rounded down; each load is within two roundings of the exact one.
    """
    n = load.shape[0]
    lost = np.zeros(n)
    for i in range(n):
        load[i] = costs.initial[i]
    cost, cost_lost, sizes = 0.0, 0.0, 0.0
    for k in range(tasks.shape[0]):
        i = agents[k]
        load[i], missing = add(load[i], costs.burden[tasks[k], i])
        lost[i] += missing
        cost, missing = add(cost, costs.cost[tasks[k], i])
        cost_lost += missing
        sizes += abs(costs.cost[tasks[k], i])
    for i in range(n):
        load[i] += lost[i]
    return float(cost + cost_lost - 2.0**-51 * sizes)
