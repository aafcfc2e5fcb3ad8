"""The exact search: branch and bound inside a window of cost above the bound, which widens until the gap is closed.

A window limits the search to assignments cheaper than bound + width. Inside it, reduced-cost fixing decides most tasks
at once, and depth-first search cannot get lost below an early bad branching. If a window's tree closes without a fair
assignment, none is cheaper than its edge: the bound rises to that, and the next window is wider. If the tree holds a
fair assignment, that becomes the incumbent and lowers the cutoff, and once the tree is closed the incumbent is optimal,
because every cheaper assignment has been excluded. Between nodes, heuristics (`improve.py`) look for better incumbents.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.aim import aimed
from evenhand.assignment.core import Core, core_below
from evenhand.assignment.evened import evened
from evenhand.assignment.groups import CLUSTERS
from evenhand.assignment.improve import Improver
from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.windows import BEYOND_ROUNDING
from evenhand.assignment.load_lattice import LoadLattice
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation
from evenhand.assignment.repair import AGAIN
from evenhand.assignment.rounding import common_step, sum_below
from evenhand.assignment.subtrees import Subtrees
from evenhand.assignment.tree import Tree

FIRST_WINDOW = 1e-4
"""Relative width of the first window: the usual gap between the relaxation and the optimum."""

TOWARDS_TARGET, WIDEST_FIRST = 0.5, 16.0
"""With an incumbent, the first window reaches this fraction of the way to the incumbent's target, but is at most this
many times as wide as without one: narrow windows take few nodes, but each of them needs a tree of its own."""

FEW_NODES = 200
"""Number of nodes within which a window counts as cheap, and the next one is twice as wide. Otherwise it is wider by a
quarter: nodes grow with about the eighth power of the width, so that one window too wide costs more than several narrow
ones."""

LEAST_NODES, NARROWER, FINEST_WINDOW = 2000, 0.5, 2e-4
"""Number of nodes after which a window is given up, if its tree has also taken more than all trees before; factor by
which the next window is narrower; and relative width at which windows are always searched to the end. A window may
reach far beyond the optimum. A narrower one that contains it finds it in few nodes, and its cost closes the rest."""

FIRST_NODES = 300
"""Number of nodes before the second attempt at a cheaper incumbent."""

STRAIGHT = 1.1
"""If the distance to the incumbent's target is at most this multiple of the window's width, the window is widened to
the target: two trees of nearly equal width take twice the nodes."""

WIDE_WINDOW_GROWTH = 64.0
"""Additional growth factor of windows wider than the bound itself, for costs that are orders of magnitude apart."""

EASE = 0.1
"""Determines how much of the work goes into the tree: after k attempts at a cheaper incumbent without success, the tree
gets 1 + k / (EASE n^2) times the work of the last attempt before the next one. The more agents there are, the more ways
there are to exchange tasks, and the less hope for the tree."""

NODE_PASSES = 0.2
"""Approximate number of passes over the tree's tasks that a node takes per agent: its pivots, and trials of limits."""

ATTEMPTS, FIRST_WORK = 100, 50_000
"""Upper limits on the attempts at a first incumbent before the first node, and on their work in nodes: the tree of a
tiny problem takes less time than an exchange."""

FEW_ATTEMPTS = 3
"""Upper limit on these attempts if burdens have few values: then the tree, which branches on numbers of tasks, finds
fair assignments by itself."""

ROUNDING = 2.0**-46
"""Relative difference below which two costs count as equal."""

FIRST_CHUNK = 1_000_000
"""Work, in pairs of the core times agents, of the nodes of a tree before the clock is first checked. The first nodes of
a large core, with trials of all limits, take a second each."""

LONG, BEGUN, ROUND = 4000, 500, 1000
"""Number of nodes after which a search goes on in rounds, least number of nodes of a tree before it is divided for
that, and upper limit on the nodes of a round. Long searches are those that two workers can shorten."""

PATIENCE = 0.05
"""Approximate seconds of search between two checks of the clock and of Ctrl-C."""


