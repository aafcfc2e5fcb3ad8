"""Vertices of the dual: their bound, loads, prices and shares, and the linear systems of ties and free rows.

The terms are explained in `shared_arrays.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into, fill
from evenhand.assignment.kernels.linear_systems import solve_in_place
from evenhand.assignment.kernels.numba_decorators import entry, inner
from evenhand.assignment.kernels.shared_arrays import Costs, Rows, Vertex
from evenhand.assignment.kernels.sums import add

SINGULAR = 1e-11
"""Ratio of a pivot to the largest entry of its system at or below which the system counts as singular."""

RAISED = 2.0**-51
"""Relative amount by which prices are raised, so that the rounded product of price and burden is never too small."""

OUTWARD = 2.0**-49
"""Amount subtracted from a bound for rounding, relative to the sum of the sizes of its terms. It is several times the
largest possible error, so that it also covers sums of a few bounds and reduced costs."""

TINY = 1e-290
"""Size added to those of a bound's terms, so that the allowance for rounding also covers underflow."""

SHORTENED = 1.0 - 2.0**-48
"""Factor below 1 on a reduced cost that is added to a bound, so that the rounded sum is never above the exact one."""


@entry
def dual_value(costs: Costs, open_pairs: NDArray[np.bool_], price: NDArray[np.float64]) -> float:
    """Return sum_j min_i (cost - price * burden) over open pairs, minus price . initial, rounded down.

    This is the Lagrangian bound: no assignment over open pairs whose loads satisfy price . load >= 0 costs less. It
    holds for every fair assignment if `price` lies in the dual cone of fairness, raised (see `raise_prices`).

    The sum is compensated (see `sums.py`), so that a bound loses about 2^-49 of the sizes of its terms, however many
    tasks there are. Terms that overflow make the result NaN, which no comparison takes for a bound.
    """
    m, n = costs.cost.shape
    total, lost, sizes = 0.0, 0.0, TINY
    for i in range(n):
        term = -price[i] * costs.initial[i]
        total, missing = add(total, term)
        lost += missing
        sizes += abs(term)
    for j in range(m):
        least = np.inf
        for i in range(n):
            if open_pairs[j, i]:
                least = min(least, costs.cost[j, i] - price[i] * costs.burden[j, i])
        total, missing = add(total, least)
        lost += missing
        sizes += abs(least)
    return float(total + lost - OUTWARD * sizes)


@entry
def start(costs: Costs, open_pairs: NDArray[np.bool_], vertex: Vertex) -> None:
    """Put `vertex` at the multipliers zero, where fairness is ignored: each task at its cheapest open agent."""
    m, n = costs.cost.shape
    fill(vertex.multiplier, 0.0)
    fill(vertex.price, 0.0)
    fill(vertex.tied, 0)
    vertex.size[0] = 0
    copy_into(vertex.load, costs.initial, vertex.load.shape[0])
    for j in range(m):
        best = -1
        for i in range(n):
            if open_pairs[j, i] and (best < 0 or costs.cost[j, i] < costs.cost[j, best]):
                best = i
        vertex.key[j] = best
        vertex.load[best] += costs.burden[j, best]


@entry
def regrets(costs: Costs, open_pairs: NDArray[np.bool_], vertex: Vertex) -> NDArray[np.float64]:
    """Return by how much the second best open agent of each task is worse than the best, at the vertex's prices.

    Shape (m,), in units of cost; inf if a task has only one open agent.
    """
    m, n = costs.cost.shape
    regret = np.empty(m)
    for j in range(m):
        best, second = np.inf, np.inf
        for i in range(n):
            if open_pairs[j, i]:
                value = costs.cost[j, i] - vertex.price[i] * costs.burden[j, i]
                if value < best:
                    best, second = value, best
                elif value < second:
                    second = value
        regret[j] = second - best
    return regret


@entry
def settle_keys(costs: Costs, open_pairs: NDArray[np.bool_], vertex: Vertex) -> int:
    """Give each task without ties to its best open agent at the vertex's prices; return the number of changed keys.

    A key changes only if the other agent is better by more than rounding, relative 1e-13.
    """
    m, n = costs.cost.shape
    changed = 0
    for j in range(m):
        if vertex.tied[j] > 0:
            continue
        key = vertex.key[j]
        best, least = key, costs.cost[j, key] - vertex.price[key] * costs.burden[j, key]
        for i in range(n):
            if open_pairs[j, i]:
                value = costs.cost[j, i] - vertex.price[i] * costs.burden[j, i]
                if value < least - 1e-13 * abs(least):
                    best, least = i, value
        if best != key:
            vertex.load[key] -= costs.burden[j, key]
            vertex.load[best] += costs.burden[j, best]
            vertex.key[j] = best
            changed += 1
    return changed


@inner
def tie_on_row(costs: Costs, rows: Rows, vertex: Vertex, tie: int, row: int) -> float:
    """Return by how much a row's activity changes if the tie's task moves wholly from its key to the tie's agent."""
    task = vertex.tie_task[tie]
    agent = vertex.tie_agent[tie]
    key = vertex.key[task]
    gained = rows.matrix[row, agent] * costs.burden[task, agent]
    return float(gained - rows.matrix[row, key] * costs.burden[task, key])


