"""A fair assignment in a few passes over the table, of any size, where time is up before anything better was found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.evening import even_out
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.repair import target_of
from evenhand.assignment.table_blocks import blocks_of
from evenhand.fairness import Fairness

PASSES, DEEPER = 40, 0.1
"""Upper limit on the passes, and how much farther the target loads of each move from the boundary of the cone to equal
relative loads. Where a task is a larger burden for the agent who gets it, the targets grow, and more passes follow."""


def evened(
    problem: Problem, fairness: Fairness, assignment: NDArray[np.integer[Any]], clock: Clock
) -> NDArray[np.intp]:
    """Return an assignment that is fair, or nearer to it, from `assignment`, the allowed agent of each task, (m,).

    Each pass moves tasks from agents with more than their target load to agents with less, the tasks in their order.
    They end when the clock expires, in the middle of the table if need be.
    """
    agents = assignment.astype(np.int64)
    loads = problem.loads_of(agents)
    for number in range(PASSES):
        if fairness.contains(loads):
            # Those of a pass are added up task by task, and rounded otherwise than those that are judged.
            loads = problem.loads_of(agents)
        if fairness.contains(loads):
            break
        target = target_of(fairness, loads, DEEPER * (number + 1))
        excess = loads - target
        moved = 0
        for at in blocks_of(problem.costs):
            if clock.expired:
                return agents.astype(np.intp)
            cost = np.ascontiguousarray(problem.costs[:, at], np.float64)
            same = problem.burdens is problem.costs
            burden = cost if same else np.ascontiguousarray(problem.burdens[:, at], np.float64)
            moved += even_out(cost, burden, problem.locked[at], agents[at], excess)
        loads = target + excess
        if not moved and DEEPER * (number + 1) >= 1.0:
            break
    return agents.astype(np.intp)
