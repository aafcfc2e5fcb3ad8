"""Ascent of the dual bound from vertex to vertex: a dual simplex method with long steps on systems of about n unknowns.

At a vertex, the shares of the ties make every free row hold with equality. If all shares lie in [0, 1] and no pinned
row is violated, this primal solution is feasible, and primal and dual are optimal. Otherwise one *pivot* removes the
worst violation: a tie with a negative share leaves, or the multiplier of a violated row becomes free. That opens an
edge along which the bound rises, and `walk` in `edges.py` follows it until the slope would no longer be positive. What
stops the walk, a tie or a row whose multiplier becomes zero, takes the place of what left. A pivot costs O(m n), and
factorises nothing larger than (n + 1) x (n + 1).

Multipliers stay non-negative whatever happens numerically, and the bound is evaluated from them alone: a bad pivot
costs time but never makes a bound invalid.

References
----------
Dantzig, Van Slyke, Generalized upper bounding techniques, Journal of Computer and System Sciences 1, 1967.
Maros, A generalized dual phase-2 simplex algorithm, European Journal of Operational Research 149, 2003.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import fill, fill_table
from evenhand.assignment.kernels.edges import walk
from evenhand.assignment.kernels.linear_systems import solve_in_place
from evenhand.assignment.kernels.shared_arrays import Costs, Rows, Slope, Vertex, Windows, Work
from evenhand.assignment.kernels.vertex import (
    SINGULAR,
    TINY,
    add_toll,
    drop_tie,
    exchange_key,
    fill_system,
    fractional_load,
    fractional_number,
    is_free,
    key_share,
    key_value,
    multiplier_of,
    on_load,
    row_slack,
    set_multiplier,
    signed_limit,
    solve_shares,
    tie_on_row,
    update_price,
)
from evenhand.numba_decorators import entry, inner

# How an ascent ends.
OPTIMAL = 0
CUTOFF = 1
INFEASIBLE = 2
STALLED = 3
PAUSED = 4

# What is wrong at a vertex, and leaves the basis in the next pivot.
NOTHING = 0
CLOSED_TIE = 1
NEGATIVE_TIE = 2
VIOLATED_ROW = 3
NEGATIVE_KEY = 4

SHARE_TOLERANCE = 1e-9
"""Shares down to minus this number as zero."""

ROW_TOLERANCE = 1e-11
"""Violation of a row up to which it counts as met, relative to a typical burden."""

LIMIT_TOLERANCE = 1e-9
"""Violation of a limit up to which it counts as kept, in tasks, or for loads relative to a typical burden."""

MOST_WORK = 100_000_000
"""Work of pivots, in pairs of agent and task that are looked at, after which a loop returns to check the clock: some
tenths of a second. Everything that works between two checks counts in this unit."""


@inner
def choose_leaving(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    load: NDArray[np.float64],
    number: NDArray[np.float64],
    unit: float,
) -> tuple[int, int]:
    """Choose what leaves the basis, the largest violation in units of load; return its kind and index.

    Kinds: NOTHING (optimal); CLOSED_TIE, a tie whose pair branching has closed; NEGATIVE_TIE, a tie with a negative
    share; VIOLATED_ROW, a pinned row with a negative activity. The index is that of the tie or the row.
    """
    kind, index, worst = NOTHING, -1, 0.0
    # Closed ties leave first: until they have, neither shares nor bound belong to the node's problem.
    for t in range(vertex.size[0]):
        if not open_pairs[vertex.tie_task[t], vertex.tie_agent[t]]:
            return CLOSED_TIE, t
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        key = vertex.key[task]
        # A task without burden still counts in windows on numbers of tasks.
        least = unit if windows.limit.shape[0] > 0 else 0.0
        weight = max(least, 0.5 * (costs.burden[task, vertex.tie_agent[t]] + costs.burden[task, key]))
        if vertex.share[t] < -SHARE_TOLERANCE and -vertex.share[t] * weight > worst:
            kind, index, worst = NEGATIVE_TIE, t, -vertex.share[t] * weight
        # The key keeps 1 minus its ties' shares. If that is negative, the key itself leaves.
        left = key_share(vertex, task)
        if left < -SHARE_TOLERANCE and -left * weight > worst:
            best = t
            for other in range(vertex.size[0]):
                if vertex.tie_task[other] == task and vertex.share[other] > vertex.share[best]:
                    best = other
            kind, index, worst = NEGATIVE_KEY, best, -left * weight
    if kind == NEGATIVE_KEY:
        # A key cannot leave, for its task needs one: it first changes places with the tie of the largest share.
        exchange_key(costs, windows, vertex, index)
        kind = NEGATIVE_TIE
    for r in range(rows.in_use[0]):
        short = -row_slack(rows, windows, load, number, r)
        if short > ROW_TOLERANCE * unit and short > worst and not is_free(vertex, r):
            kind, index, worst = VIOLATED_ROW, r, short
    for w in range(windows.limit.shape[0]):
        if abs(windows.limit[w]) == np.inf:
            continue
        short = -row_slack(rows, windows, load, number, -1 - w)
        if not on_load(number, -1 - w):
            short *= unit  # a whole task weighs as much as a typical burden
        if short > LIMIT_TOLERANCE * unit and short > worst and not is_free(vertex, -1 - w):
            kind, index, worst = VIOLATED_ROW, -1 - w, short
    return kind, index


@inner
def find_direction(
    costs: Costs,
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    kind: int,
    index: int,
    system: NDArray[np.float64],
    step: NDArray[np.float64],
    edge: Slope,
) -> float:
    """Write the direction of the edge that opens when `index` leaves; return the bound's slope along it, 0 on failure.

    With D from `fill_system`, the free multipliers change at rates d, in `step`; prices and shifts at the rates `edge`.
    Every tie that stays keeps its reduced cost zero, and the one that leaves lets it grow at rate 1:  D d = -e_index.
    If a row is freed instead, its own multiplier grows at rate 1 and all ties stay:  D d = -D[:, row].
    The slope of the bound is what the rows lack with all tasks at their keys, each times the rate of its multiplier.
    """
    size = vertex.size[0]
    fill_system(costs, rows, windows, vertex, system, False)
    for t in range(size):
        step[t] = 0.0
    if kind == VIOLATED_ROW:
        for t in range(size):
            step[t] = -tie_on_row(costs, rows, windows, vertex, t, index)
    else:
        step[index] = -1.0
    if not solve_in_place(system, step, size, SINGULAR):
        return 0.0
    # The reduced cost of a closed pair matters no more and may move either way: take the way in which the bound rises.
    slope = set_edge(rows, windows, vertex, kind, index, step, edge)
    if kind == CLOSED_TIE and slope <= 0.0:
        for r in range(size):
            step[r] = -step[r]
        slope = set_edge(rows, windows, vertex, kind, index, step, edge)
    return slope


@inner
def set_edge(
    rows: Rows, windows: Windows, vertex: Vertex, kind: int, index: int, step: NDArray[np.float64], edge: Slope
) -> float:
    """Write the rates of prices and shifts, if multipliers change at the rates `step`; return the bound's slope."""
    fill(edge.price, 0.0)
    fill_table(edge.shift, 0.0)
    slope = 0.0
    for r in range(vertex.size[0] + 1):
        if r == vertex.size[0] and kind != VIOLATED_ROW:
            break
        row, amount = (vertex.free_row[r], step[r]) if r < vertex.size[0] else (index, 1.0)
        if row < 0:
            add_toll(edge.price, edge.shift, row, amount)
            slope -= amount * row_slack(rows, windows, vertex.load, vertex.number, row)
            continue
        for i in range(edge.price.shape[0]):
            edge.price[i] += amount * rows.matrix[row, i]
            slope -= amount * rows.matrix[row, i] * vertex.load[i]
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
    """Move the multipliers by `step` along `direction`, and exchange what left the basis for what stopped the walk.

    The walk stopped at a tie, of the task `entering` with `agent`; or, if `entering` is -1, at the row in position
    `blocking_row` of the free rows, whose multiplier became zero: it is pinned. The numbers of ties and of free rows
    stay equal in each of the four cases.
    """
    size = vertex.size[0]
    for r in range(size):
        row = vertex.free_row[r]
        set_multiplier(vertex, row, max(0.0, multiplier_of(vertex, row) + step * direction[r]))
    if kind == VIOLATED_ROW:
        set_multiplier(vertex, index, step)
        vertex.free_row[size] = index
        if entering < 0:  # one row is freed, another pinned
            set_multiplier(vertex, vertex.free_row[blocking_row], 0.0)
            vertex.free_row[blocking_row] = index
        else:  # one row is freed, and a tie added
            vertex.tie_task[size] = entering
            vertex.tie_agent[size] = agent
            vertex.tied[entering] += 1
            vertex.size[0] = size + 1
    elif entering < 0:  # a tie is dropped, and a row pinned
        drop_tie(vertex, index)
        set_multiplier(vertex, vertex.free_row[blocking_row], 0.0)
        vertex.free_row[blocking_row] = vertex.free_row[size - 1]
        vertex.size[0] = size - 1
    else:  # one tie takes another's place
        vertex.tied[vertex.tie_task[index]] -= 1
        vertex.tie_task[index] = entering
        vertex.tie_agent[index] = agent
        vertex.tied[entering] += 1
    update_price(rows, vertex)


