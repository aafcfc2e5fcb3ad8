"""The line search along an edge of the dual: how far the bound rises, and which tasks change agents on the way.

Along an edge the prices are v + t d, with direction d and step t. The reduced cost of task j for agent i relative to
its key k falls at the rate  d[i] burden[j, i] - d[k] burden[j, k],  plus the difference of the rates of their shifts.
Where it reaches zero, at a *break point*, the minimum passes to i, and the slope of the bound falls by that rate. An
ordinary ratio test would stop at the first break point; the long-step rule goes on until the slope would no longer be
positive, and so replaces many short pivots by one.

References
----------
Maros, A generalized dual phase-2 simplex algorithm, European Journal of Operational Research 149, 2003.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Costs, Slope, Vertex, Windows, Work
from evenhand.assignment.kernels.vertex import change_key, is_tie, rate, reduced_cost
from evenhand.numba_decorators import inner


@inner
def next_break(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    edge: Slope,
    task: int,
    walked: float,
    work: Work,
) -> float:
    """Return the step of the next break point of `task` and write its agent to ``work.next_agent``; inf if none comes.

    `walked` is the step already made: rounding must not put a break point behind it.
    """
    n = costs.cost.shape[1]
    key = vertex.key[task]
    key_rate = rate(costs, windows, edge, task, key)
    key_value = reduced_cost(costs, windows, vertex, task, key)
    first = np.inf
    for i in range(n):
        if i == key or not open_pairs[task, i]:
            continue
        fall = rate(costs, windows, edge, task, i) - key_rate
        if fall <= 1e-12 * (abs(key_rate) + abs(fall)):  # a rate of rounding alone leads to no break point
            continue
        if vertex.tied[task] > 0:
            # Ties keep a relative reduced cost of zero along the edge, or leave it upwards: they are no break points.
            basic = False
            for t in range(vertex.size[0]):
                if vertex.tie_task[t] == task and vertex.tie_agent[t] == i:
                    basic = True
            if basic:
                continue
        step = max((reduced_cost(costs, windows, vertex, task, i) - key_value) / fall, walked)
        if step < first:
            first = step
            work.next_agent[task] = i
    return first


@inner
def sift_down(work: Work, position: int, count: int) -> None:
    """Restore the heap order of the break points below `position`, the nearest on top."""
    step = work.heap_step[position]
    task = work.heap_task[position]
    while True:
        child = 2 * position + 1
        if child >= count:
            break
        if child + 1 < count and work.heap_step[child + 1] < work.heap_step[child]:
            child += 1
        if work.heap_step[child] >= step:
            break
        work.heap_step[position] = work.heap_step[child]
        work.heap_task[position] = work.heap_task[child]
        position = child
    work.heap_step[position] = step
    work.heap_task[position] = task


@inner
def gather_breaks(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    edge: Slope,
    tasks: NDArray[np.int64],
    work: Work,
) -> int:
    """Build the heap of the first break point of each of `tasks`; return its size."""
    count = 0
    for position in range(tasks.shape[0]):
        task = tasks[position]
        first = next_break(costs, open_pairs, windows, vertex, edge, task, 0.0, work)
        if first < np.inf:
            work.heap_step[count] = first
            work.heap_task[count] = task
            count += 1
    for position in range(count // 2 - 1, -1, -1):
        sift_down(work, position, count)
    return count


@inner
def walk(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    edge: Slope,
    slope: float,
    longest: float,
    tasks: NDArray[np.int64],
    work: Work,
) -> tuple[float, int]:
    """Walk along an edge until its slope would no longer be positive; tasks passed on the way get another key.

    Parameters are the direction of the `edge`, its initial `slope`, and `longest`, the step at which a multiplier
    becomes zero. Returns the step and the task that stops it, whose agent is in ``work.next_agent`` and becomes a tie;
    -1 instead of a task if the walk ends at `longest`.
    """
    count = gather_breaks(costs, open_pairs, windows, vertex, edge, tasks, work)
    while count > 0:
        step = work.heap_step[0]
        task = work.heap_task[0]
        if step >= longest:
            break
        key = vertex.key[task]
        agent = work.next_agent[task]
        fall = rate(costs, windows, edge, task, agent) - rate(costs, windows, edge, task, key)
        # A task with ties cannot merely change its key: its equations are part of the system, which a pivot must
        # update.
        if vertex.tied[task] > 0 or slope - fall <= 0.0:
            return step, task
        slope -= fall
        change_key(costs, windows, vertex, task, agent)
        following = next_break(costs, open_pairs, windows, vertex, edge, task, step, work)
        if following < np.inf:
            work.heap_step[0] = following
        else:
            count -= 1
            work.heap_step[0] = work.heap_step[count]
            work.heap_task[0] = work.heap_task[count]
        sift_down(work, 0, count)
    return longest, -1


@inner
def first_breaks(
    costs: Costs, open_pairs: NDArray[np.bool_], windows: Windows, vertex: Vertex, edge: Slope, tasks: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the steps to the first break point along an edge and against it: the ordinary ratio test, in one pass."""
    n = costs.cost.shape[1]
    ahead, behind = np.inf, np.inf
    for position in range(tasks.shape[0]):
        task = tasks[position]
        key = vertex.key[task]
        key_rate = rate(costs, windows, edge, task, key)
        key_value = reduced_cost(costs, windows, vertex, task, key)
        for i in range(n):
            if i == key or not open_pairs[task, i]:
                continue
            if vertex.tied[task] > 0 and is_tie(vertex, task, i):
                continue
            fall = rate(costs, windows, edge, task, i) - key_rate
            reduced = reduced_cost(costs, windows, vertex, task, i) - key_value
            if fall > 0.0:
                if reduced < ahead * fall:
                    ahead = reduced / fall
            elif fall < 0.0 and reduced < behind * -fall:
                behind = reduced / -fall
    return max(ahead, 0.0), max(behind, 0.0)
