"""A branch-and-bound tree over one core: the arrays that the compiled loop works on, and the answers to its events."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.core import Core
from evenhand.assignment.groups import group_tasks
from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.branching import branch_and_bound
from evenhand.assignment.kernels.shared_arrays import (
    LOAD,
    Costs,
    Vertex,
    Windows,
    groups_in,
    new_windows,
    new_work,
)
from evenhand.assignment.kernels.stack import DEPTH, MODE, NODES, PLACES, Stack, new_stack
from evenhand.assignment.kernels.vertex import add_up
from evenhand.assignment.kernels.windows import new_pseudocosts
from evenhand.assignment.relaxation import Relaxation, with_capacity


class Tree:
    """Depth-first branch and bound over the assignments of one core.

    Parameters
    ----------
    core
        The problem restricted to open pairs.
    relaxation
        Holds the cut pool, which all trees over the same relaxation share and extend.
    load_limits
        Limits on each agent's load that all fair assignments keep, scaled, shape (n, 2): lower and upper; None if
        there are none.
    """

    def __init__(self, core: Core, relaxation: Relaxation, load_limits: NDArray[np.float64] | None = None) -> None:
        self.core = core
        self._relaxation = relaxation
        m, n = core.costs.cost.shape
        scaled = relaxation.scaled
        own = Costs(scaled.own.cost[core.tasks], scaled.own.burden[core.tasks], scaled.own.initial)
        group, self._twins = group_tasks(own, core.costs, scaled.allowed[core.tasks])
        self._windows = new_windows(group, scaled.steps)
        if load_limits is not None:
            self._windows.limit.reshape(n, -1, 2)[:, LOAD] = load_limits
        self._vertex = _with_windows(with_capacity(core.vertex, relaxation.pool.capacity), core.costs, self._windows)
        self._open_pairs = core.open_pairs.copy()
        self._pseudocosts = new_pseudocosts(len(self._windows.limit))
        self._candidate = np.zeros(m, np.int64)
        self._work = new_work(m)
        self._tasks = np.zeros(m, np.int64)
        self._trail = np.zeros(m * n + 1, np.int64)
        self._control = np.zeros(PLACES, np.int64)
        self._proven = np.full(2, np.inf)
        self._stack: Stack = self._new_stack(min(m, 64) + 1)

    @property
    def nodes(self) -> int:
        """Number of nodes processed so far."""
        return int(self._control[NODES])

    @property
    def proven(self) -> float:
        """Least bound over all closed nodes and pairs, scaled; inf if all of them were infeasible.

        Once the tree is closed, no fair assignment is cheaper, in the core or outside it.
        """
        least = float(self._proven[0]) + self.core.fixed_cost
        return min(math.nextafter(least, -math.inf) if least < math.inf else least, self.core.excluded)

    @property
    def explored(self) -> float:
        """Explored part of the tree, between 0 and 1, if all children of a node held equally many nodes.

        References
        ----------
        Knuth, Estimating the efficiency of backtrack programs, Mathematics of Computation 29, 1975.
        """
        depth = int(self._control[DEPTH])
        children = np.maximum(self._stack.children[:depth], 1)
        weight = np.cumprod(1.0 / children)
        return float(weight @ np.maximum(self._stack.tried[:depth] - 1, 0))

    def advance(self, cutoff: float, budget: float) -> int:
        """Search on, pruning at the scaled `cutoff`, until an event; return it. A full stack is enlarged here.

        `budget` is the number of nodes, counted from the tree's beginning, after which the event BUDGET is returned.
        """
        self._make_room_for_rows()
        while True:
            event = branch_and_bound(
                self.core.costs,
                self._open_pairs,
                self._relaxation.pool.rows,
                self._windows,
                self._vertex,
                self._work,
                self._stack,
                self._trail,
                self._control,
                self._proven,
                self._tasks,
                self._twins,
                self._pseudocosts,
                self._candidate,
                cutoff,
                self._relaxation.scaled.unit,
                int(budget),
            )
            if event != branching.ROOM:
                return int(event)
            self._grow_stack(2 * self._stack.size.shape[0])

    def candidate(self) -> NDArray[np.intp]:
        """Return the candidate: the agent of every task, shape (m,)."""
        return self.core.complete(self._candidate)

    def accept(self, cost: float, target: float) -> None:
        """Accept a fair candidate of scaled `cost`; close its node if the bound there reaches `target`, else branch."""
        self._proven[0] = min(self._proven[0], cost - self.core.fixed_cost)
        if not self._proven[1] + self.core.fixed_cost >= target:
            self.branch_below()
            return
        self._proven[0] = min(self._proven[0], self._proven[1])
        self._control[MODE] = branching.NEXT

    def relax_again(self) -> None:
        """Solve the relaxation of the candidate's node again, with the cuts added since."""
        self._control[MODE] = branching.PROCESS

    def branch_below(self) -> None:
        """Branch at the candidate's node: the candidate is unfair, but no new cut separates it."""
        self._control[MODE] = branching.BRANCH

    def _new_stack(self, levels: int) -> Stack:
        m, n = self.core.costs.cost.shape
        return new_stack(levels, self._relaxation.pool.capacity, m, n, len(self._windows.limit))

    def _make_room_for_rows(self) -> None:
        capacity = self._relaxation.pool.capacity
        if capacity > self._vertex.multiplier.shape[0]:
            self._vertex = with_capacity(self._vertex, capacity)
            self._grow_stack(self._stack.size.shape[0])

    def _grow_stack(self, levels: int) -> None:
        old, depth = self._stack, int(self._control[DEPTH])
        self._stack = self._new_stack(levels)
        for name in Stack._fields:
            before = getattr(old, name)[:depth]
            getattr(self._stack, name)[tuple(slice(0, length) for length in before.shape)] = before


def _with_windows(vertex: Vertex, costs: Costs, windows: Windows) -> Vertex:
    """Return the same vertex, with tolls of zero and numbers of tasks for `windows`."""
    n, groups = costs.cost.shape[1], groups_in(windows)
    wide = vertex._replace(
        toll=np.zeros(len(windows.limit)), shift=np.zeros((n, groups)), number=np.zeros((n, 1 + groups))
    )
    add_up(costs, windows, wide)
    return wide
