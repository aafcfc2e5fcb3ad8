"""Depth-first branch and bound on the dual's vertices, in one compiled loop that stops for whatever needs a judgement.

A node is a set of closed (task, agent) pairs. Its bound comes from :func:`~evenhand.assignment.kernels.ascent.ascend`,
started at its parent's vertex. The loop returns to its caller with an event: a candidate assignment to be judged, more
room wanted, the budget of nodes used up, or the tree closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evenhand.assignment.kernels.arrays import copy_into, fill
from evenhand.assignment.kernels.ascent import (
    INFEASIBLE,
    OPTIMAL,
    PAUSED,
    SINGULAR,
    STALLED,
    ascend,
    dual_value,
    exchange_key,
    fill_system,
    key_share,
    most_pivots,
    start,
    update_price,
)
from evenhand.assignment.kernels.compiled import entry, inner
from evenhand.assignment.kernels.linear import solve_in_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs, Rows, Vertex, Work

DONE = 0
CANDIDATE = 1
BUDGET = 2
ROOM = 3

PROCESS = 0
NEXT = 1
BRANCH = 2

# Places in `control`.
DEPTH = 0
TRAIL = 1
MODE = 2
NODES = 3
RESTARTS = 4
SHUFFLE = 5
PLACES = 6

INTEGRAL = 1e-7


class Stack(NamedTuple):
    """One frame for each open level: the vertex after its relaxation, the task branched on, the agents left to try."""

    multiplier: NDArray[np.float64]  # (levels, capacity)
    key: NDArray[np.int32]  # (levels, m)
    tie_task: NDArray[np.int64]  # (levels, n + 2)
    tie_agent: NDArray[np.int64]  # (levels, n + 2)
    free_row: NDArray[np.int64]  # (levels, n + 2)
    size: NDArray[np.int64]  # (levels,)
    task: NDArray[np.int64]  # (levels,)
    agents: NDArray[np.int64]  # (levels, n) in the order to be tried
    agent_bound: NDArray[np.float64]  # (levels, n) bound of that child before its relaxation
    tried: NDArray[np.int64]  # (levels,)
    children: NDArray[np.int64]  # (levels,)
    trail: NDArray[np.int64]  # (levels,) length of the trail
    bound: NDArray[np.float64]  # (levels,)


def new_stack(levels: int, capacity: int, m: int, n: int) -> Stack:
    """Return room for a search of depth `levels`."""
    few = n + 2
    return Stack(
        multiplier=np.zeros((levels, capacity)),
        key=np.zeros((levels, m), np.int32),
        tie_task=np.zeros((levels, few), np.int64),
        tie_agent=np.zeros((levels, few), np.int64),
        free_row=np.zeros((levels, few), np.int64),
        size=np.zeros(levels, np.int64),
        task=np.zeros(levels, np.int64),
        agents=np.zeros((levels, n), np.int64),
        agent_bound=np.zeros((levels, n)),
        tried=np.zeros(levels, np.int64),
        children=np.zeros(levels, np.int64),
        trail=np.zeros(levels, np.int64),
        bound=np.zeros(levels),
    )


@inner
def save_vertex(vertex: Vertex, stack: Stack, level: int) -> None:
    """Keep the vertex in a frame."""
    size = vertex.size[0]
    copy_into(stack.multiplier[level], vertex.multiplier, vertex.multiplier.shape[0])
    copy_into(stack.key[level], vertex.key, vertex.key.shape[0])
    copy_into(stack.tie_task[level], vertex.tie_task, size)
    copy_into(stack.tie_agent[level], vertex.tie_agent, size)
    copy_into(stack.free_row[level], vertex.free_row, size)
    stack.size[level] = size


@inner
def restore_vertex(costs: Costs, rows: Rows, vertex: Vertex, stack: Stack, level: int) -> None:
    """Return to a frame's vertex; rows made since are pinned there."""
    size = stack.size[level]
    copy_into(vertex.multiplier, stack.multiplier[level], vertex.multiplier.shape[0])
    copy_into(vertex.key, stack.key[level], vertex.key.shape[0])
    copy_into(vertex.tie_task, stack.tie_task[level], size)
    copy_into(vertex.tie_agent, stack.tie_agent[level], size)
    copy_into(vertex.free_row, stack.free_row[level], size)
    vertex.size[0] = size
    fill(vertex.tied, 0)
    for t in range(size):
        vertex.tied[vertex.tie_task[t]] += 1
    copy_into(vertex.load, costs.initial, vertex.load.shape[0])
    for j in range(vertex.key.shape[0]):
        vertex.load[vertex.key[j]] += costs.burden[j, vertex.key[j]]
    update_price(rows, vertex)


