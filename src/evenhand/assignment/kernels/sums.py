"""Compensated sums: the rounding error of each addition is kept and added at the end, as if only the sum were rounded.

References
----------
Knuth, The Art of Computer Programming 2, section 4.2.2 (two-sum).
Ogita, Rump, Oishi, Accurate sum and dot product, SIAM Journal on Scientific Computing 26, 2005.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.numba_decorators import entry, inner


@inner
def add(total: float, term: float) -> tuple[float, float]:
    """Return the rounded sum and its rounding error, which is exact (Knuth's two-sum)."""
    following = total + term
    kept = following - total
    return following, (total - (following - kept)) + (term - kept)


@entry
def settle(costs: Costs, tasks: NDArray[np.int64], agents: NDArray[np.int64], load: NDArray[np.float64]) -> float:
    """Give each of `tasks` to the agent in the same position of `agents`; write all loads, and return the total cost.

    `load`, shape (n,), includes ``costs.initial``. The cost is rounded down, so that it may be part of a lower bound;
    each load is within two roundings of the exact one.
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


@entry
def add_all(values: NDArray[np.float64], first: int, stop: int) -> tuple[float, float, float]:
    """Return the rounded sum of the values from `first` to `stop`, what rounding took from it, and the sizes of that.

    Four sums run side by side, because each addition waits for the one before.
    """
    total, lost, sizes = np.zeros(4), np.zeros(4), np.zeros(4)
    for j in range(first, stop):
        lane = j & 3
        total[lane], missing = add(total[lane], values[j])
        lost[lane] += missing
        sizes[lane] += abs(missing)
    whole = 0.0
    for lane in range(4):
        whole, missing = add(whole, total[lane])
        lost[0] += missing + (lost[lane] if lane else 0.0)
        sizes[0] += abs(missing) + (sizes[lane] if lane else 0.0)
    return whole, lost[0], sizes[0]
