"""The memory of a depth-first search: one frame per open level, and a trail of the pairs that were closed on the way.

To return to a frame, the search reopens the pairs at the end of the trail, instead of keeping a copy of all pairs for
each level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into, fill
from evenhand.assignment.kernels.shared_arrays import MOST_FREE_WINDOWS, Costs, Rows, Vertex, Windows
from evenhand.assignment.kernels.vertex import (
    SHORTENED,
    add_up,
    change_key,
    exchange_key,
    key_share,
    reduced_cost,
    update_price,
)
from evenhand.numba_decorators import allocating, inner

# Positions in the array `control`: open levels, length of the trail, what to do next, nodes so far; ascents begun at
# the present node, and pivots of the last one so far; and its length.
DEPTH = 0
TRAIL = 1
MODE = 2
NODES = 3
ASCENTS = 4
PIVOTS = 5
PLACES = 6

INTEGRAL = 1e-7
"""Distance from 0 or 1 below which a share counts as integral."""


class Stack(NamedTuple):
    """One frame per open level: the vertex of the node's relaxation, the task branched on, the agents left to try."""

    multiplier: NDArray[np.float64]  # (levels, capacity)
    key: NDArray[np.int32]  # (levels, m)
    tie_task: NDArray[np.int64]  # (levels, n + 2 + MOST_FREE_WINDOWS)
    tie_agent: NDArray[np.int64]  # the same
    free_row: NDArray[np.int64]  # the same
    size: NDArray[np.int64]  # (levels,)
    task: NDArray[np.int64]  # (levels,)
    agents: NDArray[np.int64]  # (levels, n) agents that the task may be given to, in the order in which they are tried
    place: NDArray[np.int64]  # (levels,) window branched on, as agent * columns + column; -1 if it is a task
    split: NDArray[np.float64]  # (levels, 2) upper limit of that window in the child 0, lower limit in the child 1
    agent_bound: NDArray[np.float64]  # (levels, n) bound of that child before its relaxation is solved
    tried: NDArray[np.int64]  # (levels,) number of children tried so far
    children: NDArray[np.int64]  # (levels,) number of children
    trail: NDArray[np.int64]  # (levels,) length of the trail when the frame was pushed
    bound: NDArray[np.float64]  # (levels,) bound of the node
    limit: NDArray[np.float64]  # (levels, limits) limits of the node's windows
    toll: NDArray[np.float64]  # (levels, limits)


def new_stack(levels: int, capacity: int, m: int, n: int, limits: int) -> Stack:
    """Allocate a stack of `levels` frames for `m` tasks, `n` agents, `capacity` rows and `limits` of windows."""
    few = n + 2 + MOST_FREE_WINDOWS
    return Stack(
        multiplier=np.zeros((levels, capacity)),
        key=np.zeros((levels, m), np.int32),
        tie_task=np.zeros((levels, few), np.int64),
        tie_agent=np.zeros((levels, few), np.int64),
        free_row=np.zeros((levels, few), np.int64),
        size=np.zeros(levels, np.int64),
        task=np.zeros(levels, np.int64),
        agents=np.zeros((levels, n), np.int64),
        place=np.zeros(levels, np.int64),
        split=np.zeros((levels, 2)),
        agent_bound=np.zeros((levels, n)),
        tried=np.zeros(levels, np.int64),
        children=np.zeros(levels, np.int64),
        trail=np.zeros(levels, np.int64),
        bound=np.zeros(levels),
        limit=np.zeros((levels, limits)),
        toll=np.zeros((levels, limits)),
    )


@inner
def save_vertex(windows: Windows, vertex: Vertex, stack: Stack, level: int) -> None:
    """Copy the vertex and the node's limits into a frame."""
    size = vertex.size[0]
    copy_into(stack.limit[level], windows.limit, windows.limit.shape[0])
    copy_into(stack.toll[level], vertex.toll, windows.limit.shape[0])
    copy_into(stack.multiplier[level], vertex.multiplier, vertex.multiplier.shape[0])
    copy_into(stack.key[level], vertex.key, vertex.key.shape[0])
    copy_into(stack.tie_task[level], vertex.tie_task, size)
    copy_into(stack.tie_agent[level], vertex.tie_agent, size)
    copy_into(stack.free_row[level], vertex.free_row, size)
    stack.size[level] = size


