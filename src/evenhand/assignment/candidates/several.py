"""The solver of tasks that need several of their candidates: relaxation, cheapest chains, and local search.

Prices from the relaxation make the rule and the limits part of the costs. Under them each task takes its least priced
candidates; chains of replacements bring the counts between their limits at least cost; and a local search, which keeps
the limits, repairs the rule and lowers the cost.
"""

from __future__ import annotations

import logging
import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.several_problem import SeveralProblem
from evenhand.assignment.candidates.several_relaxation import Prices, Relaxation
from evenhand.assignment.kernels.several_agents import Array
from evenhand.assignment.kernels.several_flow import mend_counts, take_least
from evenhand.assignment.kernels.several_moves import Aims, Plan, improve_plan
from evenhand.assignment.progress_clock import Clock, OutOfTimeError

logger = logging.getLogger(__name__)

ACCURACY = 0.2
"""Part of the gap asked for that the relaxation may leave."""

BUDGET = 20_000_000
"""Number of pairs that one call of the chains' loop looks at, a fraction of a second."""

TASKS = 2_000
"""Number of tasks that one call of the local search's loop visits."""

SWEEPS, ROUNDS = 12, 40
"""Upper limits on passes of one local search over all tasks, and on changes of its prices or targets."""

ENOUGH = 1e-5
"""Relative gain of a pass below which a local search ends."""

FIRM = 2.0
"""First penalty of totals outside their limits, as a multiple of the largest price, and its growth where it fails."""


