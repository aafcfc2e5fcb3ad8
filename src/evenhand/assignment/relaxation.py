"""The continuous relaxation: tasks may be split among agents, and cuts at fractional loads enclose the fairness cone.

This is Kelley's cutting-plane method. A dual simplex method (`kernels/ascent.py`) solves the relaxation over the rows
known so far, the loads of its optimum are separated from the cone, and the next round starts from the same vertex,
which stays dual feasible when rows are added.

References
----------
Kelley, The cutting-plane method for solving convex programs, Journal of the SIAM 8, 1960.
Ben-Ameur, Neto, Acceleration of cutting-plane and column generation algorithms, Networks 49, 2007 (cuts made inwards).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.groups import steps_of
from evenhand.assignment.kernels import ascent, vertex as vertices
from evenhand.assignment.kernels.shared_arrays import Costs, Vertex, new_vertex, new_work, no_windows
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import UNLIMITED, Clock

SEPARATION_TOLERANCE = 1e-7
"""Relative distance from the cone below which fractional loads are not cut further. Integral assignments are judged
exactly, by the search."""

MAX_ROUNDS = 600
"""Upper limit on the rounds of cutting in one solve."""

PLAIN_ROUNDS = 12
"""Rounds with cuts at the loads themselves. Later cuts are made at points between the loads and their running mean: few
agents need no more rounds than these, and with many agents the loads swing widely from round to round."""

MEAN_DECAY, INWARD_SHARE = 0.9, 0.85
"""Weight of the old running mean of the loads in the new one, and weight of that mean in the point that a cut is made
at; the rest of either weight is the loads'."""

LARGE = 20_000
"""Number of pairs of agent and task from which on an ascent first moves only the tasks that are near to a change of
agent, and then all."""

NEAR_SWINGS = 4.0
"""A task is near a change of agent if prices would cause it that move this many times as far as in the ascent
before."""

STAGNANT_ROUNDS, FLAT_ROUNDS, STAGNATION = 3, 20, 0.1
"""Cutting ends when half as many rounds as there are agents, but at least the first number, have lifted the bound by
less than this fraction of the gap asked for: a few nodes of the tree gain more. Where no gap is allowed, it ends when
the second number of rounds has not lifted the bound at all."""

PERTURBATION = 2.0**-40
"""Largest random perturbation of a cost, relative to a typical cost: far above rounding, far below any gap asked
for."""

LARGEST_COST = 1e250
"""Upper limit on a scaled cost; higher ones are lowered to it."""

PIVOTS_PER_CHECK = 40
"""Upper limit on the pivots between two checks of the clock. A pivot takes microseconds to tenths of a second, so that
large tables have fewer; see :func:`~evenhand.assignment.kernels.ascent.pivots_within`."""


def _typical_cost(problem: Problem) -> float:
    """Return the average size of the tasks' least costs.

    If they are zero, it is the least positive cost over the number of tasks, and if all costs are zero, 1.
    """
    tasks = len(problem.tasks)
    if (size := problem.size) > 0.0:
        return size / tasks
    cost = problem.costs[problem.allowed]
    return float(cost[cost > 0.0].min(initial=np.inf)) / tasks if cost.any() else 1.0


def _by_task(table: NDArray[Any]) -> NDArray[Any]:
    """Return a copy with one row per task, which the compiled loops go through task by task."""
    return np.array(table.T, order="C")


def _power_of_two(values: NDArray[np.float64]) -> float:
    """Return the power of two nearest to the largest finite value, 1 if all are zero. Scaling by it rounds nothing."""
    finite = values[np.isfinite(values)]
    largest = float(finite.max()) if finite.size else 0.0
    return 1.0 if largest == 0.0 else float(2.0 ** np.clip(np.round(np.log2(largest)), -1020, 1020))


