"""Depth-first branch and bound on the dual's vertices, in one compiled loop that returns whenever Python must decide.

A node is a set of closed (task, agent) pairs. Its bound comes from :func:`~evenhand.assignment.kernels.ascent.ascend`,
warm-started at its parent's vertex. The loop returns to its caller with an event: an integral candidate to be judged,
the stack full, the budget of nodes used up, a candidate's node branched on, or the tree closed. It also returns
in the middle of a long ascent, waiting for the clock to be checked, so that no call takes much longer than a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into
from evenhand.assignment.kernels.ascent import (
    INFEASIBLE,
    MOST_WORK,
    NOTHING,
    OPTIMAL,
    PAUSED,
    STALLED,
    ascend,
    most_pivots,
    pivot_work,
    pivots_within,
    set_edge,
)
from evenhand.assignment.kernels.edges import first_breaks
from evenhand.assignment.kernels.linear_systems import solve_in_place
from evenhand.assignment.kernels.shared_arrays import Costs, Rows, Slope, Vertex, Windows, Work
from evenhand.assignment.kernels.stack import (
    ASCENTS,
    DEPTH,
    INTEGRAL,
    MODE,
    NODES,
    PIVOTS,
    TRAIL,
    Stack,
    close_pair,
    give_task,
    push,
    reopen,
    restore_vertex,
)
from evenhand.assignment.kernels.vertex import (
    SHORTENED,
    SINGULAR,
    fill_system,
    multiplier_of,
    node_value,
    reduced_cost,
    solve_shares,
    start,
)
from evenhand.assignment.kernels.windows import (
    Pseudocosts,
    branch_on_whole,
    branch_on_window,
    is_contested,
    narrow,
    windows_pay,
    write_candidate,
)
from evenhand.numba_decorators import allocating, entry, inner

# Events: why `branch_and_bound` returns.
DONE = 0
CANDIDATE = 1
BUDGET = 2
ROOM = 3
BRANCHED = 4
WAITING = 5

# Modes: what it does next. Relax the present node, go to the next one, or branch without relaxing again.
PROCESS = 0
NEXT = 1
BRANCH = 2

# What a node is branched on, where it is no task.
ON_WINDOW = -1
NOTHING_LEFT = -2

LEAST_GAIN = 1e-9
"""Gain added to both factors of a branching score, so that a child without gain does not hide the other one's."""


@inner
def undecided_tasks(open_pairs: NDArray[np.bool_], tasks: NDArray[np.int64]) -> int:
    """Write the tasks with more than one open agent to `tasks`; return their number."""
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
    windows: Windows,
    vertex: Vertex,
    tasks: NDArray[np.int64],
    trail: NDArray[np.int64],
    length: int,
    own: float,
    cutoff: float,
    proven: NDArray[np.float64],
) -> int:
    """Reduced-cost fixing: close pairs that no assignment cheaper than `cutoff` uses; return the trail's new length.

    `own` is the bound that the present prices prove. An assignment that uses a pair costs at least `own` plus the
    pair's reduced cost. ``proven[0]`` keeps the least bound of what is closed.
    """
    n = open_pairs.shape[1]
    for position in range(tasks.shape[0]):
        task = tasks[position]
        least = np.inf
        for i in range(n):
            if open_pairs[task, i]:
                least = min(least, reduced_cost(costs, windows, vertex, task, i))
        for i in range(n):
            if not open_pairs[task, i] or i == vertex.key[task]:
                continue
            reduced = reduced_cost(costs, windows, vertex, task, i) - least
            lifted = own + SHORTENED * reduced
            if lifted >= cutoff:
                proven[0] = min(proven[0], lifted)
                length = close_pair(open_pairs, trail, length, task, i)
    return length


