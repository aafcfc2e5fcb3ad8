"""Anneal plans under several rules: along chains where tasks exclude each other, freely elsewhere."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels import chain_moves, row_dual
from evenhand.assignment.kernels.annealing import Choices
from evenhand.assignment.kernels.ruled_annealing import anneal_ruled
from evenhand.assignment.rules.demands import carried_of, demands_of
from evenhand.assignment.rules.row_domains import largest
from evenhand.assignment.rules.row_incumbent import RowIncumbent
from evenhand.assignment.rules.row_system import Domain, Relaxed
from evenhand.random_draws import generator_state

ANNEALING, LONGEST = 200, 32
"""Moves of the first annealing run, per pair that is left, and the upper limit on their multiplier."""

HOT, COLD = 0.3, 0.01
"""First and last temperature, relative to the mean by which a task's costs exceed its least."""

FIRM, LEAST_PRICE = 1.5, 0.3
"""Penalty per unit of violation, as a multiple of the largest multiplier, and the lower limit on that multiplier."""

LEG, COLDEST = 200_000, 1e-3
"""Steps of an annealing between two looks at the clock, and the lower limit on its last temperature."""

REPAIRS = 12
"""Upper limit on the rounds of cuts at unfair results of one annealing."""

TABU_STEPS = 30
"""Steps of the search for a plan without conflicts, per task."""


class RowAnnealing:
    """Annealing runs that become longer, and whose penalties become firmer where they were too cheap.

    Parameters
    ----------
    incumbent
        Judges the plans offered to it.
    seed
        Seed of all random choices.
    """

    def __init__(self, incumbent: RowIncumbent, seed: int) -> None:
        self._incumbent = incumbent
        self._random = np.random.default_rng([seed, 21])
        self._state = generator_state(self._random)
        self._effort, self._firm = 1, FIRM
        self._width = 1.0
        self._current: NDArray[np.bool_] | None = None

    @property
    def patience(self) -> float:
        """Number of nodes of a tree between two runs; inf once they are as long as they get."""
        return 20 * self._effort if self._effort < LONGEST else math.inf

    def round_parts(self, domain: Domain, found: Relaxed) -> None:
        """Find a plan without conflicts near the relaxation's parts."""
        incumbent, system = self._incumbent, self._incumbent.system
        parts = np.where(domain.open, found.mean.part, -1.0)
        for attempt in range(3):
            noise = self._random.random(parts.shape) * (0.01, 0.5, 2.0)[attempt]
            has = largest(system, np.where(domain.open, parts + noise, -np.inf), domain)
            cost = np.where(domain.open | domain.locked, -found.mean.part, np.inf)
            left = chain_moves.resolve_conflicts(
                cost, system.conflicts, domain.locked, has, TABU_STEPS * len(has) + 1000, self._state
            )
            if left == 0:
                self._current = has
                incumbent.offer(has)
                return

    def run(self, domain: Domain, root: Relaxed) -> None:
        """Anneal from the present plan without conflicts; cut off what is unfair, and anneal again."""
        if self._current is None:
            return
        incumbent = self._incumbent
        if not incumbent.problem.exclusive:
            self._run_freely(domain, root, self._current.copy())
            return
        system = incumbent.system
        reduced = system.priced(domain, root.best)
        wanted = np.flatnonzero(self._near(reduced))
        if not len(wanted):
            return
        hot = HOT
        for _ in range(REPAIRS):
            multipliers = system.row_prices(root.best)
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
                if incumbent.clock.expired:
                    break
            incumbent.report("annealing")
            if not np.isfinite(cost):
                self._firm = min(2.0 * self._firm, 1e4)
                if incumbent.clock.expired:
                    break
                continue
            kept = incumbent.offer(best)
            if kept or incumbent.clock.expired or not system.separate(best):
                break
            self._current, hot = best, 0.1 * HOT
        if incumbent.plan is not None:
            self._current = incumbent.plan.copy()
        self._effort = min(2 * self._effort, LONGEST)

    def run_briefly(self, domain: Domain, found: Relaxed) -> None:
        """Anneal without exclusions for a moment from the plan nearest to the relaxation's parts."""
        parts = np.where(domain.open, found.mean.part, -np.inf)
        self._run_freely(domain, found, largest(self._incumbent.system, parts, domain), brief=True)

    def _run_freely(self, domain: Domain, root: Relaxed, has: NDArray[np.bool_], *, brief: bool = False) -> None:
        """Anneal without exclusions; cut off what is unfair but keeps all penalties at 0, and anneal again."""
        incumbent, system = self._incumbent, self._incumbent.system
        tables = row_dual.Tables(
            np.where(domain.open | domain.locked, system.cost, np.inf), system.burden, system.needs
        )
        reduced = system.priced(domain, root.best)
        carried = carried_of(system)
        best = np.zeros_like(domain.locked)
        enough = incumbent.enough()
        cold = min(
            max(0.3 * math.sqrt(max(enough - incumbent.bound / system.cost_scale, 0.0) / len(has)), COLDEST), 0.1
        )
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
                if incumbent.clock.expired or least <= enough:
                    break
            incumbent.report("annealing")
            if not np.isfinite(least):
                self._firm = min(3.0 * self._firm, 1e4)
                self._width *= 3.0
                hot = max(hot, HOT)
            elif incumbent.offer(best):
                break
            elif not system.separate(best):
                self._firm = min(3.0 * self._firm, 1e4)
            else:
                has, hot = best.copy(), max(0.1 * hot, cold)
            if incumbent.clock.expired or brief or (attempt >= 3 and incumbent.plan is not None):
                break
        if incumbent.plan is not None:
            self._current = incumbent.plan.copy()
        if not brief:
            self._effort = min(2 * self._effort, LONGEST)

    def _choices(self, reduced: NDArray[np.float64], domain: Domain) -> Choices:
        """Return the open pairs whose reduced costs are near the least of their task."""
        needs = self._incumbent.system.needs
        left = np.maximum(needs - domain.locked.sum(axis=1), 1)
        few = int(needs.max() + 6 * self._width)
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
        few = int(self._incumbent.system.needs.max()) + 8
        if reduced.shape[1] <= few:
            return np.isfinite(reduced)
        limit = np.partition(reduced, few - 1, axis=1)[:, few - 1 : few]
        return np.isfinite(reduced) & (reduced <= limit)
