"""The relaxation of tasks that need several agents: prices of counts and of a rule's totals, by first-order steps."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.several_problem import SeveralProblem
from evenhand.assignment.kernels.several_agents import Array, Steps, price_totals, sum_of_least, take_steps
from evenhand.assignment.progress_clock import Clock

logger = logging.getLogger(__name__)

EPOCH, EPOCHS = 40, 60
"""Number of steps between two looks at bound and plan, and upper limit on such epochs."""

STRETCHED = 1e-4
"""Relative rise of the bound by such a search after which the steps go on."""

CUTS = 24
"""Upper limit on cuts of a rule that has no row for each total; the one of least multiplier gives way."""

STRETCHES, SECTIONS = 40, 6
"""Upper limits on doublings and on sections of a line search along the most violated row's multiplier."""

MODESTY, ROUNDING = 1e-12, 2.0**-48
"""Relative amounts by which a stated bound lies below the computed one, of the sum and of the sizes of its terms."""


@dataclass
class Prices:
    """Prices that prove a bound, and how they are made up.

    Attributes
    ----------
    counts
        Price of each agent's count, shape (n,): positive for the least, negative for the most.
    corners
        Multipliers of the rows of single totals, shape (N,).
    multipliers, points
        Those of the cuts, shapes (c,) and (c, N).
    totals
        Price of each total, shape (N,).
    """

    counts: Array
    corners: Array
    multipliers: Array
    points: Array
    totals: Array


