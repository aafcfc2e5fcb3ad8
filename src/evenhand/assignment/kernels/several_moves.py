"""Local search on plans of tasks that need several agents each: replacements, swaps and chains that keep all limits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.several_agents import Array, Listed
from evenhand.numba_decorators import entry, inner

Ints = NDArray[np.int64]

SWAPS = 24
"""Upper limit on the tasks of one agent that are tried in exchange for one task."""


class Aims(NamedTuple):
    """What a plan's totals x are worth: ``-v x + curve (x - about)^2 / 2``, and `weight` per unit outside [low, high].

    Attributes
    ----------
    v, about, low, high
        Shape (N,).
    curve, weight
        Not negative.
    """

    v: Array
    about: Array
    low: Array
    high: Array
    curve: float
    weight: float


class Plan(NamedTuple):
    """A plan that the moves change in place.

    Attributes
    ----------
    held
        Whether each pair is used, shape (k,).
    holding
        Pairs that each agent holds: the first `counts` entries of its part of an array of k positions.
    counts
        Number of tasks of each agent, shape (n,).
    x
        Totals of the rule's burden, shape (N,).
    """

    held: NDArray[np.bool_]
    holding: Ints
    counts: Ints
    x: Array


@inner
def _worth(aims: Aims, x: Array, o: int, change: float) -> Any:
    """Return what a change of one total adds to the objective."""
    before, after = x[o], x[o] + change
    value = change * (aims.curve * (before - aims.about[o] + 0.5 * change) - aims.v[o])
    outside = max(aims.low[o] - after, 0.0) + max(after - aims.high[o], 0.0)
    return value + aims.weight * (outside - max(aims.low[o] - before, 0.0) - max(before - aims.high[o], 0.0))


@inner
def _found(agents: NDArray[np.int32], first: int, stop: int, agent: int) -> int:
    """Return the position of an agent among sorted ones, -1 if it is not there."""
    while first < stop:
        middle = (first + stop) >> 1
        if agents[middle] < agent:
            first = middle + 1
        elif agents[middle] > agent:
            stop = middle
        else:
            return middle
    return -1


@inner
def _replace(listed: Listed, agent_starts: Ints, plan: Plan, out: int, in_: int) -> None:
    """Use one pair in place of another."""
    i, k = listed.agents[out], listed.agents[in_]
    first, last = agent_starts[i], agent_starts[i] + plan.counts[i] - 1
    for at in range(first, last + 1):
        if plan.holding[at] == out:
            plan.holding[at] = plan.holding[last]
            break
    plan.counts[i] -= 1
    plan.holding[agent_starts[k] + plan.counts[k]] = in_
    plan.counts[k] += 1
    plan.held[out], plan.held[in_] = False, True
    plan.x[listed.owners[out]] -= listed.burdens[out]
    plan.x[listed.owners[in_]] += listed.burdens[in_]


@inner
def _exchanged(listed: Listed, aims: Aims, x: Array, a: int, b: int, e: int, f: int) -> Any:
    """Return what it adds to use b for a and f for e: the task of a changes agents, and so does another task.

    The agent of b is that of e.
    """
    cost = listed.costs[b] - listed.costs[a] + listed.costs[f] - listed.costs[e]
    if listed.owners[a] == listed.owners[b]:  # totals of tasks
        return (
            cost
            + _worth(aims, x, listed.owners[a], listed.burdens[b] - listed.burdens[a])
            + _worth(aims, x, listed.owners[e], listed.burdens[f] - listed.burdens[e])
        )
    cost += _worth(aims, x, listed.owners[b], listed.burdens[b] - listed.burdens[e])
    if listed.owners[f] == listed.owners[a]:
        return cost + _worth(aims, x, listed.owners[a], listed.burdens[f] - listed.burdens[a])
    return (
        cost
        + _worth(aims, x, listed.owners[a], -listed.burdens[a])
        + _worth(aims, x, listed.owners[f], listed.burdens[f])
    )


@inner
def _replaced(listed: Listed, aims: Aims, x: Array, a: int, b: int) -> Any:
    """Return what it adds to use b for a, pairs of one task."""
    cost = listed.costs[b] - listed.costs[a]
    if listed.owners[a] == listed.owners[b]:
        return cost + _worth(aims, x, listed.owners[a], listed.burdens[b] - listed.burdens[a])
    return (
        cost
        + _worth(aims, x, listed.owners[a], -listed.burdens[a])
        + _worth(aims, x, listed.owners[b], listed.burdens[b])
    )


@entry
def improve_plan(
    listed: Listed,
    task_of: NDArray[np.int32],
    agent_starts: Ints,
    least: Ints,
    most: Ints,
    aims: Aims,
    plan: Plan,
    order: Ints,
    first: int,
    stop: int,
    tiny: float,
) -> float:
    """Give the tasks at positions `first` to `stop` of an order other agents where that is better; return the gain.

    A pair is replaced by one of an agent who may take one more task; or by one of an agent who gives a task in return;
    or, where totals are outside their limits, by one of an agent who hands a task on to a third. The best of these is
    made. Moves that gain less than `tiny` are left.
    """
    gain, held, x = 0.0, plan.held, plan.x
    for at in range(first, stop):
        j = order[at]
        for a in range(listed.starts[j], listed.starts[j + 1]):
            if not held[a]:
                continue
            i = listed.agents[a]
            o = listed.owners[a]
            deep = x[o] < aims.low[o] or x[o] > aims.high[o]
            best, out, in_, then = -tiny, -1, -1, -1
            for b in range(listed.starts[j], listed.starts[j + 1]):
                if held[b]:
                    continue
                k = listed.agents[b]
                if plan.counts[i] > least[i] and plan.counts[k] < most[k]:
                    value = _replaced(listed, aims, x, a, b)
                    if value < best:
                        best, out, in_, then = value, b, -1, -1
                tries = min(plan.counts[k], SWAPS)
                for turn in range(tries):
                    e = plan.holding[agent_starts[k] + (turn + j) % plan.counts[k]]
                    t = task_of[e]
                    if t == j:
                        continue
                    f = _found(listed.agents, listed.starts[t], listed.starts[t + 1], i)
                    if f >= 0 and not held[f]:
                        value = _exchanged(listed, aims, x, a, b, e, f)
                        if value < best:
                            best, out, in_, then = value, b, e, f
                    if not deep or best < -tiny or plan.counts[i] <= least[i]:
                        continue
                    for g in range(listed.starts[t], listed.starts[t + 1]):
                        if held[g] or plan.counts[listed.agents[g]] >= most[listed.agents[g]] or listed.agents[g] == k:
                            continue
                        value = _exchanged(listed, aims, x, a, b, e, g)
                        if value < best:
                            best, out, in_, then = value, b, e, g
            if out >= 0:
                gain -= best
                if in_ >= 0:
                    _replace(listed, agent_starts, plan, in_, then)
                _replace(listed, agent_starts, plan, a, out)
    return gain
