"""Find an assignment with given loads, where all burdens are multiples of a step: a short local search in whole steps.

It is for problems in which costs follow from loads: then any assignment with the fairest loads is optimal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock

CHANGES, MOST_WORK = 600, 20_000_000
"""Upper limits on the changes that one search makes, and on the pairs of agent and task that it examines for them."""

KICKS = 3
"""Number of tasks that are moved at random if neither a move nor a swap brings the loads closer to the target."""

Units = NDArray[np.int64]


def aimed(
    problem: Problem,
    step: float,
    target: Units,
    kinds: NDArray[np.int64],
    assignment: NDArray[np.intp],
    random: np.random.Generator,
    clock: Clock,
) -> NDArray[np.intp] | None:
    """Return an assignment in which the agents carry `target`, in steps beyond initial loads; None if none is met.

    Parameters
    ----------
    problem, step
        The problem, and the step of its burdens.
    target
        Steps of each agent, shape (n,).
    kinds
        Equal numbers for agents who may exchange their targets, shape (n,).
    assignment
        The assignment to start from: the agent of each task, shape (m,).
    random, clock
        Generator that decides between equally good changes, and clock that ends the search early.
    """
    n, m = problem.costs.shape
    burden = np.rint(problem.burdens / step).astype(np.int64)
    closed = ~problem.allowed
    keys, everyone, tasks = assignment.copy(), np.arange(n), np.arange(m)
    for change in range(min(CHANGES, MOST_WORK // (n * m))):
        carried = np.bincount(keys, burden[keys, tasks], minlength=n).astype(np.int64)
        over = carried - _nearest(target, carried, kinds)
        if not over.any():
            return keys
        if change % 20 == 19 and clock.expired:
            return None
        own = burden[keys, tasks]
        leaves = (over[keys] - own) ** 2 - over[keys] ** 2
        after = leaves + (over[:, None] + burden) ** 2 - over[:, None] ** 2
        after[closed | (keys == everyone[:, None])] = np.iinfo(np.int64).max
        if after.min() < 0:
            agent, task = _any(after == after.min(), random)
            keys[task] = agent
            continue
        agent = int(random.choice(np.flatnonzero(over)))
        mine = np.flatnonzero(keys == agent)
        if len(mine) > MOST_WORK // m:
            mine = np.sort(random.choice(mine, MOST_WORK // m, replace=False))
        if len(mine):
            # The task of a row, which is the agent's, changes places with that of a column.
            other = over[keys] - own + burden[keys, mine[:, None]]
            self = over[agent] - burden[agent, mine][:, None] + burden[agent]
            swapped = other**2 - over[keys] ** 2 + self**2 - over[agent] ** 2
            swapped[:, closed[agent] | (keys == agent)] = np.iinfo(np.int64).max
            swapped[closed[keys, mine[:, None]]] = np.iinfo(np.int64).max
            if swapped.min() <= 0:
                row, task = _any(swapped == swapped.min(), random)
                keys[mine[row]], keys[task] = keys[task], agent
                continue
        for task in random.integers(0, m, KICKS):
            keys[task] = random.choice(np.flatnonzero(problem.allowed[:, task]))
    return None


def _nearest(target: Units, carried: Units, kinds: NDArray[np.int64]) -> Units:
    """Return the targets of agents of one kind in the order of what they carry."""
    nearest = np.empty_like(target)
    nearest[np.lexsort((carried, kinds))] = target[np.lexsort((target, kinds))]
    return nearest


def _any(chosen: NDArray[np.bool_], random: np.random.Generator) -> tuple[int, int]:
    """Return the position of a random true entry of a table."""
    place = int(random.choice(np.flatnonzero(chosen)))
    return place // chosen.shape[1], place % chosen.shape[1]
