"""Search for the cheapest plan under several rules: the row dual, annealing along chains, and branch and bound."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels import chain_moves, row_dual
from evenhand.assignment.kernels.annealing import Choices
from evenhand.assignment.kernels.ruled_annealing import anneal_ruled
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.demands import carried_of, demands_of
from evenhand.assignment.rules.enumerated import Enumeration
from evenhand.assignment.rules.exclusive_tasks import broken
from evenhand.assignment.rules.row_system import Domain, LoadLimit, Relaxed, RowSystem
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.random_draws import generator_state

ITERATIONS = 100
"""Iterations of the row dual between two restarts."""

ROOT_RUNS, NODE_RUNS = 6, 2
"""Restarts of the row dual at a time at the root, and at a node of the tree."""

STALLED = 0.05
"""The root's relaxation ends when a batch of runs has lifted the bound by less than this fraction of the gap asked
for."""

MOST_BATCHES = 40
"""Upper limit on the batches of runs at the root."""

ANNEALING, LONGEST = 200, 32
"""Moves of the first annealing run, per pair that is left, and the upper limit on their multiplier."""

HOT, COLD = 0.3, 0.01
"""First and last temperature, relative to the mean by which a task's costs exceed its least."""

FIRM, LEAST_PRICE = 1.5, 0.3
"""Penalty per unit of violation, as a multiple of the largest multiplier, and the lower limit on that multiplier."""

FEW, MOST_LISTED = 1e5, 1e12
"""Numbers of plans up to which they are listed at once, and up to which listing those of a node is tried."""

STEPS, LONG_STEPS = 20_000, 2_000_000
"""Upper limits on the steps of such a trial, and of one that will end."""

WHOLE, ROUNDING = 1e-3, 1e-6
"""Distance from a multiple of its step at which a load is branched on, and what limits are loosened by, in steps."""

LEG, COLDEST = 200_000, 1e-3
"""Steps of an annealing between two looks at the clock, and the lower limit on its last temperature."""

REPAIRS = 12
"""Upper limit on the rounds of cuts at unfair results of one annealing."""

TABU_STEPS = 30
"""Steps of the search for a plan without conflicts, per task."""

NEAREST = 2e-12
"""Relative gap that asks for the optimum; see `gap` of :func:`~evenhand.assignment.assign`."""

PLUNGE = 20_000
"""Number of open nodes from which on the search is depth-first, so that memory does not grow."""


@dataclass(order=True)
class _Node:
    bound: float
    order: int
    domain: Domain
    start: Relaxed


