"""The continuous relaxation: tasks shared out in parts, the fairness cone cut from outside at fractional loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels import ascent
from evenhand.assignment.kernels import vertex as vertices
from evenhand.assignment.kernels.state import Costs, Vertex, new_vertex, new_work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.cuts import CutPool
    from evenhand.assignment.problem import Problem
    from evenhand.assignment.progress import Clock

SEPARATION_TOLERANCE = 1e-7
"""Fractional loads this close to the cone are not cut further: whole assignments are, and exactly."""

MAX_ROUNDS = 600

PLAIN_ROUNDS = 12
"""Rounds after which cuts are made at points drawn inwards, towards the loads of earlier rounds: few agents need no
more rounds than these, and with many agents the loads swing widely between rounds."""

MEMORY, INWARDS = 0.9, 0.85
"""How much of the running mean of the loads a round keeps, and how far the cut's point lies towards it."""

LARGE = 20_000
"""Pairs of agent and task from which on a climb looks at the tasks near to changing hands only, and then at all."""

SWINGS = 4.0
"""A task is near if it would change hands with prices that swing so many times as much as in the climb before."""

STAGNANT_ROUNDS = 20
STAGNATION = 0.01
"""Rounds that together lift the bound by less than this share of the gap asked for end the cutting."""

SPECK = 2.0**-40
"""Largest speck taken off a typical cost: far above rounding, far below any gap asked for."""

DEAREST = 1e250
"""Largest scaled cost."""

PIVOTS = 40
"""Pivots between two looks at the clock; one takes microseconds to milliseconds, by the number of tasks."""


def _typical_cost(problem: Problem) -> float:
    """Return the size of a task's least cost on average; where that is 0, a share of the least that anything costs."""
    tasks = len(problem.tasks)
    cost = problem.cost[problem.allowed]
    if (size := problem.size) > 0.0:
        return size / tasks
    return float(cost[cost > 0.0].min(initial=np.inf)) / tasks if cost.any() else 1.0


def power_of_two(values: NDArray[np.float64]) -> float:
    """Return the power of two nearest the largest finite value, 1 where all are zero: scaling by it is exact."""
    finite = values[np.isfinite(values)]
    largest = float(finite.max()) if finite.size else 0.0
    return 1.0 if largest == 0.0 else float(2.0 ** np.clip(np.round(np.log2(largest)), -1020, 1020))


@dataclass(frozen=True, slots=True)
class Scaled:
    """The problem's arrays for the kernels, costs and burdens scaled near 1 by powers of two."""

    costs: Costs
    allowed: NDArray[np.bool_]
    cost_scale: float
    burden_scale: float
    unit: float
    speck: float

    @classmethod
    def of(cls, problem: Problem, seed: int = 0) -> Scaled:
        """Scale `problem`, and lower each cost by a random speck so that no two reduced costs tie.

        Ties would let the ascent turn in circles. Specks only lower, so that every bound stays a bound, and all specks
        of an assignment together are at most 2^-40 of what it costs, however dear a pair that nobody wants may be.
        """
        typical = _typical_cost(problem)
        cost_scale = power_of_two(np.array(typical))
        burden_scale = power_of_two(problem.burden)
        allowed = problem.allowed
        burden = problem.burden / burden_scale
        speck = SPECK * typical / cost_scale
        specks = speck * np.random.default_rng(seed).random(problem.cost.shape)
        # A pair too dear for the scale is lowered to what a float can hold: the bound stays a bound.
        with np.errstate(over="ignore"):
            scaled = np.where(allowed, np.minimum(problem.cost / cost_scale, DEAREST), np.inf)
        costs = Costs(scaled - specks, burden, problem.initial / burden_scale)
        unit = float(burden[allowed].mean())
        return cls(costs, allowed, cost_scale, burden_scale, unit if unit > 0.0 else 1.0, speck)

    @property
    def blur(self) -> float:
        """What the specks may take from a bound, unscaled: costs nearer to each other than this count as equal."""
        return self.speck * len(self.costs.cost) * self.cost_scale