class Search:
    """Search for the cheapest fair assignment of one problem.

    Parameters
    ----------
    problem
        The problem, unscaled.
    relaxation
        The problem's relaxation, which is solved before `run`.
    gap
        Relative gap at which to stop.
    clock
        Time limit and progress reports.
    seed
        Seed of annealing and exchanges.
    node_limit
        Number of nodes after which the search stops, for probes that do not depend on a clock; inf for no limit.
    workers
        Number of threads that search large trees; what is found does not depend on it.

    Attributes
    ----------
    relaxation
        The problem's relaxation.
    best
        The incumbent, the cheapest fair assignment found: agent of each task, shape (m,); None if there is none.
    cost
        Cost of the incumbent, unscaled; inf if there is none.
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
        workers: int = 1,
    ) -> None:
        self._problem = problem
        self.relaxation = relaxation
        self._fairness = relaxation.pool.fairness
        self._gap = gap
        self._clock = clock
        self._improver = Improver(self, relaxation, clock, seed)
        self._failed_attempts = 0
        self._charged_nodes = 0
        self._next_attempt = FIRST_NODES
        self._pause = FIRST_NODES
        self._node_limit = node_limit
        self._workers = workers
        self._large = LONG
        self._scale = relaxation.scaled.cost_scale
        self._ceiling = float(np.where(problem.allowed, problem.costs, -np.inf).max(axis=0).sum()) / self._scale
        self._perturbation = relaxation.scaled.total_perturbation / self._scale
        self._resolution = 2.0 * relaxation.scaled.total_perturbation
        self._load_limits: NDArray[np.float64] | None = None
        self._lattice = LoadLattice.of(problem, clock)
        self._at_no_cost = LoadLattice.at_no_cost(problem, clock) if self._lattice is None else None
        self._seed = seed
        self._possible_from = -np.inf
        self._chunk = 200
        self._explored = 0
        self._given_up = 0
        self.nodes = 0
        self.best: NDArray[np.intp] | None = None
        self.cost = np.inf
        self.bound = problem.base_bound
        self._step = common_step(problem.costs, negligible=ROUNDING * problem.size)

    @property
    def closed(self) -> bool:
        """Whether the gap, or infeasibility, is proven."""
        if self.best is None:
            return self.bound == np.inf
        return self.bound >= self._target()

    @property
    def provable(self) -> float:
        """Bound to prove of a closed search, unscaled: the incumbent's cost, less the gap asked for or rounding.

        If all costs are multiples of a step larger than that, it is the cost itself.
        """
        gap = self._gap * abs(self.cost)
        return self.cost if self._step > gap else self.cost - max(gap, 4.0 * (self._resolution + self._rounding))

    def offer(self, assignment: NDArray[np.intp]) -> bool:
        """Make `assignment` the incumbent if it is allowed, fair and cheaper; return whether it has become that."""
        problem = self._problem
        if not problem.allowed[assignment, np.arange(len(assignment))].all():
            return False
        cost = problem.cost_of(assignment)
        if cost >= self.cost or not self._fairness.contains(problem.loads_of(assignment)):
            return False
        self.best, self.cost = assignment, cost
        self._lift_bound(self.bound)
        return True

    def fair(self, assignment: NDArray[np.integer[Any]]) -> bool:
        """Return whether the loads of `assignment` are fair, within the tolerance of the fairness member."""
        return bool(self._fairness.contains(self._problem.loads_of(assignment)))

    def scaled_loads(self, assignment: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the loads of `assignment` in the relaxation's scale, shape (n,)."""
        return self._problem.loads_of(assignment) / self.relaxation.scaled.burden_scale

    def begin(self, bound: float) -> None:
        """Start from the relaxation's bound, or from a higher one, unscaled, that is known beforehand."""
        self._lift_bound(max(self.relaxation.bound * self._scale, bound))

    def repair(self, clock: Clock, times: int = 1) -> None:
        """Look for a fair assignment before `clock` expires, even if the relaxation is not solved yet."""
        if not self.relaxation.infeasible:
            self._improver.repair(clock, times)

    def even_out(self, clock: Clock) -> None:
        """Offer an assignment that a few passes over the table make fair, whatever it costs; see `evened.py`."""
        if not self.relaxation.infeasible:
            self.offer(evened(self._problem, self._fairness, self.relaxation.vertex.key, clock))

    def run(self) -> None:
        """Search until the gap is closed, or the clock, the node limit or Ctrl-C stops it.

        The incumbent and the bound reached so far stay valid in each case.
        """
        if self.relaxation.infeasible or self.closed:
            return
        if not self._limit_loads():
            self.bound = np.inf
            return
        self._find_first()
        root = self.relaxation.bound
        width = FIRST_WINDOW * self._yardstick
        if self.best is not None:
            width = max(width, min(TOWARDS_TARGET * (self._limit(np.inf) - root), WIDEST_FIRST * width))
        while not (self.closed or self._stopped()):
            before = self.nodes
            target = self._limit(np.inf) - root
            if width < target < STRAIGHT * width:
                width = target
            if self._explore(root + width):
                width *= 2.0 if self.nodes - before < FEW_NODES else 1.25
                if width > self._yardstick:
                    width *= WIDE_WINDOW_GROWTH  # the bound no longer says how large costs are
            else:
                proven = self.bound / self._scale - root
                width = proven + NARROWER * (self._limit(root + width) - root - proven)

    @property
    def _yardstick(self) -> float:
        """Unit of the windows' widths: the size of the costs, or if that is negligible, the range of all costs."""
        size = max(abs(self.relaxation.bound), self._problem.size / self._scale)
        return size if size > self._perturbation else self._ceiling - self.relaxation.bound

    @property
    def _rounding(self) -> float:
        """Upper limit on the rounding error of the incumbent's cost, unscaled."""
        return ROUNDING * max(abs(self.cost), self._problem.size)

    def _target(self) -> float:
        """Return the bound at which the search is closed: the incumbent is within the gap, or optimal up to rounding.

        Bounds carry perturbations and rounding. If all costs are multiples of a step, a bound within less than a step
        below the incumbent already proves it optimal, and three quarters of one are asked for.
        """
        indistinct = max(self._resolution + self._rounding, 0.75 * self._step)
        return self.cost - max(self._gap * abs(self.cost), indistinct)

    def _stopped(self) -> bool:
        return self._clock.expired or self.nodes >= self._node_limit

    def _limit_loads(self) -> bool:
        """Set limits on loads where burdens are few-valued; return False if they show that no assignment is fair."""
        lattice = self._lattice
        if lattice is None:
            return True
        limits = lattice.limits(self._fairness)
        if limits is None:
            return False
        values = np.column_stack([lattice.loads(side) for side in limits])
        wider = BEYOND_ROUNDING * (values + lattice.step)
        self._load_limits = (values + wider * (-1.0, 1.0)) / self.relaxation.scaled.burden_scale
        return True

    def _aim(self) -> None:
        """Where the cost follows from the loads, look for an assignment with the fairest loads of the least cost."""
        problem, vectors = self._problem, self._lattice
        if vectors is None and self._at_no_cost is not None:
            vectors = self._at_no_cost.at_cost(self.bound, self._fairness)
        elif vectors is None or not self._cost_is_given():
            return
        target = None if vectors is None else vectors.fair_units(self._fairness)
        if vectors is not None and target is not None:
            start = self.relaxation.vertex.key.astype(np.intp)
            kinds, random = vectors.kinds(self._fairness), np.random.default_rng(self._seed)
            found = aimed(problem, vectors.step, target, kinds, start, random, self._clock)
            if found is not None:
                self.offer(found)

    def _cost_is_given(self) -> bool:
        """Return whether each task costs the same with every agent who may do it."""
        allowed, costs = self._problem.allowed, self._problem.costs
        return not ((costs != np.where(allowed, costs, np.inf).min(axis=0)) & allowed).any()

    def _find_first(self) -> None:
        """Look for a first incumbent by rounding, annealing and exchanges, within limits on attempts and work.

        Once there is an incumbent, everything dearer can be pruned, so that trees become small.
        """
        self._improver.round()
        if not self.closed:
            self._aim()
        for _ in range(ATTEMPTS if self._load_limits is None else FEW_ATTEMPTS):
            if self.closed or self._stopped() or self._charged_nodes >= min(FIRST_WORK, self._node_limit):
                return
            self._charge(self._improver.improve())
            self._clock.report("first assignments", None if self.best is None else self.cost, self.bound, 0)
            if self.best is None:
                self.repair(self._clock, AGAIN)
            if self.best is not None:
                return

    def _improve(self, tree: Tree) -> None:
        """Try to find a cheaper incumbent, and set the number of nodes of `tree` before the next attempt."""
        before = self.cost
        self._plan_next(self._improver.improve(), self.cost < before, tree.core, self.nodes)

    def _plan_next(self, work: int, found: bool, core: Core, nodes: int) -> None:
        """Set the number of nodes between an attempt at `nodes` nodes, which took `work`, and the next one.

        The time that both get is balanced by work instead of a clock, so that the same seed gives the same answer.
        """
        self._charge(work)
        self._failed_attempts = 0 if found else self._failed_attempts + 1
        if self._charged_nodes >= self._node_limit:
            self._next_attempt = sys.maxsize
            return
        longer = 1.0 + self._failed_attempts / (EASE * len(self._problem.agents) ** 2)
        node = max(1.0, NODE_PASSES * len(self._problem.agents)) * (1 + core.costs.cost.size)
        self._pause = 1 + int(work * longer / node)
        self._next_attempt = nodes + self._pause
        self._clock.report("exchanges", None if self.best is None else self.cost, self.bound, self.nodes)

    def _charge(self, work: int) -> None:
        """Count work on the incumbent as nodes; attempts end once that work alone reaches the node limit."""
        self._charged_nodes += 1 + work // self._problem.costs.size

    def _explore(self, cutoff: float) -> bool:
        """Search a window, the assignments with a scaled cost below `cutoff`, and improve the incumbent in between.

        Return False if the window is given up for a narrower one, because its tree takes more nodes than all before.
        """
        relaxation = self.relaxation
        # A cutoff above the cost of every assignment is none: the tree covers the problem, and can prove infeasibility.
        if cutoff + self._perturbation >= self._ceiling:
            cutoff = np.inf
        relaxation.trim_rows(40 + 4 * relaxation.loads.shape[0])
        tree = Tree(core_below(relaxation, self._limit(cutoff)), relaxation, self._load_limits, self._given_up)
        self._explored += 1
        self._chunk = min(self._chunk, 1 + FIRST_CHUNK // max(1, tree.core.costs.cost.size * len(self._problem.agents)))
        enough = max(LEAST_NODES, self.nodes)
        self._large = max(BEGUN, LONG - self.nodes)
        while not self._run(tree, cutoff):
            if self._stopped() or self.closed:
                return True
            due = self.nodes >= self._next_attempt
            if due and self._gives_up(tree, enough, cutoff):
                return False
            if tree.nodes >= self._large:
                return self._explore_parts(Subtrees(tree, self._clock, self._chunk, self._workers), cutoff, enough)
            self._improve(tree)
        self._lift_bound(min(tree.proven * self._scale, self.cost))
        return True

    def _explore_parts(self, parts: Subtrees, cutoff: float, enough: int) -> bool:
        """Do as `_explore` with a large tree, in rounds over its subtrees."""
        while parts.open:
            due = self.nodes >= self._next_attempt
            if self._stopped() or self.closed:
                return True
            if due and self._gives_up(parts, enough, cutoff):
                return False
            self._round(parts, cutoff, attempt=due)
        self._lift_bound(min(parts.proven * self._scale, self.cost))
        return True

    def _round(self, parts: Subtrees, cutoff: float, *, attempt: bool) -> None:
        """Search the subtrees, and make an `attempt` at a cheaper incumbent beside them, if one is due.

        All that runs at the same time knows the cutoff, the cuts and the pseudocosts of the round's beginning. What it
        finds is merged afterwards, in a fixed order. Only the attempt changes the incumbent or the cut pool meanwhile.
        """
        core, nodes, cost, work = parts.open[0].core, self.nodes, self.cost, [0]
        pause = self._pause if attempt else self._next_attempt - nodes
        before, known = parts.nodes, None if self.best is None else cost
        try:
            parts.search(
                self._limit(cutoff) - core.fixed_cost,
                int(min(ROUND, pause, self._node_limit - nodes)),
                [lambda: work.append(self._improver.improve())] if attempt else [],
                lambda: self._report(parts, cutoff, known),
            )
        finally:  # what has been found by Ctrl-C is kept
            self.nodes += parts.nodes - before
            for tree in parts.candidates:
                self._judge(tree)
        if attempt:
            self._plan_next(sum(work), self.cost < cost, core, nodes)

    def _gives_up(self, searched: Tree | Subtrees, enough: int, cutoff: float) -> bool:
        """Give a window up if it takes more than `enough` nodes and something else can be tried; return whether."""
        if searched.nodes <= enough or not (self._divisible(cutoff) or self._given_up < len(CLUSTERS)):
            return False
        self._given_up += 1
        return True

    def _divisible(self, cutoff: float) -> bool:
        """Return whether a window is wide enough for a narrower one to be worth the nodes that are lost."""
        return self._limit(cutoff) * self._scale - self.bound > FINEST_WINDOW * self._yardstick * self._scale

    def _limit(self, cutoff: float) -> float:
        """Return the scaled cost at and above which nodes are pruned: the window's edge, or the incumbent's target."""
        # Slightly above the target, so that the bound of a tree that closes there reaches it despite rounding.
        return min(cutoff, (self._target() + 0.25 * self._rounding) / self._scale)

    def _run(self, tree: Tree, cutoff: float) -> bool:
        """Search `tree` until it is closed; return False if an attempt at the incumbent is due, or the search ends."""
        while not (self.nodes >= self._next_attempt or tree.nodes >= self._large or self.closed or self._stopped()):
            before = tree.nodes
            begun = self._clock.seconds
            # Chunks of nodes last about PATIENCE seconds, but end exactly at limits in nodes, whatever the speed.
            left = min(self._next_attempt - self.nodes, self._node_limit - self.nodes, self._large - before)
            budget = before + min(self._chunk, left)
            event = tree.advance(self._limit(cutoff) - tree.core.fixed_cost, budget)
            if event == branching.BUDGET:
                pace = (tree.nodes - before) / max(self._clock.seconds - begun, 1e-6)
                self._chunk = int(np.clip(PATIENCE * pace, 1, 20_000))
            self.nodes += tree.nodes - before
            self._report(tree, cutoff, None if self.best is None else self.cost)
            if event == branching.DONE:
                return True
            if event == branching.CANDIDATE:
                self._judge(tree)
        return False

    def _report(self, tree: Tree | Subtrees, cutoff: float, cost: float | None) -> None:
        self._clock.report("search", cost, self.bound, self.nodes, lambda: self._whereabouts(tree, cutoff))

    def _whereabouts(self, tree: Tree | Subtrees, cutoff: float) -> str:
        """Return the number of the window, how far it reaches above the bound, and how much of its tree is explored."""
        reach = self._limit(cutoff) / (self.bound / self._scale) - 1.0 if self.bound else np.inf
        reached = f" up to {reach:.1g} above the bound" if 0.0 < reach < 1.0 else ""
        return f"window {self._explored}{reached}, {tree.nodes:,} nodes, {tree.explored:.0%} of its tree"

    def _lift_bound(self, proven: float) -> None:
        """Raise the bound to `proven`, unscaled, but not above the incumbent's exact cost.

        Sums of costs are multiples of their step. If `proven` is less than a step below the incumbent, no assignment
        can lie between them: the incumbent is optimal, and its exact cost, rounded down, is the bound.
        """
        proven = self._possible_cost(proven)
        left = self.cost - proven
        if self.best is not None and left < max(self._step, self._rounding):
            taken = self._problem.costs[self.best, np.arange(len(self.best))]
            exact = min(self.cost, sum_below(taken))
            proven = exact if left < self._step else min(proven, exact)
        self.bound = max(self.bound, proven)

    def _possible_cost(self, proven: float) -> float:
        """Return the least cost not below `proven` at which load vectors are fair, if costs are few-valued burdens."""
        if self._at_no_cost is None or proven == np.inf:
            return proven
        if proven > self._possible_from:
            vectors = self._at_no_cost.at_cost(proven, self._fairness)
            self._possible_from = np.inf if vectors is None else vectors.step * vectors.units
        return max(proven, self._possible_from * (1.0 - ROUNDING))

    def _judge(self, tree: Tree) -> None:
        """Judge an integral candidate: accept it if it is fair, otherwise reject it."""
        assignment = tree.candidate()
        if self.fair(assignment):
            self.offer(assignment)
            tree.accept(self._problem.cost_of(assignment) / self._scale, self._limit(np.inf))
            return
        tree.reject(assignment, self.scaled_loads(assignment))