class Relaxation:
    """First-order ascent for one problem.

    Attributes
    ----------
    bound, best
        The best bound so far, and its prices; -inf and None before there is one.
    shares
        Average shares of the pairs, shape (k,): nearly a solution of the relaxation.
    infeasible
        Prices that prove that no plan exists; None if none are known.
    """

    def __init__(self, problem: SeveralProblem) -> None:
        self._problem = problem
        listed = problem.listed
        starts = listed.starts
        n, totals = len(problem.least), len(problem.carried)
        spread = np.maximum.reduceat(listed.costs, starts[:-1]) - np.minimum.reduceat(listed.costs, starts[:-1])
        self._scale = float(spread.mean()) or 1.0
        self._unit = float(listed.burdens.mean()) or 1.0
        self._scaled = listed._replace(costs=listed.costs / self._scale, burdens=listed.burdens / self._unit)
        self._pi, self._corner = np.zeros(n), np.zeros(totals)
        self._cuts, self._points, self._multiplier = np.empty((0, totals)), np.empty((0, totals)), np.empty(0)
        self._balance = 1.0
        self.shares: Array = np.asarray(np.repeat(listed.needs / np.diff(starts), np.diff(starts)), np.float64)
        self.bound = -np.inf
        self.best: Prices | None = None
        self.infeasible: Prices | None = None
        self._fixed = self._lengths()

    def _lengths(self) -> tuple[Array, Array, Array]:
        """Return the diagonal steps of tasks, counts and corner rows, at balance 1."""
        problem, listed = self._problem, self._scaled
        corners = problem.corners
        column: Array = np.ones(len(listed.costs))
        degree = np.bincount(listed.agents, minlength=len(problem.least)).astype(np.float64)
        rows: Array = np.ones(len(problem.carried))
        if corners.sign:
            own = corners.scale[listed.owners] * listed.burdens
            column = column + own + corners.bound * listed.burdens
            whole = corners.bound / len(rows) * float(listed.burdens.sum())
            rows = np.asarray(np.bincount(listed.owners, own, minlength=len(rows)) + whole, np.float64)
        elif problem.fairness is not None:
            column = column + listed.burdens
        tasks = 1.0 / np.maximum.reduceat(column, listed.starts[:-1])
        return tasks, 1.0 / np.maximum(degree, 1.0), 1.0 / np.maximum(rows, 1e-9)

    def _steps(self) -> Steps:
        tasks, counts, rows = self._fixed
        ahead = self._balance
        absolute = np.abs(self._cuts) @ np.bincount(
            self._scaled.owners, self._scaled.burdens, minlength=self._cuts.shape[1]
        )
        corners = self._problem.corners
        return Steps(
            tasks / ahead,
            counts * ahead,
            rows * ahead,
            ahead / np.maximum(absolute, 1e-300),
            corners.sign,
            corners.scale,
            corners.bound,
        )

    def run(self, accuracy: float, clock: Clock) -> None:
        """Step until the bound is within a relative `accuracy` of the averages' cost, which nearly keep the rule."""
        problem, listed = self._problem, self._scaled
        limits = problem.least.astype(np.float64), problem.most.astype(np.float64)
        carried = problem.carried / self._unit
        for epoch in range(EPOCHS):
            shares, pi, corner, multiplier = (
                np.empty_like(part) for part in (self.shares, self._pi, self._corner, self._multiplier)
            )
            average = shares, pi, corner, multiplier
            before = self.shares.copy(), self._pi.copy()
            steps = self._steps()
            take_steps(
                listed, steps, *limits, carried, self._cuts, EPOCH, self.shares, self._pi, self._corner,
                self._multiplier, average,
            )  # fmt: skip
            self._evaluate(steps, self._pi, self._corner, self._multiplier)
            self._evaluate(steps, *average[1:])
            self.shares[:], self._pi[:], self._corner[:], self._multiplier[:] = average
            cost = float(listed.costs @ self.shares) * self._scale
            short = self._violation()
            logger.debug("epoch %d: bound %.8g, cost %.8g, beyond limits %.2g", epoch, self.bound, cost, short)
            clock.report("relaxation", None, self.bound, 0)
            if self.infeasible is not None or clock.expired:
                return
            stretched = self._stretch(steps)
            if not stretched and short < accuracy and abs(cost - self.bound) < accuracy * abs(cost):
                return
            self._rebalance(before)
            self._separate()

    def _stretch(self, steps: Steps) -> bool:
        """Raise the multiplier of the most violated row as far as the bound rises; return whether it did noticeably.

        Where one total holds back the mean of all, its price grows with the number of totals: steps alone would take
        long. The bound is concave, so that doubling finds a bracket, and a few sections the place.
        """
        if not steps.sign:
            return False
        x, before = self.totals() / self._unit, self.bound
        slack = steps.sign * (steps.scale * x - steps.bound * float(x.mean()))
        row = np.zeros_like(x)
        row[int(slack.argmin())] = 1.0

        def value(more: float) -> float:
            return self._evaluate(steps, self._pi, self._corner + more * row, self._multiplier)

        best, reached = value(0.0), 0.0
        step = 1.0
        for _ in range(STRETCHES):
            found = value(step)
            if found <= best:
                break
            best, reached, step = found, step, 2.0 * step
        width = 0.5 * max(reached, step - reached if reached else 0.0)
        for _ in range(SECTIONS if reached else 0):
            for more in (reached - width, reached + width):
                found = value(more)
                if found > best:
                    best, reached = found, more
                    break
            width *= 0.5
        self._corner += reached * row
        return self.bound - before > STRETCHED * abs(self.bound)

    def _violation(self) -> float:
        """Return by how much the averages exceed the limits on counts, and break the rule, as parts of the whole."""
        problem = self._problem
        counts = np.bincount(problem.listed.agents, self.shares, minlength=len(problem.least))
        beyond = np.maximum(counts - problem.most, 0.0) + np.maximum(problem.least - counts, 0.0)
        part = float(beyond.sum()) / float(problem.listed.needs.sum())
        if problem.fairness is None:
            return part
        x = self.totals()
        mean = float(x.mean())
        bound = problem.fairness.bound(len(x))
        broken = float(problem.fairness.value(x)) - bound * mean
        if problem.corners.sign:  # the largest of many rows is far from the average one
            rows = problem.corners.sign * (problem.corners.scale * x - problem.corners.bound * mean)
            broken = float(-np.minimum(rows, 0.0).mean())
        return part + max(broken, 0.0) / mean if mean else part

    def totals(self) -> Array:
        """Return the totals of the average shares, shape (N,)."""
        problem = self._problem
        own = np.bincount(problem.listed.owners, self.shares * problem.listed.burdens, minlength=len(problem.carried))
        return np.asarray(problem.carried + own)

    def _evaluate(self, steps: Steps, pi: Array, corner: Array, multiplier: Array) -> float:
        """Return the bound of prices; keep them if it is the best, or if they prove that there is no plan."""
        problem = self._problem
        v = np.empty(len(problem.carried))
        price_totals(steps, corner, multiplier, self._cuts, v)
        v *= self._scale / self._unit
        prices = Prices(
            pi * self._scale, corner * (self._scale / self._unit), multiplier * (self._scale / self._unit),
            self._points.copy(), v,
        )  # fmt: skip
        bound = bound_of(problem, prices)
        if bound > self.bound:
            self.bound, self.best = bound, prices
        if bound > problem.dearest and bound_of(problem, prices, costs=False) > 0.0:
            self.infeasible = prices
        return bound

    def _rebalance(self, before: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
        """Move the balance of primal and dual steps towards that of the distances that both went."""
        far = float(np.linalg.norm(self.shares - before[0]))
        priced = float(np.linalg.norm((self._pi - before[1]) / np.sqrt(self._fixed[1])))
        if far > 0.0 and priced > 0.0:
            self._balance = float(np.clip(np.sqrt(self._balance * priced / far), 1e-2, 1e2))

    def _separate(self) -> None:
        """Add a cut at the averages' totals if they break a rule that has no rows of its own."""
        problem = self._problem
        if problem.fairness is None or problem.corners.sign:
            return
        x = self.totals()
        if problem.fairness.contains(x):
            return
        point = problem.fairness.supporting_point(x)
        cut = problem.fairness.cut(point)
        if len(self._multiplier) >= CUTS:
            keep = np.arange(len(self._multiplier)) != int(self._multiplier.argmin())
            self._cuts, self._points, self._multiplier = self._cuts[keep], self._points[keep], self._multiplier[keep]
        self._cuts = np.vstack([self._cuts, cut])
        self._points = np.vstack([self._points, point])
        self._multiplier = np.append(self._multiplier, 0.0)


def bound_of(problem: SeveralProblem, prices: Prices, *, costs: bool = True) -> float:
    """Return the bound that prices prove, lowered by more than rounding; without costs, a positive one refutes."""
    sums = np.empty(2)
    sum_of_least(problem.listed, prices.counts, prices.totals, costs, sums)
    gained = prices.counts * np.where(prices.counts > 0.0, problem.least, problem.most)
    carried = prices.totals * problem.carried
    size = sums[1] + float(np.abs(gained).sum() + np.abs(carried).sum())
    bound = float(sums[0]) + float(gained.sum()) - float(carried.sum())
    return float(bound - MODESTY * abs(bound) - ROUNDING * size)
