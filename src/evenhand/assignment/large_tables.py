"""Large tables: prices from samples, one pass that fixes nearly all tasks, and a relaxation of the core that is left.

Only n prices couple the tasks, and a sample of the tasks tells these prices to within its own error. A pass over the
table then shows which tasks keep their agent at all prices in a box around them. Those are fixed, and the relaxation of
the few others, the core, is that of the whole table if its optimum lies inside the box. If it does not, the box moves
and widens, and the pass is repeated. Samples grow by a constant factor, and are solved as the whole table is: from the
prices of the sample before, whose error is known from the difference between the last two.

The optimum of a relaxation splits about n tasks. These are given to one agent each, and the cheapest moves and swaps
among tasks that are nearly indifferent bring the loads back to those of the optimum. That leaves a gap of a fraction of
a task, which at this size is usually far below any gap asked for. Where it is not, the search of `search.py` goes on.

The prices prove a bound for the whole table wherever they lie: a box that is too small costs quality, never validity.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.certificate import certificate_of_table
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.evened import evened
from evenhand.assignment.kernels.screening import screen
from evenhand.assignment.kernels.vertex import OUTWARD
from evenhand.assignment.kinds_of_tasks import Kinds
from evenhand.assignment.optimum_of_core import (
    Optimum,
    Start,
    at_vertex,
    keys_and_margins,
    most_indifferent,
    optimum_of,
    relaxed,
)
from evenhand.assignment.parts import PARTS, in_parts
from evenhand.assignment.passes import lagrangian_value
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, OutOfTimeError
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.repair import Repair
from evenhand.assignment.rounding_of_core import round_optimum
from evenhand.assignment.search import Search
from evenhand.assignment.smooth_dual import Cone
from evenhand.fairness import Fairness

LARGE, TASKS_PER_AGENT = 1_000_000, 500
"""Numbers of pairs of agent and task, and of tasks per agent, from which on a table counts as large. With fewer tasks,
samples tell too little, and an agent has too few tasks that are nearly indifferent."""

UNDER_MEANS, MANY = 10, 100
"""Number of tasks per agent that is enough under a power mean or a cap, and number of agents from which on such a table
counts as large whatever its size: many agents take Newton's method less time than cuts."""

FIRST_SAMPLE, GROWTH, LAST_SAMPLE, RUN = 5_000, 4, 0.5, 16
"""Number of tasks in the first sample, factor by which the next is larger, and largest part of the tasks that is worth
a sample. Memory is read in lines, so that tasks are drawn in runs of so many neighbours."""

BOX = 2.0
"""Half the width of the box, as a multiple of the prices' last change over the square root of GROWTH. Errors of samples
fall with the square root of their size, and the last change is mainly the error of the sample before."""

RESUMED = 2_000
"""Number of tasks per agent from which on a table with a start counts as large: the core is then a small part."""

FEW_NEAR, MARGINS = 600, 20_000
"""Number of tasks per agent in the core around prices of a similar table, and number of tasks whose margins tell how
wide the box for that is."""

BOXES, FAR = 8, 4.0
"""Upper limit on the boxes that one table is screened with, and multiple of a box's half width beyond which the optimum
of its core is not believed: the next box is wider, but does not move there."""

LOSS = 0.1
"""Part of the gap asked for that may be lost because an optimum lies outside its box."""

FREE = (2, 6, 20)
"""Numbers of copies of each kind that each agent who has them offers in turn, where tasks are of few kinds."""

SEARCHED = (40, 160, 640)
"""Numbers of tasks per agent of the cores that are searched one after the other if rounding leaves the gap open."""