@dataclass(frozen=True, slots=True)
class Scaled:
    """The problem's arrays for the kernels, with costs and burdens scaled by powers of two to sizes near 1.

    Attributes
    ----------
    costs
        Scaled and perturbed costs, shape (m, n), +inf for pairs that are not allowed; scaled burdens; initial loads.
    allowed
        Pairs that may be used, shape (m, n).
    cost_scale, burden_scale
        Factors that turn scaled costs and burdens into the problem's own.
    unit
        Mean scaled burden, against which tolerances are measured.
    perturbation
        Upper limit on the amount by which a scaled cost was lowered.
    own
        The problem's own costs and burdens, neither scaled nor perturbed, shape (m, n); initial loads, shape (n,).
    steps
        Scaled step of each agent's burdens, shape (n,); see :func:`~evenhand.assignment.groups.steps_of`.
    """

    costs: Costs
    allowed: NDArray[np.bool_]
    cost_scale: float
    burden_scale: float
    unit: float
    perturbation: float
    own: Costs
    steps: NDArray[np.float64]

    @classmethod
    def of(cls, problem: Problem, seed: int = 0, clock: Clock = UNLIMITED) -> Scaled:
        """Scale `problem`, and perturb its costs so that no two reduced costs are tied.

        Ties make the dual degenerate, and an ascent through steps of length zero could cycle. Perturbations only lower
        costs, so that every bound stays valid. They are relative to a typical cost of a task at its cheapest agent, so
        that those of an assignment sum to at most 2^-40 of its cost, however dear the pairs are that nobody uses.

        Raises
        ------
        OutOfTimeError
            If `clock` expires on the way: the copies of a large table take seconds.
        """
        typical = _typical_cost(problem)
        cost_scale = _power_of_two(np.array(typical))
        clock.check()
        burden_scale = _power_of_two(problem.burdens)
        clock.check()
        cost = _by_task(problem.costs)
        clock.check()
        allowed = _by_task(problem.allowed)
        clock.check()
        burden = cost if problem.burdens is problem.costs else _by_task(problem.burdens)
        own = Costs(cost, burden, problem.initial_loads)
        clock.check()
        burden = burden / burden_scale
        clock.check()
        perturbation = PERTURBATION * typical / cost_scale
        # A cost too large for the scale is lowered to one that a float can hold: every bound stays valid.
        with np.errstate(over="ignore"):
            scaled = np.minimum(cost / cost_scale, LARGEST_COST)
        clock.check()
        scaled[~allowed] = np.inf
        clock.check()
        scaled -= perturbation * np.random.default_rng(seed).random(cost.shape)
        costs = Costs(scaled, burden, problem.initial_loads / burden_scale)
        clock.check()
        unit = float(burden[allowed].mean())
        clock.check()
        unit = unit if unit > 0.0 else 1.0
        steps = np.array([*steps_of(problem, clock)]) / burden_scale
        return cls(costs, allowed, cost_scale, burden_scale, unit, perturbation, own, steps)

    @property
    def total_perturbation(self) -> float:
        """Upper limit on the perturbations of an assignment in sum, unscaled; costs closer than this count as equal."""
        return self.perturbation * len(self.costs.cost) * self.cost_scale


