"""The search for short fair routes within a day: annealing, a set partition of the routes it met, and a last polish.

Detours buy fairness, because a longer way makes a short route equal to a long one. So every route is kept in the
shortest order of its stops that is found, and a plan counts as fair only with those orders.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from evenhand.applications.routes.kernels.annealing import BLOCK, Heat, anneal
from evenhand.applications.routes.kernels.route_plan import settle
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.route_pool import RoutePool
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.applications.routes.same_hands import in_same_hands
from evenhand.applications.routes.search_arrays import (
    clock_of,
    empty_plan,
    ground_of,
    nothing_found,
    routes_in,
    rule_of,
    write_routes,
)
from evenhand.applications.routes.set_partition import best_partition
from evenhand.applications.routes.shortest_order import shortest_orders
from evenhand.fairness import Fairness
from evenhand.random_draws import generator_state

now = time.perf_counter
"""The clock of time limits; benchmarks count processor time instead."""

Progress = Callable[[float, float | None], None]
"""Is called with the seconds used and the distance of the best fair plan, None before one is known."""

HOT, COLD = 0.5, 0.005
"""First and last temperature, in mean lengths of a leg."""

TIDY_BELOW = 0.2
"""Temperature, in mean lengths of a leg, below which every route is kept in a locally shortest order: a walk that is
not would make routes even by detours, which the polish undoes."""
FOR_MENDING = 0.2
"""Part of a walk's time for mending a plan that its polish makes unfair."""

MENDINGS = 4
"""Number of walks that may mend a plan, as long as its polish makes it unfair."""

MENDING_HEAT = 0.2
"""First temperature of a walk that mends, as a part of the walk's before."""

FIRST_PRICE = 1.0
"""First price of unfairness, in units of distance; it follows the walk from there."""

PRICE_RANGE = 1e3
"""Factor by which the price can change within a twentieth of a schedule."""

POOLED_WITHIN = 1.01
"""Routes of plans up to this many times as long as the best go into the pool."""

CHUNK_SECONDS = 0.1
"""Seconds between two looks at the clock."""

STEPS_FOR_STOPS = 2_000
"""Steps of the longest walk, times the square of the stops: beyond that, another walk finds more."""

HOTTER = (1.0, 3.0, 10.0)
"""Factors of the first temperature of walks in turn; divisors once a fair plan is known."""

FIRST_WALK, NEXT_WALK = 0.55, 0.75
"""Parts of the seconds left for a walk."""

RECOMBINING = 0.3
"""Longest set partition after a walk, as a part of its seconds."""