class RowSearch:
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
    plan
        The cheapest plan so far, shape (m, n): whether an agent does a task; None if there is none.
    cost
        Its cost; inf if there is none.
    bound
        Lower bound on the cost of every plan; inf if there is proven to be none.
    root
        The relaxation of the whole problem, whose multipliers make the certificate.
    nodes
        Number of nodes of the tree so far.
    """

    def __init__(self, problem: RuledProblem, gap: float, clock: Clock, seed: int) -> None:
        self.problem = problem
        self.system = RowSystem(problem)
        self.plan: NDArray[np.bool_] | None = None
        self.cost, self.bound = math.inf, -math.inf
        self.nodes = 0
        self._gap, self._clock = (
            max(gap - 2.0 * NEAREST, NEAREST),
            clock,
        )  # less than what rounding takes from the bound
        self._random = np.random.default_rng([seed, 21])
        self._state = generator_state(self._random)
        self._effort, self._firm = 1, FIRM
        self._closed = False
        self._width = 1.0
        self.system.tolerance = max(0.02 * self._gap, 1e-10)
        self._current: NDArray[np.bool_] | None = None
        self._order = itertools.count()
        finite = np.where(np.isfinite(self.system.cost), self.system.cost, -np.inf)
        dearest = -np.sort(-finite, axis=1)
        ranks = np.arange(finite.shape[1]) < self.system.needs[:, np.newaxis]
        self._dearest = float(dearest[ranks].sum())
        self.root: Relaxed | None = None

    @property
    def done(self) -> bool:
        """Whether the gap is closed."""
        return self._closed or self.bound >= self._cutoff * self.system.cost_scale or self.bound == math.inf

    def run(self) -> None:
        """Search until the gap is closed, or the clock or Ctrl-C stops it."""
        domain = self.system.root
        if not self._narrow(domain):
            self.bound = math.inf
            return
        self._relax_root(domain)
        if self.bound == math.inf or self.done or self._clock.expired:
            return
        if self.problem.exclusive or self._number_of_plans(domain) > FEW:
            self._anneal(domain)
        self._branch(domain)

    def prove_infeasible(self) -> Relaxed | None:
        """Return multipliers with which costs of zero have a positive bound; None if none are found."""
        system = self.system
        found: Relaxed | None = self.root
        for _ in range(ROOT_RUNS):
            found = system.relax(system.root, found, ITERATIONS, ROOT_RUNS, 1e-6, priced=False)
            if found.bound >= 1e-6 or self._clock.expired:
                break
        return found if found is not None and found.bound >= 1e-6 else None

    @property
    def _cutoff(self) -> float:
        """Scaled cost at and above which nothing need be found."""
        if self.plan is None:
            return math.inf
        return (self.cost - self._gap * abs(self.cost)) / self.system.cost_scale

    def _limit(self) -> float:
        """Scaled bound at which a domain is closed: no plan is that dear, or it is not cheaper than the incumbent."""
        return min(self._cutoff, self._beyond)

    @property
    def _beyond(self) -> float:
        """Scaled cost that no plan reaches: a domain with such a bound has none."""
        return self._dearest + 1e-9 * abs(self._dearest) + 1e-6

    def _relax_root(self, domain: Domain) -> None:
        """Solve the root's relaxation; try rounded plans on the way."""
        system, found = self.system, None
        system.separate(self._cheapest())
        for batch in range(MOST_BATCHES):
            before = -math.inf if found is None else found.bound
            found = system.relax(domain, found, ITERATIONS, ROOT_RUNS, self._limit())
            self.root = found
            if found.bound >= self._beyond:
                self.bound = math.inf
                return
            self._lift(found.bound)
            self._report("relaxation")
            if batch == 0:
                self._round(domain, found)
            if self.done or self._clock.expired:
                return
            if found.bound - before < STALLED * self._gap * abs(found.bound) and self._cliques_kept(found):
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

    def plan_of(self, has: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the agents of each task in a table of who does what: shape (m, k), ascending, -1 for none."""
        plan = np.full((len(has), int(self.system.needs.max())), -1, np.intp)
        for task, agents in enumerate(has):
            those = np.flatnonzero(agents)
            plan[task, : len(those)] = those
        return plan

    def offer(self, has: NDArray[np.bool_]) -> bool:
        """Make a plan the incumbent if it keeps everything and is cheaper; return whether it keeps everything."""
        plan = self.plan_of(has)
        if not self._kept(has, plan):
            return False
        cost = self.problem.cost_of(plan)
        if cost < self.cost:
            self.plan, self.cost = has.copy(), cost
        return True

    def _kept(self, has: NDArray[np.bool_], plan: NDArray[np.intp]) -> bool:
        if (has.sum(axis=1) != self.system.needs).any() or not np.isfinite(self.system.cost[has]).all():
            return False
        if any(not has[task, agent] for agent, task in self.problem.locked):
            return False
        if broken(self.problem.exclusive, plan) is not None:
            return False
        return all(row.kept_by(row.loads_of(plan)) for row in self.problem.rows)

    # ---- heuristics ---------------------------------------------------------------------------------

    def _round(self, domain: Domain, found: Relaxed) -> None:
        """Find a plan without conflicts near the relaxation's parts."""
        parts = np.where(domain.open, found.mean.part, -1.0)
        for attempt in range(3):
            noise = self._random.random(parts.shape) * (0.01, 0.5, 2.0)[attempt]
            has = self._largest(np.where(domain.open, parts + noise, -np.inf), domain)
            cost = np.where(domain.open | domain.locked, -found.mean.part, np.inf)
            left = chain_moves.resolve_conflicts(
                cost, self.system.conflicts, domain.locked, has, TABU_STEPS * len(has) + 1000, self._state
            )
            if left == 0:
                self._current = has
                self.offer(has)
                return

    def _largest(self, wished: NDArray[np.float64], domain: Domain) -> NDArray[np.bool_]:
        """Return the plan with the largest entries of `wished`, besides the locked pairs."""
        has = domain.locked.copy()
        left = self.system.needs - has.sum(axis=1)
        order = np.argsort(-wished, axis=1, kind="stable")
        for task in np.flatnonzero(left):
            has[task, order[task, : left[task]]] = True
        return has

    def _anneal(self, domain: Domain) -> None:
        """Anneal from the present plan without conflicts; cut off what is unfair, and anneal again."""
        if self._current is None or self.root is None:
            return
        if not self.problem.exclusive:
            self._anneal_freely(domain, self.root, self._current.copy())
            return
        system = self.system
        reduced = system.priced(domain, self.root.best)
        wanted = np.flatnonzero(self._near(reduced))
        if not len(wanted):
            return
        hot = HOT
        for _ in range(REPAIRS):
            multipliers = system.row_prices(self.root.best)
            price = np.maximum(self._firm * multipliers, self._firm * max(multipliers.max(initial=0.0), LEAST_PRICE))
            tables = row_dual.Tables(
                np.where(domain.open | domain.locked, system.cost, np.inf), system.burden, system.needs
            )
            best = self._current.copy()
            steps = self._effort * ANNEALING * len(wanted)
            while steps > 0:
                leg = min(steps, 400_000)
                cost = chain_moves.anneal_chains(
                    tables, system.rows, price, system.conflicts, wanted, domain.locked, self._current, best,
                    hot, COLD, leg, self._state,
                )  # fmt: skip
                steps -= leg
                if self._clock.expired:
                    break
            self._report("annealing")
            if not np.isfinite(cost):
                self._firm = min(2.0 * self._firm, 1e4)
                if self._clock.expired:
                    break
                continue
            kept = self.offer(best)
            if kept or self._clock.expired or not system.separate(best):
                break
            self._current, hot = best, 0.1 * HOT
        if self.plan is not None:
            self._current = self.plan.copy()
        self._effort = min(2 * self._effort, LONGEST)

    def _anneal_freely(self, domain: Domain, root: Relaxed, has: NDArray[np.bool_], *, brief: bool = False) -> None:
        """Anneal without exclusions; cut off what is unfair but keeps all penalties at 0, and anneal again."""
        system = self.system
        tables = row_dual.Tables(
            np.where(domain.open | domain.locked, system.cost, np.inf), system.burden, system.needs
        )
        reduced = system.priced(domain, root.best)
        carried = carried_of(system)
        best = np.zeros_like(domain.locked)
        enough = self._enough()
        cold = min(max(0.3 * math.sqrt(max(enough - self.bound / system.cost_scale, 0.0) / len(has)), COLDEST), 0.1)
        hot = (5.0 if brief else 20.0) * cold
        if not brief:
            hot = max(hot, 0.05)
        for attempt in range(REPAIRS):
            choices = self._choices(reduced, domain)
            if not len(choices.agent):
                return
            demands = demands_of(system, root, self._firm)
            steps = max((ANNEALING // 8 if brief else self._effort * ANNEALING // 2) * len(choices.agent), 2000)
            least = math.inf
            legs = -(-steps // LEG)
            ratio = (cold / hot) ** (1.0 / legs)
            for leg in range(legs):
                start = hot * ratio**leg
                least = anneal_ruled(
                    tables, carried, demands, choices, domain.locked, has, best, least, enough,
                    start, start * ratio, steps // legs, self._state,
                )  # fmt: skip
                if self._clock.expired or least <= enough:
                    break
            self._report("annealing")
            if not np.isfinite(least):
                self._firm = min(3.0 * self._firm, 1e4)
                self._width *= 3.0
                hot = max(hot, HOT)
            elif self.offer(best):
                break
            elif not system.separate(best):
                self._firm = min(3.0 * self._firm, 1e4)
            else:
                has, hot = best.copy(), max(0.1 * hot, cold)
            if self._clock.expired or brief or (attempt >= 3 and self.plan is not None):
                break
        if self.plan is not None:
            self._current = self.plan.copy()
        if not brief:
            self._effort = min(2 * self._effort, LONGEST)

    def _enough(self) -> float:
        """Return the scaled cost that closes the gap."""
        bound = self.bound / self.system.cost_scale
        return bound / (1.0 - self._gap) if bound > 0.0 and self._gap < 1.0 else bound / (1.0 + self._gap)

    def _choices(self, reduced: NDArray[np.float64], domain: Domain) -> Choices:
        """Return the open pairs whose reduced costs are near the least of their task."""
        left = np.maximum(self.system.needs - domain.locked.sum(axis=1), 1)
        few = int(self.system.needs.max() + 6 * self._width)
        ranked = np.sort(reduced, axis=1)
        last = ranked[np.arange(len(ranked)), np.minimum(left - 1, ranked.shape[1] - 1)]
        with np.errstate(invalid="ignore"):
            regret = reduced - last[:, np.newaxis]
            most = np.partition(regret, few, axis=1)[:, few : few + 1] if few < regret.shape[1] else np.inf
            near = domain.open & (regret <= np.minimum(self._width, most))
        task, agent = np.nonzero(near)
        start = np.searchsorted(task, np.arange(len(near) + 1)).astype(np.int64)
        return Choices(start, agent.astype(np.int64), task.astype(np.int64))

    def _near(self, reduced: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the pairs that annealing may use, shape (m, n): those of least reduced cost of each task."""
        few = int(self.system.needs.max()) + 8
        if reduced.shape[1] <= few:
            return np.isfinite(reduced)
        limit = np.partition(reduced, few - 1, axis=1)[:, few - 1 : few]
        return np.isfinite(reduced) & (reduced <= limit)

    # ---- branch and bound ---------------------------------------------------------------------------

    def _branch(self, domain: Domain) -> None:
        """Close the domain by branching on pairs, and anneal now and then."""
        assert self.root is not None
        queue = [_Node(self.root.bound, next(self._order), domain, self.root)]
        closed = math.inf  # least bound of the nodes that are closed without a plan of their own
        worked = 0
        while queue and not self._clock.expired:
            node: _Node | None = heapq.heappop(queue) if len(queue) < PLUNGE else queue.pop()
            while node is not None:
                open_bound = min([node.bound, *(one.bound for one in queue[:1])])
                self._lift(min(open_bound, closed, self.cost / self.system.cost_scale))
                if self.done or self._clock.expired:
                    heapq.heappush(queue, node)
                    break
                children, bound = self._process(node)
                closed = min(closed, bound if bound < self._beyond else math.inf)
                worked += 1
                node = children[0] if children else None
                for other in children[1:]:
                    heapq.heappush(queue, other)
                if worked >= 20 * self._effort and self._effort < LONGEST:
                    worked = 0
                    self._anneal(domain)
            if self.done:
                return
        if not queue:
            self._lift(min(closed, self.cost / self.system.cost_scale))
            self._closed = True

    def _process(self, node: _Node) -> tuple[list[_Node], float]:
        """Return the children of a node, the more promising first; and the least bound of what has been closed."""
        self.nodes += 1
        self._report("search")
        limit = self._limit()
        if node.bound >= limit:
            return [], node.bound if node.bound < math.inf else math.inf
        domain = node.domain
        if not self._narrow(domain):
            return [], math.inf
        if not domain.open.any():
            self.offer(domain.locked)
            return [], math.inf if not self._is_incumbent(domain.locked) else self._scaled(domain.locked)
        found = self.system.relax(domain, node.start, ITERATIONS, NODE_RUNS, limit)
        bound = max(found.bound, node.bound)
        if bound >= limit:
            return [], math.inf if bound >= self._beyond else bound
        least = self._fix(domain, found, bound, limit)
        if not self._narrow(domain):
            return [], least
        if not domain.open.any():
            self.offer(domain.locked)
            return [], min(least, self._scaled(domain.locked) if self._is_incumbent(domain.locked) else math.inf)
        if self._enumerated(domain, found):
            return [], min(least, math.inf if self.plan is None else self._limit())
        self._offer_rounded(domain, found)
        if not self.problem.exclusive and (self.nodes <= 8 or self.nodes & (self.nodes - 1) == 0):
            parts = np.where(domain.open, found.mean.part, -np.inf)
            self._anneal_freely(domain, found, self._largest(parts, domain), brief=True)
        by_load = self._on_load(domain, found)
        if by_load:
            return [
                _Node(bound, next(self._order), replace(domain.copy(), limits=(*domain.limits, limit)), found)
                for limit in by_load
            ], least
        task, agent = self._pair(domain, found)
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
        plans = self._number_of_plans(domain)
        if self.problem.exclusive or plans > MOST_LISTED:
            return False
        system, used = self.system, 0
        budget = int(min(max(4.0 * plans, STEPS), LONG_STEPS))
        while used < budget:
            demands = demands_of(system, found, 1.0)
            listed = Enumeration(system, domain, found.best, demands, carried_of(system))
            for has in listed.plans(self._limit(), budget - used):
                if self._clock.expired:
                    return False
                if not self.offer(has) and system.separate(has):
                    break  # begin again with the new cuts: they spare many plans like this one
                listed.lower(self._limit())
            if listed.complete:
                return True
            used += listed.steps
        return False

    def _number_of_plans(self, domain: Domain) -> float:
        """Return an upper limit on the number of plans in a domain."""
        left = self.system.needs - domain.locked.sum(axis=1)
        choices = np.maximum(domain.open.sum(axis=1), 1)
        return math.exp(min(float((left * np.log(choices)).sum()), 700.0))

    def _is_incumbent(self, has: NDArray[np.bool_]) -> bool:
        return self._kept(has, self.plan_of(has))

    def _scaled(self, has: NDArray[np.bool_]) -> float:
        return self.problem.cost_of(self.plan_of(has)) / self.system.cost_scale

    def _offer_rounded(self, domain: Domain, found: Relaxed) -> None:
        """Offer the plan that follows the parts, if they are nearly whole."""
        parts = np.where(domain.open, found.mean.part, 0.0)
        if np.minimum(parts, 1.0 - parts).max() < 0.3:
            has = self._largest(np.where(domain.open, parts, -np.inf), domain)
            if not self.offer(has):
                self.system.separate(has)

    def _on_load(self, domain: Domain, found: Relaxed) -> list[LoadLimit]:
        """Return two limits of a load that is a multiple of a step in every plan, but not here; the nearer one first.

        Of all such loads, the one whose distance from both multiples costs most is chosen.
        """
        system = self.system
        if not system.by_newton or not system.steps.any():
            return []
        loads = ((found.mean.part + domain.locked) * system.burden).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            count = np.where(system.steps > 0.0, loads / system.steps, 0.0)
        away = np.abs(count - np.round(count))
        price = np.zeros(loads.shape)
        rows = system.rows
        np.add.at(price, rows.burden, system.row_prices(found.best)[:, np.newaxis] * rows.weight)
        cost = np.where(away > WHOLE, away * (np.abs(price) + LEAST_PRICE / 100.0) * system.steps, 0.0)
        rule, agent = np.unravel_index(int(cost.argmax()), cost.shape)
        if cost[rule, agent] <= 0.0:
            return []
        step, number = system.steps[rule, agent], count[rule, agent]
        below = LoadLimit(int(rule), int(agent), -1.0, -math.floor(number) * step - ROUNDING * step)
        above = LoadLimit(int(rule), int(agent), 1.0, math.ceil(number) * step - ROUNDING * step)
        return [below, above] if number - math.floor(number) < 0.5 else [above, below]

    def _pair(self, domain: Domain, found: Relaxed) -> tuple[int, int]:
        """Return the open pair to branch on: nearest to one half, of the heaviest such."""
        parts = found.mean.part
        half = np.where(domain.open, np.minimum(parts, 1.0 - parts), -1.0)
        weight = 1.0 + self.system.burden.sum(axis=0) / 10.0
        half = half * weight if half.max() > 1e-3 else np.where(domain.open, parts + 1.0, -1.0)
        task, agent = np.unravel_index(int(half.argmax()), half.shape)
        return int(task), int(agent)

    def _fix(self, domain: Domain, found: Relaxed, bound: float, limit: float) -> float:
        """Close and lock pairs whose reduced costs leave no choice; return the least bound of what that cuts off."""
        reduced = self.system.priced(domain, found.best)
        left = self.system.needs - domain.locked.sum(axis=1)
        ranked = np.sort(reduced, axis=1)
        rows = np.arange(len(reduced))
        last = ranked[rows, np.maximum(left - 1, 0)]
        following = np.where(left < ranked.shape[1], ranked[rows, np.minimum(left, ranked.shape[1] - 1)], np.inf)
        some = (left > 0)[:, np.newaxis] & domain.open
        with np.errstate(invalid="ignore"):
            dearer = found.bound + np.maximum(reduced - last[:, np.newaxis], 0.0)
            without = found.bound + np.maximum(following[:, np.newaxis] - reduced, 0.0)
        closing = some & (dearer >= limit) & (reduced > last[:, np.newaxis])
        locking = some & (without >= limit) & (reduced <= last[:, np.newaxis]) & ~closing
        least = math.inf
        if closing.any():
            least = min(least, float(dearer[closing].min()))
        if locking.any():
            least = min(least, float(without[locking].min()))
        domain.open[closing | locking] = False
        domain.locked[locking] = True
        return max(least, bound)

    def _narrow(self, domain: Domain) -> bool:
        """Close what locked pairs and limits exclude, and lock what is left without a choice; False if nothing is."""
        system, conflicts = self.system, self.system.conflicts
        handled = np.zeros(domain.locked.shape, np.bool_)
        while True:
            for task, agent in zip(*np.nonzero(domain.locked & ~handled), strict=True):
                others = conflicts.task[conflicts.start[task] : conflicts.start[task + 1]]
                if domain.locked[others, agent].any():
                    return False
                domain.open[others, agent] = False
            handled |= domain.locked
            if not self._within_limits(domain):
                return False
            left = system.needs - domain.locked.sum(axis=1)
            choices = domain.open.sum(axis=1)
            if (choices < left).any() or (left < 0).any():
                return False
            domain.open[left == 0] = False
            forced = (choices == left) & (left > 0)
            if not forced.any():
                return True
            domain.locked[forced] |= domain.open[forced]
            domain.open[forced] = False

    def _within_limits(self, domain: Domain) -> bool:
        """Close pairs that exceed a limit; return False if locked pairs do, or all open pairs do not reach one."""
        for row in self.problem.rows:
            if row.fairness is not None:
                continue
            burden = row.burden.T
            carried = row.carried + np.where(domain.locked, burden, 0.0).sum(axis=0)
            most = np.where(np.isfinite(row.most), row.most * (1.0 + 2.0 * RELATIVE_TOLERANCE), np.inf)
            if (carried > most).any():
                return False
            domain.open[domain.open & (carried + burden > most)] = False
            reach = carried + np.where(domain.open, burden, 0.0).sum(axis=0)
            least = np.where(np.isfinite(row.least), row.least * (1.0 - 2.0 * RELATIVE_TOLERANCE), -np.inf)
            if (reach < least).any():
                return False
        return True

    # ---- bookkeeping --------------------------------------------------------------------------------

    def _lift(self, scaled: float) -> None:
        """Lift the bound to a scaled one, reduced by more than the rounding errors of the loops."""
        value = scaled * self.system.cost_scale
        if value == math.inf:
            self.bound = math.inf if self.plan is None else self.cost
            return
        size = self.system.cost_scale * (abs(scaled) + np.abs(self.system.cost[np.isfinite(self.system.cost)]).mean())
        self.bound = min(max(self.bound, value - 1e-12 * size), self.cost)

    def _report(self, phase: str) -> None:
        cost = None if self.plan is None else self.cost
        bound = None if not math.isfinite(self.bound) else self.bound
        self._clock.report(phase, cost, bound, self.nodes)
