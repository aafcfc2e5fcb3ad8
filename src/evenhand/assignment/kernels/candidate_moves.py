"""Bring the loads of many agents to their targets by moving tasks among candidates that are nearly indifferent.

The table of moves holds, for each task that may move, only the candidates whose reduced cost is nearly the least. What
falls at every step is the sum of the reduced costs of the pairs in use, plus what the loads' distances from their
targets cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs
from evenhand.numba_decorators import entry, inner


class Aim(NamedTuple):
    """Targets of the loads, and what loads and distances from targets cost.

    A load x that is e above its target costs rate x + above / 2 e^2, one that is e below it rate x + below / 2 e^2 +
    slope e.

    Attributes
    ----------
    target, slope
        Target of each agent's load, and cost per load that is missing, shape (n,).
    above, below
        Costs per squared load.
    rate
        Cost per load.
    """

    target: NDArray[np.float64]
    slope: NDArray[np.float64]
    above: float
    below: float
    rate: float


@inner
def _change(aim: Aim, agent: int, load: float, more: float) -> float:
    """Return what it costs that the load of an agent grows by `more`."""
    before = load - aim.target[agent]
    after = before + more
    value = 0.5 * aim.above * after * after if after > 0.0 else after * (0.5 * aim.below * after - aim.slope[agent])
    value -= (
        0.5 * aim.above * before * before if before > 0.0 else before * (0.5 * aim.below * before - aim.slope[agent])
    )
    return float(value + aim.rate * more)


@entry
def sweep(moves: Pairs, slot: NDArray[np.int32], load: NDArray[np.float64], aim: Aim, order: NDArray[np.int64]) -> int:
    """Let each task in turn take its best candidate, given all others; return the number of changes.

    Costs of `moves` are reduced costs. `slot` and `load`, shape (n,), are changed in place.
    """
    changes = 0
    for t in range(order.shape[0]):
        j = order[t]
        begin = moves.starts[j]
        now = begin + slot[j]
        giver, less = moves.agents[now], moves.burdens[now]
        away = _change(aim, giver, load[giver], -less) - moves.costs[now]
        best, chosen = 0.0, now
        for k in range(begin, moves.starts[j + 1]):
            if k == now:
                continue
            taker = moves.agents[k]
            value = away + moves.costs[k] + _change(aim, taker, load[taker], moves.burdens[k])
            if value < best:
                best, chosen = value, k
        if chosen != now:
            slot[j] = chosen - begin
            load[giver] -= less
            load[moves.agents[chosen]] += moves.burdens[chosen]
            changes += 1
    return changes


@entry
def exchange(
    moves: Pairs,
    slot: NDArray[np.int32],
    load: NDArray[np.float64],
    aim: Aim,
    order: NDArray[np.int64],
    listed: int,
) -> int:
    """Make, agent by agent, the best chain of two moves that begins with it; return the number of changes.

    A chain passes a task from the giver to a second agent, and a task of that agent to a third, who may be the giver:
    then it is a swap. The burden that remains with the second agent is the difference of two, which can be small where
    no single task is. Each agent takes part with at most `listed` of its tasks, in the order of `moves`.
    """
    n, tasks = load.shape[0], slot.shape[0]
    first, members = np.zeros(n + 1, np.int64), np.empty(tasks, np.int64)
    for j in range(tasks):
        first[moves.agents[moves.starts[j] + slot[j]] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    filled = first[:n].copy()
    for j in range(tasks):
        i = moves.agents[moves.starts[j] + slot[j]]
        members[filled[i]] = j
        filled[i] += 1
    changes = 0
    for t in range(order.shape[0]):
        giver = order[t]
        best, chosen, passed, following, helped = 0.0, -1, -1, -1, -1
        for a in range(first[giver], min(first[giver + 1], first[giver] + listed)):
            j = members[a]
            now = moves.starts[j] + slot[j]
            if moves.agents[now] != giver:
                continue  # it has changed hands in this round
            less = moves.burdens[now]
            away = _change(aim, giver, load[giver], -less) - moves.costs[now]
            for k in range(moves.starts[j], moves.starts[j + 1]):
                if k == now:
                    continue
                second, more = moves.agents[k], moves.burdens[k]
                base = away + moves.costs[k]
                value = base + _change(aim, second, load[second], more)
                if value < best:
                    best, chosen, passed, following = value, k, j, -1
                for b in range(first[second], min(first[second + 1], first[second] + listed)):
                    other = members[b]
                    held = moves.starts[other] + slot[other]
                    if moves.agents[held] != second:
                        continue
                    rest = base - moves.costs[held] + _change(aim, second, load[second], more - moves.burdens[held])
                    for m in range(moves.starts[other], moves.starts[other + 1]):
                        if m == held:
                            continue
                        third = moves.agents[m]
                        there = load[third] - (less if third == giver else 0.0)
                        value = rest + moves.costs[m] + _change(aim, third, there, moves.burdens[m])
                        if value < best:
                            best, chosen, passed, following, helped = value, k, j, m, other
        if chosen < 0:
            continue
        now = moves.starts[passed] + slot[passed]
        load[giver] -= moves.burdens[now]
        load[moves.agents[chosen]] += moves.burdens[chosen]
        slot[passed] = chosen - moves.starts[passed]
        if following >= 0:
            held = moves.starts[helped] + slot[helped]
            load[moves.agents[held]] -= moves.burdens[held]
            load[moves.agents[following]] += moves.burdens[following]
            slot[helped] = following - moves.starts[helped]
        changes += 1
    return changes