@dataclass
class Search:
    """What stays the same for a search, and the best plan so far.

    Parameters
    ----------
    problem, member, burden
        See :func:`fair_routes`.
    seed
        Of all draws.
    """

    problem: RoutingProblem
    member: Fairness | None
    burden: str
    seed: int = 0
    best: Routes | None = None
    length: float = math.inf
    rate: float = 1e6
    interrupted: bool = False
    pool: RoutePool = field(init=False)

    def __post_init__(self) -> None:
        self.costs = RouteCosts(self.problem, self.burden)
        self.ground, self.clock = ground_of(self.problem, self.burden), clock_of(self.problem, self.burden)
        self.pool = RoutePool(self.problem, None if self.member is None else self.member.entitlements)
        self._compile()

    def _compile(self) -> None:
        """Compile the loops, or load them, before a clock starts: the first time takes seconds."""
        if len(self.problem.vehicles) > 1:
            plan, heat = empty_plan(self.ground), Heat(1.0, 1.0, 1.0, 1, 1.0, 1.0)
            rule, scratch = rule_of(self.member, self.problem, 1.0), np.zeros((4, plan.node.shape[1]), dtype=np.int64)
            arrays = (plan, nothing_found(self.ground, 1), heat, np.ones(1), 0, 0, math.inf, scratch)
            anneal(self.ground, self.clock, rule, *arrays, generator_state(0))
            shortest_orders(self.ground, self.clock, ((),) * len(self.problem.vehicles))

    def is_fair(self, routes: Routes) -> bool:
        """Return whether the member accepts what the vehicles carry."""
        return self.member is None or bool(self.member.contains(self.costs.loads(routes)))

    def offer(self, routes: Routes) -> Routes:
        """Return the routes, each polished; keep the plan if it is fair then, and shorter than the best."""
        polished, _ = shortest_orders(self.ground, self.clock, routes, self.seed)
        self.pool.add_plan(polished)
        length = self.costs.total(polished)
        if length < self.length and self.is_fair(polished):
            self.best, self.length = polished, length
        return polished

    def longest_walk(self) -> float:
        """Return the seconds of the longest walk that is worth it, at the speed of the last one."""
        return STEPS_FOR_STOPS * float(len(self.ground.stops)) ** 2 / self.rate

    def walk(self, start: Routes, hot: float, seconds: float, seed: int) -> None:
        """Anneal for some seconds from a plan, and offer the best plan met.

        If it is unfair once polished, cold walks of a fraction of the time mend it.
        """
        found = self._anneal(start, hot, (1.0 - FOR_MENDING) * seconds, seed)
        for _ in range(MENDINGS):
            if found is None or self.is_fair(polished := self.offer(found)):
                return
            found = self._anneal(polished, MENDING_HEAT * hot, FOR_MENDING / MENDINGS * seconds, seed)
        if found is not None:
            self.offer(found)

    def _anneal(self, start: Routes, hot: float, seconds: float, seed: int) -> Routes | None:
        """Return the best fair plan met on a walk of some seconds; None if there was none."""
        plan, found = empty_plan(self.ground), nothing_found(self.ground)
        write_routes(plan, self.ground, start)
        settle(self.ground, self.clock, plan)
        length, load = float(plan.total.sum()), float(plan.load.sum())
        leg = length / (len(self.ground.stops) + len(self.ground.depot))
        rule = rule_of(self.member, self.problem, length / max(load, 1e-9))
        state, scratch = generator_state(seed), np.zeros((4, plan.node.shape[1]), dtype=np.int64)
        price = np.array([FIRST_PRICE])
        tidy_below = leg * TIDY_BELOW if self.burden in ("distance", "duration") else 0.0  # else orders do not count
        best, begin = math.inf, now()
        done, steps, chunk = 0, 1 << 40, 4 * BLOCK
        while True:
            used = now() - begin
            if used >= seconds and done:
                break
            part = min(used / seconds, 1.0)
            rate = max(done / used, 1.0) if done else 1e6
            steps = max(BLOCK, int(rate * seconds))
            chunk = max(BLOCK, int(rate * min(CHUNK_SECONDS, seconds / 20)) // BLOCK * BLOCK)
            at = int(part * steps)
            growth = PRICE_RANGE ** (1.0 / max(20.0, steps / BLOCK / 20))
            heat = Heat(leg * hot, leg * COLD, growth, steps, tidy_below, POOLED_WITHIN)
            best = anneal(self.ground, self.clock, rule, plan, found, heat, price, at, at + chunk, best, scratch, state)
            done += chunk
        self.rate = done / max(now() - begin, 1e-9)
        self.pool.add_found(found)
        return routes_in(found.node, found.held) if best < math.inf else None

    def recombine(self, seconds: float) -> None:
        """Form a plan of pooled routes, and offer it."""
        if self.best is not None and seconds > 0.0:
            rule = rule_of(self.member, self.problem, 1.0)
            found = best_partition(self.pool, self.costs, rule, self.best, seconds, self.seed)
            if found is not None:
                self.offer(found)


def fair_routes(
    problem: RoutingProblem,
    member: Fairness | None,
    burden: str = "distance",
    *,
    start: Routes,
    pool: Sequence[tuple[int, Sequence[int]]] = (),
    time_limit: float = 10.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Search:
    """Search for the shortest fair routes; return the search with its best plan, and whether Ctrl-C ended it.

    Among alike vehicles they are exchanged so that as few stops as possible change hands.

    Parameters
    ----------
    problem
        The stops and the vehicles, all of which are compared.
    member
        What is fair; None if only the distance counts.
    burden
        What is shared: ``distance``, ``duration``, ``stops`` or ``load``.
    start
        A plan that meets all but fairness, one route for each vehicle.
    pool
        More routes, each with a vehicle that can drive it.
    time_limit
        Seconds; Ctrl-C ends the search earlier, and the best plan is returned.
    seed
        Of all draws.
    progress
        Is called after each phase.

    Raises
    ------
    InputError
        If `burden` or the kind of member is unknown.
    """
    search = Search(problem, member, burden, seed)
    begin = now()
    for vehicle, route in pool:
        search.pool.add(vehicle, route)
    search.offer(tuple(map(tuple, start)))
    if len(problem.vehicles) < 2 or len(search.ground.stops) < 2:
        return search

    def left() -> float:
        return begin + time_limit - now()

    def report() -> None:
        if progress is not None:
            progress(now() - begin, None if search.best is None else search.length)

    try:
        for round_ in count():
            share = FIRST_WALK if round_ == 0 else NEXT_WALK
            seconds = min(share * left(), search.longest_walk())
            if seconds <= 0.0:
                break
            turn = HOTTER[round_ % len(HOTTER)]
            if search.best is None:
                search.walk(start, HOT * turn, seconds, seed + round_)
            else:
                search.walk(search.best, HOT / turn, seconds, seed + round_)
            report()
            search.recombine(min(RECOMBINING * seconds, left()))
            report()
    except KeyboardInterrupt:
        search.interrupted = True
    if search.best is not None:
        search.best = in_same_hands(start, search.best, search.pool.kind_of)
    return search