class Relaxation:
    """The relaxation of one problem under one fairness member.

    Parameters
    ----------
    scaled
        The problem's arrays.
    pool
        Cuts to begin with; more are added to it.

    Attributes
    ----------
    bound
        Best bound so far, in scaled costs; +inf once infeasibility is proven.
    vertex
        Where the ascent stands.
    loads
        Fractional loads of the optimum, scaled, shape (n,).
    """

    def __init__(self, scaled: Scaled, pool: CutPool) -> None:
        self.scaled = scaled
        self.pool = pool
        m, n = scaled.costs.cost.shape
        self.vertex: Vertex = new_vertex(pool.capacity, m, n)
        self._work = new_work(m)
        self._tasks = np.flatnonzero(scaled.allowed.sum(axis=1) > 1)
        self.loads = np.empty(n)
        self.bound = -np.inf
        self._swing = np.inf
        self._largest = float(scaled.costs.burden[scaled.allowed].max())
        vertices.start(scaled.costs, scaled.allowed, self.vertex)
        self.loads[:] = self.vertex.load

    @property
    def infeasible(self) -> bool:
        """Whether no assignment, not even a fractional one, is fair."""
        return self.bound == np.inf

    def solve(self, clock: Clock, gap: float = 0.0) -> None:
        """Climb and cut until the loads are fair, rounds lift the bound little beside `gap`, or the clock expires.

        Infeasibility, where it is proven, ends it too.
        """
        mean = np.zeros_like(self.loads)
        bounds: list[float] = []
        for round_ in range(MAX_ROUNDS):
            status = self._climb(clock)
            if status == ascent.INFEASIBLE:
                self.bound = np.inf
                return
            self.bound = max(self.bound, self.value)
            if status != ascent.OPTIMAL or clock.expired:
                return
            vertices.fractional_load(self.scaled.costs, self.vertex, self.loads)
            clock.tell("relaxation", None, self.bound * self.scaled.cost_scale, 0)
            loads = np.maximum(self.loads, 0.0)
            if self.pool.fairness.contains(loads, SEPARATION_TOLERANCE):
                return
            bounds.append(self.bound)
            if round_ > STAGNANT_ROUNDS and self.bound - bounds[-STAGNANT_ROUNDS] <= STAGNATION * gap * abs(self.bound):
                return
            mean = loads if round_ == 0 else MEMORY * mean + (1.0 - MEMORY) * loads
            inner = INWARDS * mean + (1.0 - INWARDS) * loads
            if not (round_ >= PLAIN_ROUNDS and self.pool.separate(inner, violated_at=loads)) and not (
                self.pool.separate(loads)
            ):
                return
            self.vertex = with_capacity(self.vertex, self.pool.capacity)

    @property
    def value(self) -> float:
        """Bound that the prices at the vertex prove, scaled; `bound` may be better, from prices left behind."""
        return float(vertices.dual_value(self.scaled.costs, self.scaled.allowed, self.vertex.price))

    def _climb(self, clock: Clock) -> int:
        """Climb to the top; with all tasks where those near are not enough, and from the bottom where that stalls."""
        before = self.vertex.price.copy()
        near = self._near_tasks()
        status = self._climb_once(clock, near)
        rest = len(near) < len(self._tasks) and not clock.expired
        if rest and vertices.settle_keys(self.scaled.costs, self.scaled.allowed, self.vertex):
            status = self._climb_once(clock, self._tasks)
        if status in (ascent.STALLED, ascent.PAUSED) and not clock.expired:
            self.bound = max(self.bound, self.value)
            vertices.start(self.scaled.costs, self.scaled.allowed, self.vertex)
            status = self._climb_once(clock, self._tasks)
        self._swing = float(np.abs(self.vertex.price - before).max())
        return status

    def _near_tasks(self) -> NDArray[np.intp]:
        """Return the tasks that may change hands if prices swing a few times as much as they did in the last climb."""
        if len(self._tasks) * self.loads.shape[0] < LARGE or self._swing == np.inf:
            return self._tasks
        regret = vertices.regrets(self.scaled.costs, self.scaled.allowed, self.vertex)
        near = regret[self._tasks] <= SWINGS * self._swing * self._largest
        return np.asarray(self._tasks[near])

    def _climb_once(self, clock: Clock, tasks: NDArray[np.intp]) -> int:
        costs, allowed, rows = self.scaled.costs, self.scaled.allowed, self.pool.rows
        status = ascent.PAUSED
        for _ in range(int(ascent.most_pivots(rows, self.loads.shape[0])) // PIVOTS + 1):
            rest = (self._work, tasks, np.inf, self.scaled.unit, PIVOTS)
            status = int(ascent.ascend(costs, allowed, rows, self.vertex, *rest))
            if status != ascent.PAUSED or clock.expired:
                break
        return status

    def reduced_costs(self) -> NDArray[np.float64]:
        """Return what each pair adds to the bound if chosen, shape (m, n); +inf for pairs that are not allowed."""
        costs = self.scaled.costs
        value = np.where(self.scaled.allowed, costs.cost - self.vertex.price * costs.burden, np.inf)
        return np.asarray(value - value.min(axis=1, keepdims=True))

    def trim_rows(self, most: int) -> None:
        """Forget all rows but the free ones and those nearest to the fractional loads."""
        self.vertex = with_capacity(self.vertex, self.pool.capacity)
        if len(self.pool) <= most:
            return
        size = int(self.vertex.size[0])
        free = self.vertex.free_row[:size].copy()
        slack = self.pool.rows.matrix[: len(self.pool)] @ self.loads
        slack[free] = -np.inf
        kept = np.sort(np.argsort(slack, kind="stable")[:most])
        multipliers = self.vertex.multiplier[kept]
        self.pool.keep(kept)
        self.vertex.multiplier[:] = 0.0
        self.vertex.multiplier[: len(kept)] = multipliers
        self.vertex.free_row[:size] = np.searchsorted(kept, free)


def with_capacity(vertex: Vertex, capacity: int) -> Vertex:
    """Return `vertex` with room for the multipliers of `capacity` rows."""
    if vertex.multiplier.shape[0] >= capacity:
        return vertex
    room = np.zeros(capacity)
    room[: vertex.multiplier.shape[0]] = vertex.multiplier
    return vertex._replace(multiplier=room, ray=np.zeros(capacity))
