"""Bring the loads of many agents to their targets by moving tasks among candidates that are nearly indifferent.

The table of moves holds, for each task that may move, only the candidates whose reduced cost is nearly the least. What
falls at every step is the sum of the reduced costs of the pairs in use, plus what the loads' distances from their
targets cost, plus what it costs to miss the rule, or to be fairer than it asks for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs
from evenhand.numba_decorators import entry, inner


class Aim(NamedTuple):
    """Targets of the loads, and what the distances from them and from the edge of the rule cost.

    A load that is d away from its target costs weight / 2 d^2. The rule is missed by `lack` in units of cost, which
    grows with these costs, and falls by `price` for each unit of load; a positive lack costs `firm` times as much, and
    a negative one `loose` times its size.

    Attributes
    ----------
    target, weight, price
        Of each agent, shape (n,).
    lack
        How far the rule is missed, shape (1,), which changes.
    firm, loose
        Factors of the lack's cost.
    """

    target: NDArray[np.float64]
    weight: NDArray[np.float64]
    price: NDArray[np.float64]
    lack: NDArray[np.float64]
    firm: float
    loose: float


@inner
def _bend(aim: Aim, agent: int, load: float, more: float) -> float:
    """Return what it costs in distance from the target that the load of an agent grows by `more`."""
    return float(aim.weight[agent] * more * (load - aim.target[agent] + 0.5 * more))


@inner
def _cost(aim: Aim, bent: float, paid: float) -> float:
    """Return what it costs that distances cost `bent` more, and loads are worth `paid` more."""
    before, after = aim.lack[0], aim.lack[0] + bent - paid
    cost = bent + (aim.firm * after if after > 0.0 else -aim.loose * after)
    return float(cost - (aim.firm * before if before > 0.0 else -aim.loose * before))


@entry
def sweep(moves: Pairs, slot: NDArray[np.int32], load: NDArray[np.float64], aim: Aim, order: NDArray[np.int64]) -> int:
    """Let each task in turn take its best candidate, given all others; return the number of changes.

    Costs of `moves` are reduced costs. `slot`, `load`, shape (n,), and the aim's lack are changed in place.
    """
    changes = 0
    for t in range(order.shape[0]):
        j = order[t]
        begin = moves.starts[j]
        now = begin + slot[j]
        giver, less = moves.agents[now], moves.burdens[now]
        away, lost = _bend(aim, giver, load[giver], -less), aim.price[giver] * less
        best, chosen, bends, pays = 0.0, now, 0.0, 0.0
        for k in range(begin, moves.starts[j + 1]):
            if k == now:
                continue
            taker = moves.agents[k]
            bent = away + _bend(aim, taker, load[taker], moves.burdens[k])
            paid = aim.price[taker] * moves.burdens[k] - lost
            value = moves.costs[k] - moves.costs[now] + _cost(aim, bent, paid)
            if value < best:
                best, chosen, bends, pays = value, k, bent, paid
        if chosen != now:
            slot[j] = chosen - begin
            load[giver] -= less
            load[moves.agents[chosen]] += moves.burdens[chosen]
            aim.lack[0] += bends - pays
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
        best, chosen, passed, following, helped, bends, pays = 0.0, -1, -1, -1, -1, 0.0, 0.0
        for a in range(first[giver], min(first[giver + 1], first[giver] + listed)):
            j = members[a]
            now = moves.starts[j] + slot[j]
            if moves.agents[now] != giver:
                continue  # it has changed hands in this round
            less = moves.burdens[now]
            away = _bend(aim, giver, load[giver], -less)
            for k in range(moves.starts[j], moves.starts[j + 1]):
                if k == now:
                    continue
                second, more = moves.agents[k], moves.burdens[k]
                base, worth = moves.costs[k] - moves.costs[now], aim.price[second] * more - aim.price[giver] * less
                bent = away + _bend(aim, second, load[second], more)
                value = base + _cost(aim, bent, worth)
                if value < best:
                    best, chosen, passed, following, bends, pays = value, k, j, -1, bent, worth
                for b in range(first[second], min(first[second + 1], first[second] + listed)):
                    other = members[b]
                    held = moves.starts[other] + slot[other]
                    if moves.agents[held] != second:
                        continue
                    there = away + _bend(aim, second, load[second], more - moves.burdens[held])
                    left = worth - aim.price[second] * moves.burdens[held]
                    for m in range(moves.starts[other], moves.starts[other + 1]):
                        rise = base + moves.costs[m] - moves.costs[held]
                        if m == held:
                            continue
                        third = moves.agents[m]
                        carried = load[third] - (less if third == giver else 0.0)
                        bent = there + _bend(aim, third, carried, moves.burdens[m])
                        paid = left + aim.price[third] * moves.burdens[m]
                        value = rise + _cost(aim, bent, paid)
                        if value < best:
                            best, chosen, passed, following, helped = value, k, j, m, other
                            bends, pays = bent, paid
        if chosen < 0:
            continue
        now = moves.starts[passed] + slot[passed]
        load[giver] -= moves.burdens[now]
        load[moves.agents[chosen]] += moves.burdens[chosen]
        slot[passed] = chosen - moves.starts[passed]
        aim.lack[0] += bends - pays
        if following >= 0:
            held = moves.starts[helped] + slot[helped]
            load[moves.agents[held]] -= moves.burdens[held]
            load[moves.agents[following]] += moves.burdens[following]
            slot[helped] = following - moves.starts[helped]
        changes += 1
    return changes
