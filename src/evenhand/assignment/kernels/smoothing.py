"""The smoothed dual: a soft minimum in place of each task's least reduced cost, so that it has second derivatives.

With temperature t, min_i r_i becomes -t log sum_i exp(-r_i / t), at most t log n below it. Its gradient shares each
task among the agents in proportion to exp(-r_i / t).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry

NEGLIGIBLE = 36.0
"""Temperatures above the least reduced cost beyond which an agent's share, below 2^-51, is left out."""

DENSE = 4
"""A task is shared by most agents if this times their number is larger than that of all agents."""


@entry
def soft_dual(
    cost: NDArray[np.float64],
    burden: NDArray[np.float64],
    price: NDArray[np.float64],
    temperature: float,
    first: int,
    stop: int,
    load: NDArray[np.float64],
    curvature: NDArray[np.float64],
) -> float:
    """Return the soft dual value of the tasks from `first` to `stop`.

    Costs and burdens have shape (k, n), prices (n,). The shared loads are added to `load`, (n,), and minus the second
    derivative of the soft value by the prices to the part of `curvature`, (n, n), on and below its diagonal; of shape
    (0, 0), it is not asked for.
    """
    n, bent = cost.shape[1], curvature.shape[0] > 0
    reduced, part, shared = np.empty(n), np.empty(n), np.zeros(n)
    active = np.empty(n, np.int64)
    soft = 0.0
    for j in range(first, stop):
        least = np.inf
        for i in range(n):
            reduced[i] = cost[j, i] - price[i] * burden[j, i]
            least = min(least, reduced[i])
        count, total = 0, 0.0
        for i in range(n):
            if reduced[i] <= least + NEGLIGIBLE * temperature:
                part[count], active[count] = math.exp((least - reduced[i]) / temperature), i
                total += part[count]
                count += 1
        soft += least - temperature * math.log(total)
        for a in range(count):
            i = active[a]
            part[a] *= burden[j, i] / total
            load[i] += part[a]
        if not bent or count < 2:
            continue
        # Where most agents share a task, a loop without gaps takes less time, although it goes over all of them.
        dense = DENSE * count > n
        if dense:
            shared[:] = 0.0
            for a in range(count):
                shared[active[a]] = part[a]
        for a in range(count):
            i = active[a]
            rate = part[a] / temperature
            curvature[i, i] += rate * burden[j, i]
            if dense:
                row = curvature[i]
                for b in range(i + 1):
                    row[b] -= rate * shared[b]
            else:
                for b in range(a + 1):
                    curvature[i, active[b]] -= rate * part[b]
    return soft