@dataclass(frozen=True)
class Screened:
    """The relaxation of a table, as that of its core.

    Attributes
    ----------
    tasks
        Positions of the core's tasks in the table, shape (k,).
    core
        The problem of these tasks; the loads of all others are its initial loads.
    optimum
        The optimum of the core's relaxation.
    key
        Agent of every task, shape (m,); valid for the tasks outside the core.
    cost
        Cost of the tasks outside the core, to within rounding.
    price, radius
        Centre and half widths of the box of prices, shape (n,), in which all this holds; None if there is no box.
    """

    tasks: NDArray[np.intp]
    core: Problem
    optimum: Optimum
    key: NDArray[np.int32]
    cost: float
    price: NDArray[np.float64] | None = None
    radius: NDArray[np.float64] | None = None

    def value(self, price: NDArray[np.float64]) -> float | None:
        """Return what :func:`~evenhand.assignment.passes.lagrangian_value` does of the whole table, without a pass.

        Inside the box, the tasks outside the core have their keys, and the sums of their costs and burdens are known.
        None if `price` is not inside.
        """
        if self.price is None or not (np.abs(price - self.price) <= self.radius).all():
            return None
        # The core's initial loads are those of all other tasks: their part of the bound is in its value.
        size = abs(self.cost) + float(np.abs(price) @ self.core.initial_loads)
        return self.cost + lagrangian_value(self.core, price) - 2.0 * OUTWARD * size

    def complete(self, agents: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
        """Return the agent of every task, given those of the core's tasks."""
        assignment = self.key.astype(np.intp)
        assignment[self.tasks] = agents
        return assignment


def is_large(problem: Problem, fairness: Fairness | None = None, start: Start | None = None) -> bool:
    """Return whether a table is solved by way of samples, or of a start that makes up for them; None: any rule."""
    n, m = problem.costs.shape
    if start is not None and m >= RESUMED * n:
        return True
    few = fairness is not None and Cone.of(fairness, n) is not None
    least = min(UNDER_MEANS, TASKS_PER_AGENT) if few else TASKS_PER_AGENT
    return bool((n * m >= LARGE or (few and n >= MANY)) and m >= least * n)


CROWD, REPAIRED = 40, 20_000_000
"""Number of agents from which on a last attempt repairs by moves and swaps, for whom single moves find nothing fair;
and upper limit on the pairs of agent and task of a table that this copies."""


class LargeSolver:
    """Solver of one large table; its attributes are those of a :class:`~evenhand.assignment.search.Search`.

    Parameters
    ----------
    problem, fairness
        The table, and the member that its loads must satisfy.
    points
        Points of the first cuts, shape (k, n).
    gap
        Relative gap at which to stop.
    clock
        Time limit and progress reports.
    seed
        Seed of the samples.
    start
        The optimum of a similar table, to start from instead of samples; None if there is none.

    Attributes
    ----------
    certificate, certified
        The certificate of the bound, None before there is one, and the bound that it proves, which is `bound`.
    interrupted
        Whether Ctrl-C has stopped it.
    passes
        Number of passes over the table so far, besides those that check it and find its least costs.
    """

    def __init__(
        self,
        problem: Problem,
        fairness: Fairness,
        points: NDArray[np.float64],
        *,
        gap: float,
        clock: Clock,
        seed: int,
        start: Start | None = None,
    ) -> None:
        self._start = start
        self._problem = problem
        self._fairness = fairness
        self._points = points
        self._gap = gap
        self._clock = clock
        self._seed = seed
        self.best: NDArray[np.intp] | None = None
        self.loads: NDArray[np.float64] | None = None
        self.cost = np.inf
        self.bound = self.certified = problem.base_bound
        self.certificate: Certificate | None = None
        self.interrupted = False
        self.passes = 0
        self._samples: list[Start] = []
        self._cuts: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    @property
    def closed(self) -> bool:
        """Whether the gap is closed, by the certificate alone."""
        return self.best is not None and self.cost - self.bound <= self._gap * abs(self.cost)

    @property
    def points(self) -> list[NDArray[np.float64]]:
        """Points of the certificate's cuts, each of shape (n,)."""
        return [] if self.certificate is None else list(self.certificate.points)

    def run(self, known: Sequence[NDArray[np.intp]] = ()) -> None:
        """Screen the table, prove a bound, and round; Ctrl-C and the clock leave what is known by then.

        Of the assignments that were `known` before, the best one is the answer if time is up before there is another.
        """
        try:
            kinds = None if self._start is not None else Kinds.of(self._problem)
            self._clock.check()
            if kinds is not None:
                self._run_kinds(kinds)
            elif (screened := self._screened()) is not None:
                self._prove(screened.optimum.multipliers, screened.optimum.points, screened)
                self._round(screened)
                self._search(screened)
        except OutOfTimeError:
            pass
        except KeyboardInterrupt:
            self.interrupted = True
        if self._clock.expired and not self.interrupted:
            self.hurry(known)

    def hurry(self, assignments: Sequence[NDArray[np.intp]] = ()) -> None:
        """Take the best of some `assignments`, or find a fair one in a few passes from the last sample's prices."""
        if self.certificate is None and self._cuts is not None:
            self._prove(*self._cuts)
        for assignment in assignments:
            self._judge(assignment)
        if self.best is None:
            last = self._samples[-1] if self._samples else self._start
            price = np.zeros(len(self._problem.agents)) if last is None else last.unscaled_price
            agents = _screen(self._problem, price, np.zeros(len(price)))[0].astype(np.intp)
            self._judge(self._fairer(agents, price, self._clock.grace()))

    def _fairer(self, agents: NDArray[np.intp], price: NDArray[np.float64], clock: Clock) -> NDArray[np.intp]:
        """Return an assignment that is fair, or nearer to it than `agents`, before the clock expires."""
        if len(price) < CROWD or self._problem.costs.size > REPAIRED:
            return evened(self._problem, self._fairness, agents, clock)
        scaled, random = Scaled.of(self._problem.in_doubles()), np.random.default_rng([self._seed, 3])
        repair = Repair(scaled, self._fairness, price * scaled.burden_scale / scaled.cost_scale, agents, random)
        repair.run(1, clock)
        return repair.last

    def _prove(
        self, multipliers: NDArray[np.float64], points: NDArray[np.float64], screened: Screened | None = None
    ) -> None:
        """Prove the bound for the whole table that multipliers (k,) of cuts at points (k, n) make.

        That is a pass over the table, unless their prices lie in the box with which it was `screened`.
        """

        def value(price: NDArray[np.float64]) -> float:
            known = None if screened is None else screened.value(price)
            self.passes += known is None
            return lagrangian_value(self._problem, price) if known is None else known

        self.certificate, self.certified = certificate_of_table(
            self._problem, self._fairness, multipliers, points, self._clock, value
        )
        self.bound = max(self.bound, self.certified)

    def _run_kinds(self, kinds: Kinds) -> None:
        """Do the same for tasks of few kinds: whole numbers of copies are kept, and only a few are free."""
        together = Scaled.of(kinds.together(self._problem), self._seed)
        relaxation = relaxed(together, self._fairness, self._points, 0.0, self._clock)
        if relaxation is None or self._clock.expired:
            return
        optimum = at_vertex(relaxation)
        self._prove(optimum.multipliers, optimum.points)
        points = np.array([*self._points, *self.points]).reshape(-1, len(relaxation.loads))
        for few in FREE:
            tasks, key, core, cost = kinds.without_few(self._problem, relaxation, few)
            few_left = relaxed(Scaled.of(core, self._seed), self._fairness, points, 0.0, self._clock)
            if few_left is not None:
                screened = Screened(tasks, core, at_vertex(few_left), key, cost)
                self._round(screened)
                self._search(screened)
            if self.closed or self._clock.expired:
                return

    def _screened(self) -> Screened | None:
        """Return the table's relaxation, by way of growing samples; None if a sample has none, or time is up."""
        if self._start is not None:
            return self._boxed(self._problem, self._start, _margins(self._problem, self._start.unscaled_price))
        problem, m = self._problem, len(self._problem.tasks)
        random = np.random.default_rng([self._seed, 2])
        size = FIRST_SAMPLE
        samples = self._samples
        while True:
            whole = size > LAST_SAMPLE * m
            found = self._inside(problem if whole else _drawn(problem, random, size), samples)
            self._clock.report("samples", None, None, 0, lambda: f"{min(size, m):,} of {m:,} tasks")  # noqa: B023
            if found is None or whole:
                return found
            samples.append(Start(found.optimum.unscaled_price, found.optimum.points))
            self._cuts = (found.optimum.multipliers, found.optimum.points)
            size *= GROWTH

    def _inside(self, problem: Problem, samples: list[Start]) -> Screened | None:
        """Return the relaxation of `problem`, screened by a box around the last prices if there are two samples."""
        m = len(problem.tasks)
        if len(samples) < 2:
            optimum = self._optimum(problem, samples[-1] if samples else None)
            return None if optimum is None else Screened(np.arange(m), problem, optimum, np.zeros(m, np.int32), 0.0)
        change = np.abs(samples[-1].unscaled_price - samples[-2].unscaled_price) / math.sqrt(GROWTH)
        return self._boxed(problem, samples[-1], BOX * np.maximum(change, np.median(change)))

    def _boxed(self, problem: Problem, before: Optimum | Start, radius: NDArray[np.float64]) -> Screened | None:
        """Return the relaxation of `problem`, screened by a box of this `radius` around the prices of `before`.

        The box moves and widens while the optimum lies outside.
        """
        price = before.unscaled_price
        for boxes in itertools.count(1):
            key, near, loads, cost = _screen(problem, price, radius)
            self.passes += problem is self._problem
            tasks = np.flatnonzero(near)
            core = problem.part(tasks, loads)
            optimum = self._optimum(core, before)
            last = boxes == BOXES or self._clock.expired
            if optimum is None and (last or near.all()):
                return None
            moved = np.inf if optimum is None else np.abs(optimum.unscaled_price - price)
            if optimum is None or (np.any(moved > FAR * radius) and not last):
                # A core that is far too small is nearly linear: it has no optimum, or one that says little of the true
                # one.
                radius = 2.0 * FAR * radius
                continue
            if last or np.all(moved <= radius) or self._loses_little(problem, core, cost, optimum.unscaled_price):
                return Screened(tasks, core, optimum, key, cost, price, radius)
            before = Start(optimum.unscaled_price, optimum.points)
            price, radius = before.unscaled_price, 2.0 * np.maximum(radius, moved)
        return None

    def _loses_little(self, problem: Problem, core: Problem, cost: float, price: NDArray[np.float64]) -> bool:
        """Return whether the tasks outside a core are dearer than their least reduced costs by little, at a `price`.

        Bound and plan lose that, where a price lies outside the box. `cost` is that of the tasks outside.
        """
        value = lagrangian_value(problem, price)
        self.passes += problem is self._problem
        return lagrangian_value(core, price) + cost - value <= LOSS * self._gap * abs(value)

    def _optimum(self, problem: Problem, before: Optimum | Start | None) -> Optimum | None:
        if self._clock.expired:
            return None
        return optimum_of(problem, self._fairness, self._points, before, self._gap, self._clock)

    def _round(self, screened: Screened) -> None:
        """Look for a cheap fair assignment by roundings; see :func:`round_optimum`."""
        # Where the rule binds nobody, or little, the least costs or reduced costs are fair as they are.
        none = np.zeros(len(self._problem.agents))
        if not screened.optimum.price.any() or self._start is None:
            self._judge(_screen(self._problem, none, none)[0].astype(np.intp))
            self.passes += 1
        self._offer(screened, screened.optimum.agents)
        if self.closed:
            return

        def offer(agents: NDArray[np.int64]) -> tuple[bool, bool]:
            before = self.cost
            return self._offer(screened, agents), self.cost < before

        def done() -> bool:
            self._clock.report("rounding", None if self.best is None else self.cost, self.bound, 0)
            return self.closed or self._clock.expired

        round_optimum(screened.optimum, self._fairness, self._clock, offer, done, self._seed)

    def _search(self, screened: Screened) -> None:
        """Search cores of tasks that are nearly indifferent for better assignments, as a small table is searched."""
        n, optimum = len(self._problem.agents), screened.optimum
        apart = keys_and_margins(optimum.scaled.costs, optimum.price)[1]
        start = optimum.agents if self.best is None else self.best[screened.tasks]
        for each in SEARCHED:
            if self.closed or self._clock.expired:
                return
            chosen = most_indifferent(apart, each * n)
            found = self._searched(screened, start.copy(), chosen)
            if found is not None:
                start[chosen] = found
                self._offer(screened, start)
            if len(chosen) == len(apart):
                return

    def _searched(
        self, screened: Screened, agents: NDArray[np.integer[Any]], chosen: NDArray[np.intp]
    ) -> NDArray[np.intp] | None:
        """Return better agents of the `chosen` tasks of the core, while the others keep theirs; None if none is found.

        `agents` are those of all tasks of the core, shape (k,).
        """
        core, n = screened.core, len(self._problem.agents)
        own = agents[chosen]
        carried = np.bincount(own, core.burdens[own, chosen], minlength=n)
        part = core.part(chosen, core.loads_of(agents) - carried)
        pool = CutPool(self._fairness, n)
        for point in (*self._points, *self.points):
            pool.add(point)
        relaxation = Relaxation(Scaled.of(part, self._seed, self._clock), pool)
        relaxation.solve(self._clock, self._gap)
        # What may be left open is the gap of the whole, and the part's own cost is a fraction of that.
        rest = screened.cost + core.cost_of(agents) - part.cost_of(own)
        allowed = self.bound * (1.0 + math.copysign(self._gap, self.bound)) - rest
        paid = abs(allowed) or 1.0
        gap = max(0.0, (allowed - relaxation.bound * relaxation.scaled.cost_scale) / paid)
        search = Search(part, relaxation, gap=gap, clock=self._clock, seed=self._seed)
        search.offer(own.astype(np.intp))
        search.begin(-np.inf)
        search.run()
        return search.best

    def _offer(self, screened: Screened, agents: NDArray[np.integer[Any]]) -> bool:
        """Make an assignment of the core the incumbent if it is fair and cheaper; return whether it is fair."""
        core = screened.core
        if not self._fairness.contains(core.loads_of(agents)):
            return False
        if screened.cost + core.cost_of(agents) < self.cost:
            return self._judge(screened.complete(agents))
        return True

    def _judge(self, assignment: NDArray[np.intp]) -> bool:
        """Make an assignment of the table the incumbent if it is fair and cheaper; return whether it is fair."""
        cost, loads = self._problem.cost_and_loads(assignment)
        if not self._fairness.contains(loads):
            return False
        if cost < self.cost:
            self.best, self.cost, self.loads = assignment, cost, loads
        return True


def _drawn(problem: Problem, random: np.random.Generator, size: int) -> Problem:
    """Return a problem of about `size` random tasks, and of the same part of the initial loads."""
    m = len(problem.tasks)
    runs = np.sort(random.choice(m // RUN, size // RUN, replace=False)) * RUN
    tasks = (runs[:, np.newaxis] + np.arange(RUN)).ravel()
    return problem.part(tasks, problem.initial_loads * (len(tasks) / m))


def _margins(problem: Problem, price: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far all prices must move, shape (n,), for FEW_NEAR tasks per agent to be near a change of agent.

    A task is near if its least reduced cost and another one meet: at the step (difference) / (sum of both burdens).
    """
    n, m = problem.costs.shape
    tasks = np.arange(0, m, max(1, m // MARGINS))
    burden = problem.burdens[:, tasks]
    reduced = np.where(problem.locked[tasks] < 0, problem.costs[:, tasks], np.inf) - price[:, np.newaxis] * burden
    key, every = reduced.argmin(axis=0), np.arange(len(tasks))
    with np.errstate(invalid="ignore", divide="ignore"):
        step = (reduced - reduced[key, every]) / (burden + burden[key, every])
    step[key, every] = np.inf
    steps = np.sort(np.nan_to_num(step.min(axis=0), nan=np.inf))
    place = min(len(steps) - 1, FEW_NEAR * n * len(steps) // m)
    finite = steps[np.isfinite(steps)]
    return np.full(n, steps[place] if np.isfinite(steps[place]) else finite.max(initial=0.0))


def _screen(
    problem: Problem, price: NDArray[np.float64], radius: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.float64], float]:
    """Return the keys of all tasks, whether they may change inside the box, and the loads of those that do not.

    The fourth value is the cost of these. Initial loads are part of the loads. Some tasks may always change, because no
    relaxation is made of none.
    """
    n, m = problem.costs.shape
    key, near = np.empty(m, np.int32), np.empty(m, np.bool_)
    fixed = np.zeros((PARTS, 2, n + 1))
    tables = (problem.costs, problem.burdens, problem.burdens is problem.costs, problem.locked)

    def one(part: int, first: int, stop: int) -> None:
        screen(*tables, price, radius, first, stop, key, near, fixed[part])

    in_parts(one, m)
    sums = fixed.sum(axis=(0, 1))
    if not near.any():
        some = np.arange(min(m, FIRST_SAMPLE))
        near[some] = True
        sums[:n] -= np.bincount(key[some], problem.burdens[key[some], some], minlength=n)
        sums[n] -= problem.costs[key[some], some].sum(dtype=np.float64)
    return key, near, problem.initial_loads + sums[:n], float(sums[n])