@inner
def keep_ray(vertex: Vertex, kind: int, index: int, direction: NDArray[np.float64]) -> None:
    """Keep the direction of an edge without end: the multipliers of a proof that nothing is fair (a dual ray)."""
    fill(vertex.ray, 0.0)
    fill(vertex.ray_toll, 0.0)
    for r in range(vertex.size[0] + 1):
        if r == vertex.size[0] and kind != VIOLATED_ROW:
            break
        row, weight = (vertex.free_row[r], max(0.0, direction[r])) if r < vertex.size[0] else (index, 1.0)
        if row >= 0:
            vertex.ray[row] = weight
        else:
            vertex.ray_toll[-1 - row] = weight


@inner
def ray_proves_infeasible(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    kind: int,
    index: int,
    direction: NDArray[np.float64],
    edge: Slope,
    unit: float,
) -> bool:
    """Return whether every assignment, even a fractional one, violates the rows combined in the edge's direction.

    That proves infeasibility (Farkas' lemma): the direction combines rows with non-negative weights, and fair loads
    within all limits meet each. The largest activity of the combination takes the best agent for each task; it must
    be below what the limits ask for by several times the largest rounding error of a plain sum of that many terms.
    """
    m, n = costs.cost.shape
    most, sizes, largest = 0.0, 0.0, 0.0
    for i in range(n):
        term = edge.price[i] * costs.initial[i]
        most += term
        sizes += abs(term)
        largest = max(largest, abs(edge.price[i]))
        for g in range(edge.shift.shape[1]):
            largest = max(largest, abs(edge.shift[i, g]) / unit)
    for r in range(vertex.size[0] + 1):
        if r == vertex.size[0] and kind != VIOLATED_ROW:
            break
        row, weight = (vertex.free_row[r], max(0.0, direction[r])) if r < vertex.size[0] else (index, 1.0)
        if row < 0 and weight > 0.0:
            term = weight * signed_limit(windows, row)
            most -= term
            sizes += abs(term) + weight * unit * m  # the weight's own rounding, times all that it is paid for
    for j in range(m):
        best, terms = -np.inf, 0.0
        for i in range(n):
            if open_pairs[j, i]:
                paid, shift = edge.price[i] * costs.burden[j, i], edge.shift[i, windows.group[j]]
                best = max(best, paid + shift)
                terms = max(terms, abs(paid) + abs(shift))
        most += best
        sizes += terms
    return bool(most < -1e-12 * unit * m * largest - 2.0**-50 * (m + n + 8) * sizes - TINY)


