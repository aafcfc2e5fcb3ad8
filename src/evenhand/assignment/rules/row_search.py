"""Search for the cheapest plan under several rules: the row dual, annealing along chains, and branch and bound."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.demands import carried_of, demands_of
from evenhand.assignment.rules.enumerated import Enumeration
from evenhand.assignment.rules.row_annealing import RowAnnealing
from evenhand.assignment.rules.row_branching import load_limits, most_open_pair
from evenhand.assignment.rules.row_domains import fix_pairs, largest, narrow, number_of_plans
from evenhand.assignment.rules.row_incumbent import RowIncumbent
from evenhand.assignment.rules.row_system import Domain, Relaxed
from evenhand.assignment.rules.ruled_problem import RuledProblem

ITERATIONS = 100
"""Iterations of the row dual between two restarts."""

ROOT_RUNS, NODE_RUNS = 6, 2
"""Restarts of the row dual at a time at the root, and at a node of the tree."""

STALLED = 0.05
"""The root's relaxation ends when a batch of runs has lifted the bound by less than this fraction of the gap asked
for."""

MOST_BATCHES = 40
"""Upper limit on the batches of runs at the root."""

FEW, MOST_LISTED = 1e5, 1e12
"""Numbers of plans up to which they are listed at once, and up to which listing those of a node is tried."""

STEPS, LONG_STEPS = 20_000, 2_000_000
"""Upper limits on the steps of such a trial, and of one that will end."""

PLUNGE = 20_000
"""Number of open nodes from which on the search is depth-first, so that memory does not grow."""


@dataclass(order=True)
class _Node:
    bound: float
    order: int
    domain: Domain
    start: Relaxed


class RowSearch(RowIncumbent):
    """A search for the cheapest plan that keeps all rules, with a bound that is valid at any time.

    Parameters
    ----------
    problem
        The checked problem.
    gap
        Relative gap at which the search may stop.
    clock
        Ends the search; what is known by then stays valid.
    seed
        Seed of all random choices.

    Attributes
    ----------
    root
        The relaxation of the whole problem, whose multipliers make the certificate.
    """

    def __init__(self, problem: RuledProblem, gap: float, clock: Clock, seed: int) -> None:
        super().__init__(problem, gap, clock)
        self._annealing = RowAnnealing(self, seed)
        self._order = itertools.count()
        self.root: Relaxed | None = None

    def run(self) -> None:
        """Search until the gap is closed, or the clock or Ctrl-C stops it."""
        domain = self.system.root
        if not narrow(self.system, domain):
            self.bound = math.inf
            return
        self._relax_root(domain)
        if self.root is None or self.bound == math.inf or self.done or self.clock.expired:
            return
        if self.problem.exclusive or number_of_plans(self.system, domain) > FEW:
            self._annealing.run(domain, self.root)
        self._branch(domain, self.root)

    def prove_infeasible(self) -> Relaxed | None:
        """Return multipliers with which costs of zero have a positive bound; None if none are found."""
        system = self.system
        found: Relaxed | None = self.root
        for _ in range(ROOT_RUNS):
            found = system.relax(system.root, found, ITERATIONS, ROOT_RUNS, 1e-6, priced=False)
            if found.bound >= 1e-6 or self.clock.expired:
                break
        return found if found is not None and found.bound >= 1e-6 else None

    def _relax_root(self, domain: Domain) -> None:
        """Solve the root's relaxation; try rounded plans on the way."""
        system, found = self.system, None
        system.separate(self._cheapest())
        for batch in range(MOST_BATCHES):
            before = -math.inf if found is None else found.bound
            found = system.relax(domain, found, ITERATIONS, ROOT_RUNS, self.limit())
            self.root = found
            if found.bound >= self.beyond:
                self.bound = math.inf
                return
            self.lift(found.bound)
            self.report("relaxation")
            if batch == 0:
                self._annealing.round_parts(domain, found)
            if self.done or self.clock.expired:
                return
            if found.bound - before < STALLED * self.gap * abs(found.bound) and self._cliques_kept(found):
                return

    def _cliques_kept(self, found: Relaxed) -> bool:
        parts = found.mean.part
        return all(parts[list(clique)].sum(axis=0).max() <= 1.0 + 0.05 for clique in self.problem.exclusive)

    def _cheapest(self) -> NDArray[np.bool_]:
        return self._as_table(self.problem.cheapest)

    def _as_table(self, plan: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return a plan of agents, shape (m, k), as a table of who does what, shape (m, n)."""
        has = np.zeros(self.system.cost.shape, np.bool_)
        for column in plan.T:
            tasks = np.flatnonzero(column >= 0)
            has[tasks, column[tasks]] = True
        return has

    def _branch(self, domain: Domain, root: Relaxed) -> None:
        """Close the domain by branching on pairs, and anneal now and then."""
        queue = [_Node(root.bound, next(self._order), domain, root)]
        closed = math.inf  # least bound of the nodes that are closed without a plan of their own
        worked = 0
        while queue and not self.clock.expired:
            node: _Node | None = heapq.heappop(queue) if len(queue) < PLUNGE else queue.pop()
            while node is not None:
                open_bound = min([node.bound, *(one.bound for one in queue[:1])])
                self.lift(min(open_bound, closed, self.cost / self.system.cost_scale))
                if self.done or self.clock.expired:
                    heapq.heappush(queue, node)
                    break
                children, bound = self._process(node)
                closed = min(closed, bound if bound < self.beyond else math.inf)
                worked += 1
                node = children[0] if children else None
                for other in children[1:]:
                    heapq.heappush(queue, other)
                if worked >= self._annealing.patience:
                    worked = 0
                    self._annealing.run(domain, root)
            if self.done:
                return
        if not queue:
            self.lift(min(closed, self.cost / self.system.cost_scale))
            self.closed = True

    def _process(self, node: _Node) -> tuple[list[_Node], float]:
        """Return the children of a node, the more promising first; and the least bound of what has been closed."""
        self.nodes += 1
        self.report("search")
        limit = self.limit()
        if node.bound >= limit:
            return [], node.bound if node.bound < math.inf else math.inf
        domain = node.domain
        if not narrow(self.system, domain):
            return [], math.inf
        if not domain.open.any():
            self.offer(domain.locked)
            return [], math.inf if not self.keeps_all(domain.locked) else self.scaled_cost(domain.locked)
        found = self.system.relax(domain, node.start, ITERATIONS, NODE_RUNS, limit)
        bound = max(found.bound, node.bound)
        if bound >= limit:
            return [], math.inf if bound >= self.beyond else bound
        least = fix_pairs(self.system, domain, found, bound, limit)
        if not narrow(self.system, domain):
            return [], least
        if not domain.open.any():
            self.offer(domain.locked)
            return [], min(least, self.scaled_cost(domain.locked) if self.keeps_all(domain.locked) else math.inf)
        if self._enumerated(domain, found):
            return [], min(least, math.inf if self.plan is None else self.limit())
        self._offer_rounded(domain, found)
        if not self.problem.exclusive and (self.nodes <= 8 or self.nodes & (self.nodes - 1) == 0):
            self._annealing.run_briefly(domain, found)
        by_load = load_limits(self.system, domain, found)
        if by_load:
            return [
                _Node(bound, next(self._order), replace(domain.copy(), limits=(*domain.limits, limit)), found)
                for limit in by_load
            ], least
        task, agent = most_open_pair(self.system, domain, found)
        children = []
        for locks in (True, False):
            child = domain.copy()
            child.open[task, agent] = False
            child.locked[task, agent] = locks
            children.append(_Node(bound, next(self._order), child, found))
        if found.mean.part[task, agent] < 0.5:
            children.reverse()
        return children, least

    def _enumerated(self, domain: Domain, found: Relaxed) -> bool:
        """Try to list all plans of a domain that are of use; return whether that is complete."""
        plans = number_of_plans(self.system, domain)
        if self.problem.exclusive or plans > MOST_LISTED:
            return False
        system, used = self.system, 0
        budget = int(min(max(4.0 * plans, STEPS), LONG_STEPS))
        while used < budget:
            demands = demands_of(system, found, 1.0)
            listed = Enumeration(system, domain, found.best, demands, carried_of(system))
            for has in listed.plans(self.limit(), budget - used):
                if self.clock.expired:
                    return False
                if not self.offer(has) and system.separate(has):
                    break  # begin again with the new cuts: they spare many plans like this one
                listed.lower(self.limit())
            if listed.complete:
                return True
            used += listed.steps
        return False

    def _offer_rounded(self, domain: Domain, found: Relaxed) -> None:
        """Offer the plan that follows the parts, if they are nearly whole."""
        parts = np.where(domain.open, found.mean.part, 0.0)
        if np.minimum(parts, 1.0 - parts).max() < 0.3:
            has = largest(self.system, np.where(domain.open, parts, -np.inf), domain)
            if not self.offer(has):
                self.system.separate(has)
