"""Even loads out in one pass over the tasks, for time limits that leave no time for anything better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry


@entry
def even_out(
    cost: NDArray[np.float64],
    burden: NDArray[np.float64],
    locked: NDArray[np.int64],
    agents: NDArray[np.int64],
    excess: NDArray[np.float64],
) -> int:
    """Give each of some tasks, one after the other, to another agent if that brings both loads closer to their targets.

    Of the agents to whom that applies, the one who makes the task least dearer gets it.

    Parameters
    ----------
    cost, burden
        Of each task for each agent, shape (n, k); costs are +inf for pairs that are forbidden.
    locked
        Agent of each task decided beforehand, shape (k,); -1 if there is none.
    agents
        Agent of each task, shape (k,), which is changed.
    excess
        Load of each agent beyond its target, shape (n,), which is changed with it.

    Returns
    -------
    int
        Number of tasks that moved.
    """
    moved = 0
    for j in range(agents.shape[0]):
        own = agents[j]
        if locked[j] >= 0 or excess[own] <= 0.0 or burden[own, j] <= 0.0:
            continue
        left = excess[own] - burden[own, j]
        best, least = -1, np.inf
        for i in range(cost.shape[0]):
            if i == own or excess[i] >= 0.0 or not cost[i, j] - cost[own, j] < least:
                continue
            gained = excess[i] + burden[i, j]
            if left * left + gained * gained < excess[own] * excess[own] + excess[i] * excess[i]:
                best, least = i, cost[i, j] - cost[own, j]
        if best >= 0:
            excess[own] = left
            excess[best] += burden[best, j]
            agents[j] = best
            moved += 1
    return moved
