"""Passes over a table of agents x tasks too large to copy, in blocks of tasks that stay in the processor's cache.

A pass prices every pair, c[i, j] - v[i] b[i, j], and finds the key of each task, the agent of least reduced cost. Loops
over the tasks of a block are innermost, because the table has one row per agent: they run in vector registers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.sums import add
from evenhand.numba_decorators import entry

BLOCK = 256
"""Tasks of a block: a few arrays of this length fit into the fastest cache."""


@entry
def screen(
    costs: NDArray[np.float64],
    burdens: NDArray[np.float64],
    locked: NDArray[np.int64],
    price: NDArray[np.float64],
    radius: NDArray[np.float64],
    first: int,
    stop: int,
    key: NDArray[np.int32],
    near: NDArray[np.bool_],
    fixed: NDArray[np.float64],
) -> None:
    """Find the keys of the tasks from `first` to `stop`, and which of them may have another key nearby.

    A task is near a change if its key is another at some prices inside the box ``price`` +- ``radius``, shape (n,). The
    loads of the others are added up in ``fixed``, shape (2, n): rounded sums, and what rounding took from them.
    """
    n = costs.shape[0]
    best, edge = np.empty(BLOCK), np.empty(BLOCK)
    chosen, rivals = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        for t in range(width):
            best[t], chosen[t] = np.inf, 0
        for i in range(n):
            rate = price[i]
            for t in range(width):
                reduced = costs[i, begin + t] - rate * burdens[i, begin + t]
                less = reduced < best[t]
                best[t] = reduced if less else best[t]
                chosen[t] = i if less else chosen[t]
        for t in range(width):
            edge[t] = best[t] + radius[chosen[t]] * burdens[chosen[t], begin + t]
            rivals[t] = 0
        for i in range(n):
            rate = price[i] + radius[i]
            for t in range(width):
                rivals[t] += costs[i, begin + t] - rate * burdens[i, begin + t] <= edge[t]
        for t in range(width):
            j = begin + t
            if locked[j] >= 0:
                chosen[t], rivals[t] = locked[j], 0
            key[j] = chosen[t]
            # The key itself is among those counted.
            near[j] = rivals[t] > 1
            if not near[j]:
                i = chosen[t]
                fixed[0, i], missing = add(fixed[0, i], burdens[i, j])
                fixed[1, i] += missing


@entry
def least_reduced(
    costs: NDArray[np.float64],
    burdens: NDArray[np.float64],
    locked: NDArray[np.int64],
    price: NDArray[np.float64],
    first: int,
    stop: int,
) -> tuple[float, float, float]:
    """Return the sum of the least reduced costs of the tasks from `first` to `stop`.

    The sum is compensated: rounded sum, what rounding took from it, and the sum of the sizes of its terms.
    """
    n = costs.shape[0]
    best = np.empty(BLOCK)
    total, lost, sizes = 0.0, 0.0, 0.0
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        for t in range(width):
            best[t] = np.inf
        for i in range(n):
            rate = price[i]
            for t in range(width):
                best[t] = min(best[t], costs[i, begin + t] - rate * burdens[i, begin + t])
        for t in range(width):
            i = locked[begin + t]
            least = best[t] if i < 0 else costs[i, begin + t] - price[i] * burdens[i, begin + t]
            total, missing = add(total, least)
            lost += missing
            sizes += abs(least)
    return total, lost, sizes
