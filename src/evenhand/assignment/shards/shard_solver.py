"""The relaxation and its rounding for tables in shards: a few passes, and between them only samples and cores.

It is the method of `large_tables.py`. A first pass checks every value and draws a sample, whose optimum and whose error
give a box of prices. A second pass finds the core: the tasks whose agent may change inside the box. If the core's
optimum lies outside, the box moves and the pass is repeated. The core is rounded, and the last pass writes the plan
down and adds up its cost, its loads and the bound that its certificate proves. All tasks of a small table are its core.

The core must fit into memory, so that the box of a table with many agents may have to be narrower than the error of
the sample. Then it moves more often; and as any prices prove a bound, a box that misses the optimum costs quality,
never validity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.build_problem import check_scales
from evenhand.assignment.certificate import MODESTY, certificate_of, prices_of
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.evened import evened
from evenhand.assignment.kernels.vertex import OUTWARD, TINY
from evenhand.assignment.large_tables import FAR, TASKS_PER_AGENT
from evenhand.assignment.optimum_of_core import Optimum, optimum_by_cuts, optimum_of
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, OutOfTimeError
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.shards.columns import Columns, dealt
from evenhand.assignment.shards.core_rounding import CoreRounding
from evenhand.assignment.shards.engine import Engine
from evenhand.assignment.shards.shard_passes import LastPass, RefutePass, ScreenPass, Survey
from evenhand.assignment.shards.source import Source
from evenhand.assignment.solve_assignment import solve
from evenhand.fairness import Fairness

WHOLE, MANY = 1 << 14, 1 << 22
"""Number of pairs up to which a table is gathered and solved in memory, its search included; and the same if there are
so few tasks per agent that samples and roundings are of little use."""

RESERVED, ROUGH = 2.5, 0.5
"""Passes whose time is kept for a rough plan, one that finds a core and one that writes the plan down, if the limit
comes before the optimum; and largest part of the tasks in that core."""

SOLVING = 0.7
"""Part of the time limit that such a search may take; the rest is for writing the plan."""

SAMPLE, MOST = 5.0, 1 << 22
"""The sample has this times m^(2/3) of m tasks, so that sample and core are about equally large; and limit on its
pairs of agent and task."""

THINNED = (1 / 16, 1 / 4, 1.0)
"""Parts of the sample that are solved one after the other."""

ENDLESS = 1e300
"""Half the width of a box in which every choice of agents is possible."""

BOX, NARROWEST = 2.0, 1e-7
"""Half the width of the box, as a multiple of the sample's error in the prices; its least value relative to them."""

FEW, LUMP = 100, 1e-2
"""Number of different columns per agent below which an optimum is found by cuts, and part of the tasks above which the
copies of one column make it so, too: where it splits whole kinds of tasks, a smoothed one is never sharp enough."""

CORE, NARROWER, WIDER = 1 << 23, 4.0, 100.0
"""Upper limit on the pairs of a core, factor by which the box is narrowed where it has more, and by which it is widened
where it has none."""

