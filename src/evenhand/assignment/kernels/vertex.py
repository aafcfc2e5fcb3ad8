"""Vertices of the dual: their bound, loads, prices and shares, and the linear systems of ties and free rows.

The terms are explained in `shared_arrays.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into, fill, fill_table
from evenhand.assignment.kernels.linear_systems import solve_in_place
from evenhand.assignment.kernels.shared_arrays import GROUPS, LOAD, TASKS, Costs, Rows, Slope, Vertex, Windows
from evenhand.assignment.kernels.sums import add
from evenhand.numba_decorators import entry, inner

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
def node_value(costs: Costs, open_pairs: NDArray[np.bool_], windows: Windows, vertex: Vertex) -> float:
    """Return the Lagrangian bound of a node of the tree: that of `dual_value`, with the tolls of its windows.

    A toll on a lower limit pays for the load or number above it, and each toll's limit is added: since every assignment
    of the node keeps its limits, what it pays or receives beyond them only lowers the bound. Tolls add to prices and
    shifts, and take their part of the rounding errors with them; hence the sizes of both count, too.
    """
    m, n = costs.cost.shape
    total, lost, sizes = 0.0, 0.0, TINY
    for i in range(n):
        term = -vertex.price[i] * costs.initial[i]
        total, missing = add(total, term)
        lost += missing
        sizes += 2.0 * abs(term)
    tolled = False
    for w in range(windows.limit.shape[0]):
        if vertex.toll[w] > 0.0:
            tolled = True
            term = vertex.toll[w] * signed_limit(windows, -1 - w)
            total, missing = add(total, term)
            lost += missing
            sizes += abs(term)
    if not tolled:
        return dual_value(costs, open_pairs, vertex.price)
    for j in range(m):
        least, terms = np.inf, 0.0
        for i in range(n):
            if open_pairs[j, i]:
                paid, shift = vertex.price[i] * costs.burden[j, i], vertex.shift[i, windows.group[j]]
                least = min(least, costs.cost[j, i] - paid - shift)
                terms = max(terms, abs(costs.cost[j, i]) + abs(paid) + abs(shift))
        total, missing = add(total, least)
        lost += missing
        sizes += terms
    return float(total + lost - OUTWARD * sizes)


@entry
def start(costs: Costs, open_pairs: NDArray[np.bool_], windows: Windows, vertex: Vertex) -> None:
    """Put `vertex` at the multipliers zero, where fairness is ignored: each task at its cheapest open agent."""
    m, n = costs.cost.shape
    fill(vertex.multiplier, 0.0)
    fill(vertex.toll, 0.0)
    fill(vertex.price, 0.0)
    fill_table(vertex.shift, 0.0)
    fill(vertex.tied, 0)
    vertex.size[0] = 0
    for j in range(m):
        best = -1
        for i in range(n):
            if open_pairs[j, i] and (best < 0 or costs.cost[j, i] < costs.cost[j, best]):
                best = i
        vertex.key[j] = best
    add_up(costs, windows, vertex)


@entry
def add_up(costs: Costs, windows: Windows, vertex: Vertex) -> None:
    """Compute loads and numbers of tasks from the keys."""
    copy_into(vertex.load, costs.initial, vertex.load.shape[0])
    fill_table(vertex.number, 0.0)
    for j in range(vertex.key.shape[0]):
        carry(costs, windows, vertex, j, vertex.key[j], 1.0)


@inner
def carry(costs: Costs, windows: Windows, vertex: Vertex, task: int, agent: int, sign: float) -> None:
    """Add `task`, times `sign`, to the load and the numbers of tasks of `agent`."""
    vertex.load[agent] += sign * costs.burden[task, agent]
    vertex.number[agent, 0] += sign
    vertex.number[agent, 1 + windows.group[task]] += sign


@inner
def change_key(costs: Costs, windows: Windows, vertex: Vertex, task: int, agent: int) -> None:
    """Make `agent` the key of `task`."""
    carry(costs, windows, vertex, task, vertex.key[task], -1.0)
    carry(costs, windows, vertex, task, agent, 1.0)
    vertex.key[task] = agent


@inner
def reduced_cost(costs: Costs, windows: Windows, vertex: Vertex, task: int, agent: int) -> float:
    """Return the cost of a pair less what its burden earns at the agent's price, and less the agent's shift."""
    paid = vertex.price[agent] * costs.burden[task, agent]
    return float(costs.cost[task, agent] - paid - vertex.shift[agent, windows.group[task]])


@inner
def rate(costs: Costs, windows: Windows, slope: Slope, task: int, agent: int) -> float:
    """Return the rate at which the reduced cost of a pair falls along an edge."""
    return float(slope.price[agent] * costs.burden[task, agent] + slope.shift[agent, windows.group[task]])


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
def settle_keys(costs: Costs, open_pairs: NDArray[np.bool_], windows: Windows, vertex: Vertex) -> int:
    """Give each task without ties to its best open agent at the vertex's prices; return the number of changed keys.

    Windows have no tolls here. A key changes only if the other agent is better by more than rounding, relative 1e-13.
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
            change_key(costs, windows, vertex, j, best)
            changed += 1
    return changed


