"""The exact search: depth-first inside a window of cost above the bound, the window widened until something is found.

A window says "look only for assignments cheaper than bound + width". Inside it, reduced costs decide most tasks at
once, and
depth-first search cannot lose itself below an early bad choice. A window that closes empty lifts the bound to its
edge; one that
holds a fair assignment ends the search, for everything below the assignment's cost has then been seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.core import Core, core_below
from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.branching import DEPTH, MODE, NODES, Stack, branch_and_bound, new_stack
from evenhand.assignment.kernels.state import new_work
from evenhand.assignment.relaxation import with_capacity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.problem import Problem
    from evenhand.assignment.progress import Clock
    from evenhand.assignment.relaxation import Relaxation

FIRST_WINDOW = 1e-4
"""Relative width of the first window: the usual distance between the relaxation and the optimum."""

DIVE_WINDOW = 0.05
DIVE_NODES = 1500
CHUNK = 2000
"""Nodes between two looks at the clock and at Ctrl-C: a few hundredths of a second."""


class Search:
    """Search for the cheapest fair assignment of one problem.

    Parameters
    ----------
    problem
        The problem, unscaled.
    relaxation
        Its solved relaxation.
    gap
        Relative gap at which to stop.
    clock
        Time and progress.
    node_limit
        Nodes after which to give up, for deterministic probes; None for no limit.

    Attributes
    ----------
    best
        Agent of each task of the cheapest fair assignment found; None where none is.
    cost
        Its cost, unscaled; inf where there is none.
    bound
        Proven lower bound, unscaled; inf once it is proven that no fair assignment exists.
    closed
        Whether the gap, or infeasibility, is proven.
    """

    def __init__(
        self, problem: Problem, relaxation: Relaxation, gap: float, clock: Clock, node_limit: float = np.inf
    ) -> None:
        self._problem = problem
        self._relaxation = relaxation
        self._fairness = relaxation.pool.fairness
        self._gap = gap
        self._clock = clock
        self._node_limit = node_limit
        self._scale = relaxation.scaled.cost_scale
        self._ceiling = float(np.where(problem.allowed, problem.cost, 0.0).max(axis=1).sum()) / self._scale
        self._rejected_at: bytes | None = None
        self.nodes = 0
        self.best: NDArray[np.intp] | None = None
        self.cost = np.inf
        self.bound = -np.inf

    @property
    def closed(self) -> bool:
        """Whether the gap, or infeasibility, is proven."""
        if self.best is None:
            return self.bound == np.inf
        return self.bound >= self._target()

    def offer(self, assignment: NDArray[np.intp]) -> bool:
        """Take `assignment` as the incumbent if it is allowed, fair and cheaper; tell whether it was taken."""
        problem = self._problem
        if not problem.allowed[np.arange(len(assignment)), assignment].all():
            return False
        cost = problem.cost_of(assignment)
        if cost >= self.cost or not self._fairness.contains(problem.loads_of(assignment)):
            return False
        self.best, self.cost = assignment, cost
        return True

    def begin(self, bound: float) -> None:
        """Start from the relaxation's bound, or from a better one (unscaled) known beforehand."""
        self.bound = max(self._relaxation.bound * self._scale, bound)

    def run(self) -> None:
        """Search until the gap is closed or the clock, the node limit or Ctrl-C stops it; what is found stays."""
        if self._relaxation.infeasible or self.closed:
            return
        self._dive()
        width = FIRST_WINDOW * max(abs(self._relaxation.bound), 0.01 * self._ceiling)
        while not (self.closed or self._stopped()):
            cutoff = self._relaxation.bound + width
            before = self.nodes
            self._explore(cutoff if cutoff < self._ceiling else np.inf, np.inf)
            width *= 4.0 if self.nodes - before < 500 else 2.0

    def _target(self) -> float:
        """Return the bound at which the incumbent is good enough."""
        return self.cost - self._gap * self.cost

    def _stopped(self) -> bool:
        return self._clock.expired or self.nodes >= self._node_limit

    def _dive(self) -> None:
        """Find a first incumbent, unless one was offered: a few nodes in a wide window."""
        if self.best is not None:
            return
        cutoff = self._relaxation.bound + DIVE_WINDOW * max(abs(self._relaxation.bound), 0.1 * self._ceiling)
        self._explore(cutoff if cutoff < self._ceiling else np.inf, DIVE_NODES)

    def _explore(self, cutoff: float, budget: float) -> None:
        """Search one window: assignments with a scaled cost below `cutoff`."""
        relaxation = self._relaxation
        relaxation.trim_rows(40 + 4 * relaxation.loads.shape[0])
        tree = _Tree(core_below(relaxation, min(cutoff, self._target() / self._scale)), relaxation)
        while True:
            limit = min(cutoff, self._target() / self._scale) - tree.core.fixed_cost
            event = tree.advance(limit, min(tree.nodes + CHUNK, budget))
            self._clock.tell("search", None if self.best is None else self.cost, self.bound, self.nodes + tree.nodes)
            if event == branching.DONE:
                self._lift_bound(min(tree.proven * self._scale, self.cost))
                break
            if event == branching.CANDIDATE:
                self._judge(tree)
            if self.closed or self._clock.expired or tree.nodes >= min(budget, self._node_limit - self.nodes):
                break
        self.nodes += tree.nodes

    def _lift_bound(self, proven: float) -> None:
        # What was proven in scaled arithmetic may differ from the incumbent's own cost in the last digits.
        if self.best is not None and proven >= self.cost * (1.0 - 1e-12):
            proven = self.cost
        self.bound = max(self.bound, proven)

    def _judge(self, tree: _Tree) -> None:
        """Accept a candidate, or cut it off, or send the search on below it."""
        assignment = tree.candidate()
        loads = self._problem.loads_of(assignment)
        if self._fairness.contains(loads):
            self.offer(assignment)
            tree.accept(self._problem.cost_of(assignment) / self._scale, self._target() / self._scale)
            return
        fingerprint = assignment.tobytes()
        repeated, self._rejected_at = fingerprint == self._rejected_at, fingerprint
        if not repeated and self._relaxation.pool.separate(loads / self._relaxation.scaled.burden_scale):
            tree.relax_again()
        else:
            tree.branch_below()


