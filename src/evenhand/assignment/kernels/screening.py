"""Passes over a table of agents x tasks too large to copy, in blocks of tasks that stay in the processor's cache.

A pass prices every pair, c[i, j] - v[i] b[i, j], and finds the key of each task, the agent of least reduced cost. A
block is read once into double precision with one row per agent, whatever the precision and the order of the table: then
loops over its tasks are innermost, and run in vector registers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.sums import add
from evenhand.numba_decorators import entry, inner

BLOCK, LOOKED = 256, 2048
"""Tasks of a block: a few arrays of this length fit into the fastest cache; and of one that is looked at row by row."""


@inner
def read(table: NDArray[np.floating[Any]], first: int, width: int, block: NDArray[np.float64]) -> None:
    """Copy `width` columns of `table`, shape (n, m), from `first` on into the first columns of `block`."""
    n = table.shape[0]
    if table.strides[0] >= table.strides[1]:
        for i in range(n):
            for t in range(width):
                block[i, t] = table[i, first + t]
    else:
        for t in range(width):
            for i in range(n):
                block[i, t] = table[i, first + t]


@entry
def screen(
    costs: NDArray[np.floating[Any]],
    burdens: NDArray[np.floating[Any]],
    same: bool,
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

    A task is near a change if its key is another at some prices inside the box ``price`` +- ``radius``, shape (n,).
    The loads of the others are added up in ``fixed``, shape (2, n + 1), and their cost in its last column: rounded
    sums, and what rounding took from them. `same` says that costs are burdens, in which case `burdens` is not read.
    """
    n = costs.shape[0]
    cost = np.empty((n, BLOCK))
    burden = cost if same else np.empty((n, BLOCK))
    best, edge = np.empty(BLOCK), np.empty(BLOCK)
    chosen, rivals = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        read(costs, begin, width, cost)
        if not same:
            read(burdens, begin, width, burden)
        for t in range(width):
            best[t], chosen[t] = np.inf, 0
        for i in range(n):
            rate = price[i]
            for t in range(width):
                reduced = cost[i, t] - rate * burden[i, t]
                less = reduced < best[t]
                best[t] = reduced if less else best[t]
                chosen[t] = i if less else chosen[t]
        for t in range(width):
            edge[t] = best[t] + radius[chosen[t]] * burden[chosen[t], t]
            rivals[t] = 0
        for i in range(n):
            rate = price[i] + radius[i]
            for t in range(width):
                rivals[t] += cost[i, t] - rate * burden[i, t] <= edge[t]
        for t in range(width):
            j = begin + t
            if locked[j] >= 0:
                chosen[t], rivals[t] = locked[j], 0
            i = chosen[t]
            key[j] = i
            # The key itself is among those counted.
            near[j] = rivals[t] > 1
            if not near[j]:
                fixed[0, i], missing = add(fixed[0, i], burden[i, t])
                fixed[1, i] += missing
                fixed[0, n], missing = add(fixed[0, n], cost[i, t])
                fixed[1, n] += missing


@entry
def look(
    table: NDArray[np.floating[Any]], first: int, stop: int, least: NDArray[np.float64]
) -> tuple[float, float, bool]:
    """Return the least and the largest value of the tasks from `first` to `stop`, and whether all are numbers.

    The least value of each task is written into `least`, shape (m,). Nothing is kept of a block, so that it is not
    copied either. Infinities of both signs for one task are taken for what is no number.
    """
    n = table.shape[0]
    largest, total = np.empty(LOOKED), np.empty(LOOKED)
    smallest, most, odd = np.inf, -np.inf, 0.0
    for begin in range(first, stop, LOOKED):
        width = min(LOOKED, stop - begin)
        low = least[begin : begin + width]
        for t in range(width):
            low[t], largest[t], total[t] = np.inf, -np.inf, 0.0
        for i in range(n):
            row = table[i, begin : begin + width]
            for t in range(width):
                value = float(row[t])
                low[t] = value if value < low[t] else low[t]
                largest[t] = value if value > largest[t] else largest[t]
                total[t] += value
        for t in range(width):
            smallest, most = min(smallest, low[t]), max(most, largest[t])
            odd += total[t]  # NaN if any value is
    return smallest, most, not math.isnan(odd)


