"""The order of the stops of one route: dynamic programming over subsets, or a local search with kicks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels.route_plan import Clock, Ground, Plan, duration_of, settle_route
from evenhand.applications.routes.kernels.tidying import SHORTER, tidy, tidy_at
from evenhand.numba_decorators import entry
from evenhand.random_draws import draw


@entry
def order_by_subsets(ground: Ground, clock: Clock, plan: Plan, r: int) -> None:
    """Put route `r` into the shortest order of its stops, by Held and Karp's dynamic programme; times are ignored.

    ``least[subset, last]`` is the length of the shortest path from the depot through the subset to its stop `last`.
    """
    count = plan.held[r]
    depot = ground.depot[r]
    stop = plan.node[r, 1 : count + 1].copy()
    least = np.full((1 << count, count), np.inf)
    before = np.zeros((1 << count, count), dtype=np.int8)
    for last in range(count):
        least[1 << last, last] = ground.distance[depot, stop[last]]
    for subset in range(1, 1 << count):
        for last in range(count):
            way = least[subset, last]
            if way == np.inf:
                continue
            for following in range(count):
                if subset >> following & 1:
                    continue
                longer = way + ground.distance[stop[last], stop[following]]
                wider = subset | 1 << following
                if longer < least[wider, following]:
                    least[wider, following] = longer
                    before[wider, following] = last
    subset, last, shortest = (1 << count) - 1, 0, np.inf
    for end in range(count):
        way = least[subset, end] + ground.distance[stop[end], depot]
        if way < shortest:
            shortest, last = way, end
    if shortest < plan.total[r] - SHORTER:
        for place in range(count, 0, -1):
            plan.node[r, place] = stop[last]
            subset, last = subset & ~(1 << last), before[subset, last]
        settle_route(ground, clock, plan, r)
    plan.untidy[r] = False


@entry
def order_by_kicks(
    ground: Ground,
    clock: Clock,
    plan: Plan,
    r: int,
    kicks: int,
    scratch: NDArray[np.int64],
    state: NDArray[np.uint64],
) -> None:
    """Improve the order of route `r` by local search, `kicks` times after two neighbouring segments changed places."""
    tidy(ground, clock, plan, r, scratch)
    held = plan.held[r]
    if held < 4:
        return
    best, shortest = plan.node[r, : held + 2].copy(), plan.total[r]
    for _ in range(kicks):
        first = 1 + draw(state, held - 1)
        middle = first + 1 + draw(state, held - first)
        end = middle + 1 + draw(state, held + 1 - middle) if middle <= held else middle
        for k in range(middle, end):
            plan.node[r, first + k - middle] = best[k]
        for k in range(first, middle):
            plan.node[r, first + end - middle + k - first] = best[k]
        if not clock.timed or duration_of(ground, clock, plan, r) >= 0.0:
            settle_route(ground, clock, plan, r)
            for leg in (first - 1, first + end - middle - 1, end - 1):
                if tidy_at(ground, clock, plan, r, leg, scratch):
                    tidy(ground, clock, plan, r, scratch)
                    break
            if plan.total[r] < shortest - SHORTER:
                shortest = plan.total[r]
                best[:] = plan.node[r, : held + 2]
        plan.node[r, : held + 2] = best
    settle_route(ground, clock, plan, r)
    plan.untidy[r] = False
