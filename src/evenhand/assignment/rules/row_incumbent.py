"""The cheapest plan under several rules so far, the bound on all plans, and what they leave to be searched."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.exclusive_tasks import broken
from evenhand.assignment.rules.row_system import RowSystem
from evenhand.assignment.rules.ruled_problem import RuledProblem

NEAREST = 2e-12
"""Relative gap that asks for the optimum; see `gap` of :func:`~evenhand.assignment.assign`."""


class RowIncumbent:
    """The cheapest plan so far, and a lower bound that is valid at any time.

    Parameters
    ----------
    problem
        The checked problem.
    gap
        Relative gap at which a search may stop.
    clock
        Ends the search, and takes its reports.

    Attributes
    ----------
    system
        The problem's scaled arrays and cuts.
    clock
        The clock.
    plan
        The cheapest plan so far, shape (m, n): whether an agent does a task; None if there is none.
    cost
        Its cost; inf if there is none.
    bound
        Lower bound on the cost of every plan; inf if there is proven to be none.
    nodes
        Number of nodes of the tree so far.
    closed
        Whether nothing is left to be searched.
    """

    def __init__(self, problem: RuledProblem, gap: float, clock: Clock) -> None:
        self.problem, self.clock = problem, clock
        self.system = RowSystem(problem)
        self.plan: NDArray[np.bool_] | None = None
        self.cost, self.bound = math.inf, -math.inf
        self.nodes = 0
        self.closed = False
        self.gap = max(gap - 2.0 * NEAREST, NEAREST)  # less than what rounding takes from the bound
        self.system.tolerance = max(0.02 * self.gap, 1e-10)
        finite = np.where(np.isfinite(self.system.cost), self.system.cost, -np.inf)
        dearest = -np.sort(-finite, axis=1)
        ranks = np.arange(finite.shape[1]) < self.system.needs[:, np.newaxis]
        self._dearest = float(dearest[ranks].sum())

    @property
    def done(self) -> bool:
        """Whether the gap is closed."""
        return self.closed or self.bound >= self._cutoff * self.system.cost_scale or self.bound == math.inf

    @property
    def _cutoff(self) -> float:
        """Scaled cost at and above which nothing need be found."""
        if self.plan is None:
            return math.inf
        return (self.cost - self.gap * abs(self.cost)) / self.system.cost_scale

    def limit(self) -> float:
        """Return the scaled bound that closes a domain: no plan is that dear, or none is cheaper than the incumbent."""
        return min(self._cutoff, self.beyond)

    @property
    def beyond(self) -> float:
        """Scaled cost that no plan reaches: a domain with such a bound has none."""
        return self._dearest + 1e-9 * abs(self._dearest) + 1e-6

    def enough(self) -> float:
        """Return the scaled cost that closes the gap."""
        bound = self.bound / self.system.cost_scale
        return bound / (1.0 - self.gap) if bound > 0.0 and self.gap < 1.0 else bound / (1.0 + self.gap)

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

    def keeps_all(self, has: NDArray[np.bool_]) -> bool:
        """Return whether a table of who does what is a plan that keeps everything."""
        return self._kept(has, self.plan_of(has))

    def scaled_cost(self, has: NDArray[np.bool_]) -> float:
        """Return the scaled cost of a plan."""
        return self.problem.cost_of(self.plan_of(has)) / self.system.cost_scale

    def lift(self, scaled: float) -> None:
        """Lift the bound to a scaled one, reduced by more than the rounding errors of the loops."""
        value = scaled * self.system.cost_scale
        if value == math.inf:
            self.bound = math.inf if self.plan is None else self.cost
            return
        size = self.system.cost_scale * (abs(scaled) + np.abs(self.system.cost[np.isfinite(self.system.cost)]).mean())
        self.bound = min(max(self.bound, value - 1e-12 * size), self.cost)

    def report(self, phase: str) -> None:
        """Report cost, bound and nodes to the clock."""
        cost = None if self.plan is None else self.cost
        bound = None if not math.isfinite(self.bound) else self.bound
        self.clock.report(phase, cost, bound, self.nodes)