@entry
def take(
    costs: NDArray[np.floating[Any]],
    burdens: NDArray[np.floating[Any]],
    same: bool,
    agents: NDArray[np.int64],
    first: int,
    stop: int,
    taken: NDArray[np.float64],
) -> float:
    """Add up loads and cost if the tasks from `first` to `stop` go to `agents`, shape (m,).

    Sums are written into `taken`, shape (2, n + 1), as :func:`screen` writes them; the sum of the sizes of what
    rounding took from the cost is returned.
    """
    n = costs.shape[0]
    cost, burden = np.empty(BLOCK), np.empty(BLOCK)
    total, lost, sizes = 0.0, 0.0, 0.0
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        for t in range(width):
            cost[t] = costs[agents[begin + t], begin + t]
            burden[t] = cost[t]
        if not same:
            for t in range(width):
                burden[t] = burdens[agents[begin + t], begin + t]
        for t in range(width):
            total, missing = add(total, cost[t])
            lost += missing
            sizes += abs(missing)
        for t in range(width):
            i = agents[begin + t]
            taken[0, i], missing = add(taken[0, i], burden[t])
            taken[1, i] += missing
    taken[0, n], taken[1, n] = total, lost
    return sizes


@entry
def least_reduced(
    costs: NDArray[np.floating[Any]],
    burdens: NDArray[np.floating[Any]],
    same: bool,
    locked: NDArray[np.int64],
    price: NDArray[np.float64],
    first: int,
    stop: int,
) -> tuple[float, float, float]:
    """Return the sum of the least reduced costs of the tasks from `first` to `stop`; arguments as of :func:`screen`.

    The sum is compensated: rounded sum, what rounding took from it, and the sum of the sizes of its terms.
    """
    n = costs.shape[0]
    cost = np.empty((n, BLOCK))
    burden = cost if same else np.empty((n, BLOCK))
    best = np.empty(BLOCK)
    total, lost, sizes = 0.0, 0.0, 0.0
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        read(costs, begin, width, cost)
        if not same:
            read(burdens, begin, width, burden)
        for t in range(width):
            best[t] = np.inf
        for i in range(n):
            rate = price[i]
            for t in range(width):
                best[t] = min(best[t], cost[i, t] - rate * burden[i, t])
        for t in range(width):
            i = locked[begin + t]
            least = best[t] if i < 0 else cost[i, t] - price[i] * burden[i, t]
            total, missing = add(total, least)
            lost += missing
            sizes += abs(least)
    return total, lost, sizes


@entry
def hash_columns(
    costs: NDArray[np.floating[Any]],
    burdens: NDArray[np.floating[Any]],
    same: bool,
    locked: NDArray[np.int64],
    first: int,
    stop: int,
    hashes: NDArray[np.int64],
) -> None:
    """Write a hash of all that is known of each task from `first` to `stop` into `hashes`, shape (m,).

    Equal columns have equal hashes; others nearly always have others (a multiplicative hash with 64 bits).
    """
    n = costs.shape[0]
    cost = np.empty((n, BLOCK))
    burden = np.empty((n, BLOCK))
    for begin in range(first, stop, BLOCK):
        width = min(BLOCK, stop - begin)
        read(costs, begin, width, cost)
        if not same:
            read(burdens, begin, width, burden)
        bits, more = cost.view(np.int64), burden.view(np.int64)
        for t in range(width):
            hashes[begin + t] = locked[begin + t]
        for i in range(n):
            for t in range(width):
                mixed = (hashes[begin + t] ^ bits[i, t]) * 0x2545F4914F6CDD1D
                mixed = mixed ^ (mixed >> 29)
                if not same:
                    mixed = (mixed ^ more[i, t]) * 0x2545F4914F6CDD1D
                    mixed = mixed ^ (mixed >> 29)
                hashes[begin + t] = mixed


@entry
def are_copies(
    costs: NDArray[np.floating[Any]],
    burdens: NDArray[np.floating[Any]],
    same: bool,
    locked: NDArray[np.int64],
    first: int,
    stop: int,
    original: NDArray[np.int64],
) -> bool:
    """Return whether each task from `first` to `stop` equals the task at the position `original`, shape (m,)."""
    for j in range(first, stop):
        o = original[j]
        if locked[j] != locked[o]:
            return False
        for i in range(costs.shape[0]):
            if costs[i, j] != costs[i, o] or (not same and burdens[i, j] != burdens[i, o]):
                return False
    return True