@inner
def close_pair(open_pairs: NDArray[np.bool_], trail: NDArray[np.int64], length: int, task: int, agent: int) -> int:
    """Close a pair and remember it; return the trail's new length."""
    open_pairs[task, agent] = False
    trail[length] = task * open_pairs.shape[1] + agent
    return length + 1


@inner
def reopen(open_pairs: NDArray[np.bool_], trail: NDArray[np.int64], length: int, mark: int) -> int:
    """Undo closings back to `mark`."""
    n = open_pairs.shape[1]
    while length > mark:
        length -= 1
        open_pairs[trail[length] // n, trail[length] % n] = True
    return length


@inner
def give_task(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    vertex: Vertex,
    trail: NDArray[np.int64],
    length: int,
    task: int,
    agent: int,
) -> int:
    """Close every pair of `task` but `agent`, and make `agent` its key; return the trail's new length."""
    for i in range(open_pairs.shape[1]):
        if i != agent and open_pairs[task, i]:
            length = close_pair(open_pairs, trail, length, task, i)
    key = vertex.key[task]
    if key == agent:
        return length
    for t in range(vertex.size[0]):
        if vertex.tie_task[t] == task and vertex.tie_agent[t] == agent:
            exchange_key(costs, vertex, t)
            return length
    vertex.load[key] -= costs.burden[task, key]
    vertex.load[agent] += costs.burden[task, agent]
    vertex.key[task] = agent
    # Ties of the task are closed now, and leave first, whatever they are tied to.
    return length


@inner
def undecided_tasks(open_pairs: NDArray[np.bool_], tasks: NDArray[np.int64]) -> int:
    """Write the tasks with more than one open agent; return how many there are."""
    count = 0
    for j in range(open_pairs.shape[0]):
        left = 0
        for i in range(open_pairs.shape[1]):
            if open_pairs[j, i]:
                left += 1
        if left > 1:
            tasks[count] = j
            count += 1
    return count


@inner
def close_by_reduced_cost(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    vertex: Vertex,
    tasks: NDArray[np.int64],
    trail: NDArray[np.int64],
    length: int,
    bound: float,
    cutoff: float,
    proven: NDArray[np.float64],
) -> int:
    """Close every pair whose reduced cost alone lifts `bound` to `cutoff` or more; return the trail's new length."""
    n = open_pairs.shape[1]
    for position in range(tasks.shape[0]):
        task = tasks[position]
        least = np.inf
        for i in range(n):
            if open_pairs[task, i]:
                least = min(least, costs.cost[task, i] - vertex.price[i] * costs.burden[task, i])
        for i in range(n):
            if not open_pairs[task, i] or i == vertex.key[task]:
                continue
            reduced = costs.cost[task, i] - vertex.price[i] * costs.burden[task, i] - least
            if bound + reduced >= cutoff:
                proven[0] = min(proven[0], bound + reduced)
                length = close_pair(open_pairs, trail, length, task, i)
    return length


@inner
def first_breaks(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    vertex: Vertex,
    slope_price: NDArray[np.float64],
    tasks: NDArray[np.int64],
) -> tuple[float, float]:
    """Return how far one can walk along an edge, and against it, until some task would rather change hands."""
    n = costs.cost.shape[1]
    ahead, behind = np.inf, np.inf
    for position in range(tasks.shape[0]):
        task = tasks[position]
        key = vertex.key[task]
        key_rate = slope_price[key] * costs.burden[task, key]
        key_value = costs.cost[task, key] - vertex.price[key] * costs.burden[task, key]
        for i in range(n):
            if i == key or not open_pairs[task, i]:
                continue
            if vertex.tied[task] > 0 and is_tie(vertex, task, i):
                continue
            rate = slope_price[i] * costs.burden[task, i] - key_rate
            reduced = costs.cost[task, i] - vertex.price[i] * costs.burden[task, i] - key_value
            if rate > 0.0:
                if reduced < ahead * rate:
                    ahead = reduced / rate
            elif rate < 0.0 and reduced < behind * -rate:
                behind = reduced / -rate
    return max(ahead, 0.0), max(behind, 0.0)


@inner
def is_tie(vertex: Vertex, task: int, agent: int) -> bool:
    """Tell whether `agent` is a tie of `task`."""
    for t in range(vertex.size[0]):  # noqa: SIM110 - numba compiles no generator expressions
        if vertex.tie_task[t] == task and vertex.tie_agent[t] == agent:
            return True
    return False


@inner
def branching_task(
    costs: Costs, open_pairs: NDArray[np.bool_], rows: Rows, vertex: Vertex, tasks: NDArray[np.int64]
) -> int:
    """Return the task to branch on, -1 where every share is whole.

    For each fractional tie the bound gained by the first step of either child is a penalty that costs one pass over the
    tasks; the product of both tells how much the branch is worth.
    """
    n = costs.cost.shape[1]
    size = vertex.size[0]
    system = np.empty((n + 2, n + 2))
    step = np.empty(n + 2)
    slope_price = np.empty(n)
    best, best_score = -1, -1.0
    for t in range(size):
        share = vertex.share[t]
        left = key_share(vertex, vertex.tie_task[t])
        if share < INTEGRAL and left > 1.0 - INTEGRAL:
            continue
        if share > 1.0 - INTEGRAL:
            continue
        fill_system(costs, rows, vertex, system, False)
        for other in range(size):
            step[other] = 0.0
        step[t] = 1.0
        score = 0.0
        if solve_in_place(system, step, size, SINGULAR):
            fill(slope_price, 0.0)
            ahead, behind = np.inf, np.inf
            for r in range(size):
                row = vertex.free_row[r]
                for i in range(n):
                    slope_price[i] += step[r] * rows.matrix[row, i]
                if step[r] < 0.0:
                    ahead = min(ahead, vertex.multiplier[row] / -step[r])
                elif step[r] > 0.0:
                    behind = min(behind, vertex.multiplier[row] / step[r])
            first, last = first_breaks(costs, open_pairs, vertex, slope_price, tasks)
            ahead, behind = min(ahead, first), min(behind, last)
            score = (share * ahead + 1e-9) * ((1.0 - share) * behind + 1e-9)
        if score > best_score:
            best, best_score = vertex.tie_task[t], score
    return best


@inner
def any_undecided(costs: Costs, open_pairs: NDArray[np.bool_], tasks: NDArray[np.int64]) -> int:
    """Return the undecided task with the largest burden, -1 if all are decided."""
    best, most = -1, -1.0
    for position in range(tasks.shape[0]):
        task = tasks[position]
        for i in range(open_pairs.shape[1]):
            if open_pairs[task, i] and costs.burden[task, i] > most:
                best, most = task, costs.burden[task, i]
    return best


@inner
def round_to_keys(costs: Costs, vertex: Vertex) -> None:
    """Make the agent with the larger share the key of each tied task."""
    for t in range(vertex.size[0]):
        if vertex.share[t] > 0.5:
            exchange_key(costs, vertex, t)
            vertex.share[t] = 1.0 - vertex.share[t]


@inner
def swap_children(stack: Stack, level: int) -> None:
    """Try a frame's second child first."""
    agents, bounds = stack.agents[level], stack.agent_bound[level]
    agents[0], agents[1] = agents[1], agents[0]
    bounds[0], bounds[1] = bounds[1], bounds[0]


@inner
def push(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    vertex: Vertex,
    stack: Stack,
    level: int,
    task: int,
    bound: float,
    control: NDArray[np.int64],
) -> None:
    """Open a frame that tries the agents of `task`, the largest share first, then by reduced cost."""
    n = open_pairs.shape[1]
    save_vertex(vertex, stack, level)
    stack.task[level] = task
    stack.bound[level] = bound
    stack.trail[level] = control[TRAIL]
    stack.tried[level] = 0
    least = np.inf
    for i in range(n):
        if open_pairs[task, i]:
            least = min(least, costs.cost[task, i] - vertex.price[i] * costs.burden[task, i])
    rank = np.empty(n)
    count = 0
    for i in range(n):
        if not open_pairs[task, i]:
            continue
        reduced = costs.cost[task, i] - vertex.price[i] * costs.burden[task, i] - least
        share = 0.0
        if i == vertex.key[task]:
            share = key_share(vertex, task)
        else:
            for t in range(vertex.size[0]):
                if vertex.tie_task[t] == task and vertex.tie_agent[t] == i:
                    share = vertex.share[t]
        score = -share if share > INTEGRAL else reduced
        place = count
        while place > 0 and rank[place - 1] > score:
            rank[place] = rank[place - 1]
            stack.agents[level, place] = stack.agents[level, place - 1]
            stack.agent_bound[level, place] = stack.agent_bound[level, place - 1]
            place -= 1
        rank[place] = score
        stack.agents[level, place] = i
        stack.agent_bound[level, place] = bound + reduced
        count += 1
    stack.children[level] = count
    if control[SHUFFLE] != 0 and count > 1:
        # Knuth's linear congruential generator, its upper bits.
        control[SHUFFLE] = control[SHUFFLE] * 6364136223846793005 + 1442695040888963407
        if (control[SHUFFLE] >> 40) & 3 == 0:
            swap_children(stack, level)


@inner
def climb(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    vertex: Vertex,
    work: Work,
    tasks: NDArray[np.int64],
    control: NDArray[np.int64],
    cutoff: float,
    unit: float,
) -> int:
    """Ascend from the vertex; once more from the bottom where that stalls or goes in circles."""
    status = STALLED
    for attempt in range(2):
        if attempt == 1:
            control[RESTARTS] += 1
            start(costs, open_pairs, vertex)
        pivots = most_pivots(rows, costs.initial.shape[0])
        status = ascend(costs, open_pairs, rows, vertex, work, tasks, cutoff, unit, pivots)
        if status != STALLED and status != PAUSED:
            break
    return status


@entry
def branch_and_bound(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    vertex: Vertex,
    work: Work,
    stack: Stack,
    trail: NDArray[np.int64],
    control: NDArray[np.int64],
    proven: NDArray[np.float64],
    tasks: NDArray[np.int64],
    cutoff: float,
    unit: float,
    budget: int,
) -> int:
    """Search until an event, closing nodes at or above `cutoff`; ``proven[0]`` keeps the least bound of a closed node.

    On CANDIDATE ``proven[1]`` is its node's bound, the assignment stands in ``vertex.key``; the caller sets
    ``control[MODE]`` to NEXT (node closed), PROCESS (rows
    were added: relax again) or BRANCH (neither: branch on).
    """
    while control[NODES] < budget:
        if control[MODE] == NEXT:
            while control[DEPTH] > 0:
                level = control[DEPTH] - 1
                child = stack.tried[level]
                if child < stack.children[level] and stack.bound[level] < cutoff:
                    break
                if child < stack.children[level]:
                    proven[0] = min(proven[0], stack.bound[level])
                control[DEPTH] -= 1
            if control[DEPTH] == 0:
                return DONE
            stack.tried[level] += 1
            if stack.agent_bound[level, child] >= cutoff:
                proven[0] = min(proven[0], stack.agent_bound[level, child])
                continue
            control[TRAIL] = reopen(open_pairs, trail, control[TRAIL], stack.trail[level])
            restore_vertex(costs, rows, vertex, stack, level)
            control[TRAIL] = give_task(
                costs,
                open_pairs,
                vertex,
                trail,
                control[TRAIL],
                stack.task[level],
                stack.agents[level, child],
            )
            control[MODE] = PROCESS
        if control[DEPTH] >= stack.size.shape[0]:
            return ROOM
        count = undecided_tasks(open_pairs, tasks)
        branch = -1
        bound = -np.inf
        if control[MODE] == PROCESS:
            control[NODES] += 1
            status = climb(costs, open_pairs, rows, vertex, work, tasks[:count], control, cutoff, unit)
            if status == INFEASIBLE:
                control[MODE] = NEXT
                continue
            bound = dual_value(costs, open_pairs, vertex.price)
            if control[DEPTH] > 0:
                bound = max(bound, stack.bound[control[DEPTH] - 1])
            if bound >= cutoff:
                proven[0] = min(proven[0], bound)
                control[MODE] = NEXT
                continue
            if status != OPTIMAL:
                branch = any_undecided(costs, open_pairs, tasks[:count])
                if branch < 0:
                    proven[1] = bound
                    return CANDIDATE
            else:
                branch = branching_task(costs, open_pairs, rows, vertex, tasks[:count])
                if branch < 0:
                    round_to_keys(costs, vertex)
                    proven[1] = bound
                    return CANDIDATE
        else:
            bound = dual_value(costs, open_pairs, vertex.price)
            if control[DEPTH] > 0:
                bound = max(bound, stack.bound[control[DEPTH] - 1])
            branch = any_undecided(costs, open_pairs, tasks[:count])
            if branch < 0:
                control[MODE] = NEXT
                continue
        if cutoff < np.inf:
            control[TRAIL] = close_by_reduced_cost(
                costs, open_pairs, vertex, tasks[:count], trail, control[TRAIL], bound, cutoff, proven
            )
        push(costs, open_pairs, vertex, stack, control[DEPTH], branch, bound, control)
        control[DEPTH] += 1
        control[MODE] = NEXT
    return BUDGET