@inner
def limit_at(row: int, columns: int) -> tuple[int, int, float]:
    """Return agent and column of a row of the windows, negative as such, and its sign: 1 "at least", -1 "at most"."""
    w = -1 - row
    return w // 2 // columns, w // 2 % columns, 1.0 if w % 2 == 0 else -1.0


@inner
def signed_limit(windows: Windows, row: int) -> float:
    """Return the right-hand side of a row of the windows, written as "at least": minus the limit of an upper one."""
    return float(windows.limit[-1 - row] if (-1 - row) % 2 == 0 else -windows.limit[-1 - row])


@inner
def weight_on_row(costs: Costs, rows: Rows, windows: Windows, row: int, task: int, agent: int) -> float:
    """Return what `agent` adds to the activity of a row by doing `task`; rows of windows have negative positions."""
    if row >= 0:
        return float(rows.matrix[row, agent] * costs.burden[task, agent])
    who, column, sign = limit_at(row, windows.limit.shape[0] // (2 * costs.initial.shape[0]))
    if who != agent:
        return 0.0
    if column == LOAD:
        return float(sign * costs.burden[task, agent])
    return sign if column == TASKS or column == GROUPS + windows.group[task] else 0.0


@inner
def tie_on_row(costs: Costs, rows: Rows, windows: Windows, vertex: Vertex, tie: int, row: int) -> float:
    """Return by how much a row's activity changes if the tie's task moves wholly from its key to the tie's agent."""
    task = vertex.tie_task[tie]
    gained = weight_on_row(costs, rows, windows, row, task, vertex.tie_agent[tie])
    return gained - weight_on_row(costs, rows, windows, row, task, vertex.key[task])


@inner
def fill_system(
    costs: Costs, rows: Rows, windows: Windows, vertex: Vertex, system: NDArray[np.float64], transposed: bool
) -> None:
    """Write the square system D of ties (first index) and free rows (second), or its transpose.

    ``D[t, r]`` is `tie_on_row` of tie t and free row r. It serves both problems. In the primal, D^T share = -activity
    finds the shares that make free rows hold with equality. In the dual, if the multipliers of the free rows change by
    d, the reduced cost of tie t relative to its task's key changes by -(D d)[t].
    """
    size = vertex.size[0]
    for t in range(size):
        for r in range(size):
            entry = tie_on_row(costs, rows, windows, vertex, t, vertex.free_row[r])
            if transposed:
                system[r, t] = entry
            else:
                system[t, r] = entry


@inner
def row_slack(rows: Rows, windows: Windows, load: NDArray[np.float64], number: NDArray[np.float64], row: int) -> float:
    """Return by how much a row is met, negative if it is violated: ``rows[row] @ load``, or the distance to a limit."""
    if row >= 0:
        total = 0.0
        for i in range(load.shape[0]):
            total += rows.matrix[row, i] * load[i]
        return total
    agent, column, sign = limit_at(row, number.shape[1] + 1)
    reached = load[agent] if column == LOAD else number[agent, column - TASKS]
    return float(sign * reached - signed_limit(windows, row))


@inner
def solve_shares(costs: Costs, rows: Rows, windows: Windows, vertex: Vertex, system: NDArray[np.float64]) -> bool:
    """Compute the share of each tie for which every free row holds with equality; return False if that is singular.

    A free row has a positive multiplier, so that complementary slackness asks for equality.
    """
    size = vertex.size[0]
    fill_system(costs, rows, windows, vertex, system, True)
    for r in range(size):
        vertex.share[r] = -row_slack(rows, windows, vertex.load, vertex.number, vertex.free_row[r])
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
def fractional_number(windows: Windows, vertex: Vertex, number: NDArray[np.float64]) -> None:
    """Write the fractional numbers of tasks at the vertex, shape (n, 1 + groups)."""
    for i in range(number.shape[0]):
        for column in range(number.shape[1]):
            number[i, column] = vertex.number[i, column]
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        for column in (0, 1 + windows.group[task]):
            number[vertex.tie_agent[t], column] += vertex.share[t]
            number[vertex.key[task], column] -= vertex.share[t]


@inner
def exchange_key(costs: Costs, windows: Windows, vertex: Vertex, tie: int) -> None:
    """Make the tie's agent the key of its task, and the old key the tie: the same vertex, written differently."""
    key = vertex.key[vertex.tie_task[tie]]
    change_key(costs, windows, vertex, vertex.tie_task[tie], vertex.tie_agent[tie])
    vertex.tie_agent[tie] = key


@inner
def multiplier_of(vertex: Vertex, row: int) -> float:
    """Return the multiplier of a row, or the toll of a limit."""
    return float(vertex.multiplier[row] if row >= 0 else vertex.toll[-1 - row])


@inner
def set_multiplier(vertex: Vertex, row: int, value: float) -> None:
    """Set the multiplier of a row, or the toll of a limit."""
    if row >= 0:
        vertex.multiplier[row] = value
    else:
        vertex.toll[-1 - row] = value


@inner
def on_load(number: NDArray[np.float64], row: int) -> bool:
    """Return whether a row of the windows limits a load, and not a number of tasks."""
    return limit_at(row, number.shape[1] + 1)[1] == LOAD


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
    """Recompute prices and shifts from the multipliers of the free rows."""
    fill(vertex.price, 0.0)
    fill_table(vertex.shift, 0.0)
    for r in range(vertex.size[0]):
        row = vertex.free_row[r]
        if row >= 0:
            for i in range(vertex.price.shape[0]):
                vertex.price[i] += vertex.multiplier[row] * rows.matrix[row, i]
    raise_prices(vertex.price)
    for r in range(vertex.size[0]):
        row = vertex.free_row[r]
        if row < 0:
            add_toll(vertex.price, vertex.shift, row, vertex.toll[-1 - row])


@inner
def add_toll(price: NDArray[np.float64], shift: NDArray[np.float64], row: int, toll: float) -> None:
    """Add the toll of row `row` of the windows, negative as such, to the price or the shifts of its agent."""
    agent, column, sign = limit_at(row, shift.shape[1] + GROUPS)
    if column == LOAD:
        price[agent] += sign * toll
    elif column == TASKS:
        for g in range(shift.shape[1]):
            shift[agent, g] += sign * toll
    else:
        shift[agent, column - GROUPS] += sign * toll


@inner
def raise_prices(price: NDArray[np.float64]) -> None:
    """Raise each price slightly, so that no rounding makes a bound too large.

    Loads are never negative, so that a vector v of the dual cone (v . x >= 0 for every fair x) stays in it.
    """
    for i in range(price.shape[0]):
        price[i] += RAISED * abs(price[i])


@inner
def key_value(costs: Costs, windows: Windows, vertex: Vertex) -> float:
    """Return an estimate of the bound at the vertex, computed from keys without searching any minimum.

    It is no proven bound: after many pivots, rounding may leave a key slightly above its task's minimum.
    """
    total = 0.0
    for i in range(vertex.price.shape[0]):
        total -= vertex.price[i] * vertex.load[i]
    for r in range(vertex.size[0]):
        if vertex.free_row[r] < 0:
            total += multiplier_of(vertex, vertex.free_row[r]) * signed_limit(windows, vertex.free_row[r])
    for i in range(vertex.shift.shape[0]):
        for g in range(vertex.shift.shape[1]):
            total -= vertex.shift[i, g] * vertex.number[i, 1 + g]
    for j in range(vertex.key.shape[0]):
        total += costs.cost[j, vertex.key[j]]
    return total
