"""One search tree over one core, as the kernel keeps it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.branching import branch_and_bound
from evenhand.assignment.kernels.stack import DEPTH, MODE, NODES, PLACES, Stack, new_stack
from evenhand.assignment.kernels.state import new_work
from evenhand.assignment.relaxation import with_capacity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.core import Core
    from evenhand.assignment.relaxation import Relaxation


class Tree:
    """Depth-first search over the assignments of one core.

    Parameters
    ----------
    core
        The smaller problem.
    relaxation
        Where its rows are; trees over the same relaxation share them.
    """

    def __init__(self, core: Core, relaxation: Relaxation) -> None:
        self.core = core
        self._relaxation = relaxation
        m, n = core.costs.cost.shape
        self._vertex = with_capacity(core.vertex, relaxation.pool.capacity)
        self._open_pairs = core.open_pairs.copy()
        self._work = new_work(m)
        self._tasks = np.zeros(m, np.int64)
        self._trail = np.zeros(m * n + 1, np.int64)
        self._control = np.zeros(PLACES, np.int64)
        self._proven = np.full(2, np.inf)
        self._stack: Stack = new_stack(min(m, 64) + 1, relaxation.pool.capacity, m, n)

    @property
    def nodes(self) -> int:
        """Nodes so far."""
        return int(self._control[NODES])

    @property
    def proven(self) -> float:
        """Least bound of what was closed, scaled; inf where all of it was infeasible."""
        least = float(self._proven[0]) + self.core.fixed_cost
        return min(math.nextafter(least, -math.inf) if least < math.inf else least, self.core.excluded)

    def advance(self, cutoff: float, budget: float) -> int:
        """Search on until an event other than a want of room; return it."""
        self._make_room_for_rows()
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
        if not self._proven[1] + self.core.fixed_cost >= target:
            self.branch_below()
            return
        self._proven[0] = min(self._proven[0], self._proven[1])
        self._control[MODE] = branching.NEXT

    def relax_again(self) -> None:
        """Go on at the candidate's node, with the rows added since."""
        self._control[MODE] = branching.PROCESS

    def branch_below(self) -> None:
        """Go on below the candidate's node: the candidate is not fair, yet no row tells."""
        self._control[MODE] = branching.BRANCH

    def _make_room_for_rows(self) -> None:
        capacity = self._relaxation.pool.capacity
        if capacity > self._vertex.multiplier.shape[0]:
            self._vertex = with_capacity(self._vertex, capacity)
            self._grow_stack(self._stack.size.shape[0])

    def _grow_stack(self, levels: int) -> None:
        old, depth = self._stack, int(self._control[DEPTH])
        m, n = self.core.costs.cost.shape
        self._stack = new_stack(levels, self._relaxation.pool.capacity, m, n)
        for name in Stack._fields:
            before = getattr(old, name)[:depth]
            getattr(self._stack, name)[tuple(slice(0, length) for length in before.shape)] = before
