"""The exact search: depth-first inside a window of cost above the bound, the window widened until something is found.

A window says "look only for assignments cheaper than bound + width". Inside it, reduced costs decide most tasks at
once, and
depth-first search cannot lose itself below an early bad choice. A window that closes empty lifts the bound to its
edge; one that
holds a fair assignment ends the search, for everything below the assignment's cost has then been seen.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.assignment.core import core_below
from evenhand.assignment.improve import Improver
from evenhand.assignment.kernels import branching
from evenhand.assignment.rounding import common_step, sum_below
from evenhand.assignment.tree import Tree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.problem import Problem
    from evenhand.assignment.progress import Clock
    from evenhand.assignment.relaxation import Relaxation

FIRST_WINDOW = 1e-4
"""Relative width of the first window: the usual distance between the relaxation and the optimum."""

FEW_NODES = 200
"""A window that closes within so many nodes was cheap, and the next is twice as wide. Nodes grow with a high power of
the width (the eighth, about), so that later windows grow by a quarter: one too wide costs more than several narrow."""

FIRST_NODES = 300
"""Nodes before the second attempt at a cheaper incumbent."""

FAR = 64.0
"""Windows wider than the bound itself grow by as much more: costs may be orders of magnitude apart."""

EASE = 0.1
"""After k attempts in vain at a cheaper incumbent, 1 + k / (EASE n^2) times the work of the last goes into the tree
before the next: the more agents, the more ways to exchange and the less hope for the tree."""

ATTEMPTS, FIRST_WORK = 100, 50_000
"""Annealings and exchanges before the first node where none finds a fair assignment, and what they may take, in nodes:
the tree of a tiny problem is done sooner than an exchange."""

ROUNDING = 2.0**-46
"""Costs are told apart to this much of their size at most."""

PATIENCE = 0.05
"""Seconds of search between two looks at the clock and at Ctrl-C, about."""


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
    seed
        Of annealing and exchanges.
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
        self,
        problem: Problem,
        relaxation: Relaxation,
        *,
        gap: float,
        clock: Clock,
        seed: int = 0,
        node_limit: float = np.inf,
    ) -> None:
        self._problem = problem
        self._relaxation = relaxation
        self._fairness = relaxation.pool.fairness
        self._gap = gap
        self._clock = clock
        self._improver = Improver(self, relaxation, clock, seed)
        self._vain = 0
        self._charged = 0
        self._next_attempt = FIRST_NODES
        self._node_limit = node_limit
        self._scale = relaxation.scaled.cost_scale
        self._ceiling = float(np.where(problem.allowed, problem.cost, -np.inf).max(axis=1).sum()) / self._scale
        self._blur = relaxation.scaled.blur / self._scale
        self._resolution = 2.0 * relaxation.scaled.blur
        self._rejected_at: bytes | None = None
        self._chunk = 200
        self.nodes = 0
        self.best: NDArray[np.intp] | None = None
        self.cost = np.inf
        self.bound = problem.base_bound
        self._step = common_step(problem.cost, negligible=ROUNDING * problem.size)

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
        self._lift_bound(self.bound)
        return True

    def fair(self, assignment: NDArray[np.integer[Any]]) -> bool:
        """Tell whether the loads of `assignment` are fair."""
        return bool(self._fairness.contains(self._problem.loads_of(assignment)))

    def scaled_loads(self, assignment: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the loads of `assignment` in the relaxation's scale, shape (n,)."""
        return self._problem.loads_of(assignment) / self._relaxation.scaled.burden_scale

    def begin(self, bound: float) -> None:
        """Start from the relaxation's bound, or from a better one (unscaled) known beforehand."""
        self._lift_bound(max(self._relaxation.bound * self._scale, bound))

    def repair(self, clock: Clock) -> None:
        """Find a fair assignment before the clock expires, however far the relaxation has come."""
        if not self._relaxation.infeasible:
            self._improver.repair(clock)

    def run(self) -> None:
        """Search until the gap is closed or the clock, the node limit or Ctrl-C stops it; what is found stays."""
        if self._relaxation.infeasible or self.closed:
            return
        self._find_first()
        width = FIRST_WINDOW * self._yardstick
        while not (self.closed or self._stopped()):
            before = self.nodes
            self._explore(self._relaxation.bound + width)
            width *= 2.0 if self.nodes - before < FEW_NODES else 1.25
            if width > self._yardstick:
                width *= FAR  # the bound is no guide any more

    @property
    def _yardstick(self) -> float:
        """What windows are measured by: the size of the costs, or what the dearest costs where they are nothing."""
        size = max(abs(self._relaxation.bound), self._problem.size / self._scale)
        return size if size > self._blur else self._ceiling - self._relaxation.bound

    @property
    def _rounding(self) -> float:
        """What rounding may do to the incumbent's cost, unscaled."""
        return ROUNDING * max(abs(self.cost), self._problem.size)

    def _target(self) -> float:
        """Return the bound at which the incumbent is good enough, or is proven optimal as well as floats can tell."""
        indistinct = max(self._resolution + self._rounding, 0.75 * self._step)
        return self.cost - max(self._gap * abs(self.cost), indistinct)

    def _stopped(self) -> bool:
        return self._clock.expired or self.nodes >= self._node_limit

    def _find_first(self) -> None:
        """Find a first incumbent, unless none comes soon, and try once to find a cheaper one."""
        self._improver.round()
        for _ in range(ATTEMPTS):
            if self.closed or self._stopped() or self._charged >= min(FIRST_WORK, self._node_limit):
                return
            self._charge(self._improver.improve())
            self._clock.tell("first assignments", None if self.best is None else self.cost, self.bound, 0)
            if self.best is not None:
                return

    def _improve(self, tree: Tree) -> None:
        """Try to find a cheaper incumbent, and set how many nodes of `tree` come before the next attempt."""
        before = self.cost
        work = self._improver.improve()
        self._charge(work)
        self._vain = 0 if self.cost < before else self._vain + 1
        if self._charged >= self._node_limit:
            self._next_attempt = sys.maxsize
            return
        longer = 1.0 + self._vain / (EASE * len(self._problem.agents) ** 2)
        self._next_attempt = self.nodes + 1 + int(work * longer) // (1 + tree.core.costs.cost.size)
        self._clock.tell("exchanges", None if self.best is None else self.cost, self.bound, self.nodes)

    def _charge(self, work: int) -> None:
        """Count work on the incumbent as nodes: no more is done once that alone reaches the limit in nodes."""
        self._charged += 1 + work // self._problem.cost.size

    def _explore(self, cutoff: float) -> None:
        """Search one window: assignments with a scaled cost below `cutoff`, improving the incumbent now and then."""
        relaxation = self._relaxation
        if cutoff + self._blur >= self._ceiling:
            cutoff = np.inf
        relaxation.trim_rows(40 + 4 * relaxation.loads.shape[0])
        tree = Tree(core_below(relaxation, self._limit(cutoff)), relaxation)
        while not self._run(tree, cutoff):
            if self._stopped() or self.closed:
                return
            self._improve(tree)
        self._lift_bound(min(tree.proven * self._scale, self.cost))

    def _limit(self, cutoff: float) -> float:
        """Return the scaled cost from which on nothing is worth finding."""
        # A little beyond the target, so that a tree that closes there is known to reach it.
        return min(cutoff, (self._target() + 0.25 * self._rounding) / self._scale)

    def _run(self, tree: Tree, cutoff: float) -> bool:
        """Search `tree` until it is closed (True), or an attempt at the incumbent is due or the search ends (False)."""
        while self.nodes < self._next_attempt and not self.closed and not self._stopped():
            before = tree.nodes
            begun = self._clock.seconds
            # A limit in nodes must not depend on how fast they are.
            left = min(self._next_attempt, self._node_limit) - self.nodes
            budget = before + min(self._chunk, left)
            event = tree.advance(self._limit(cutoff) - tree.core.fixed_cost, budget)
            if event == branching.BUDGET:
                pace = (tree.nodes - before) / max(self._clock.seconds - begun, 1e-6)
                self._chunk = int(np.clip(PATIENCE * pace, 10, 20_000))
            self.nodes += tree.nodes - before
            self._clock.tell("search", None if self.best is None else self.cost, self.bound, self.nodes)
            if event == branching.DONE:
                return True
            if event == branching.CANDIDATE:
                self._judge(tree)
        return False

    def _lift_bound(self, proven: float) -> None:
        """Take note of a proven bound, which holds for the incumbent too, and exactly.

        Sums of costs are multiples of their step: where less than a step is left below the incumbent, nothing is.
        """
        left = self.cost - proven
        if self.best is not None and left < max(self._step, self._rounding):
            taken = self._problem.cost[np.arange(len(self.best)), self.best]
            exact = min(self.cost, sum_below(taken))
            proven = exact if left < self._step else min(proven, exact)
        self.bound = max(self.bound, proven)

    def _judge(self, tree: Tree) -> None:
        """Accept a candidate, or cut it off, or send the search on below it."""
        assignment = tree.candidate()
        if self.fair(assignment):
            self.offer(assignment)
            tree.accept(self._problem.cost_of(assignment) / self._scale, self._limit(np.inf))
            return
        fingerprint = assignment.tobytes()
        repeated, self._rejected_at = fingerprint == self._rejected_at, fingerprint
        if not repeated and self._relaxation.pool.separate(self.scaled_loads(assignment)):
            tree.relax_again()
        else:
            tree.branch_below()
