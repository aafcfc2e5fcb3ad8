"""A branch-and-bound tree over one core: the arrays that the compiled loop works on, and the answers to its events."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.core import Core
from evenhand.assignment.groups import group_tasks
from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.branching import branch_and_bound
from evenhand.assignment.kernels.shared_arrays import (
    GROUPS,
    LOAD,
    Costs,
    Rows,
    Vertex,
    Windows,
    groups_in,
    new_windows,
    new_work,
)
from evenhand.assignment.kernels.stack import DEPTH, MODE, NODES, PLACES, TRAIL, Stack, new_stack
from evenhand.assignment.kernels.vertex import add_up
from evenhand.assignment.kernels.windows import new_pseudocosts
from evenhand.assignment.relaxation import Relaxation, with_capacity


@dataclass(frozen=True, slots=True)
class Branching:
    """What a node is branched on: a task, with a child for each of `agents`; or a window, with two children.

    Attributes
    ----------
    task
        Position among all tasks; None for a window.
    agents
        The children in their order: agents, or sides of the window (0 below, 1 above).
    agent, column
        Whose window it is, and on what: a load, all tasks of the core, or a group.
    most
        Upper limit of the child below, scaled.
    """

    agents: list[int]
    task: int | None = None
    agent: int = -1
    column: int = -1
    most: float = np.nan


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
    grouping
        Trial of a grouping of tasks by likeness; see :func:`~evenhand.assignment.groups.group_tasks`.

    Attributes
    ----------
    core
        The core that is searched.
    pseudocosts
        What the tree has learnt so far about limits.
    """

    def __init__(
        self,
        core: Core,
        relaxation: Relaxation,
        load_limits: NDArray[np.float64] | None = None,
        grouping: int = 0,
    ) -> None:
        self.core = core
        self._relaxation = relaxation
        scaled = relaxation.scaled
        own = Costs(scaled.own.cost[core.tasks], scaled.own.burden[core.tasks], scaled.own.initial)
        group, self._twins = group_tasks(own, core.costs, scaled.allowed[core.tasks], grouping)
        self._windows = new_windows(group, scaled.steps)
        if load_limits is not None:
            self.limit_loads(load_limits)
        self._vertex = _with_windows(with_capacity(core.vertex, relaxation.pool.capacity), core.costs, self._windows)
        self._open_pairs = core.open_pairs.copy()
        self.pseudocosts = new_pseudocosts(len(self._windows.limit))
        self._take_memory()
        self._rejected: bytes | None = None
        self._rank = np.full(len(core.keys), -1)
        self._rank[core.tasks] = np.arange(len(core.tasks))
        self._share = 1.0

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
        """Part of the whole tree that has been explored or is elsewhere; see :attr:`unexplored`."""
        return 1.0 - self.unexplored

    @property
    def unexplored(self) -> float:
        """Part of the whole tree that is left here, between 0 and 1, if all children of a node held equally many nodes.

        References
        ----------
        Knuth, Estimating the efficiency of backtrack programs, Mathematics of Computation 29, 1975.
        """
        untried, below = self._untried()
        return float(untried.sum()) + (0.0 if self._control[MODE] == branching.NEXT else float(below[-1]))

    @property
    def divisible(self) -> float:
        """Part of the whole tree that :meth:`divide` would take from this one; 0 if nothing would be left here."""
        untried, _ = self._untried()
        levels = np.flatnonzero(untried)
        if not len(levels) or (len(levels) == 1 and self._control[MODE] == branching.NEXT):
            return 0.0
        return float(untried[levels[0]])

    def divide(self) -> Tree:
        """Split off the untried children of the shallowest frame that has any; return them as a tree of their own.

        Both trees go on from there independently of each other; they share the core and the cut pool.
        """
        untried, below = self._untried()
        level = int(np.flatnonzero(untried)[0])
        other = copy.copy(self)
        other._share = float(below[level])
        for name in ("_windows", "_vertex", "_open_pairs", "pseudocosts"):
            setattr(other, name, copy.deepcopy(getattr(self, name)))
        closed_below = self._trail[self._stack.trail[level] : self._control[TRAIL]]
        other._open_pairs.ravel()[closed_below] = True
        other._take_memory()
        for name in Stack._fields:
            getattr(other._stack, name)[0] = getattr(self._stack, name)[level]
        other._stack.trail[0] = 0
        other._control[DEPTH], other._control[MODE] = 1, branching.NEXT
        self._stack.tried[level] = self._stack.children[level]
        return other

    def _untried(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the untried children of each level, and all that is below each, as parts of the whole tree."""
        depth = int(self._control[DEPTH])
        children = np.maximum(self._stack.children[:depth], 1)
        below = self._share * np.concatenate([[1.0], np.cumprod(1.0 / children)])
        return below[1:] * (children - self._stack.tried[:depth]), below

    def advance(self, cutoff: float, budget: float) -> int:
        """Search on, pruning at the scaled `cutoff`, until an event; return it.

        `budget` is the number of nodes, counted from the tree's beginning, after which the event BUDGET is returned.
        """
        self.read_cuts()
        return self.resume(cutoff, budget)

    def read_cuts(self) -> None:
        """Read the cuts that the pool holds now; nodes processed until the next call know these, and no others."""
        rows = self._relaxation.pool.rows
        self._rows = Rows(rows.matrix, rows.in_use.copy())
        capacity = rows.matrix.shape[0]
        if capacity > self._vertex.multiplier.shape[0]:
            self._vertex = with_capacity(self._vertex, capacity)
            self._grow_stack(self._stack.size.shape[0])

    def resume(self, cutoff: float, budget: float) -> int:
        """Do as :meth:`advance`, with the cuts read last: of what trees share, nothing that changes is read.

        A full stack is enlarged here.
        """
        while True:
            event = branch_and_bound(
                self.core.costs,
                self._open_pairs,
                self._rows,
                self._windows,
                self._vertex,
                self._work,
                self._stack,
                self._trail,
                self._control,
                self._proven,
                self._tasks,
                self._twins,
                self.pseudocosts,
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

    def reject(self, assignment: NDArray[np.intp], loads: NDArray[np.float64]) -> None:
        """Cut off the candidate, an unfair `assignment` with these scaled `loads`, and solve its node again.

        A candidate that comes again right after it was cut is unfair by less than the cuts' allowance for tolerances.
        Then, and if no cut separates it, its node is branched on.
        """
        fingerprint = assignment.tobytes()
        repeated, self._rejected = fingerprint == self._rejected, fingerprint
        if not repeated and self._relaxation.pool.separate(loads):
            self._control[MODE] = branching.PROCESS
        else:
            self.branch_below()

    def branch_below(self) -> None:
        """Branch at the candidate's node: the candidate is unfair, but no new cut separates it."""
        self._control[MODE] = branching.BRANCH

    def limit_loads(self, limits: NDArray[np.float64]) -> None:
        """Set limits on each agent's load at the root, scaled, shape (n, 2): lower and upper."""
        self._windows.limit.reshape(len(limits), -1, 2)[:, LOAD] = limits

    # ---- for tree proofs ----------------------------------------------------------------------------

    @property
    def groups(self) -> list[int]:
        """Group of each of the problem's tasks, length m; tasks outside the core are a group of their own, the last."""
        group = np.full(len(self.core.keys), groups_in(self._windows))
        group[self.core.tasks] = self._windows.group
        return [int(number) for number in group]

    @property
    def vertex(self) -> Vertex:
        """The vertex of the present node."""
        return self._vertex

    @property
    def limits(self) -> NDArray[np.float64]:
        """The limits of the present node's windows, scaled; see :class:`~.kernels.shared_arrays.Windows`."""
        return self._windows.limit

    def forget_ray(self) -> None:
        """Set the ray to zero, so that one found afterwards is the present node's."""
        self._vertex.ray[:] = 0.0
        self._vertex.ray_toll[:] = 0.0

    def branching(self) -> Branching | None:
        """Return what the present node has been branched on; None if it is closed."""
        level = int(self._control[DEPTH]) - 1
        if level < 0 or self._stack.tried[level] > 0:
            return None
        if self._stack.place[level] < 0:
            agents = self._stack.agents[level, : self._stack.children[level]].tolist()
            return Branching(task=int(self.core.tasks[self._stack.task[level]]), agents=agents)
        agent, column = divmod(int(self._stack.place[level]), GROUPS + groups_in(self._windows))
        first = int(self._stack.agents[level, 0])
        return Branching(agent=agent, column=column, most=float(self._stack.split[level, 0]), agents=[first, 1 - first])

    def keep(self, children: list[int], stay: dict[int, list[int]]) -> None:
        """Keep only these children of the present node, in this order, and for each task only the agents that `stay`.

        No child is left out because of its first bound.
        """
        level = int(self._control[DEPTH]) - 1
        self._stack.agents[level, : len(children)] = children
        self._stack.agent_bound[level, : len(children)] = -np.inf
        self._stack.bound[level] = -np.inf
        self._stack.children[level] = len(children)
        self.narrow(stay)
        self._stack.trail[level] = self._control[TRAIL]

    def narrow(self, stay: dict[int, list[int]]) -> None:
        """Close, for each task, its pairs with other agents than those that `stay`."""
        n = self._open_pairs.shape[1]
        for task, agents in stay.items():
            row = int(self._rank[task])
            if row >= 0 and len(agents) < np.count_nonzero(self._open_pairs[row]):
                for agent in np.flatnonzero(self._open_pairs[row]).tolist():
                    if agent not in agents:
                        length = int(self._control[TRAIL])
                        self._open_pairs[row, agent] = False
                        self._trail[length] = row * n + agent
                        self._control[TRAIL] = length + 1

    def close(self) -> None:
        """Drop the branching of the present node, which is closed."""
        self._control[DEPTH] -= 1

    def _take_memory(self) -> None:
        """Allocate what belongs to one tree alone, and holds nothing yet."""
        m, n = self._open_pairs.shape
        self._work, self._stack = new_work(m), self._new_stack(min(m, 64) + 1)
        self._tasks, self._candidate = np.zeros(m, np.int64), np.zeros(m, np.int64)
        self._trail, self._control = np.zeros(m * n + 1, np.int64), np.zeros(PLACES, np.int64)
        self._proven = np.full(2, np.inf)

    def _new_stack(self, levels: int) -> Stack:
        m, n = self.core.costs.cost.shape
        return new_stack(levels, self._vertex.multiplier.shape[0], m, n, len(self._windows.limit))

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
        toll=np.zeros(len(windows.limit)),
        shift=np.zeros((n, groups)),
        number=np.zeros((n, 1 + groups)),
        ray_toll=np.zeros(len(windows.limit)),
    )
    add_up(costs, windows, wide)
    return wide