class _Tree:
    """The kernel's search tree over one core."""

    def __init__(self, core: Core, relaxation: Relaxation) -> None:
        self.core = core
        self._relaxation = relaxation
        m, n = core.costs.cost.shape
        self._vertex = with_capacity(core.vertex, relaxation.pool.capacity)
        self._open_pairs = core.open_pairs.copy()
        self._work = new_work(m)
        self._tasks = np.zeros(m, np.int64)
        self._trail = np.zeros(m * n + 1, np.int64)
        self._control = np.zeros(4, np.int64)
        self._proven = np.full(2, np.inf)
        self._stack: Stack = new_stack(min(m, 64) + 1, relaxation.pool.capacity, m, n)

    @property
    def nodes(self) -> int:
        """Nodes so far."""
        return int(self._control[NODES])

    @property
    def proven(self) -> float:
        """Least bound of what was closed, scaled; inf where all of it was infeasible."""
        return min(float(self._proven[0]) + self.core.fixed_cost, self.core.excluded)

    def advance(self, cutoff: float, budget: float) -> int:
        """Search on until an event other than a want of room."""
        while True:
            event = branch_and_bound(
                self.core.costs,
                self._open_pairs,
                self._relaxation.pool.rows,
                self._vertex,
                self._work,
                self._stack,
                self._trail,
                self._control,
                self._proven,
                self._tasks,
                cutoff,
                self._relaxation.scaled.unit,
                int(budget),
            )
            if event != branching.ROOM:
                return int(event)
            self._grow_stack(2 * self._stack.size.shape[0])

    def candidate(self) -> NDArray[np.intp]:
        """Return the agent of every task in the candidate."""
        return self.core.complete(self._vertex.key)

    def accept(self, cost: float, target: float) -> None:
        """Close the candidate's node if its bound reaches `target`, else go on below it."""
        self._proven[0] = min(self._proven[0], cost - self.core.fixed_cost)
        if self._proven[1] + self.core.fixed_cost < target:
            self.branch_below()
            return
        self._proven[0] = min(self._proven[0], self._proven[1])
        self._control[MODE] = branching.NEXT

    def relax_again(self) -> None:
        """Go on at the candidate's node, with the rows added since."""
        self._control[MODE] = branching.PROCESS
        capacity = self._relaxation.pool.capacity
        if capacity > self._vertex.multiplier.shape[0]:
            self._vertex = with_capacity(self._vertex, capacity)
            self._relaxation.vertex = with_capacity(self._relaxation.vertex, capacity)
            self._grow_stack(self._stack.size.shape[0])

    def branch_below(self) -> None:
        """Go on below the candidate's node: the candidate is not fair, yet no row tells."""
        self._control[MODE] = branching.BRANCH

    def _grow_stack(self, levels: int) -> None:
        old, depth = self._stack, int(self._control[DEPTH])
        m, n = self.core.costs.cost.shape
        self._stack = new_stack(levels, self._relaxation.pool.capacity, m, n)
        for name in Stack._fields:
            before = getattr(old, name)[:depth]
            getattr(self._stack, name)[tuple(slice(0, length) for length in before.shape)] = before