@entry
def ascend(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    work: Work,
    tasks: NDArray[np.int64],
    cutoff: float,
    unit: float,
    pivots: int,
) -> int:
    """Climb from `vertex`, a warm start, to the largest dual bound, or until the bound reaches `cutoff`.

    `tasks` are those that may change agents on the way; `unit` is a typical burden. Returns OPTIMAL; CUTOFF, which the
    caller checks, because `key_value` is an estimate; INFEASIBLE, proven by a ray; STALLED if a system is singular, no
    edge rises or a ray proves nothing; or PAUSED after `pivots` pivots.
    """
    n = costs.cost.shape[1]
    most = vertex.share.shape[0]
    system = np.empty((most, most))
    direction = np.empty(most)
    edge = Slope(np.empty(n), np.empty(vertex.shift.shape))
    load, number = np.empty(n), np.empty(vertex.number.shape)
    for _ in range(pivots):
        if not solve_shares(costs, rows, windows, vertex, system):
            return STALLED
        fractional_load(costs, vertex, load)
        fractional_number(windows, vertex, number)
        kind, index = choose_leaving(costs, open_pairs, rows, windows, vertex, load, number, unit)
        if kind == NOTHING:
            return OPTIMAL
        if cutoff < np.inf and key_value(costs, windows, vertex) >= cutoff:
            return CUTOFF
        if vertex.size[0] + 1 >= most:
            return STALLED
        slope = find_direction(costs, rows, windows, vertex, kind, index, system, direction, edge)
        if slope <= 0.0 and kind != CLOSED_TIE:
            return STALLED
        # Ratio test of the free rows: no multiplier may become negative. That of the tasks is in `walk`.
        size = vertex.size[0]
        longest, blocking_row = np.inf, -1
        for r in range(size):
            if direction[r] < 0.0:
                reach = multiplier_of(vertex, vertex.free_row[r]) / -direction[r]
                if reach < longest:
                    longest, blocking_row = reach, r
        step, entering = walk(costs, open_pairs, windows, vertex, edge, slope, longest, tasks, work)
        if entering < 0 and blocking_row < 0:
            keep_ray(vertex, kind, index, direction)
            proven = ray_proves_infeasible(costs, open_pairs, windows, vertex, kind, index, direction, edge, unit)
            return INFEASIBLE if proven else STALLED
        agent = work.next_agent[entering] if entering >= 0 else -1
        pivot(rows, vertex, kind, index, direction, step, blocking_row, entering, agent)
    return PAUSED


@entry
def pivot_work(tasks: int, n: int) -> int:
    """Return the work of a pivot over `tasks` tasks and `n` agents, in pairs: a pass, and two systems of about n."""
    return tasks * n + n * n * n // 8 + 1


@entry
def pivots_within(tasks: int, n: int) -> int:
    """Return the number of pivots between two checks of the clock, at least 1."""
    return max(1, MOST_WORK // pivot_work(tasks, n))


@entry
def most_pivots(rows: Rows, n: int) -> int:
    """Return a number of pivots that no ascent needs unless it cycles."""
    return 60 * (n + 2) + 2 * int(rows.in_use[0]) + 400
