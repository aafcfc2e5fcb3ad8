"""The memory of a depth-first search: one frame per open level, and a trail of the pairs that were closed on the way.

To return to a frame, the search reopens the pairs at the end of the trail, instead of keeping a copy of all pairs for
each level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into, fill
from evenhand.assignment.kernels.numba_decorators import inner
from evenhand.assignment.kernels.shared_arrays import Costs, Rows, Vertex
from evenhand.assignment.kernels.vertex import SHORTENED, exchange_key, key_share, update_price

# Positions in the array `control`: open levels, length of the trail, what to do next, nodes so far; and its length.
DEPTH = 0
TRAIL = 1
MODE = 2
NODES = 3
PLACES = 4

INTEGRAL = 1e-7
"""Distance from 0 or 1 below which a share counts as integral."""


class Stack(NamedTuple):
    """One frame per open level: the vertex of the node's relaxation, the task branched on, the agents left to try."""

    multiplier: NDArray[np.float64]  # (levels, capacity)
    key: NDArray[np.int32]  # (levels, m)
    tie_task: NDArray[np.int64]  # (levels, n + 2)
    tie_agent: NDArray[np.int64]  # (levels, n + 2)
    free_row: NDArray[np.int64]  # (levels, n + 2)
    size: NDArray[np.int64]  # (levels,)
    task: NDArray[np.int64]  # (levels,)
    agents: NDArray[np.int64]  # (levels, n) agents that the task may be given to, in the order in which they are tried
    agent_bound: NDArray[np.float64]  # (levels, n) bound of that child before its relaxation is solved
    tried: NDArray[np.int64]  # (levels,) number of children tried so far
    children: NDArray[np.int64]  # (levels,) number of children
    trail: NDArray[np.int64]  # (levels,) length of the trail when the frame was pushed
    bound: NDArray[np.float64]  # (levels,) bound of the node


def new_stack(levels: int, capacity: int, m: int, n: int) -> Stack:
    """Allocate a stack of `levels` frames for `m` tasks, `n` agents and `capacity` rows."""
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
    """Copy the vertex into a frame."""
    size = vertex.size[0]
    copy_into(stack.multiplier[level], vertex.multiplier, vertex.multiplier.shape[0])
    copy_into(stack.key[level], vertex.key, vertex.key.shape[0])
    copy_into(stack.tie_task[level], vertex.tie_task, size)
    copy_into(stack.tie_agent[level], vertex.tie_agent, size)
    copy_into(stack.free_row[level], vertex.free_row, size)
    stack.size[level] = size


@inner
def restore_vertex(costs: Costs, rows: Rows, vertex: Vertex, stack: Stack, level: int) -> None:
    """Restore the vertex of a frame, a warm start for its next child; rows added since then are pinned there.

    Loads and prices follow from keys and multipliers, and are computed anew rather than kept.
    """
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
            exchange_key(costs, vertex, t)
            return length
    vertex.load[key] -= costs.burden[task, key]
    vertex.load[agent] += costs.burden[task, agent]
    vertex.key[task] = agent
    # The task's ties no longer tie with this key, but their pairs are closed: the ascent removes them first.
    return length


@inner
def push(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    vertex: Vertex,
    stack: Stack,
    level: int,
    task: int,
    own: float,
    bound: float,
    control: NDArray[np.int64],
) -> None:
    """Push a frame that branches on `task`, with one child for each open agent.

    Agents with a share in the relaxation come first, the largest share first: the child whose optimum moves least is
    the likeliest to hold a good assignment. The others follow by reduced cost. A child's first bound is `own`, the
    bound that the present prices prove, plus its reduced cost; or the node's `bound`, if that is larger.
    """
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
