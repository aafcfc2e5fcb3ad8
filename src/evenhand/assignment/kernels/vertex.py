"""Vertices of the dual: their value, loads, prices and shares, and the systems of n unknowns that tie them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.arrays import copy_into, fill
from evenhand.assignment.kernels.compiled import entry, inner
from evenhand.assignment.kernels.linear import solve_in_place
from evenhand.assignment.kernels.sums import add

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs, Rows, Vertex

SINGULAR = 1e-11
"""A pivot this small beside the largest entry counts as none."""

RAISED = 2.0**-51
"""Prices are raised by this much of their size, so that the rounded product of price and burden is never too small."""

OUTWARD = 2.0**-49
"""What rounding may take from a bound, relative to the sizes of its terms: several times what it can, so that the sums
of a few bounds and reduced costs are covered too."""

TINY = 1e-290
"""Stands for what underflow may take from a bound."""

SHORTENED = 1.0 - 2.0**-48
"""A reduced cost is taken for so much of itself where it is added to a bound."""


@entry
def dual_value(costs: Costs, open_pairs: NDArray[np.bool_], price: NDArray[np.float64]) -> float:
    """Return sum_j min_i (cost - price * burden) over open pairs, minus price . initial, rounded down.

    It is a lower bound on the cost wherever `price` is a vector of the dual cone, raised (see `raise_prices`).

    The sum is compensated: what an addition rounds away is kept, and added in the end (Ogita, Rump and Oishi, Accurate
    sum and dot product, 2005). So a bound loses about 2^-49 of the sizes of its terms, however many tasks there are.
    Terms that overflow give no number rather than a bound.
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
    """Put `vertex` where all multipliers are zero: each task at its cheapest open agent."""
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
    """Return what each task's second best open agent costs beyond its best at these prices; inf for want of one."""
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
    """Give each task without ties to its best open agent at the vertex's prices; return how many changed hands."""
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
    """Return what moving the tie's task from its key to the tie's agent does to a row."""
    task = vertex.tie_task[tie]
    agent = vertex.tie_agent[tie]
    key = vertex.key[task]
    gained = rows.matrix[row, agent] * costs.burden[task, agent]
    return float(gained - rows.matrix[row, key] * costs.burden[task, key])


@inner
def fill_system(costs: Costs, rows: Rows, vertex: Vertex, system: NDArray[np.float64], transposed: bool) -> None:
    """Write the square system of ties (first index) and free rows (second), or its transpose."""
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
    """Find the share of each tie that makes every free row hold with equality."""
    size = vertex.size[0]
    fill_system(costs, rows, vertex, system, True)
    for r in range(size):
        vertex.share[r] = -row_activity(rows, vertex.load, vertex.free_row[r])
    return bool(solve_in_place(system, vertex.share, size, SINGULAR))


@entry
def fractional_load(costs: Costs, vertex: Vertex, load: NDArray[np.float64]) -> None:
    """Write the loads of the relaxation: keys, with the ties' shares moved."""
    copy_into(load, vertex.load, load.shape[0])
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        agent = vertex.tie_agent[t]
        key = vertex.key[task]
        load[agent] += vertex.share[t] * costs.burden[task, agent]
        load[key] -= vertex.share[t] * costs.burden[task, key]


@inner
def exchange_key(costs: Costs, vertex: Vertex, tie: int) -> None:
    """Make the tie's agent the key of its task, and the old key the tie."""
    task = vertex.tie_task[tie]
    key = vertex.key[task]
    agent = vertex.tie_agent[tie]
    vertex.load[key] -= costs.burden[task, key]
    vertex.load[agent] += costs.burden[task, agent]
    vertex.key[task] = agent
    vertex.tie_agent[tie] = key


@inner
def key_share(vertex: Vertex, task: int) -> float:
    """Return the share of a task that stays with its key."""
    left = 1.0
    for t in range(vertex.size[0]):
        if vertex.tie_task[t] == task:
            left -= vertex.share[t]
    return left


@inner
def is_free(vertex: Vertex, row: int) -> bool:
    """Tell whether a row's multiplier is free."""
    for r in range(vertex.size[0]):  # noqa: SIM110 - numba compiles no generator expressions
        if vertex.free_row[r] == row:
            return True
    return False


@inner
def is_tie(vertex: Vertex, task: int, agent: int) -> bool:
    """Tell whether `agent` is a tie of `task`."""
    for t in range(vertex.size[0]):  # noqa: SIM110 - numba compiles no generator expressions
        if vertex.tie_task[t] == task and vertex.tie_agent[t] == agent:
            return True
    return False


@inner
def drop_tie(vertex: Vertex, tie: int) -> None:
    """Remove a tie; the last takes its place."""
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
    """Raise each price a little: loads are not negative, so that a vector of the dual cone stays one."""
    for i in range(price.shape[0]):
        price[i] += RAISED * abs(price[i])


@inner
def key_value(costs: Costs, vertex: Vertex) -> float:
    """Return the bound at the vertex as its keys tell it (an estimate: drift may put a key above the minimum)."""
    total = 0.0
    for i in range(vertex.price.shape[0]):
        total -= vertex.price[i] * vertex.load[i]
    for j in range(vertex.key.shape[0]):
        total += costs.cost[j, vertex.key[j]]
    return total