@allocating
def branching_task(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    tasks: NDArray[np.int64],
) -> tuple[int, float]:
    """Return the task to branch on and its score, -1 if every share is integral.

    For each fractional tie, the first dual simplex step of either child gives a lower estimate of how far that child's
    bound rises (a *penalty*), at the cost of one pass over the tasks. The tie whose two penalties have the largest
    product is chosen, because both of its children then gain.

    References
    ----------
    Tomlin, An improved branch-and-bound method for integer programming, Operations Research 19, 1971.
    Achterberg, Koch, Martin, Branching rules revisited, Operations Research Letters 33, 2005.
    """
    size = vertex.size[0]
    system = np.empty((size, size))
    step = np.empty(size)
    edge = Slope(np.empty(costs.cost.shape[1]), np.empty(vertex.shift.shape))
    best, best_score = -1, -1.0
    # Where the work would be too much, only the ties that are split most evenly are compared.
    split = np.sort(np.minimum(vertex.share[:size], 1.0 - vertex.share[:size]))
    few = max(1, MOST_WORK // pivot_work(tasks.shape[0], size))
    least = max(INTEGRAL, split[size - few]) if size > few else INTEGRAL
    for t in range(size):
        share = vertex.share[t]
        if share < least or share > 1.0 - least:
            continue
        # Along D d = e_t only the reduced cost of tie t changes. Ahead, it falls: the child that refuses the tie's
        # agent gains at the rate of the tie's share. Behind, it grows: the child that gives the task to that agent
        # gains at the rate of the rest. Each way ends where a multiplier becomes zero or another task changes its
        # agent.
        fill_system(costs, rows, windows, vertex, system, False)
        for other in range(size):
            step[other] = 0.0
        step[t] = 1.0
        score = 0.0
        if solve_in_place(system, step, size, SINGULAR):
            set_edge(rows, windows, vertex, NOTHING, -1, step, edge)
            ahead, behind = np.inf, np.inf
            for r in range(size):
                multiplier = multiplier_of(vertex, vertex.free_row[r])
                if step[r] < 0.0:
                    ahead = min(ahead, multiplier / -step[r])
                elif step[r] > 0.0:
                    behind = min(behind, multiplier / step[r])
            first, last = first_breaks(costs, open_pairs, windows, vertex, edge, tasks)
            ahead, behind = min(ahead, first), min(behind, last)
            score = (share * ahead + LEAST_GAIN) * ((1.0 - share) * behind + LEAST_GAIN)
        if score > best_score:
            best, best_score = vertex.tie_task[t], score
    return best, best_score


@inner
def any_undecided(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    twins: NDArray[np.bool_],
    tasks: NDArray[np.int64],
) -> int:
    """Return the undecided task with the largest burden that is no twin, NOTHING_LEFT if all are decided.

    It is the rule where no shares guide the choice. Large burdens first: what is left can then still balance the loads.
    """
    best, most = NOTHING_LEFT, -1.0
    for position in range(tasks.shape[0]):
        task = tasks[position]
        if twins[windows.group[task]]:
            continue
        for i in range(open_pairs.shape[1]):
            if open_pairs[task, i] and costs.burden[task, i] > most:
                best, most = task, costs.burden[task, i]
    return best


@inner
def climb(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    work: Work,
    tasks: NDArray[np.int64],
    control: NDArray[np.int64],
    cutoff: float,
    unit: float,
) -> tuple[int, bool]:
    """Ascend from the vertex, a warm start; and once more from multipliers of zero if that stalls or cycles.

    Return the status of the last ascent, and whether it is the node's: if it is not, because the work was too much,
    the next call goes on from here.
    """
    n = costs.initial.shape[0]
    while control[ASCENTS] < 2:
        most = most_pivots(rows, n)
        pivots = min(pivots_within(tasks.shape[0], n), most - control[PIVOTS])
        status = ascend(costs, open_pairs, rows, windows, vertex, work, tasks, cutoff, unit, pivots)
        control[PIVOTS] += pivots
        if status == PAUSED and control[PIVOTS] < most:
            return status, False
        if status != STALLED and status != PAUSED:
            break
        control[ASCENTS] += 1
        control[PIVOTS] = 0
        if control[ASCENTS] == 1:
            start(costs, open_pairs, windows, vertex)
    control[ASCENTS] = control[PIVOTS] = 0
    return status, True


@inner
def next_child(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    stack: Stack,
    trail: NDArray[np.int64],
    control: NDArray[np.int64],
    proven: NDArray[np.float64],
    cutoff: float,
) -> bool:
    """Go to the next child of the deepest frame that has one, and close it; return False if the tree is closed.

    Frames and children whose bound has reached `cutoff` since they were pushed are pruned; ``proven[0]`` keeps the
    least bound of what is pruned.
    """
    while control[DEPTH] > 0:
        level = control[DEPTH] - 1
        child = stack.tried[level]
        if child == stack.children[level]:
            control[DEPTH] -= 1
        elif stack.bound[level] >= cutoff:
            proven[0] = min(proven[0], stack.bound[level])
            control[DEPTH] -= 1
        elif stack.agent_bound[level, child] >= cutoff:
            proven[0] = min(proven[0], stack.agent_bound[level, child])
            stack.tried[level] += 1
        else:
            stack.tried[level] += 1
            control[TRAIL] = reopen(open_pairs, trail, control[TRAIL], stack.trail[level])
            restore_vertex(costs, rows, windows, vertex, stack, level)
            agent = stack.agents[level, child]
            if stack.place[level] >= 0:
                narrow(windows, stack.place[level], agent, stack.split[level, agent])
                return True
            control[TRAIL] = give_task(
                costs, open_pairs, windows, vertex, trail, control[TRAIL], stack.task[level], agent
            )
            return True
    return False


@inner
def node_bounds(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    windows: Windows,
    vertex: Vertex,
    stack: Stack,
    control: NDArray[np.int64],
) -> tuple[float, float]:
    """Return the bound that the present prices prove, and the node's bound: the larger of that and its parent's bound.

    Reduced costs may be added to the first only, since they belong to the present prices.
    """
    own = node_value(costs, open_pairs, windows, vertex)
    if control[DEPTH] > 0:
        parent = stack.bound[control[DEPTH] - 1]
        if parent > own or own != own:  # NaN after an overflow
            return own, parent
    return own, own


@allocating
def contest(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    tasks: NDArray[np.int64],
    pseudocosts: Pseudocosts,
    score: float,
) -> int:
    """Return the task to branch on if it promises more than the best window, whose score is given; else ON_WINDOW."""
    size = vertex.size[0]
    if not solve_shares(costs, rows, windows, vertex, np.empty((size, size))):  # trials have overwritten the shares
        return ON_WINDOW
    task, task_score = branching_task(costs, open_pairs, rows, windows, vertex, tasks)
    pseudocosts.contest[0] += 1
    if task >= 0 and task_score > score:
        return task
    pseudocosts.contest[1] += 1
    return ON_WINDOW


@entry
def branch_and_bound(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    work: Work,
    stack: Stack,
    trail: NDArray[np.int64],
    control: NDArray[np.int64],
    proven: NDArray[np.float64],
    tasks: NDArray[np.int64],
    twins: NDArray[np.bool_],
    pseudocosts: Pseudocosts,
    candidate: NDArray[np.int64],
    cutoff: float,
    unit: float,
    budget: int,
) -> int:
    """Search until an event, pruning nodes with a bound at or above `cutoff`; `budget` limits the nodes in all.

    ``proven[0]`` keeps the least bound of a closed node: once the tree is closed, no assignment of the core is cheaper.
    On CANDIDATE, ``proven[1]`` is the bound of its node, and `candidate` the agent of every task. The caller then sets
    ``control[MODE]`` to NEXT (the node is closed), PROCESS (cuts were added: relax again) or BRANCH (neither: branch).
    """
    none = np.zeros(twins.shape[0], np.bool_)
    node, learnt = (costs, open_pairs, rows, windows, vertex, work), (twins, pseudocosts)
    while control[NODES] < budget:
        if control[MODE] == NEXT:
            if not next_child(costs, open_pairs, rows, windows, vertex, stack, trail, control, proven, cutoff):
                return DONE
            control[MODE] = PROCESS
        if control[DEPTH] >= stack.size.shape[0]:
            return ROOM
        count = undecided_tasks(open_pairs, tasks)
        if control[MODE] == PROCESS:
            control[NODES] += 1
            status, ended = climb(*node, tasks[:count], control, cutoff, unit)
            if not ended:
                control[NODES] -= 1
                return WAITING
            own, bound = node_bounds(costs, open_pairs, windows, vertex, stack, control)
            if status == INFEASIBLE or bound >= cutoff:
                if status != INFEASIBLE:
                    proven[0] = min(proven[0], bound)
                control[MODE] = NEXT
                continue
            branch = ON_WINDOW
            if status != OPTIMAL:
                branch = any_undecided(costs, open_pairs, windows, none, tasks[:count])
                copy_into(candidate, vertex.key, candidate.shape[0])
            else:
                score = 0.0
                if windows_pay(pseudocosts, costs.initial.shape[0]):
                    score = branch_on_window(*node, stack, control[DEPTH], tasks[:count], *learnt, own, cutoff, unit)
                if score == 0.0:
                    branch = NOTHING_LEFT
                    if not write_candidate(windows, vertex, twins, candidate):
                        branch, _ = branching_task(*node[:5], tasks[:count])
                        if branch < 0:  # no score, after an overflow: a node must never be lost
                            branch = any_undecided(costs, open_pairs, windows, none, tasks[:count])
                elif is_contested(windows, twins, pseudocosts):
                    branch = contest(*node[:5], tasks[:count], pseudocosts, score)
            if branch == NOTHING_LEFT:
                proven[1] = bound
                return CANDIDATE
        else:
            own, bound = node_bounds(costs, open_pairs, windows, vertex, stack, control)
            branch = ON_WINDOW
            if not branch_on_whole(windows, vertex, stack, control[DEPTH], twins, bound):
                branch = any_undecided(costs, open_pairs, windows, twins, tasks[:count])
        if branch != NOTHING_LEFT:
            # What is closed here holds for all children, and is undone when the search leaves this node's subtree.
            if cutoff < np.inf:
                control[TRAIL] = close_by_reduced_cost(
                    costs, open_pairs, windows, vertex, tasks[:count], trail, control[TRAIL], own, cutoff, proven
                )
            push(costs, open_pairs, windows, vertex, stack, control, branch, own, bound)
        relaxed = control[MODE] == PROCESS
        control[MODE] = NEXT
        if not relaxed:
            return BRANCHED
    return BUDGET