@inner
def restore_vertex(costs: Costs, rows: Rows, windows: Windows, vertex: Vertex, stack: Stack, level: int) -> None:
    """Restore the limits and the vertex of a frame, for its next child; rows added since then are pinned there.

    Loads and prices follow from keys and multipliers, and are computed anew rather than kept.
    """
    size = stack.size[level]
    copy_into(windows.limit, stack.limit[level], windows.limit.shape[0])
    copy_into(vertex.toll, stack.toll[level], windows.limit.shape[0])
    copy_into(vertex.multiplier, stack.multiplier[level], vertex.multiplier.shape[0])
    copy_into(vertex.key, stack.key[level], vertex.key.shape[0])
    copy_into(vertex.tie_task, stack.tie_task[level], size)
    copy_into(vertex.tie_agent, stack.tie_agent[level], size)
    copy_into(vertex.free_row, stack.free_row[level], size)
    vertex.size[0] = size
    fill(vertex.tied, 0)
    for t in range(size):
        vertex.tied[vertex.tie_task[t]] += 1
    add_up(costs, windows, vertex)
    update_price(rows, vertex)


@inner
def close_pair(open_pairs: NDArray[np.bool_], trail: NDArray[np.int64], length: int, task: int, agent: int) -> int:
    """Close a pair and append it to the trail; return the trail's new length."""
    open_pairs[task, agent] = False
    trail[length] = task * open_pairs.shape[1] + agent
    return length + 1


@inner
def reopen(open_pairs: NDArray[np.bool_], trail: NDArray[np.int64], length: int, mark: int) -> int:
    """Reopen the pairs of the trail beyond the length `mark`; return the trail's new length."""
    n = open_pairs.shape[1]
    while length > mark:
        length -= 1
        open_pairs[trail[length] // n, trail[length] % n] = True
    return length


@inner
def give_task(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    trail: NDArray[np.int64],
    length: int,
    task: int,
    agent: int,
) -> int:
    """Branch: close every pair of `task` but that with `agent`, its new key; return the trail's new length."""
    for i in range(open_pairs.shape[1]):
        if i != agent and open_pairs[task, i]:
            length = close_pair(open_pairs, trail, length, task, i)
    key = vertex.key[task]
    if key == agent:
        return length
    for t in range(vertex.size[0]):
        if vertex.tie_task[t] == task and vertex.tie_agent[t] == agent:
            exchange_key(costs, windows, vertex, t)
            return length
    change_key(costs, windows, vertex, task, agent)
    # The task's ties no longer tie with this key, but their pairs are closed: the ascent removes them first.
    return length


@allocating
def push(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    stack: Stack,
    control: NDArray[np.int64],
    task: int,
    own: float,
    bound: float,
) -> None:
    """Push a frame that branches on `task`, with one child for each open agent; or on the window written to it, if -1.

    Agents with a share in the relaxation come first, the largest share first: the child whose optimum moves least is
    the likeliest to hold a good assignment. The others follow by reduced cost. A child's first bound is `own`, the
    bound that the present prices prove, plus its reduced cost; or the node's `bound`, if that is larger.
    """
    n = open_pairs.shape[1]
    level = control[DEPTH]
    control[DEPTH] += 1
    stack.bound[level] = bound
    stack.trail[level] = control[TRAIL]
    stack.tried[level] = 0
    if task < 0:
        return
    save_vertex(windows, vertex, stack, level)
    stack.task[level] = task
    stack.place[level] = -1
    least = np.inf
    for i in range(n):
        if open_pairs[task, i]:
            least = min(least, reduced_cost(costs, windows, vertex, task, i))
    rank = np.empty(n)
    count = 0
    for i in range(n):
        if not open_pairs[task, i]:
            continue
        reduced = reduced_cost(costs, windows, vertex, task, i) - least
        share = 0.0
        if i == vertex.key[task]:
            share = key_share(vertex, task)
        else:
            for t in range(vertex.size[0]):
                if vertex.tie_task[t] == task and vertex.tie_agent[t] == i:
                    share = vertex.share[t]
        score = -share if share > INTEGRAL else reduced
        # Insertion sort by score: agents with a share have negative scores, and so precede all others.
        place = count
        while place > 0 and rank[place - 1] > score:
            rank[place] = rank[place - 1]
            stack.agents[level, place] = stack.agents[level, place - 1]
            stack.agent_bound[level, place] = stack.agent_bound[level, place - 1]
            place -= 1
        rank[place] = score
        stack.agents[level, place] = i
        lifted = own + SHORTENED * reduced
        stack.agent_bound[level, place] = lifted if lifted > bound else bound
        count += 1
    stack.children[level] = count
