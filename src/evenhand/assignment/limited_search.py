"""The search of a problem in which only so many tasks may change hands, at one price of a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.problem import Problem
from evenhand.assignment.relaxation import Relaxation
from evenhand.assignment.rounding import common_step, sum_below
from evenhand.assignment.search import ROUNDING, Search
from evenhand.assignment.tree import Tree


class LimitedSearch(Search):
    """Search for the cheapest fair assignment within a limit on changes.

    Its tree is that of the costs c + price d, which bound c + price K from below within the limit. An incumbent counts
    with c + price K, and a candidate with too many changes is branched on, as others with the same relaxation may have
    fewer.

    Parameters
    ----------
    problem
        The problem, with its true costs.
    count
        Function that returns the number of changes of an assignment.
    most, price
        The limit K, and the price of a change.
    priced, relaxation, rest
        The problem with costs c + price d, and the other arguments of :class:`Search`.
    """

    def __init__(
        self,
        problem: Problem,
        count: Callable[[NDArray[np.intp]], int],
        most: int,
        price: float,
        priced: Problem,
        relaxation: Relaxation,
        **rest: Any,
    ) -> None:
        super().__init__(priced, relaxation, **rest)
        self._true = problem
        self._count, self._most = count, most
        self._free = price * most
        self._step = common_step(problem.costs, negligible=ROUNDING * problem.size)

    @property
    def true_bound(self) -> float:
        """Proven lower bound on the true cost, unscaled."""
        if self.best is not None and self.bound >= self.cost:
            return sum_below(self._true.costs[self.best, np.arange(len(self.best))])
        return self.bound - self._free - self._rounding

    def offer(self, assignment: NDArray[np.intp]) -> bool:
        """Make `assignment` the incumbent if it is allowed, within the limit, fair and cheaper; return whether."""
        problem = self._true
        if not problem.allowed[assignment, np.arange(len(assignment))].all() or self._count(assignment) > self._most:
            return False
        cost = problem.cost_of(assignment) + self._free
        if cost >= self.cost or not self.fair(assignment):
            return False
        self.best, self.cost = assignment, cost
        self._lift_bound(self.bound)
        return True

    def _target(self) -> float:
        indistinct = max(self._resolution + self._rounding, 0.75 * self._step)
        return self.cost - max(self._gap * abs(self.cost - self._free), indistinct)

    def _lift_bound(self, proven: float) -> None:
        """Raise the bound to `proven`; to the incumbent's cost if no other cost can lie between."""
        proven = self._possible_cost(proven)
        if self.best is not None and self.cost - proven < max(self._step, self._rounding):
            proven = self.cost
        self.bound = max(self.bound, proven)

    def _judge(self, tree: Tree) -> None:
        assignment = tree.candidate()
        if not self.fair(assignment):
            tree.reject(assignment, self.scaled_loads(assignment))
            return
        self.offer(assignment)
        if self._count(assignment) <= self._most:
            cost = self._true.cost_of(assignment) + self._free
            tree.accept(cost / self._scale, self._limit(np.inf))
        else:
            tree.branch_below()
