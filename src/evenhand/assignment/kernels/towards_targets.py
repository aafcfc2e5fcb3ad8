"""Move and swap tasks, of any agents, as long as that lowers the costs plus a penalty on loads away from targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.numba_decorators import entry, inner

LEAST_GAIN = 1e-12
"""Gain, in scaled cost, below which a change is rounding."""


@entry
def approach(
    costs: Costs, price: NDArray[np.float64], key: NDArray[np.int64], load: NDArray[np.float64],
    target: NDArray[np.float64], above: float, below: float, beyond: int, partners: int, first: int, last: int,
) -> int:  # fmt: skip
    """Go once through the tasks from `first` to `last`, make the best change of each, and return how many were made.

    What falls is the sum of the reduced costs (costs less prices times burdens) and of the squared
    distances of loads from their targets, times `above` or
    `below`. A task moves to another agent, or changes agents with one of `partners` tasks, those that follow the next
    `beyond` ones in the table's order.

    Parameters
    ----------
    costs
        Costs, +inf for pairs that are not allowed, and burdens, shape (m, n).
    price
        Price of a unit of load on each agent, shape (n,).
    key, load
        Agent of each task, shape (m,), and loads, (n,); changed in place.
    target
        Loads aimed at, shape (n,).
    above, below
        Weights of the distances of loads above and below their targets.
    """
    cost, burden = costs.cost, costs.burden
    m, n = cost.shape
    changes = 0
    for j in range(first, last):
        i = key[j]
        excess, freed = load[i] - target[i], burden[j, i]
        before = _penalty(excess, above, below)
        saved = cost[j, i] - price[i] * freed + before - _penalty(excess - freed, above, below)
        best, sink, partner = -LEAST_GAIN, -1, -1
        for h in range(n):
            lack = load[h] - target[h]
            value = cost[j, h] - price[h] * burden[j, h] - saved
            value += _penalty(lack + burden[j, h], above, below) - _penalty(lack, above, below)
            if h != i and value < best:
                best, sink = value, h
        for step in range(beyond, beyond + partners):
            other = (j + step) % m
            h = key[other]
            if h == i:
                continue
            lack = load[h] - target[h]
            here, there = burden[other, i] - freed, burden[j, h] - burden[other, h]
            value = cost[j, h] + cost[other, i] - cost[j, i] - cost[other, h] - price[i] * here - price[h] * there
            value += _penalty(excess + here, above, below) + _penalty(lack + there, above, below)
            value -= before + _penalty(lack, above, below)
            if value < best:
                best, sink, partner = value, h, other
        if sink < 0:
            continue
        key[j] = sink
        load[i] -= freed
        load[sink] += burden[j, sink]
        if partner >= 0:
            key[partner] = i
            load[sink] -= burden[partner, sink]
            load[i] += burden[partner, i]
        changes += 1
    return changes


@inner
def _penalty(distance: float, above: float, below: float) -> float:
    return (above if distance > 0.0 else below) * distance * distance