class Relaxation:
    """The relaxation of one problem under one fairness member.

    Parameters
    ----------
    scaled
        The problem's arrays.
    pool
        The first cuts; separation adds more to it.

    Attributes
    ----------
    bound
        Best bound so far, in scaled costs; +inf once infeasibility is proven.
    vertex
        The vertex at which the last ascent ended.
    loads
        Fractional loads at that vertex, scaled, shape (n,).
    """

    def __init__(self, scaled: Scaled, pool: CutPool) -> None:
        self.scaled = scaled
        self.pool = pool
        m, n = scaled.costs.cost.shape
        self.vertex: Vertex = new_vertex(pool.capacity, m, n)
        self._work = new_work(m)
        self._windows = no_windows(m, n)
        self._tasks = np.flatnonzero(scaled.allowed.sum(axis=1) > 1)
        self.loads = np.empty(n)
        self.bound = -np.inf
        self._swing = np.inf
        self._largest = float(scaled.costs.burden[scaled.allowed].max())
        vertices.start(scaled.costs, scaled.allowed, self._windows, self.vertex)
        self.loads[:] = self.vertex.load

    @property
    def infeasible(self) -> bool:
        """Whether no assignment, not even a fractional one, is fair."""
        return self.bound == np.inf

    def solve(self, clock: Clock, gap: float = 0.0) -> None:
        """Alternate ascent and separation until the loads are fair, the bound stagnates, or the clock expires.

        Stagnation is measured against the relative `gap` asked for. A proof of infeasibility ends the method too.
        """
        mean = np.zeros_like(self.loads)
        few = max(STAGNANT_ROUNDS, len(mean) // 2) if gap > 0.0 else FLAT_ROUNDS
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
            clock.report("relaxation", None, self.bound * self.scaled.cost_scale, 0)
            loads = np.maximum(self.loads, 0.0)
            if self.pool.fairness.contains(loads, SEPARATION_TOLERANCE):
                return
            bounds.append(self.bound)
            if round_ > few and self.bound - bounds[-few] <= STAGNATION * gap * abs(self.bound):
                return
            # A cut at the vertex's own loads, far outside the cone, touches the cone where the optimum is not. A point
            # drawn towards the mean of all rounds lies near the cone, and its cut near the optimum (in-out separation).
            # Where that cut does not separate the loads, a cut at the loads themselves does.
            mean = loads if round_ == 0 else MEAN_DECAY * mean + (1.0 - MEAN_DECAY) * loads
            inner = INWARD_SHARE * mean + (1.0 - INWARD_SHARE) * loads
            if not (round_ >= PLAIN_ROUNDS and self.pool.separate(inner, violated_at=loads)) and not (
                self.pool.separate(loads)
            ):
                return
            self.vertex = with_capacity(self.vertex, self.pool.capacity)

    @property
    def value(self) -> float:
        """Bound that the prices of the present vertex prove, scaled; `bound` may be higher, from an earlier vertex."""
        return float(vertices.dual_value(self.scaled.costs, self.scaled.allowed, self.vertex.price))

    def _climb(self, clock: Clock) -> int:
        """Ascend to the optimum over the present rows; return the status of the last ascent.

        The first ascent keeps tasks at their keys unless they are near a change. A second with all tasks follows if
        some keys are then wrong, and one from multipliers of zero if an ascent stalls or cycles.
        """
        before = self.vertex.price.copy()
        near = self._near_tasks()
        status = self._climb_once(clock, near)
        rest = len(near) < len(self._tasks) and not clock.expired
        if rest and vertices.settle_keys(self.scaled.costs, self.scaled.allowed, self._windows, self.vertex):
            status = self._climb_once(clock, self._tasks)
        if status in (ascent.STALLED, ascent.PAUSED) and not clock.expired:
            self.bound = max(self.bound, self.value)
            vertices.start(self.scaled.costs, self.scaled.allowed, self._windows, self.vertex)
            status = self._climb_once(clock, self._tasks)
        self._swing = float(np.abs(self.vertex.price - before).max())
        return status

    def _near_tasks(self) -> NDArray[np.intp]:
        """Return the tasks that may change agents if prices move a few times as far as they did in the last ascent."""
        if len(self._tasks) * self.loads.shape[0] < LARGE or self._swing == np.inf:
            return self._tasks
        regret = vertices.regrets(self.scaled.costs, self.scaled.allowed, self.vertex)
        near = regret[self._tasks] <= NEAR_SWINGS * self._swing * self._largest
        return np.asarray(self._tasks[near])

    def _climb_once(self, clock: Clock, tasks: NDArray[np.intp]) -> int:
        costs, allowed, rows = self.scaled.costs, self.scaled.allowed, self.pool.rows
        status = ascent.PAUSED
        few = min(PIVOTS_PER_CHECK, int(ascent.pivots_within(len(tasks), self.loads.shape[0])))
        for _ in range(int(ascent.most_pivots(rows, self.loads.shape[0])) // few + 1):
            rest = (self._work, tasks, np.inf, self.scaled.unit, few)
            status = int(ascent.ascend(costs, allowed, rows, self._windows, self.vertex, *rest))
            if status != ascent.PAUSED or clock.expired:
                break
        return status

    def rounded(self) -> NDArray[np.int64]:
        """Return the agent of each task, shape (m,): that with the larger share where the optimum splits a task."""
        vertex = self.vertex
        agents = vertex.key.copy()
        larger = np.flatnonzero(vertex.share[: int(vertex.size[0])] > 0.5)
        agents[vertex.tie_task[larger]] = vertex.tie_agent[larger]
        return agents

    def reduced_costs(self) -> NDArray[np.float64]:
        """Return the reduced cost of each pair, shape (m, n), at least 0; +inf for pairs that are not allowed.

        An assignment that uses a pair costs at least `value` plus the pair's reduced cost.
        """
        costs = self.scaled.costs
        value = np.where(self.scaled.allowed, costs.cost - self.vertex.price * costs.burden, np.inf)
        return np.asarray(value - value.min(axis=1, keepdims=True))

    def trim_rows(self, most: int) -> None:
        """Keep at most `most` rows: the free ones, and those that the fractional loads come nearest to violating.

        Every pivot of a search tree looks at all rows, so that idle ones would slow down every node.
        """
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
    """Return `vertex` with space for the multipliers of `capacity` rows; new ones are zero."""
    if vertex.multiplier.shape[0] >= capacity:
        return vertex
    room = np.zeros(capacity)
    room[: vertex.multiplier.shape[0]] = vertex.multiplier
    return vertex._replace(multiplier=room, ray=np.zeros(capacity))