@inner
def fill_system(costs: Costs, rows: Rows, vertex: Vertex, system: NDArray[np.float64], transposed: bool) -> None:
    """Write the square system D of ties (first index) and free rows (second), or its transpose.

    ``D[t, r]`` is `tie_on_row` of tie t and free row r. It serves both problems. In the primal, D^T share = -activity
    finds the shares that make free rows hold with equality. In the dual, if the multipliers of the free rows change by
    d, the reduced cost of tie t relative to its task's key changes by -(D d)[t].
    """
    size = vertex.size[0]
    for t in range(size):
        for r in range(size):
            entry = tie_on_row(costs, rows, vertex, t, vertex.free_row[r])
            if transposed:
                system[r, t] = entry
            else:
                system[t, r] = entry


@inner
def row_activity(rows: Rows, load: NDArray[np.float64], row: int) -> float:
    """Return ``rows[row] @ load``."""
    total = 0.0
    for i in range(load.shape[0]):
        total += rows.matrix[row, i] * load[i]
    return total


@inner
def solve_shares(costs: Costs, rows: Rows, vertex: Vertex, system: NDArray[np.float64]) -> bool:
    """Compute the share of each tie for which every free row holds with equality; return False if that is singular.

    A free row has a positive multiplier, so that complementary slackness asks for equality.
    """
    size = vertex.size[0]
    fill_system(costs, rows, vertex, system, True)
    for r in range(size):
        vertex.share[r] = -row_activity(rows, vertex.load, vertex.free_row[r])
    return bool(solve_in_place(system, vertex.share, size, SINGULAR))


@entry
def fractional_load(costs: Costs, vertex: Vertex, load: NDArray[np.float64]) -> None:
    """Write the fractional loads at the vertex, shape (n,): each task at its key, less the shares that its ties get."""
    copy_into(load, vertex.load, load.shape[0])
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        agent = vertex.tie_agent[t]
        key = vertex.key[task]
        load[agent] += vertex.share[t] * costs.burden[task, agent]
        load[key] -= vertex.share[t] * costs.burden[task, key]


@inner
def exchange_key(costs: Costs, vertex: Vertex, tie: int) -> None:
    """Make the tie's agent the key of its task, and the old key the tie: the same vertex, written differently."""
    task = vertex.tie_task[tie]
    key = vertex.key[task]
    agent = vertex.tie_agent[tie]
    vertex.load[key] -= costs.burden[task, key]
    vertex.load[agent] += costs.burden[task, agent]
    vertex.key[task] = agent
    vertex.tie_agent[tie] = key


@inner
def key_share(vertex: Vertex, task: int) -> float:
    """Return the share of a task that its key keeps."""
    left = 1.0
    for t in range(vertex.size[0]):
        if vertex.tie_task[t] == task:
            left -= vertex.share[t]
    return left


@inner
def is_free(vertex: Vertex, row: int) -> bool:
    """Return whether a row is free, that is, whether its multiplier may be positive."""
    for r in range(vertex.size[0]):  # noqa: SIM110 - numba compiles no generator expressions
        if vertex.free_row[r] == row:
            return True
    return False


@inner
def is_tie(vertex: Vertex, task: int, agent: int) -> bool:
    """Return whether `agent` is tied with the key of `task`."""
    for t in range(vertex.size[0]):  # noqa: SIM110 - numba compiles no generator expressions
        if vertex.tie_task[t] == task and vertex.tie_agent[t] == agent:
            return True
    return False


@inner
def drop_tie(vertex: Vertex, tie: int) -> None:
    """Remove a tie from the list; the last one takes its place. The caller lowers ``size``."""
    last = vertex.size[0] - 1
    vertex.tied[vertex.tie_task[tie]] -= 1
    vertex.tie_task[tie] = vertex.tie_task[last]
    vertex.tie_agent[tie] = vertex.tie_agent[last]
    vertex.share[tie] = vertex.share[last]


@inner
def update_price(rows: Rows, vertex: Vertex) -> None:
    """Recompute prices from the multipliers of the free rows."""
    fill(vertex.price, 0.0)
    for r in range(vertex.size[0]):
        row = vertex.free_row[r]
        for i in range(vertex.price.shape[0]):
            vertex.price[i] += vertex.multiplier[row] * rows.matrix[row, i]
    raise_prices(vertex.price)


@inner
def raise_prices(price: NDArray[np.float64]) -> None:
    """Raise each price slightly, so that no rounding makes a bound too large.

    Loads are never negative, so that a vector v of the dual cone (v . x >= 0 for every fair x) stays in it.
    """
    for i in range(price.shape[0]):
        price[i] += RAISED * abs(price[i])


@inner
def key_value(costs: Costs, vertex: Vertex) -> float:
    """Return an estimate of the bound at the vertex, computed from keys without searching any minimum.

    It is no proven bound: after many pivots, rounding may leave a key slightly above its task's minimum.
    """
    total = 0.0
    for i in range(vertex.price.shape[0]):
        total -= vertex.price[i] * vertex.load[i]
    for j in range(vertex.key.shape[0]):
        total += costs.cost[j, vertex.key[j]]
    return total
