"""The one change between two routes: a segment of the one for a segment of the other, either may be empty or reversed.

A relocation exchanges stops for nothing, a swap stops for stops, and 2-opt* the tails of two routes, or the tail of one
for the reversed head of the other. Because distances, burdens and loads are summed along each route, all of them are
evaluated in a few operations; only the clock has to walk along.

References
----------
Potvin and Rousseau, An exchange heuristic for routeing problems with time windows, Journal of the Operational Research
Society 46, 1995 (2-opt*). Taillard and others, A tabu search heuristic for the vehicle routing problem with soft time
windows, Transportation Science 31, 1997 (CROSS exchanges).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels.route_plan import (
    Clock,
    Ground,
    Plan,
    end_clock,
    settle_route,
    start_clock,
    step_clock,
)
from evenhand.numba_decorators import inner


class Exchange(NamedTuple):
    """Positions i .. i + count_r - 1 of route r for positions j .. j + count_s - 1 of another route s."""

    r: int
    i: int
    count_r: int
    s: int
    j: int
    count_s: int
    backwards: bool  # whether both segments are driven backwards in their new routes


@inner
def middle(
    matrix: NDArray[np.float64],
    summed: NDArray[np.float64],
    plan: Plan,
    before: int,
    after: int,
    s: int,
    j: int,
    count: int,
    backwards: bool,
    symmetric: bool,
) -> float:
    """Return the way from node `before` through a segment of route `s` to node `after`."""
    if count == 0:
        return float(matrix[before, after])
    first, last = plan.node[s, j], plan.node[s, j + count - 1]
    if not backwards:
        return float(matrix[before, first] + summed[s, j + count - 1] - summed[s, j] + matrix[last, after])
    way = matrix[before, last] + matrix[first, after]
    if symmetric:
        return float(way + summed[s, j + count - 1] - summed[s, j])
    for k in range(j, j + count - 1):
        way += matrix[plan.node[s, k + 1], plan.node[s, k]]
    return float(way)


@inner
def sum_after(
    matrix: NDArray[np.float64],
    summed: NDArray[np.float64],
    plan: Plan,
    r: int,
    i: int,
    out: int,
    s: int,
    j: int,
    count: int,
    backwards: bool,
    symmetric: bool,
) -> float:
    """Return the sum over route `r` after a segment of route `s` has replaced `out` stops from position `i`."""
    removed = summed[r, i + out] - summed[r, i - 1]
    way = middle(matrix, summed, plan, plan.node[r, i - 1], plan.node[r, i + out], s, j, count, backwards, symmetric)
    return float(summed[r, plan.held[r] + 1] - removed + way)


@inner
def fits(ground: Ground, plan: Plan, r: int, i: int, out: int, s: int, j: int, count: int) -> bool:
    """Return whether vehicle `r` can carry its route with a segment of route `s` in place of `out` stops from `i`."""
    held = plan.held[r]
    for d in range(ground.demand.shape[1]):
        load = plan.filled[r, held, d] - plan.filled[r, i + out - 1, d] + plan.filled[r, i - 1, d]
        load += plan.filled[s, j + count - 1, d] - plan.filled[s, j - 1, d]
        if load > ground.capacity[r, d]:
            return False
    return not (ground.needed[r] and held - out + count == 0)


@inner
def duration_after(
    ground: Ground, clock: Clock, plan: Plan, r: int, i: int, out: int, s: int, j: int, count: int, backwards: bool
) -> float:
    """Return the duration of route `r` with a segment of route `s` in place of `out` stops from `i`; -1 if too late."""
    held = plan.held[r]
    stops = held - out + count
    if stops == 0:
        return 0.0
    before = depot = ground.depot[r]
    lasts, early, late = start_clock(clock, depot, r)
    for k in range(1, stops + 1):
        if k < i:
            here = plan.node[r, k]
        elif k < i + count:
            here = plan.node[s, j + count - 1 - (k - i)] if backwards else plan.node[s, j + k - i]
        else:
            here = plan.node[r, k - count + out]
        lasts, early, late = step_clock(clock, before, here, clock.opens[here], clock.closes[here], lasts, early, late)
        if early > late:
            return -1.0
        before = here
    return end_clock(clock, before, depot, r, lasts, early, late)


@inner
def put(plan: Plan, row: int, i: int, out: int, segment: NDArray[np.int64], count: int, backwards: bool) -> None:
    """Replace `out` stops from position `i` of a route by the first `count` nodes of `segment`."""
    end = plan.held[row] + 1
    by = count - out
    if by > 0:
        for k in range(end, i + out - 1, -1):
            plan.node[row, k + by] = plan.node[row, k]
    elif by < 0:
        for k in range(i + out, end + 1):
            plan.node[row, k + by] = plan.node[row, k]
    for k in range(count):
        plan.node[row, i + k] = segment[count - 1 - k] if backwards else segment[k]
    plan.held[row] += by


@inner
def exchange(ground: Ground, clock: Clock, plan: Plan, move: Exchange, scratch: NDArray[np.int64]) -> None:
    """Make the change; `scratch`, shape (2, width), is overwritten."""
    for k in range(move.count_r):
        scratch[0, k] = plan.node[move.r, move.i + k]
    for k in range(move.count_s):
        scratch[1, k] = plan.node[move.s, move.j + k]
    put(plan, move.r, move.i, move.count_r, scratch[1], move.count_s, move.backwards)
    put(plan, move.s, move.j, move.count_s, scratch[0], move.count_r, move.backwards)
    settle_route(ground, clock, plan, move.r)
    settle_route(ground, clock, plan, move.s)
