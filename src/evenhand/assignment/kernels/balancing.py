"""Bring loads to targets by the cheapest moves and swaps of tasks that are nearly indifferent to a change of agent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry


@entry
def balance(
    reduced: NDArray[np.float64],
    burdens: NDArray[np.float64],
    key: NDArray[np.int64],
    load: NDArray[np.float64],
    target: NDArray[np.float64],
    firmness: float,
    listed: int,
    most: int,
) -> int:
    """Make the best move or swap again and again, until none improves; return their number.

    What falls is the sum of the reduced costs, plus firmness / 2 times the squares of the loads' distances from their
    targets. Each agent offers every other agent the `listed` tasks whose reduced costs rise least by the change.
    `key` and `load` are changed in place.

    Parameters
    ----------
    reduced, burdens
        Reduced costs (inf for pairs that are not allowed) and burdens, shape (k, n).
    key
        Agent of each task, shape (k,).
    load, target
        Loads, and the loads aimed at, shape (n,).
    firmness, listed, most
        Weight of the squares; length of each list; upper limit on the changes.
    """
    k, n = reduced.shape
    task = np.empty((n, n, listed), np.int64)
    rise = np.empty((n, n, listed))
    count = np.zeros((n, n), np.int64)
    stale = np.ones(n, np.bool_)
    changes = 0
    while changes < most:
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
        for i in range(n):
            stale[i] = False
        best, given, returned, source, sink = 0.0, -1, -1, -1, -1
        for i in range(n):
            excess = load[i] - target[i]
            for h in range(n):
                if i == h:
                    continue
                lack = load[h] - target[h]
                for a in range(count[i, h]):
                    j = task[i, h, a]
                    less, more = -burdens[j, i], burdens[j, h]
                    value = rise[i, h, a] + firmness * (less * (excess + 0.5 * less) + more * (lack + 0.5 * more))
                    if value < best:
                        best, given, returned, source, sink = value, j, -1, i, h
                    if i > h:
                        continue
                    for b in range(count[h, i]):
                        back = task[h, i, b]
                        here, there = less + burdens[back, i], more - burdens[back, h]
                        value = (
                            rise[i, h, a]
                            + rise[h, i, b]
                            + firmness * (here * (excess + 0.5 * here) + there * (lack + 0.5 * there))
                        )
                        if value < best:
                            best, given, returned, source, sink = value, j, back, i, h
        if given < 0:
            return changes
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
