"""Annealing over plans in which tasks exclude each other, by moves along chains that keep all exclusions.

Where task j moves from one agent to another, the tasks there that exclude j move the other way, the tasks that exclude
those follow, and so on: a component of the conflict graph of what only one of both agents does changes hands. Such a
*Kempe chain* breaks no exclusion, and chains connect the plans of two agents. Without exclusions a chain is one task.

References
----------
Johnson, Aragon, McGeoch, Schevon, Optimization by simulated annealing II: graph coloring, Operations Research 39, 1991
(Kempe chains); Hertz, de Werra, Using tabu search techniques for graph coloring, Computing 39, 1987.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.row_dual import LoadRows, Tables
from evenhand.numba_decorators import entry, inner
from evenhand.random_draws import draw, draw_unit

SETTLED = 1e-12
"""Penalty up to which all rows count as kept."""


class Conflicts(NamedTuple):
    """The tasks that exclude each task, as compressed rows."""

    start: NDArray[np.int64]  # (m + 1,)
    task: NDArray[np.int64]  # (entries,)


@inner
def _penalty(load: NDArray[np.float64], rows: LoadRows, price: NDArray[np.float64]) -> float:
    total = 0.0
    for k in range(rows.least.shape[0]):
        missing = rows.least[k]
        for i in range(load.shape[1]):
            missing -= rows.weight[k, i] * load[rows.burden[k], i]
        if missing > 0.0:
            total += price[k] * missing
    return total


@entry
def anneal_chains(
    tables: Tables,
    rows: LoadRows,
    price: NDArray[np.float64],
    conflicts: Conflicts,
    choices: NDArray[np.int64],
    fixed: NDArray[np.bool_],
    has: NDArray[np.bool_],
    best: NDArray[np.bool_],
    hot: float,
    cold: float,
    steps: int,
    state: NDArray[np.uint64],
) -> float:
    """Anneal the plan `has`, shape (m, n), which keeps all exclusions and goes on doing so.

    Parameters
    ----------
    tables, rows
        The problem; violations of rows cost `price`, shape (rows,), per unit.
    conflicts
        The tasks that exclude each other.
    choices
        Pairs j n + i that moves may bring about.
    fixed
        Pairs that stay, shape (m, n).
    has, best
        Whether an agent does a task: the plan, which changes, and the cheapest without violation, if one is found.
    hot, cold
        First and last temperature.
    steps
        Number of moves tried.
    state
        State of the random generator, shape (1,), not 0.

    Returns
    -------
    float
        Cost of `best`; inf if no plan without violation was found.
    """
    m, n = tables.cost.shape
    load = np.zeros((tables.burden.shape[0], n))
    cost = 0.0
    for j in range(m):
        for i in range(n):
            if has[j, i]:
                cost += tables.cost[j, i]
                for r in range(load.shape[0]):
                    load[r, i] += tables.burden[r, j, i]
    penalty, least = _penalty(load, rows, price), np.inf
    if penalty <= SETTLED:
        least = cost
        best[:] = has
    chain, seen, stamp = np.empty(m, np.int64), np.zeros(m, np.int64), 0
    cooling = (cold / hot) ** (1.0 / steps)
    temperature = hot
    for _ in range(steps):
        temperature *= cooling
        chosen = choices[draw(state, choices.shape[0])]
        task, to = chosen // n, chosen % n
        if has[task, to]:
            continue
        # The agent who gives the task away: a random one of those who have it.
        skipped, giver, count = 0, -1, tables.needs[task]
        if count > 1:
            skipped = draw(state, count)
        for i in range(n):
            if has[task, i]:
                if skipped == 0:
                    giver = i
                    break
                skipped -= 1
        stamp += 1
        length, more = _grow(tables, conflicts, fixed, has, chain, seen, stamp, 0, task, giver, to)
        if length > 0 and draw(state, 2) == 0:
            # Something in return, so that loads which are bound closely can change at all.
            back = draw(state, m)
            if has[back, to] and not has[back, giver] and seen[back] != stamp:
                length, returned = _grow(tables, conflicts, fixed, has, chain, seen, stamp, length, back, giver, to)
                more += returned
        if length == 0:
            continue
        _shift_loads(tables, has, chain, length, giver, to, load, 1.0)
        then = _penalty(load, rows, price)
        change = more + then - penalty
        if change <= 0.0 or math.log(draw_unit(state)) < -change / temperature:
            for at in range(length):
                has[chain[at], giver], has[chain[at], to] = has[chain[at], to], has[chain[at], giver]
            cost, penalty = cost + more, then
            if penalty <= SETTLED and cost < least - SETTLED * abs(cost):
                least = cost
                best[:] = has
        else:
            _shift_loads(tables, has, chain, length, giver, to, load, -1.0)
    return least


@inner
def _grow(
    tables: Tables,
    conflicts: Conflicts,
    fixed: NDArray[np.bool_],
    has: NDArray[np.bool_],
    chain: NDArray[np.int64],
    seen: NDArray[np.int64],
    stamp: int,
    length: int,
    task: int,
    giver: int,
    to: int,
) -> tuple[int, float]:
    """Append the chain that begins with a task of one of two agents; return the new length and the change of cost.

    The length is 0 if one of its tasks must stay, or is forbidden to the other agent.
    """
    at, more = length, 0.0
    chain[length] = task
    seen[task] = stamp
    length += 1
    while at < length:
        moved = chain[at]
        at += 1
        source = giver if has[moved, giver] else to
        target = giver + to - source
        more += tables.cost[moved, target] - tables.cost[moved, source]
        if fixed[moved, source] or not more < np.inf:
            return 0, 0.0
        for e in range(conflicts.start[moved], conflicts.start[moved + 1]):
            other = conflicts.task[e]
            if seen[other] != stamp and has[other, target]:
                seen[other] = stamp
                chain[length] = other
                length += 1
    return length, more


@inner
def _shift_loads(
    tables: Tables,
    has: NDArray[np.bool_],
    chain: NDArray[np.int64],
    length: int,
    first: int,
    second: int,
    load: NDArray[np.float64],
    sign: float,
) -> None:
    """Add to the loads, `sign` times, what changes if the tasks of a chain change hands."""
    for at in range(length):
        task = chain[at]
        source = first if has[task, first] else second
        target = first + second - source
        for r in range(load.shape[0]):
            load[r, source] -= sign * tables.burden[r, task, source]
            load[r, target] += sign * tables.burden[r, task, target]


@entry
def resolve_conflicts(
    cost: NDArray[np.float64],
    conflicts: Conflicts,
    fixed: NDArray[np.bool_],
    has: NDArray[np.bool_],
    steps: int,
    state: NDArray[np.uint64],
) -> int:
    """Move tasks of the plan `has`, shape (m, n), until none excludes another of its agent; return the conflicts left.

    Tabu search: of all moves of a task with a conflict the one that leaves fewest conflicts, of these the cheapest, is
    made, and not undone for a while.
    """
    m, n = cost.shape
    beside = np.zeros((m, n), np.int64)  # tasks of the agent that exclude the task
    for j in range(m):
        for e in range(conflicts.start[j], conflicts.start[j + 1]):
            for i in range(n):
                if has[conflicts.task[e], i]:
                    beside[j, i] += 1
    left = 0
    for j in range(m):
        for i in range(n):
            if has[j, i]:
                left += beside[j, i]
    left //= 2
    least = left
    until = np.zeros((m, n), np.int64)
    for step in range(steps):
        if left == 0:
            break
        task, source, target = -1, -1, -1
        gain, more = np.inf, np.inf
        for j in range(m):
            for i in range(n):
                if not has[j, i] or beside[j, i] == 0 or fixed[j, i]:
                    continue
                for k in range(n):
                    if has[j, k] or not cost[j, k] < np.inf:
                        continue
                    change = beside[j, k] - beside[j, i]
                    if until[j, k] > step and left + change >= least:
                        continue
                    dearer = cost[j, k] - cost[j, i]
                    if change < gain or (change == gain and dearer < more):
                        task, source, target, gain, more = j, i, k, change, dearer
        if task < 0:
            continue
        has[task, source], has[task, target] = False, True
        for e in range(conflicts.start[task], conflicts.start[task + 1]):
            beside[conflicts.task[e], source] -= 1
            beside[conflicts.task[e], target] += 1
        left += int(gain)
        least = min(least, left)
        until[task, source] = step + 5 + draw(state, 10) + left
    return left
