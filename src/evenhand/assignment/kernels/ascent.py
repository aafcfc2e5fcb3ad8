"""Ascent of the dual bound from vertex to vertex: a dual simplex method with long steps whose systems have n unknowns.

One pivot drops a tie (or frees a row) that the loads show to be wrong, and walks along the edge this opens. Every
task whose
minimum changes hands on the way is a break point at which the slope falls; the walk goes on until the slope would turn
negative, however many tasks change hands. A pivot costs O(m n) and no factorisation of anything larger than n x n.

Whatever happens numerically, the multipliers are non-negative, and the bound is evaluated from them alone: a bad pivot
costs time, never validity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.arrays import fill
from evenhand.assignment.kernels.compiled import entry, inner
from evenhand.assignment.kernels.edges import walk
from evenhand.assignment.kernels.linear import solve_in_place
from evenhand.assignment.kernels.vertex import (
    SINGULAR,
    TINY,
    drop_tie,
    exchange_key,
    fill_system,
    fractional_load,
    is_free,
    key_share,
    key_value,
    row_activity,
    solve_shares,
    tie_on_row,
    update_price,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs, Rows, Vertex, Work

OPTIMAL = 0
CUTOFF = 1
INFEASIBLE = 2
STALLED = 3
PAUSED = 4

SHARE_TOLERANCE = 1e-9
ROW_TOLERANCE = 1e-11


@inner
def choose_leaving(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    vertex: Vertex,
    load: NDArray[np.float64],
    unit: float,
) -> tuple[int, int]:
    """Find what is most wrong at the vertex: (kind, index).

    Kinds: 0 nothing; 1 a tie at a closed agent; 2 a tie with a negative share (its task's key may be exchanged for it);
    3 a pinned row that the loads violate.
    """
    kind, index, worst = 0, -1, 0.0
    for t in range(vertex.size[0]):
        if not open_pairs[vertex.tie_task[t], vertex.tie_agent[t]]:
            return 1, t
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        key = vertex.key[task]
        weight = 0.5 * (costs.burden[task, vertex.tie_agent[t]] + costs.burden[task, key])
        if vertex.share[t] < -SHARE_TOLERANCE and -vertex.share[t] * weight > worst:
            kind, index, worst = 2, t, -vertex.share[t] * weight
        left = key_share(vertex, task)
        if left < -SHARE_TOLERANCE and -left * weight > worst:
            best = t
            for other in range(vertex.size[0]):
                if vertex.tie_task[other] == task and vertex.share[other] > vertex.share[best]:
                    best = other
            kind, index, worst = 4, best, -left * weight
    if kind == 4:
        exchange_key(costs, vertex, index)
        kind = 2
    for r in range(rows.in_use[0]):
        short = -row_activity(rows, load, r)
        if short > ROW_TOLERANCE * unit and short > worst and not is_free(vertex, r):
            kind, index, worst = 3, r, short
    return kind, index


@inner
def find_direction(
    costs: Costs,
    rows: Rows,
    vertex: Vertex,
    kind: int,
    index: int,
    system: NDArray[np.float64],
    step: NDArray[np.float64],
    slope_price: NDArray[np.float64],
) -> float:
    """Write the edge's direction in multipliers and in prices; return the bound's slope, 0 where it fails."""
    size = vertex.size[0]
    fill_system(costs, rows, vertex, system, False)
    for t in range(size):
        step[t] = 0.0
    if kind == 3:
        for t in range(size):
            step[t] = -tie_on_row(costs, rows, vertex, t, index)
    else:
        step[index] = -1.0
    if not solve_in_place(system, step, size, SINGULAR):
        return 0.0
    for sign in (1.0, -1.0):
        slope = 0.0
        for i in range(slope_price.shape[0]):
            total = rows.matrix[index, i] if kind == 3 else 0.0
            for r in range(size):
                total += sign * step[r] * rows.matrix[vertex.free_row[r], i]
            slope_price[i] = total
            slope -= total * vertex.load[i]
        if kind != 1 or slope > 0.0:
            break
    if kind == 1 and sign < 0.0:
        for r in range(size):
            step[r] = -step[r]
    return slope


@inner
def pivot(
    rows: Rows,
    vertex: Vertex,
    kind: int,
    index: int,
    direction: NDArray[np.float64],
    step: float,
    blocking_row: int,
    entering: int,
    agent: int,
) -> None:
    """Move the multipliers by `step` and exchange what left for what stopped the walk."""
    size = vertex.size[0]
    for r in range(size):
        row = vertex.free_row[r]
        vertex.multiplier[row] = max(0.0, vertex.multiplier[row] + step * direction[r])
    if kind == 3:
        vertex.multiplier[index] = step
        vertex.free_row[size] = index
        if entering < 0:
            vertex.multiplier[vertex.free_row[blocking_row]] = 0.0
            vertex.free_row[blocking_row] = index
        else:
            vertex.tie_task[size] = entering
            vertex.tie_agent[size] = agent
            vertex.tied[entering] += 1
            vertex.size[0] = size + 1
    elif entering < 0:
        drop_tie(vertex, index)
        vertex.multiplier[vertex.free_row[blocking_row]] = 0.0
        vertex.free_row[blocking_row] = vertex.free_row[size - 1]
        vertex.size[0] = size - 1
    else:
        vertex.tied[vertex.tie_task[index]] -= 1
        vertex.tie_task[index] = entering
        vertex.tie_agent[index] = agent
        vertex.tied[entering] += 1
    update_price(rows, vertex)


@inner
def keep_ray(vertex: Vertex, kind: int, index: int, direction: NDArray[np.float64]) -> None:
    """Keep the multipliers of an edge that never ends."""
    fill(vertex.ray, 0.0)
    for r in range(vertex.size[0]):
        vertex.ray[vertex.free_row[r]] = max(0.0, direction[r])
    if kind == 3:
        vertex.ray[index] = 1.0


@inner
def ray_proves_infeasible(
    costs: Costs, open_pairs: NDArray[np.bool_], slope_price: NDArray[np.float64], unit: float
) -> bool:
    """Tell whether every assignment, even a fractional one, has slope_price . load < 0, which no fair load has.

    The margin is several times what rounding can take from a plain sum of so many terms.
    """
    m, n = costs.cost.shape
    most, sizes = 0.0, 0.0
    for i in range(n):
        term = slope_price[i] * costs.initial[i]
        most += term
        sizes += abs(term)
    for j in range(m):
        best = -np.inf
        for i in range(n):
            if open_pairs[j, i]:
                best = max(best, slope_price[i] * costs.burden[j, i])
        most += best
        sizes += abs(best)
    largest = 0.0
    for i in range(n):
        largest = max(largest, abs(slope_price[i]))
    return bool(most < -1e-12 * unit * m * largest - 2.0**-50 * (m + n + 8) * sizes - TINY)


@entry
def ascend(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    vertex: Vertex,
    work: Work,
    tasks: NDArray[np.int64],
    cutoff: float,
    unit: float,
    pivots: int,
) -> int:
    """Climb from `vertex` to the top of the dual bound, or until the bound reaches `cutoff`.

    `tasks` are those with more than one open agent; `unit` is a typical burden. Returns OPTIMAL, CUTOFF (the bound is
    reached, and checked by the caller), INFEASIBLE (proven by a ray), STALLED, or PAUSED after so many `pivots`.
    """
    n = costs.cost.shape[1]
    system = np.empty((n + 2, n + 2))
    direction = np.empty(n + 2)
    slope_price = np.empty(n)
    load = np.empty(n)
    for _ in range(pivots):
        if not solve_shares(costs, rows, vertex, system):
            return STALLED
        fractional_load(costs, vertex, load)
        kind, index = choose_leaving(costs, open_pairs, rows, vertex, load, unit)
        if kind == 0:
            return OPTIMAL
        if cutoff < np.inf and key_value(costs, vertex) >= cutoff:
            return CUTOFF
        slope = find_direction(costs, rows, vertex, kind, index, system, direction, slope_price)
        if slope <= 0.0 and kind != 1:
            return STALLED
        size = vertex.size[0]
        longest, blocking_row = np.inf, -1
        for r in range(size):
            if direction[r] < 0.0:
                reach = vertex.multiplier[vertex.free_row[r]] / -direction[r]
                if reach < longest:
                    longest, blocking_row = reach, r
        step, entering = walk(costs, open_pairs, vertex, slope_price, slope, longest, tasks, work)
        if entering < 0 and blocking_row < 0:
            keep_ray(vertex, kind, index, direction)
            return INFEASIBLE if ray_proves_infeasible(costs, open_pairs, slope_price, unit) else STALLED
        agent = work.next_agent[entering] if entering >= 0 else -1
        pivot(rows, vertex, kind, index, direction, step, blocking_row, entering, agent)
    return PAUSED


@entry
def most_pivots(rows: Rows, n: int) -> int:
    """Return how many pivots are plenty; an ascent that takes more is going in circles."""
    return 60 * (n + 2) + 2 * int(rows.in_use[0]) + 400
