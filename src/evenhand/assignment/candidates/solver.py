"""The solver of tables with candidates: prices from a sample, a pass that leaves a core, rounding, a pass that proves.

The algorithm is that of :mod:`evenhand.assignment.large_tables`, with work and memory in proportion to the pairs that
are listed. The passes are: a survey, which also draws the sample; the screening, once or a few times; the bound's; and
that of the plan.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.candidates.dual import CandidateDual
from evenhand.assignment.candidates.passes import (
    LateError,
    Screened,
    Settled,
    Surveyed,
    joined,
    over_shards,
    part_of,
    value_of,
)
from evenhand.assignment.candidates.rounding import rounded
from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.kernels.vertex import OUTWARD, RAISED
from evenhand.assignment.progress_clock import Clock, OutOfTimeError
from evenhand.assignment.shards.candidates import CandidateSource
from evenhand.assignment.smooth_dual import Cone
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

logger = logging.getLogger(__name__)

SAMPLE_PER_AGENT, LEAST_SAMPLE, LARGEST_PART = 2_500, 100_000, 0.5
"""Number of tasks in the largest sample, per agent and at least, and largest part of all tasks that is worth a sample:
if it is more, the first pass takes the whole table."""

FIRST_PER_AGENT, GROWTH = 40, 4
"""Number of tasks per agent in the first sample, and factor by which the next is larger."""

BOX, BOXES = 1.5, 4
"""Half the width of the box around the last sample's prices, as a multiple of their last change over the square root of
GROWTH; and upper limit on the boxes that one table is screened with."""

CORE = 0.1
"""Least part of the tasks that the first box leaves open: with too few, the loads of the others bind."""

RESERVED = 3.0
"""Passes like the first whose time is kept for a plan around the prices known so far, if the limit comes before the
optimum."""

MODESTY = 1e-12
"""Relative amount by which the stated bound lies below the computed one."""


@dataclass(frozen=True)
class Core:
    """The tasks that are still open, with the loads of all others.

    Attributes
    ----------
    tasks
        Positions in the whole table, shape (k,).
    pairs
        Their candidates.
    fixed
        Loads of the other tasks, initial ones included, shape (n,).
    slot
        Candidate of every task of the table, valid outside the core, shape (m,).
    """

    tasks: NDArray[np.int64]
    pairs: Pairs
    fixed: NDArray[np.float64]
    slot: NDArray[np.int32]


class CandidateSolver:
    """Solver of one table of candidates; its attributes are those of a large table's solver.

    Parameters
    ----------
    source
        The table, checked.
    initial_loads
        Loads carried before, shape (n,).
    fairness
        The member that the loads must satisfy. If it has no :class:`~evenhand.assignment.smooth_dual.Cone`, only agents
        who can have no load are looked for, and the cheapest assignment is tried.
    gap
        Relative gap at which to stop.
    clock
        Time limit and progress reports.
    seed
        Seed of samples and orders.

    Attributes
    ----------
    best
        Agent of each task, shape (m,); None before a fair assignment is known.
    cost, bound
        Cost of `best`, and the bound that the certificate proves.
    certificate
        Certificate of the bound, or of infeasibility; None before there is one.
    base_cost
        Cost of the cheapest assignment without fairness.
    passes
        Number of passes over the table.
    interrupted
        Whether Ctrl-C has stopped it.
    """

    def __init__(
        self,
        source: CandidateSource,
        initial_loads: NDArray[np.float64],
        fairness: Fairness,
        *,
        gap: float,
        clock: Clock,
        seed: int,
    ) -> None:
        self._any_cone = Cone.of(fairness, len(initial_loads))
        self._source, self._initial, self._fairness = source, initial_loads, fairness
        self._gap, self._clock = gap, clock
        self._seed = seed
        self._random = np.random.default_rng([seed, 3])
        self._tasks, self._agents = sum(source.sizes), len(initial_loads)
        self.best: NDArray[np.int32] | None = None
        self.cost, self.bound, self.base_cost = np.inf, -np.inf, -np.inf
        self.certificate: Certificate | None = None
        self.passes = 0
        self.interrupted = False
        self._until = clock
        self._latest: CandidateDual | None = None

    @property
    def _cone(self) -> Cone:
        assert self._any_cone is not None
        return self._any_cone

    @property
    def closed(self) -> bool:
        """Whether the gap is closed, or infeasibility proven, by the certificate alone."""
        if self.best is None:
            return self.bound == np.inf
        return self.cost - self.bound <= self._gap * abs(self.cost)

    def run(self) -> None:
        """Solve; Ctrl-C and the clock leave what is known by then."""
        try:
            self._run()
        except (LateError, OutOfTimeError):
            logger.info("the time limit came during a pass")
        except KeyboardInterrupt:
            self.interrupted = True

    def _run(self) -> None:
        begun = self._clock.seconds
        sample = self._survey()
        if self.closed or self._idle_agents_refute() or self._any_cone is None:
            return
        self._until = self._clock.earlier(RESERVED * (self._clock.seconds - begun))
        duals = self._on_samples(sample)
        found = None if duals is None else self._on_core(sample, duals)
        if found is None and not self.closed:
            self._until = self._clock
            found = self._roughly(sample)
        if found is None:
            return
        core, dual = found
        self._prove(dual)
        self._clock.report("rounding", None, self.bound, 0)
        allowed = self._gap * abs(self.bound)
        slot = rounded(core.pairs, core.fixed, dual, allowed, self._seed, self._clock)
        if slot is not None:
            whole = core.slot.copy()
            whole[core.tasks] = slot
            self._judge(whole)

    def _roughly(self, sample: Pairs) -> tuple[Core, CandidateDual] | None:
        """Return a core around the prices known when time was up, and its dual there; None if none are known."""
        if self._latest is None:
            return None
        price, known = self._latest.price, (self._latest.w, self._latest.temperature)
        core = self._screen(price, np.full(self._agents, _margin_of(sample, price)))
        dual = CandidateDual(core.pairs, core.fixed, self._cone, self._typical, self._rate, self._tasks, known)
        dual.stay()
        return core, dual

    def _survey(self) -> Pairs:
        """Learn sums, draw the sample, and try the cheapest assignment; return the sample's pairs."""
        m, n = self._tasks, self._agents
        size = max(SAMPLE_PER_AGENT * n, LEAST_SAMPLE)
        whole = size > LARGEST_PART * m
        drawn = np.arange(m) if whole else np.sort(self._random.choice(m, size, replace=False))
        found = over_shards(Surveyed(self._source, drawn), self._source, self._clock)
        self.passes += 1
        costs = np.sum([one.costs for one in found], axis=(0, 1))
        load, reach = (np.sum([one[k] for one in found], axis=(0, 1)) for k in (2, 1))
        self.base_cost, sizes, self._most = costs.tolist()
        self._reach = self._initial + reach
        self._typical = sizes / m or 1.0
        self._rate = sizes / float(load.sum()) if sizes and load.any() else 1.0
        self.bound = self.base_cost - OUTWARD * sizes - MODESTY * abs(self.base_cost)
        none = np.zeros((0, n))
        self.certificate = Certificate("bound", np.zeros(0), none)
        self._clock.report("samples", None, self.bound, 0)
        if self._fairness.contains(self._initial + load):
            self._judge(self._screen(np.zeros(n), np.zeros(n)).slot)
        return joined([one.sample for one in found])

    def _idle_agents_refute(self) -> bool:
        """Return whether agents who can never have any load make the rule impossible to keep, and certify it."""
        idle = self._reach == 0.0
        if not idle.any() or idle.all():
            return False
        # Of all loads with these agents at 0, those in proportion to the others' shares are the fairest.
        fairest = np.where(idle, 0.0, shares_of(self._agents, self._fairness.entitlements))
        if self._fairness.contains(fairest):
            return False
        if self._refute(np.ones(1), fairest[np.newaxis]):
            return True
        # A limit on the largest load has its cuts at the corners, where one agent carries everything.
        return self._refute(fairest[~idle], np.eye(self._agents)[~idle])

    def _refute(self, multipliers: NDArray[np.float64], points: NDArray[np.float64]) -> bool:
        """Return whether cuts prove that no assignment is fair, and keep their certificate if so."""
        price = self._price_of(multipliers, points)
        self.passes += 1
        if not value_of(self._source, price, self._initial, self._clock, free=True) > 0.0:
            return False
        self.certificate, self.bound = Certificate("infeasible", multipliers, points), np.inf
        return True

    def _dual(
        self, pairs: Pairs, fixed: NDArray[np.float64], tasks: int, start: CandidateDual | None
    ) -> CandidateDual | None:
        """Return the optimum of some tasks; None if the time is up, or the whole table is proven infeasible."""
        known = None if start is None else (start.w, start.temperature)
        dual = CandidateDual(pairs, fixed, self._cone, self._typical, self._rate, tasks, known)
        done = dual.finish(self._until) if tasks == self._tasks else dual.maximise(self._until)
        logger.debug("%d tasks, %d open: %d evaluations", tasks, len(pairs.starts) - 1, dual.evaluations)
        self._clock.report("samples" if tasks < self._tasks else "core", None, self.bound, 0)
        # Prices that are worth more than all dearest pairs prove that the tasks have no fair assignment.
        beyond = not done or float(np.abs(dual.price).max()) * float(dual.loads.sum()) > 1e3 * abs(self._most)
        if beyond and not self._until.expired and np.isfinite(dual.w).all() and self._refute(*self._cuts(dual)):
            return None
        return None if self._until.expired else dual

    def _on_samples(self, sample: Pairs) -> list[CandidateDual] | None:
        """Return the optima of growing parts of the sample."""
        m, most = self._tasks, len(sample.starts) - 1
        size = FIRST_PER_AGENT * self._agents
        duals: list[CandidateDual] = []
        while True:
            size = most if size > LARGEST_PART * most else size
            part = sample
            if size < most:
                part = part_of(sample, np.sort(self._random.choice(most, size, replace=False)))
            dual = self._dual(part, self._initial * (size / m), size, duals[-1] if duals else None)
            if dual is None:
                return None
            duals.append(dual)
            self._latest = dual
            if size == most:
                return duals
            size *= GROWTH

    def _on_core(self, sample: Pairs, duals: list[CandidateDual]) -> tuple[Core, CandidateDual] | None:
        """Return the core that a box around the sample's prices leaves, and its optimum, which lies inside the box."""
        m, dual = self._tasks, duals[-1]
        if len(sample.starts) - 1 == m:
            return Core(np.arange(m), sample, self._initial, np.zeros(m, np.int32)), dual
        change = np.abs(dual.price - duals[-2].price) / math.sqrt(GROWTH) if len(duals) > 1 else np.abs(dual.price)
        radius = np.maximum(BOX * np.maximum(change, np.median(change)), _margin_of(sample, dual.price))
        for _ in range(BOXES):
            price = dual.price
            core = self._screen(price, radius)
            found = self._dual(core.pairs, core.fixed, m, dual)
            if found is None:
                return None
            dual, moved = found, np.abs(found.price - price)
            if (moved <= radius).all():
                break
            radius = 2.0 * np.maximum(radius, np.minimum(moved, 2.0 * radius))
        return core, dual

    def _screen(self, price: NDArray[np.float64], radius: NDArray[np.float64]) -> Core:
        found = over_shards(Screened(self._source, price, radius), self._source, self._clock)
        self.passes += 1
        return Core(
            np.concatenate([one.near for one in found]),
            joined([one.core for one in found]),
            self._initial + np.sum([one.load for one in found], axis=(0, 1)),
            np.concatenate([one.slot for one in found]),
        )

    def _cuts(self, dual: CandidateDual) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return multipliers (k,) and points (k, n) of cuts that make up the prices of an optimum."""
        points = self._cone.points(dual.w)
        cuts = np.array([self._fairness.cut(point) for point in points])
        if len(points) == 1:
            return np.array([max(float(cuts[0] @ dual.price) / float(cuts[0] @ cuts[0]), 0.0)]), points
        # The cut at agent k's corner has one coefficient for all others; v_k lies below theirs by w_k.
        others = np.roll(np.arange(len(points)), 1)
        return dual.w / (cuts[np.arange(len(points)), others] - np.diagonal(cuts)), points

    def _price_of(self, multipliers: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the prices that cuts make up, raised by more than rounding can have taken from them."""
        n = self._agents
        cuts = np.array([self._fairness.cut(point) for point in points])
        price = multipliers @ cuts
        sizes = multipliers @ (np.abs(cuts) + 2.0 * self._fairness.bound(n) / n)
        return np.asarray(price + RAISED * np.abs(price) + OUTWARD * sizes)

    def _prove(self, dual: CandidateDual) -> None:
        """Certify the bound of an optimum's prices by a pass over the table."""
        multipliers, points = self._cuts(dual)
        bound = value_of(self._source, self._price_of(multipliers, points), self._initial, self._clock)
        self.passes += 1
        bound -= MODESTY * abs(bound)
        if bound > self.bound:
            self.bound, self.certificate = bound, Certificate("bound", multipliers, points)

    def _judge(self, slot: NDArray[np.int32]) -> None:
        """Make a plan the incumbent if it is fair and cheaper; `slot` is each task's position among its candidates."""
        found = over_shards(Settled(self._source, slot), self._source, self._clock)
        self.passes += 1
        load = self._initial + np.sum([one[1] for one in found], axis=(0, 1))
        cost = math.fsum(np.concatenate([one[2] for one in found]).tolist())
        if self._fairness.contains(load) and cost < self.cost:
            self.best, self.cost = np.concatenate([one[0] for one in found]), cost
            self.loads = load


def _margin_of(sample: Pairs, price: NDArray[np.float64]) -> float:
    """Return the half width of a box of prices inside which about CORE of the tasks of a sample may change agents."""
    part = part_of(sample, np.arange(min(len(sample.starts) - 1, LEAST_SAMPLE)))
    reduced = part.costs - price[part.agents] * part.burdens
    least = np.repeat(np.minimum.reduceat(reduced, part.starts[:-1]), np.diff(part.starts))
    apart = np.where(reduced > least, (reduced - least) / np.maximum(2.0 * part.burdens, 1e-300), np.inf)
    margin = np.minimum.reduceat(apart, part.starts[:-1])
    return float(np.quantile(margin, CORE)) if np.isfinite(margin).mean() > CORE else 0.0