BOXES = 12
"""Upper limit on the boxes, each of which is a pass."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Table:
    """What the first pass has found out about a table.

    Attributes
    ----------
    base_cost, size
        Cost of the cheapest plan without fairness, and the sum of the sizes of its costs.
    cheapest_loads
        Loads of that plan, shape (n,), initial ones included.
    carried
        Sum of each agent's burdens, shape (n,), roughly, initial loads included.
    made_with
        Whether there are burdens of their own, initial loads, decided tasks.
    sample
        Some of the tasks, or all of a small table.
    """

    base_cost: float
    size: float
    cheapest_loads: NDArray[np.float64]
    carried: NDArray[np.float64]
    made_with: dict[str, bool]
    sample: Columns


@dataclass(frozen=True)
class Decision:
    """What the last pass needs to write the plan down.

    Attributes
    ----------
    price, radius
        The box of prices, shape (n,).
    dealt
        Agents of the core of each shard, and how many tasks in a row each gets; None if they have their keys.
    certificate
        The proof of the bound.
    searched
        A bound that the search of a small table has proven; -inf if there was no search.
    """

    price: NDArray[np.float64]
    radius: NDArray[np.float64]
    dealt: list[tuple[NDArray[np.int32], NDArray[np.int64]]] | None
    certificate: Certificate
    searched: float = -np.inf


@dataclass(frozen=True)
class Infeasible:
    """No plan was found: `certificate` proves that there is none, or is None."""

    certificate: Certificate | None


class ShardSolver:
    """Solver of one table in shards.

    Parameters
    ----------
    source, fairness, initial_loads
        The table, the member that its loads must satisfy, and loads carried before, shape (n,).
    gap, seed
        Relative gap at which rounding stops; seed of the sample.
    engine, clock
        What works on the shards, and time limit and progress reports.

    Attributes
    ----------
    passes
        Number of passes over the table so far.
    """

    def __init__(
        self,
        source: Source,
        fairness: Fairness,
        initial_loads: NDArray[np.float64],
        *,
        gap: float,
        seed: int,
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._source = source
        self._fairness = fairness
        self._initial = initial_loads
        self._gap = gap
        self._seed = seed
        self._engine = engine
        self._clock = clock
        self._tasks = sum(source.sizes)
        self.passes = 0
        self._slowest = 0.0
        self._until = clock
        self._optima: list[Optimum] = []

    def over(self, work: Callable[[int], Found], phase: str, shards: Sequence[int] | None = None) -> Any:
        """Yield the results of a pass in the order of the shards; raise an OutOfTimeError if time is up before."""
        shards = range(len(self._source.sizes)) if shards is None else shards
        self.passes += 1
        done, begun = 0, self._clock.seconds
        with closing(self._engine.map(work, shards, self._until)) as results:  # type: ignore[type-var]
            for result in results:
                done += 1
                self._clock.report(phase, None, None, 0, lambda: f"shard {done} of {len(shards)}")  # noqa: B023
                yield result
        if done < len(shards):
            raise OutOfTimeError
        self._slowest = max(self._slowest, self._clock.seconds - begun)

    def survey(self) -> Table:
        """Look at every value once; raise an InputError if one cannot be used."""
        n, m = len(self._source.agents), self._tasks
        size = min(SAMPLE * m ** (2 / 3), MOST / n)
        share = 1.0 if self._small else min(1.0, size / m)
        found = list(
            self.over(Survey(self._source, share, self._seed, -1 if self._clock.maximise else 1), "checking the shards")
        )
        check_scales(max(one.cost for one in found), max(one.burden for one in found), self._initial)
        bases = np.array([one.base for one in found])
        return Table(
            base_cost=math.fsum(bases[:, :2].ravel().tolist()),
            size=float(bases[:, 2].sum()),
            cheapest_loads=self._initial + _sum_of([one.loads for one in found]),
            carried=self._initial + _sum_of([one.carried for one in found]),
            made_with={
                "burdens": any(one.apart for one in found),
                "initial_loads": bool(self._initial.any()),
                "locked": any(one.decided for one in found),
            },
            sample=Columns.together([one.sample for one in found])[0],
        )

    @property
    def _small(self) -> bool:
        """Whether the table is solved in memory."""
        n = len(self._source.agents)
        return self._tasks * n <= (MANY if self._tasks < TASKS_PER_AGENT * n else WHOLE)

    def decide(self, table: Table) -> Decision | Infeasible:
        """Find prices and the agents of the core; a small table has no core but all of its tasks."""
        n = len(self._source.agents)
        if self._fairness.contains(table.cheapest_loads):
            none = Certificate("bound", np.zeros(0), np.zeros((0, n)))
            return Decision(np.zeros(n), np.zeros(n), None, none)
        if self._small:
            return self._in_memory()
        self._until = self._clock.earlier(RESERVED * self._slowest)
        try:
            box = self._sampled(table.sample)
            found = Infeasible(None) if box is None else self._boxed(*box)
        except OutOfTimeError:
            self._until = self._clock
            return self._roughly(table.sample)
        self._until = self._clock
        return Infeasible(self._refutation(table.sample)) if isinstance(found, Infeasible) else found

    def _roughly(self, sample: Columns) -> Decision:
        """Return a fair plan at whatever cost: a few passes over a core around the prices known so far even loads out.

        Raises
        ------
        OutOfTimeError
            If no prices are known, there is no time for a pass that finds a core, or the loads come out unfair.
        """
        if not self._optima:
            raise OutOfTimeError
        optimum = self._optima[-1]
        price = optimum.unscaled_price
        share = min(ROUGH, 0.5 * CORE / (len(self._source.agents) * self._tasks))
        radius = np.full(len(price), sample.radius_of(price, share))
        found = self._screened(price, radius)
        if found is None:
            raise OutOfTimeError
        fixed, cores = found
        columns, places = Columns.together(cores)
        core, column, size = columns.problem(self._source.agents, self._initial + fixed[:-1])
        keys = (core.costs - price[:, np.newaxis] * core.burdens).argmin(axis=0)
        agents = evened(core, self._fairness, keys, self._clock.grace())
        if not self._fairness.contains(core.loads_of(agents)):
            raise OutOfTimeError
        proof = Certificate("bound", optimum.multipliers, optimum.points)
        counts = [part.counts for part in cores]
        return Decision(price, radius, dealt(column, size, agents, places, counts), proof)

    def _in_memory(self) -> Decision | Infeasible:
        """Solve a small table whole: in a box without end, all tasks are the core that have a choice."""
        n = len(self._source.agents)
        price, radius = np.zeros(n), np.full(n, ENDLESS)
        found = self._screened(price, radius)
        assert found is not None, "a small table has a small core"
        fixed, cores = found
        columns, places = Columns.together(cores)
        core, column, size = columns.problem(self._source.agents, self._initial + fixed[:-1], math.inf)
        if not len(column):
            return Infeasible(None)  # nobody has a choice, and the only plan is unfair
        whole = (core.base_cost + fixed[-1]) / (core.base_cost or 1.0)
        answer, _ = solve(
            core,
            self._fairness,
            gap=min(1.0, self._gap * max(1.0, whole)),
            clock=self._clock.part(SOLVING),
            seed=self._seed,
        )
        if answer.assignment is None:
            if answer.status != "infeasible":
                raise OutOfTimeError
            return Infeasible(answer.certificate)
        counts = [part.counts for part in cores]
        proof = answer.certificate or Certificate("bound", np.zeros(0), np.zeros((0, n)))
        deal = dealt(column, size, answer.assignment, places, counts)
        return Decision(price, radius, deal, proof, float(answer.bound + fixed[-1]))

    def _sampled(self, sample: Columns) -> tuple[Optimum, NDArray[np.float64]] | None:
        """Return the sample's optimum, and half the width of a box around its prices that the table's will lie in."""
        optima = self._optima
        for share in THINNED:
            part = sample if share == 1.0 else sample.thinned(share, self._seed)
            initial = self._initial * (part.tasks / self._tasks)
            problem, _, _ = part.problem(self._source.agents, initial, 0)
            self._clock.report("samples", None, None, 0, lambda: f"{part.tasks:,} tasks")  # noqa: B023
            optimum = self._optimum(problem, part, optima[-1] if optima else None)
            if optimum is None:
                return None
            optima.append(optimum)
        last, before = optima[-1], optima[-2]
        ratio = math.sqrt(THINNED[-1] / THINNED[-2])
        change = np.abs(last.unscaled_price - before.unscaled_price) / ratio
        return last, BOX * np.maximum(change, np.median(change))

    def _optimum(self, problem: Problem, columns: Columns, before: Optimum | None) -> Optimum | None:
        """Return the optimum of a problem made of some `columns`; by cuts if few of them, or a large one, decide it."""
        n = len(problem.agents)
        points = np.eye(n) if self._fairness.power_form(n) is None else np.zeros((0, n))
        if len(columns.counts) < FEW * n or columns.counts.max() > LUMP * columns.tasks:
            found = optimum_by_cuts(Scaled.of(problem), self._fairness, points, before, self._gap, self._until)
        else:
            found = optimum_of(problem, self._fairness, points, before, self._gap, self._until)
        if self._until.expired:
            raise OutOfTimeError
        return found

    def _boxed(self, optimum: Optimum, radius: NDArray[np.float64]) -> Decision | Infeasible:
        """Screen the table by boxes until one has its optimum inside, and round the core."""
        price, widest = optimum.unscaled_price, np.full(len(radius), np.inf)
        for box in range(BOXES):
            radius = np.minimum(np.maximum(radius, NARROWEST * np.abs(price).max()), widest)
            found = self._screened(price, radius)
            if found is None:
                widest = radius / NARROWER
                continue
            fixed, cores = found
            columns, places = Columns.together(cores)
            if not len(columns.counts):
                radius = WIDER * radius
                continue
            core, column, size = columns.problem(self._source.agents, self._initial + fixed[:-1])
            following = self._optimum(core, columns, optimum)
            moved = np.full(len(price), np.inf) if following is None else np.abs(following.unscaled_price - price)
            if box < BOXES - 1 and (moved > FAR * radius).any() and (radius < widest).any():
                # The other tasks' loads bind a core that is far too small, which says little of where the optimum lies.
                radius = 2.0 * FAR * radius
                continue
            if following is None:
                return Infeasible(None)
            optimum = following
            self._optima.append(optimum)
            if (moved <= radius).all() or box == BOXES - 1:
                rounding = CoreRounding(core, optimum, self._fairness, float(fixed[-1]), self._gap, self._until)
                agents = rounding.run(self._seed)
                if agents is None and self._until.expired:
                    raise OutOfTimeError
                if agents is None:
                    break
                counts = [part.counts for part in cores]
                proof = Certificate("bound", optimum.multipliers, optimum.points)
                return Decision(price, radius, dealt(column, size, agents, places, counts), proof)
            price, radius = optimum.unscaled_price, 2.0 * np.maximum(radius, moved)
        return Infeasible(None)

    def _screened(
        self, price: NDArray[np.float64], radius: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], list[Columns]] | None:
        """Return loads and cost of the tasks outside the core, and each shard's core; None if this is too large."""
        sums, cores, pairs = [], [], 0
        for fixed, core in self.over(ScreenPass(self._source, price, radius), "finding the core"):
            sums.append(fixed.sum(axis=0))
            cores.append(core)
            pairs += core.pairs
            if pairs > CORE:
                return None
        return _sum_of(sums), cores

    def _refutation(self, sample: Columns) -> Certificate | None:
        """Return a certificate that no plan is fair, made from the sample and checked by a pass; None if it fails."""
        initial = self._initial * (sample.tasks / self._tasks)
        problem, _, _ = sample.problem(self._source.agents, initial, 0)
        pool = CutPool(self._fairness, len(problem.agents))
        for corner in np.eye(len(problem.agents)):
            pool.add(corner)
        relaxation = Relaxation(Scaled.of(problem), pool)
        relaxation.solve(self._until, self._gap)
        if not relaxation.infeasible or self._until.expired:
            return None
        certificate, _ = certificate_of(problem, relaxation)
        if certificate is None:
            return None
        price, _ = prices_of(self._fairness, certificate.multipliers, certificate.points)
        sums = np.array(list(self.over(RefutePass(self._source, price), "checking that no plan is fair")))
        return certificate if value_of(sums, price, self._initial) > 0.0 else None

    def last_pass(self, decision: Decision) -> LastPass:
        """Return the pass that writes the plan down and adds up the bound."""
        proof = decision.certificate
        price, _ = prices_of(self._fairness, proof.multipliers, proof.points)
        return LastPass(self._source, decision.price, decision.radius, decision.dealt, price)

    def bound(self, table: Table, decision: Decision, sums: NDArray[np.float64]) -> tuple[Certificate, float]:
        """Return the certificate and the bound that it proves, given the last pass's sums, shape (shards, 3)."""
        proof = decision.certificate
        price, sizes = prices_of(self._fairness, proof.multipliers, proof.points)
        value: float = value_of(sums, price, self._initial)
        # The cuts are rounded, each to within its size; what that changes is at most this.
        moved = float(np.dot(sizes, table.carried))
        value -= OUTWARD * (moved + table.size) + MODESTY * abs(value)
        base = table.base_cost - OUTWARD * table.size
        if value < base:
            n = len(price)
            return Certificate("bound", np.zeros(0), np.zeros((0, n))), base
        return proof, value


def value_of(sums: NDArray[np.float64], price: NDArray[np.float64], initial: NDArray[np.float64]) -> float:
    """Return sum_j min_i (c[i, j] - price[i] b[i, j]) - price . initial, rounded down, from the shards' sums."""
    carried = price * initial
    total = np.concatenate([sums[:, 0], sums[:, 1], -carried])
    return math.fsum(total.tolist()) - OUTWARD * (float(sums[:, 2].sum() + np.abs(carried).sum()) + TINY)


def _sum_of(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the sum of arrays of shape (k,), each entry the float nearest to the exact sum."""
    return np.array([math.fsum(column) for column in np.array(rows).T.tolist()])
