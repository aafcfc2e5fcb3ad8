"""The relaxation's optimum over a sample or a core: by Newton's method for a power mean, by cuts for other members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.smooth_dual import Cone, SmoothDual
from evenhand.assignment.table_blocks import blocks_of
from evenhand.fairness import Fairness

CHOICES = 300
"""Number of tasks per agent that may change agents when an optimum is rounded: the most indifferent ones."""


@dataclass(frozen=True)
class Start:
    """What is known of a similar problem's optimum: a sample's, or that of the table as it was before.

    Attributes
    ----------
    unscaled_price
        Its prices, unscaled, shape (n,).
    points
        Points of its cuts, unscaled, shape (c, n).
    """

    unscaled_price: NDArray[np.float64]
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Optimum:
    """An optimum of the relaxation, or nearly one.

    Attributes
    ----------
    scaled
        The arrays of the problem, of k tasks.
    price, loads
        Prices and fractional loads, scaled, shape (n,).
    agents
        Agent of each task, shape (k,): the optimum, rounded.
    multipliers, points
        Multipliers (c,) and points (c, n) of cuts whose sum is the prices, unscaled.
    w
        Newton's variables, unscaled, shape (n,); None if the optimum was found by cuts.
    """

    scaled: Scaled
    price: NDArray[np.float64]
    loads: NDArray[np.float64]
    agents: NDArray[np.int64]
    multipliers: NDArray[np.float64]
    points: NDArray[np.float64]
    w: NDArray[np.float64] | None = None

    @property
    def unscaled_price(self) -> NDArray[np.float64]:
        """The prices, unscaled."""
        return np.asarray(self.price * (self.scaled.cost_scale / self.scaled.burden_scale))

    def reduced_costs(self, tasks: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the reduced costs of the pairs of some tasks, scaled, shape (len(tasks), n).

        They are at least 0, and +inf for pairs that are not allowed.
        """
        costs = self.scaled.costs
        value = costs.cost[tasks] - self.price * costs.burden[tasks]
        return np.asarray(value - value.min(axis=1, keepdims=True))


def optimum_of(
    problem: Problem,
    fairness: Fairness,
    points: NDArray[np.float64],
    before: Optimum | Start | None,
    gap: float,
    clock: Clock,
) -> Optimum | None:
    """Return the optimum of a problem; None if none was found, or it is proven infeasible.

    Parameters
    ----------
    problem, fairness
        The problem, and the member that its loads must satisfy.
    points
        Points of the first cuts, shape (c, n).
    before
        The optimum of a sample, or of the table as it was, to start from; None if there is none.
    gap, clock
        Relative gap that the bound will have to close, and time limit.
    """
    scaled = Scaled.of(problem, clock=clock)
    cone = Cone.of(fairness, len(problem.agents))
    if cone is not None:
        return _by_newton(problem, scaled, fairness, cone, before, clock)
    return optimum_by_cuts(scaled, fairness, points, before, gap, clock)


def _by_newton(
    problem: Problem, scaled: Scaled, fairness: Fairness, cone: Cone, before: Optimum | Start | None, clock: Clock
) -> Optimum | None:
    rate = scaled.cost_scale / scaled.burden_scale
    start = cone.w_of(before.unscaled_price) if isinstance(before, Start) else None if before is None else before.w
    dual = SmoothDual(scaled, cone, None if start is None else start / rate)
    if not dual.maximise(clock):
        return None
    points = cone.points(dual.w)
    cuts = np.array([fairness.cut(point) for point in points])
    # The prices are a sum of these cuts, whatever the measure of the member: its multipliers follow by least squares.
    multipliers = np.maximum(np.linalg.lstsq(cuts.T, dual.price, rcond=None)[0], 0.0)
    agents = keys_and_margins(scaled.costs, dual.price)[0]
    return Optimum(scaled, dual.price, dual.loads, agents, multipliers * rate, points, dual.w * rate)


def keys_and_margins(costs: Costs, price: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each task's agent of least reduced cost, and how much greater the next one is, both of shape (k,)."""
    key, apart = np.empty(len(costs.cost), np.int64), np.empty(len(costs.cost))
    for at in blocks_of(costs.cost.T):
        reduced = costs.cost[at] - price * costs.burden[at]
        key[at] = reduced.argmin(axis=1)
        least = np.partition(reduced, 1, axis=1)
        apart[at] = least[:, 1] - least[:, 0]
    return key, apart


def most_indifferent(apart: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the `count` tasks whose two least reduced costs are least `apart`, shape (k,); in order."""
    if len(apart) <= count:
        return np.arange(len(apart))
    return np.sort(np.argpartition(apart, count - 1)[:count])


def optimum_by_cuts(
    scaled: Scaled,
    fairness: Fairness,
    points: NDArray[np.float64],
    before: Optimum | Start | None,
    gap: float,
    clock: Clock,
) -> Optimum | None:
    """Return the optimum by Kelley's method, which needs no smoothing: exact where a few tasks decide."""
    known = points if before is None else np.concatenate([points, before.points])
    relaxation = relaxed(scaled, fairness, known, gap, clock)
    return None if relaxation is None else at_vertex(relaxation)


def at_vertex(relaxation: Relaxation) -> Optimum:
    """Return the optimum of a relaxation that was solved by cuts."""
    scaled, vertex, pool = relaxation.scaled, relaxation.vertex, relaxation.pool
    used = np.flatnonzero(vertex.multiplier[: len(pool)] > 0.0)
    rate = scaled.cost_scale / scaled.burden_scale
    return Optimum(
        scaled=scaled,
        price=vertex.price,
        loads=np.maximum(relaxation.loads, 0.0),
        agents=relaxation.rounded(),
        multipliers=rate * np.array([vertex.multiplier[k] / pool.scales[k] for k in used]),
        points=np.array([pool.points[k] for k in used]).reshape(len(used), len(scaled.steps)),
    )


def relaxed(
    scaled: Scaled, fairness: Fairness, points: NDArray[np.float64], gap: float, clock: Clock
) -> Relaxation | None:
    """Return the solved relaxation, from cuts at `points` on; None if it is infeasible."""
    pool = CutPool(fairness, len(scaled.steps))
    for point in points:
        pool.add(point)
    relaxation = Relaxation(scaled, pool)
    relaxation.solve(clock, gap)
    return None if relaxation.infeasible else relaxation
