"""Branching on windows: an agent's load, or its number of tasks of a group, is at most k, or at least the next value.

Fixing one task changes little where tasks resemble each other: its twin becomes fractional instead, at almost no cost.
How many tasks of a kind an agent gets is what the relaxation cannot shift around. So numbers come first, and single
tasks only once all numbers are whole. Which number to branch on is learned: the *pseudocost* of a limit is how much
the bound has risen, per unit that the limit cut off, in the trials made so far.

References
----------
Achterberg, Koch, Martin, Branching rules revisited, Operations Research Letters 33, 2005 (reliability branching).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into
from evenhand.assignment.kernels.ascent import INFEASIBLE, LIMIT_TOLERANCE, MOST_WORK, ascend, pivot_work
from evenhand.assignment.kernels.shared_arrays import GROUPS, LOAD, TASKS, Costs, Rows, Vertex, Windows, Work
from evenhand.assignment.kernels.stack import INTEGRAL, Stack, restore_vertex, save_vertex
from evenhand.assignment.kernels.vertex import fractional_load, fractional_number, node_value, solve_shares
from evenhand.numba_decorators import allocating, inner

WHOLE = 1e-6
"""Distance from a whole number below which a number of tasks, or of steps of load, counts as whole."""

TRIALS, TRIAL_PIVOTS, TRIAL_PASSES = 4, 8, 12
"""Trials of each limit before its pseudocost is relied on; pivots of a trial's ascent; and work of a trial, in that of
pivots. Trials at one node end with the work that is done between two checks of the clock."""

LEAST_RISE = 1e-6
"""Least rise of the bound that a score counts, in scaled costs (a typical one is near 1), so that one child without a
rise does not hide the other."""

BEYOND_ROUNDING = 1e-13
"""Amount, relative to a load, by which its limits are wider than the value that they stand for: a hundred times what
the roundings of steps, burdens and loads can come to."""


CONTEST = 100
"""Nodes at the beginning of a tree at which single tasks are scored beside windows."""

WON, MOST_WON = 0.04, 0.9
"""Least fraction of these nodes at which a window must promise more, for each agent and in all; otherwise the tree
decides single tasks only. The more agents, the more windows, and the more time each node takes that counts."""


class Pseudocosts(NamedTuple):
    """What a tree has learned of branching on windows.

    Sum over trials of the bound's rise per unit cut off, and number of trials, shape (windows, 2): below, above. Number
    of nodes at which windows were compared with single tasks, and at which a window promised more, shape (2,).
    """

    rise: NDArray[np.float64]
    trials: NDArray[np.int64]
    contest: NDArray[np.int64]


def new_pseudocosts(limits: int) -> Pseudocosts:
    """Return the pseudocosts of windows with that many limits before any trial."""
    return Pseudocosts(np.zeros((limits // 2, 2)), np.zeros((limits // 2, 2), np.int64), np.zeros(2, np.int64))


@inner
def is_contested(windows: Windows, twins: NDArray[np.bool_], pseudocosts: Pseudocosts) -> bool:
    """Return whether single tasks are still to be compared with windows: not where steps or twins make these pay."""
    return bool(pseudocosts.contest[0] < CONTEST and not twins.any() and not windows.step.any())


@inner
def windows_pay(pseudocosts: Pseudocosts, n: int) -> bool:
    """Return whether the windows of `n` agents promised more than single tasks often enough, as far as compared."""
    compared, won = pseudocosts.contest
    return bool(compared < CONTEST or won >= min(MOST_WON, WON * n) * compared)


@inner
def units_of(
    costs: Costs, windows: Windows, load: NDArray[np.float64], number: NDArray[np.float64], place: int
) -> float:
    """Return the value of a window in whole units: tasks, or steps of load; 0 for a load without a step."""
    columns = number.shape[1] + 1
    agent, column = place // columns, place % columns
    if column != LOAD:
        return float(number[agent, column - TASKS])
    step = windows.step[agent]
    return float((load[agent] - costs.initial[agent]) / step) if step > 0.0 else 0.0


@inner
def limit_of(costs: Costs, windows: Windows, columns: int, place: int, units: float, side: int) -> float:
    """Return the limit that allows `units` of a window and all beyond: below (side 0) or above (side 1)."""
    agent, column = place // columns, place % columns
    if column != LOAD:
        return units
    value = costs.initial[agent] + units * windows.step[agent]
    slack = BEYOND_ROUNDING * (abs(value) + windows.step[agent])
    return float(value + slack if side == 0 else value - slack)


@inner
def narrow(windows: Windows, place: int, side: int, limit: float) -> None:
    """Set the upper limit (side 0) or the lower limit (side 1) of a window."""
    windows.limit[2 * place + 1 - side] = limit


@allocating
def branch_on_window(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    windows: Windows,
    vertex: Vertex,
    work: Work,
    stack: Stack,
    level: int,
    tasks: NDArray[np.int64],
    twins: NDArray[np.bool_],
    pseudocosts: Pseudocosts,
    own: float,
    cutoff: float,
    unit: float,
) -> float:
    """Choose the window to branch on, write its two children to the frame, return its score: 0 if none promises a rise.

    Numbers of twins are branched on until they are whole. The window whose two pseudocosts have the largest product is
    chosen. Limits with few trials are tried: a short ascent from the node's vertex, whose bound is proven and becomes
    that of the child. `own` is the node's bound.

    A load is branched on at the multiples of its step. Where a trial shows that one side is closed, the other child has
    the load rounded inward (a Chvatal-Gomory cut).
    """
    n = costs.initial.shape[0]
    load, number = np.empty(n), np.empty((n, vertex.number.shape[1]))
    fractional_load(costs, vertex, load)
    fractional_number(windows, vertex, number)
    columns = number.shape[1] + 1
    trials_left = MOST_WORK // (TRIAL_PASSES * pivot_work(tasks.shape[0], n))
    saved = False
    best, best_below = 0.0, 0.0
    for order in range(n * columns):
        place = order % n * columns + columns - 1 - order // n  # groups first, then all tasks, then loads
        value = units_of(costs, windows, load, number, place)
        below = np.floor(value)
        fraction = value - below
        if fraction < WHOLE or fraction > 1.0 - WHOLE:
            continue
        agent, column = place // columns, place % columns
        if column == LOAD:
            # Both limits must exclude the present load beyond all tolerances, or branching would go on without end.
            tolerated = 2.0 * LIMIT_TOLERANCE * unit + BEYOND_ROUNDING * (abs(load[agent]) + windows.step[agent])
            if min(fraction, 1.0 - fraction) * windows.step[agent] < 2.0 * tolerated:
                continue
        if trials_left <= 0 and pseudocosts.trials[place].min() == 0:
            continue
        if not saved:
            save_vertex(windows, vertex, stack, level)
            saved = True
        rises, bounds = np.zeros(2), np.full(2, own)
        for side in range(2):
            cut = fraction if side == 0 else 1.0 - fraction
            if pseudocosts.trials[place, side] < TRIALS and (trials_left > 0 or pseudocosts.trials[place, side] == 0):
                trials_left -= 1
                narrow(windows, place, side, limit_of(costs, windows, columns, place, below + side, side))
                status = ascend(costs, open_pairs, rows, windows, vertex, work, tasks, cutoff, unit, TRIAL_PIVOTS)
                bounds[side] = np.inf if status == INFEASIBLE else node_value(costs, open_pairs, windows, vertex)
                restore_vertex(costs, rows, windows, vertex, stack, level)
                rises[side] = max(0.0, min(bounds[side], cutoff) - own)
                if rises[side] == np.inf:
                    rises[side] = 1.0 / LEAST_RISE
                pseudocosts.rise[place, side] += rises[side] / cut
                pseudocosts.trials[place, side] += 1
            else:
                rises[side] = pseudocosts.rise[place, side] / pseudocosts.trials[place, side] * cut
        score = max(rises[0], LEAST_RISE) * max(rises[1], LEAST_RISE)
        if max(rises[0], rises[1]) <= LEAST_RISE and not (column >= GROUPS and twins[column - GROUPS]):
            score = 0.0  # nothing is gained: decide tasks, unless they are all alike
        if score > best:
            best, best_below = score, below
            stack.place[level] = place
            first = 0 if rises[0] <= rises[1] else 1
            for child in range(2):
                side = first if child == 0 else 1 - first
                stack.agents[level, child] = side
                stack.agent_bound[level, child] = max(bounds[side], own)
    if best == 0.0:
        if saved:  # the trials have overwritten the shares
            solve_shares(costs, rows, windows, vertex, np.empty((vertex.size[0], vertex.size[0])))
        return 0.0
    for side in range(2):
        stack.split[level, side] = limit_of(costs, windows, columns, stack.place[level], best_below + side, side)
    stack.children[level] = 2
    return best


@inner
def branch_on_whole(
    windows: Windows, vertex: Vertex, stack: Stack, level: int, twins: NDArray[np.bool_], bound: float
) -> bool:
    """Branch on a number of twins that is whole but not yet decided; return False if there is none.

    It is the rule for an assignment that is unfair by less than a cut can tell. Once all numbers of twins are decided,
    which twins an agent gets changes neither cost nor loads.
    """
    groups = twins.shape[0]
    for place in range(vertex.load.shape[0] * (GROUPS + groups)):
        agent, column = place // (GROUPS + groups), place % (GROUPS + groups)
        if column < GROUPS or not twins[column - GROUPS]:
            continue
        size = 0.0
        for j in range(windows.group.shape[0]):
            if windows.group[j] == column - GROUPS:
                size += 1.0
        low, high = max(0.0, windows.limit[2 * place]), min(size, windows.limit[2 * place + 1])
        if low >= high:
            continue
        save_vertex(windows, vertex, stack, level)
        stack.place[level] = place
        # The value of the relaxation, or what is nearest to it between the limits.
        value = min(high - 1.0, max(low, np.rint(vertex.number[agent, column - TASKS])))
        for side in range(2):
            stack.split[level, side] = value + side
            stack.agents[level, side] = side
            stack.agent_bound[level, side] = bound
        stack.children[level] = 2
        return True
    return False


@allocating
def write_candidate(windows: Windows, vertex: Vertex, twins: NDArray[np.bool_], candidate: NDArray[np.int64]) -> bool:
    """Write the agent of every task to `candidate`, if the relaxation's optimum is one; return whether it is.

    All numbers of twins are whole here. `twins`, shape (groups,), says which groups hold equal tasks only: within
    them it does not matter which tasks an agent gets, so that tied ones are given away whole and by number.
    """
    n, groups = vertex.load.shape[0], twins.shape[0]
    copy_into(candidate, vertex.key, candidate.shape[0])
    owed = np.zeros((n, groups))  # what each agent gets of each group of twins, beyond the tasks whose key it is
    for t in range(vertex.size[0]):
        task, share = vertex.tie_task[t], vertex.share[t]
        if twins[windows.group[task]]:
            owed[vertex.tie_agent[t], windows.group[task]] += share
            owed[vertex.key[task], windows.group[task]] -= share
        elif share > 1.0 - INTEGRAL:
            candidate[task] = vertex.tie_agent[t]
        elif share > INTEGRAL:
            return False
    for t in range(vertex.size[0]):
        task = vertex.tie_task[t]
        group = windows.group[task]
        if twins[group] and owed[candidate[task], group] < -0.5:
            for i in range(n):
                if owed[i, group] > 0.5:
                    owed[i, group] -= 1.0
                    owed[candidate[task], group] += 1.0
                    candidate[task] = i
                    break
    return True
