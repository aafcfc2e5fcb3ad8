"""Bring loads to targets by the cheapest moves and swaps of tasks that are nearly indifferent to a change of agent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry, inner


@entry
def balance(
    reduced: NDArray[np.float64],
    burdens: NDArray[np.float64],
    key: NDArray[np.int64],
    load: NDArray[np.float64],
    target: NDArray[np.float64],
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    price: NDArray[np.float64],
    listed: int,
    most: int,
) -> int:
    """Make the best move or swap again and again, until none improves; return their number.

    What falls is the sum of the reduced costs and of what distances d of loads from their targets cost: above / 2 d^2
    for loads above, below / 2 d^2 + price |d| for loads below. Each agent offers every other agent the `listed` tasks
    whose reduced costs rise least by the change. The best change between two agents stays known until one of their
    loads changes. `key` and `load` are changed in place.

    Parameters
    ----------
    reduced, burdens
        Reduced costs (inf for pairs that are not allowed) and burdens, shape (k, n).
    key
        Agent of each task, shape (k,).
    load, target
        Loads, and the loads aimed at, shape (n,).
    above, below, price
        Weights of the distances, >= 0, shape (n,).
    listed, most
        Length of each list, and upper limit on the changes.
    """
    n = reduced.shape[1]
    task = np.empty((n, n, listed), np.int64)
    rise = np.empty((n, n, listed))
    count = np.zeros((n, n), np.int64)
    stale = np.ones(n, np.bool_)
    value = np.zeros((n, n))
    pair = np.full((n, n, 2), -1)
    changes = 0
    while changes < most:
        _list(reduced, key, stale, task, rise, count)
        for i in range(n):
            for h in range(n):
                if i != h and (stale[i] or stale[h]):
                    excess, lack = load[i] - target[i], load[h] - target[h]
                    weights = (above[i], below[i], price[i], above[h], below[h], price[h])
                    value[i, h] = _best_change(burdens, i, h, excess, lack, weights, task, rise, count, pair[i, h])
        best, source, sink = 0.0, -1, -1
        for i in range(n):
            stale[i] = False
            for h in range(n):
                if value[i, h] < best:
                    best, source, sink = value[i, h], i, h
        if source < 0:
            return changes
        given, returned = pair[source, sink, 0], pair[source, sink, 1]
        key[given] = sink
        load[source] -= burdens[given, source]
        load[sink] += burdens[given, sink]
        if returned >= 0:
            key[returned] = source
            load[sink] -= burdens[returned, sink]
            load[source] += burdens[returned, source]
        stale[source] = stale[sink] = True
        changes += 1
    return changes


@inner
def _list(
    reduced: NDArray[np.float64],
    key: NDArray[np.int64],
    stale: NDArray[np.bool_],
    task: NDArray[np.int64],
    rise: NDArray[np.float64],
    count: NDArray[np.int64],
) -> None:
    """List anew what `stale` agents offer every other agent, in the order of the reduced costs' rises."""
    k, n = reduced.shape
    listed = task.shape[2]
    for giver in range(n):
        if stale[giver]:
            for taker in range(n):
                count[giver, taker] = 0
    for j in range(k):
        giver = key[j]
        if not stale[giver]:
            continue
        for taker in range(n):
            more = reduced[j, taker] - reduced[j, giver]
            if taker == giver or not more < np.inf:
                continue
            # Kept sorted by insertion: lists are short, and most tasks stop at the first comparison.
            place = count[giver, taker]
            if place == listed:
                if not more < rise[giver, taker, listed - 1]:
                    continue
                place = listed - 1
            else:
                count[giver, taker] = place + 1
            while place > 0 and rise[giver, taker, place - 1] > more:
                rise[giver, taker, place] = rise[giver, taker, place - 1]
                task[giver, taker, place] = task[giver, taker, place - 1]
                place -= 1
            rise[giver, taker, place], task[giver, taker, place] = more, j


@inner
def _best_change(
    burdens: NDArray[np.float64],
    i: int,
    h: int,
    excess: float,
    lack: float,
    weights: tuple[float, float, float, float, float, float],
    task: NDArray[np.int64],
    rise: NDArray[np.float64],
    count: NDArray[np.int64],
    pair: NDArray[np.int64],
) -> float:
    """Return the value of the best move from i to h, or swap of the two if i < h; 0 if none improves.

    `excess` and `lack` are the distances of their loads from the targets, `weights` those of i and of h. The tasks of
    the change are written to `pair`: what i gives, and what it gets or -1.
    """
    over_i, under_i, rate_i, over_h, under_h, rate_h = weights
    # Distances cost nothing less than 0 after a change, so that its value is at least the rise less their cost before.
    before = _distance_cost(excess, over_i, under_i, rate_i) + _distance_cost(lack, over_h, under_h, rate_h)
    best = 0.0
    swaps = count[h, i] if i < h else 0
    cheapest = rise[h, i, 0] if swaps > 0 else 0.0
    for a in range(count[i, h]):
        up = rise[i, h, a]
        if up + min(cheapest, 0.0) - before >= best:
            return best
        j = task[i, h, a]
        left, right = excess - burdens[j, i], lack + burdens[j, h]
        after = _distance_cost(left, over_i, under_i, rate_i) + _distance_cost(right, over_h, under_h, rate_h)
        moved = up + after - before
        if moved < best:
            best, pair[0], pair[1] = moved, j, -1
        for b in range(swaps):
            both = up + rise[h, i, b]
            if both - before >= best:
                break
            back = task[h, i, b]
            here, there = left + burdens[back, i], right - burdens[back, h]
            after = _distance_cost(here, over_i, under_i, rate_i) + _distance_cost(there, over_h, under_h, rate_h)
            swapped = both + after - before
            if swapped < best:
                best, pair[0], pair[1] = swapped, j, back
    return best


@inner
def _distance_cost(distance: float, above: float, below: float, price: float) -> float:
    half = 0.5 * distance * distance
    return above * half if distance > 0.0 else below * half - price * distance
