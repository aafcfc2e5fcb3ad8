"""Depth-first enumeration of the plans that are left, cut short by bounds on the cost and on every row.

Slots of tasks are filled one after the other. A branch ends where the priced costs of what is chosen and the least of
what is left reach the cost of a known plan, or where a row cannot be kept any more, whatever follows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.ruled_annealing import Demands
from evenhand.assignment.kernels.unfairness_penalty import raised
from evenhand.numba_decorators import entry, inner

LEAF, DONE, BUDGET = 0, 1, 2
"""Why the enumeration returns: a plan that may keep all demands; nothing is left; as many steps as it may take."""

SLACK = 1e-8
"""Relative amount by which a row or a mean may be missed at a leaf: plans are examined exactly afterwards."""


class Tree(NamedTuple):
    """The slots in the order in which they are filled, and the path to the present node.

    Slots of one task follow each other, and their agents ascend.
    """

    task: NDArray[np.int64]  # (slots,)
    start: NDArray[np.int64]  # (slots + 1,) choices of each slot
    agent: NDArray[np.int64]  # (choices,) the agents of each slot
    price: NDArray[np.float64]  # (choices,) priced cost of each
    rest: NDArray[np.float64]  # (slots + 1,) least priced cost of this slot and all later ones
    reach: NDArray[np.float64]  # (slots + 1, rows) most that this slot and all later ones add to each row
    chosen: NDArray[np.int64]  # (slots,) the present choice of each slot, -1 before the first
    depth: NDArray[np.int64]  # (1,)
    spent: NDArray[np.float64]  # (slots + 1,) priced cost so far
    paid: NDArray[np.float64]  # (slots + 1,) cost so far, from that of locked pairs on
    load: NDArray[np.float64]  # (slots + 1, rules, n)
    activity: NDArray[np.float64]  # (slots + 1, rows)


@inner
def _mean_kept(demands: Demands, load: NDArray[np.float64]) -> bool:
    for r in range(load.shape[0]):
        order = demands.order[r]
        if order == 0.0:
            continue
        powers, mean = 0.0, 0.0
        for i in range(load.shape[1]):
            u = max(0.0, load[r, i]) * demands.stretch[r, i]
            powers += demands.share[r, i] * raised(u, order)
            mean += demands.share[r, i] * u
        if powers ** (1.0 / order) > demands.limit[r] * mean * (1.0 + SLACK):
            return False
    return True


@entry
def next_plan(
    tree: Tree,
    cost: NDArray[np.float64],
    burden: NDArray[np.float64],
    rule_of: NDArray[np.int64],
    demands: Demands,
    limit: float,
    dear: float,
    budget: int,
) -> tuple[int, int]:
    """Go on from the path of `tree` to the next plan below `limit` that may keep all demands.

    Parameters
    ----------
    tree
        The slots, and the path, which moves on.
    cost
        Cost of each pair, shape (m, n).
    burden
        What a task adds to a load, shape (rules, m, n).
    rule_of
        The rule of each row of the demands, shape (rows,).
    demands
        The demands; their prices do not matter.
    limit
        Priced cost at and above which nothing is of use.
    dear
        Cost at and above which a plan is of no use.
    budget
        Upper limit on the steps.

    Returns
    -------
    tuple
        Why it ends, and how many steps it took.
    """
    slots, rows = tree.task.shape[0], rule_of.shape[0]
    depth = tree.depth[0]
    for step in range(budget):
        if depth < 0:
            tree.depth[0] = depth
            return DONE, step
        if depth == slots:
            depth -= 1
            if tree.paid[slots] < dear and _mean_kept(demands, tree.load[slots]):
                tree.depth[0] = depth
                return LEAF, step
            continue
        tree.chosen[depth] += 1
        at = tree.start[depth] + tree.chosen[depth]
        if at >= tree.start[depth + 1]:
            tree.chosen[depth] = -1
            depth -= 1
            continue
        agent, task = tree.agent[at], tree.task[depth]
        spent = tree.spent[depth] + tree.price[at]
        if spent + tree.rest[depth + 1] >= limit:
            continue
        if depth > 0 and tree.task[depth - 1] == task:
            before = tree.agent[tree.start[depth - 1] + tree.chosen[depth - 1]]
            if agent <= before:
                continue
        possible = True
        for q in range(rows):
            activity = tree.activity[depth, q] + demands.weight[q, agent] * burden[rule_of[q], task, agent]
            tree.activity[depth + 1, q] = activity
            most = activity + tree.reach[depth + 1, q]
            if most < demands.least[q] - SLACK * (1.0 + abs(demands.least[q]) + abs(activity)):
                possible = False
                break
        if not possible:
            continue
        for r in range(burden.shape[0]):
            for i in range(burden.shape[2]):
                tree.load[depth + 1, r, i] = tree.load[depth, r, i]
            tree.load[depth + 1, r, agent] += burden[r, task, agent]
        tree.spent[depth + 1], tree.paid[depth + 1] = spent, tree.paid[depth] + cost[task, agent]
        depth += 1
    tree.depth[0] = depth
    return BUDGET, budget
