"""Local search over whole assignments: move one task, exchange two, kick and repeat.

The merit of an assignment is its cost plus a penalty on the amount by which its loads violate the rows, so that the
search may pass through unfair assignments on its way to cheap fair ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.arrays import copy_into
from evenhand.assignment.kernels.compiled import entry, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs, Rows


GAIN = 1e-12
"""Least relative gain worth a move; keeps rounding from moving tasks in circles."""


@inner
def violation(rows: Rows, load: NDArray[np.float64], activity: NDArray[np.float64]) -> float:
    """Write each row's activity; return the sum of what is missing to zero."""
    total = 0.0
    for r in range(rows.in_use[0]):
        activity[r] = 0.0
        for i in range(load.shape[0]):
            activity[r] += rows.matrix[r, i] * load[i]
        total += max(0.0, -activity[r])
    return total


@inner
def violation_after(
    rows: Rows, activity: NDArray[np.float64], first: int, change_first: float, second: int, change_second: float
) -> float:
    """Return the violation once two agents' loads change by the given amounts."""
    total = 0.0
    for r in range(rows.in_use[0]):
        after = activity[r] + rows.matrix[r, first] * change_first + rows.matrix[r, second] * change_second
        if after < 0.0:
            total -= after
    return total


@inner
def apply_change(
    rows: Rows,
    load: NDArray[np.float64],
    activity: NDArray[np.float64],
    first: int,
    change_first: float,
    second: int,
    change_second: float,
) -> None:
    """Change two agents' loads and every row's activity."""
    load[first] += change_first
    load[second] += change_second
    for r in range(rows.in_use[0]):
        activity[r] += rows.matrix[r, first] * change_first + rows.matrix[r, second] * change_second


@inner
def shift_pass(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    agent_of: NDArray[np.int64],
    load: NDArray[np.float64],
    activity: NDArray[np.float64],
    missing: float,
    penalty: float,
    least: float,
    tasks: NDArray[np.int64],
) -> tuple[float, bool]:
    """Give each task to the agent that is best for the merit; return the violation and whether anything moved."""
    moved = False
    for task in tasks:
        old = agent_of[task]
        best, best_gain, best_missing = -1, least, missing
        for i in range(open_pairs.shape[1]):
            if i == old or not open_pairs[task, i]:
                continue
            saved = costs.cost[task, old] - costs.cost[task, i]
            if saved + penalty * missing <= best_gain:
                continue
            after = violation_after(rows, activity, old, -costs.burden[task, old], i, costs.burden[task, i])
            gain = saved + penalty * (missing - after)
            if gain > best_gain:
                best, best_gain, best_missing = i, gain, after
        if best >= 0:
            apply_change(rows, load, activity, old, -costs.burden[task, old], best, costs.burden[task, best])
            agent_of[task] = best
            missing = best_missing
            moved = True
    return missing, moved


@inner
def swap_pass(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    agent_of: NDArray[np.int64],
    load: NDArray[np.float64],
    activity: NDArray[np.float64],
    missing: float,
    penalty: float,
    least: float,
    tasks: NDArray[np.int64],
) -> tuple[float, bool]:
    """Exchange the agents of two tasks wherever the merit gains; return the violation and whether anything moved."""
    moved = False
    for position in range(tasks.shape[0]):
        one = tasks[position]
        for other_position in range(position + 1, tasks.shape[0]):
            two = tasks[other_position]
            a, b = agent_of[one], agent_of[two]
            if a == b or not open_pairs[one, b] or not open_pairs[two, a]:
                continue
            saved = costs.cost[one, a] + costs.cost[two, b] - costs.cost[one, b] - costs.cost[two, a]
            if saved + penalty * missing <= least:
                continue
            change_a = costs.burden[two, a] - costs.burden[one, a]
            change_b = costs.burden[one, b] - costs.burden[two, b]
            after = violation_after(rows, activity, a, change_a, b, change_b)
            if saved + penalty * (missing - after) > least:
                apply_change(rows, load, activity, a, change_a, b, change_b)
                agent_of[one], agent_of[two] = b, a
                missing = after
                moved = True
    return missing, moved


@inner
def descend(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    agent_of: NDArray[np.int64],
    penalty: float,
    tasks: NDArray[np.int64],
    swap_tasks: NDArray[np.int64],
) -> tuple[float, float]:
    """Move and exchange until nothing gains; return cost and violation."""
    load = costs.initial.copy()
    cost = 0.0
    for task in range(agent_of.shape[0]):
        load[agent_of[task]] += costs.burden[task, agent_of[task]]
        cost += costs.cost[task, agent_of[task]]
    activity = np.empty(rows.matrix.shape[0])
    least = GAIN * cost
    for _ in range(100):
        missing = violation(rows, load, activity)
        missing, shifted = shift_pass(costs, open_pairs, rows, agent_of, load, activity, missing, penalty, least, tasks)
        missing, swapped = swap_pass(
            costs, open_pairs, rows, agent_of, load, activity, missing, penalty, least, swap_tasks
        )
        if not (shifted or swapped):
            break
    cost = 0.0
    for task in range(agent_of.shape[0]):
        cost += costs.cost[task, agent_of[task]]
    return cost, violation(rows, load, activity)


@inner
def draw(state: NDArray[np.uint64], below: int) -> int:
    """Return a whole number in [0, below) and advance the generator: Knuth's linear congruential one, upper bits."""
    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return int((state[0] >> np.uint64(33)) % np.uint64(below))


@inner
def kick(
    open_pairs: NDArray[np.bool_], agent_of: NDArray[np.int64], tasks: NDArray[np.int64], state: NDArray[np.uint64]
) -> None:
    """Give a few random tasks to random open agents."""
    n = open_pairs.shape[1]
    for _ in range(2 + draw(state, 4)):
        task = tasks[draw(state, tasks.shape[0])]
        offset = draw(state, n)
        for k in range(n):
            agent = (offset + k) % n
            if open_pairs[task, agent] and agent != agent_of[task]:
                agent_of[task] = agent
                break


@entry
def iterate(
    costs: Costs,
    open_pairs: NDArray[np.bool_],
    rows: Rows,
    agent_of: NDArray[np.int64],
    penalty: float,
    tasks: NDArray[np.int64],
    swap_tasks: NDArray[np.int64],
    kicks: int,
    state: NDArray[np.uint64],
) -> float:
    """Descend, then kick and descend again `kicks` times, keeping what is better; return the best merit.

    `state` is the seed of the kicks, one whole number, and changes.
    """
    cost, missing = descend(costs, open_pairs, rows, agent_of, penalty, tasks, swap_tasks)
    best = cost + penalty * missing
    trial = agent_of.copy()
    for _ in range(kicks):
        kick(open_pairs, trial, tasks, state)
        cost, missing = descend(costs, open_pairs, rows, trial, penalty, tasks, swap_tasks)
        if cost + penalty * missing < best:
            best = cost + penalty * missing
            copy_into(agent_of, trial, trial.shape[0])
        else:
            copy_into(trial, agent_of, trial.shape[0])
    return best