class SeveralSolver:
    """Solver of one problem.

    Attributes
    ----------
    held
        Whether each pair is used by the best plan, shape (k,); None before one is known.
    cost, bound
        Its cost, and the bound that `prices` prove; inf if there is no plan.
    prices
        The certificate's prices; None before there are any.
    interrupted
        Whether Ctrl-C has stopped it.
    """

    def __init__(self, problem: SeveralProblem, *, gap: float, clock: Clock, seed: int) -> None:
        self._problem, self._gap, self._clock = problem, gap, clock
        self._random = np.random.default_rng([seed, 21])
        self.held: NDArray[np.bool_] | None = None
        self.cost, self.bound = np.inf, -np.inf
        self.prices: Prices | None = None
        self.interrupted = False

    @property
    def closed(self) -> bool:
        """Whether the gap is closed, or infeasibility proven."""
        if self.held is None:
            return self.bound == np.inf
        return self.cost - self.bound <= self._gap * abs(self.cost)

    def run(self) -> None:
        """Solve; Ctrl-C and the clock leave what is known by then."""
        try:
            self._run()
        except OutOfTimeError:
            logger.info("the time limit came")
        except KeyboardInterrupt:
            self.interrupted = True

    def _run(self) -> None:
        problem, listed = self._problem, self._problem.listed
        zero, nothing = np.zeros_like(listed.costs), np.zeros(len(problem.least))
        if self._mended(zero, listed.costs, nothing) is None:
            return
        relaxation = Relaxation(problem)
        relaxation.run(ACCURACY * self._gap, self._clock)
        self.bound, self.prices = relaxation.bound, relaxation.best
        if relaxation.infeasible is not None:
            self.bound, self.prices = np.inf, relaxation.infeasible
            return
        assert relaxation.best is not None
        v = relaxation.best.totals
        reduced = listed.costs - v[listed.owners] * listed.burdens
        plan = self._mended(reduced, reduced - relaxation.best.counts[listed.agents], relaxation.best.counts)
        if plan is None:
            return
        self._judge(plan)
        logger.debug("chains: cost %.8g, kept %s", float(listed.costs[plan.held].sum()), self.held is not None)
        if self.closed:
            return
        if problem.fairness is None or problem.corners.sign:
            self._within_limits(plan, v)
        else:
            self._along_prices(plan, v)

    def _mended(self, reduced: Array, ranking: Array, counts_price: Array) -> Plan | None:
        """Return a cheapest plan that keeps the limits on counts; None if there is none, which is then certified.

        `ranking` decides the plan that chains mend: with `reduced` of zero, every plan is cheapest.
        """
        problem, listed = self._problem, self._problem.listed
        n = len(problem.least)
        held, counts = np.empty(len(listed.costs), np.bool_), np.empty(n, np.int64)
        take_least(listed, ranking, held, counts)
        pi, reached = counts_price.copy(), np.zeros(n, np.bool_)
        while True:
            self._clock.check()
            state = mend_counts(
                listed, problem.task_of, problem.by_agent, problem.agent_starts, reduced, pi, problem.least,
                problem.most, held, counts, reached, BUDGET,
            )  # fmt: skip
            if state == 0:
                break
            if state > 1:
                none = np.zeros(len(problem.carried))
                sign = np.where(reached, -1.0 if state == 2 else 1.0, 0.0)
                self.bound = np.inf
                self.prices = Prices(sign, none, np.empty(0), np.empty((0, len(none))), none)
                return None
        holding = np.zeros(len(held), np.int64)
        mine = problem.by_agent[held[problem.by_agent]]
        owner = listed.agents[mine]
        firsts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n))])
        holding[problem.agent_starts[owner] + np.arange(len(mine)) - firsts[owner]] = mine
        return Plan(held, holding, counts, problem.totals_of(held))

    def _judge(self, plan: Plan) -> bool:
        """Make a plan the incumbent if it is cheaper; return whether it keeps the rule."""
        totals = self._problem.totals_of(plan.held)
        plan.x[:] = totals
        kept = self._problem.kept_by(totals)
        cost = math.fsum(self._problem.listed.costs[plan.held].tolist())
        if kept and cost < self.cost:
            self.held, self.cost = plan.held.copy(), cost
            self._clock.report("rounding", cost, self.bound, 0)
        return kept

    def _search(self, plan: Plan, aims: Aims) -> None:
        """Improve a plan until a pass gains little: the tasks of totals outside their limits, if there are any."""
        problem, m = self._problem, len(self._problem.listed.needs)
        size = abs(self.bound) + 1e-300
        for _ in range(SWEEPS):
            wrong = (plan.x < aims.low) | (plan.x > aims.high)
            urgent = np.unique(problem.task_of[plan.held & wrong[problem.listed.owners]])
            order, gain = self._random.permutation(urgent if wrong.any() else m), 0.0
            for first in range(0, len(order), TASKS):
                self._clock.check()
                gain += improve_plan(
                    problem.listed, problem.task_of, problem.agent_starts, problem.least, problem.most, aims, plan,
                    order.astype(np.int64), first, min(first + TASKS, len(order)), 1e-12 * size / m,
                )  # fmt: skip
            if gain <= (0.0 if wrong.any() else ENOUGH * size):
                break

    def _within_limits(self, plan: Plan, v: Array) -> None:
        """Bring each total inside what the rule allows at the mean of the moment, and lower the cost.

        Where some totals cannot follow the mean, the mean has to follow them: the totals at the other end are capped so
        that it does.
        """
        corners = self._problem.corners
        zero, nothing = np.zeros_like(v), np.full_like(v, np.inf)
        weight = FIRM * (float(np.abs(v).max()) or self._typical())
        stuck, before = 0, np.inf
        for _ in range(ROUNDS):
            low, high = -nothing, nothing
            if corners.sign:
                limit = corners.bound * float(plan.x.mean()) / corners.scale * (1.0 + 1e-12 * corners.sign)
                other = self._other_end(plan.x) if stuck > 1 else corners.sign * nothing
                low, high = (limit, other) if corners.sign > 0.0 else (other, limit)
            self._search(plan, Aims(zero, zero, low, high, 0.0, weight))
            kept = self._judge(plan)
            if (kept and self.closed) or not corners.sign:
                return
            outside = float((np.maximum(low - plan.x, 0.0) + np.maximum(plan.x - high, 0.0)).sum())
            logger.debug("limits: outside by %.3g, kept %s, cost %.8g", outside, kept, self.cost)
            stuck, before = (stuck + 1 if outside > 0.9 * before else stuck), outside
            weight *= FIRM

    def _other_end(self, x: Array) -> Array:
        """Return where to cap totals, relative to their shares, so that the mean fits the one farthest behind."""
        corners = self._problem.corners
        relative = np.sort(corners.scale * x)
        wanted = (relative[0] if corners.sign > 0.0 else relative[-1]) / corners.bound * float(x.mean())
        wanted *= (1.0 - 1e-9 * corners.sign) / float(x.mean())
        low, high = float(relative[0]), float(relative[-1])
        for _ in range(60):
            level = 0.5 * (low + high)
            capped = np.minimum(relative, level) if corners.sign > 0.0 else np.maximum(relative, level)
            low, high = (level, high) if capped.mean() < wanted else (low, level)
        return np.asarray(low / corners.scale)

    def _along_prices(self, plan: Plan, v: Array) -> None:
        """Raise prices along the rule's cuts until the plan keeps it, then lower them as far as that lasts."""
        problem, fairness = self._problem, self._problem.fairness
        assert fairness is not None
        nothing = np.full_like(v, np.inf)
        typical = max(float(np.abs(v).mean()), 0.05 * self._typical())
        raised, step = v.copy(), 0.1
        for _ in range(ROUNDS):
            x = problem.totals_of(plan.held)
            spread = float(np.abs(x - x.mean()).mean()) or 1.0
            curve = typical / spread * step
            self._search(plan, Aims(raised, x.copy(), -nothing, nothing, curve, 0.0))
            kept = self._judge(plan)
            x = plan.x
            logger.debug("prices: kept %s, level %.6g, best %.8g", kept, float(fairness.level(x)), self.cost)
            if self.closed:
                return
            if kept:
                raised = 0.5 * (raised + v)
                step *= 0.7
            else:
                cut = fairness.cut(fairness.supporting_point(x))
                raised += step * typical / (float(np.abs(cut).mean()) or 1.0) * cut
                step *= 1.3

    def _typical(self) -> float:
        """Return a typical cost per unit of burden."""
        listed = self._problem.listed
        return float(np.abs(listed.costs).mean()) / (float(listed.burdens.mean()) or 1.0) or 1.0
