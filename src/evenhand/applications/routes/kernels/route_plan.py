"""The arrays of the search for routes: what never changes (the ground), and the plan, which moves change in place.

Nodes are the rows of the matrices: depots and stops. A route is a row ``node[r, 0 .. held[r] + 1]`` that starts and
ends with the depot of its vehicle, so that no move has to ask whether it touches an end of a route.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry, inner


class Ground(NamedTuple):
    """Travel between k nodes, c stops among them, and m vehicles; `dims` kinds of load."""

    distance: NDArray[np.float64]  # (k, k) what is minimised
    burden: NDArray[np.float64]  # (k, k) what is shared fairly; half of what a stop adds is on each of its two legs
    same: bool  # whether the burden is the distance
    symmetric: bool  # whether a segment driven backwards is as long and as burdensome as forwards
    demand: NDArray[np.float64]  # (k, dims) 0 at depots
    near: NDArray[np.int64]  # (k, q) the nearest stops of each stop
    stops: NDArray[np.int64]  # (c,) nodes that are no depots
    depot: NDArray[np.int64]  # (m,) node where a vehicle starts and ends
    capacity: NDArray[np.float64]  # (m, dims)
    longest: NDArray[np.float64]  # (m,) most distance of each vehicle
    needed: NDArray[np.bool_]  # (m,) whether the vehicle must drive


class Clock(NamedTuple):
    """Times of the day. ``timed`` is False if no window, shift or longest duration can forbid any route."""

    timed: bool
    burdensome: bool  # whether the duration of a route, waiting included, is its burden
    duration: NDArray[np.float64]  # (k, k)
    service: NDArray[np.float64]  # (k,)
    opens: NDArray[np.float64]  # (k,) earliest begin of service
    closes: NDArray[np.float64]  # (k,) latest begin of service
    earliest: NDArray[np.float64]  # (m,) begin of the shift
    latest: NDArray[np.float64]  # (m,) end of the shift
    most: NDArray[np.float64]  # (m,) longest duration


class Plan(NamedTuple):
    """The routes of m vehicles; width is at least the number of stops plus 2."""

    node: NDArray[np.int64]  # (m, width)
    held: NDArray[np.int64]  # (m,) number of stops
    route_of: NDArray[np.int64]  # (k,) vehicle of each stop
    place: NDArray[np.int64]  # (k,) position in the route of its vehicle, from 1
    along: NDArray[np.float64]  # (m, width) distance from the depot to each position
    borne: NDArray[np.float64]  # (m, width) burden from the depot to each position
    filled: NDArray[np.float64]  # (m, width, dims) load up to and including each position
    total: NDArray[np.float64]  # (m,) distance of each route
    load: NDArray[np.float64]  # (m,) burden of each route
    untidy: NDArray[np.bool_]  # (m,) whether the route changed since its order was last improved


@inner
def settle_route(ground: Ground, clock: Clock, plan: Plan, r: int) -> None:
    """Compute what is known of route `r` from its nodes."""
    before = plan.node[r, 0]
    length = borne = 0.0
    for k in range(1, plan.held[r] + 2):
        here = plan.node[r, k]
        length += ground.distance[before, here]
        plan.along[r, k] = length
        if not ground.same:
            borne += ground.burden[before, here]
            plan.borne[r, k] = borne
        for d in range(ground.demand.shape[1]):
            plan.filled[r, k, d] = plan.filled[r, k - 1, d] + ground.demand[here, d]
        plan.route_of[here] = r
        plan.place[here] = k
        before = here
    plan.total[r] = length
    if clock.burdensome:
        plan.load[r] = duration_of(ground, clock, plan, r)
    else:
        plan.load[r] = length if ground.same else borne
    plan.untidy[r] = True


@inner
def step_clock(
    clock: Clock, before: int, here: int, opens: float, closes: float, lasts: float, early: float, late: float
) -> tuple[float, float, float]:
    """Return duration, earliest and latest start after one more leg; the earliest is above the latest if it is late.

    Starts between early and late give the shortest duration: a start before waits somewhere, one after is too late.

    References
    ----------
    Vidal, Crainic, Gendreau, Prins, A hybrid genetic algorithm with adaptive diversity management for a large class of
    vehicle routing problems with time windows, Computers and Operations Research 40, 2013.
    """
    arrival = lasts + clock.duration[before, here]
    if early + arrival > closes:
        return arrival, 1.0, 0.0
    waiting = max(0.0, opens - arrival - late)
    early = max(early, opens - arrival) - waiting
    late = min(late, closes - arrival)
    return arrival + waiting + clock.service[here], early, late


@inner
def start_clock(clock: Clock, depot: int, vehicle: int) -> tuple[float, float, float]:
    """Return duration, earliest and latest start at the depot."""
    return (
        clock.service[depot],
        max(clock.opens[depot], clock.earliest[vehicle]),
        min(clock.closes[depot], clock.latest[vehicle]),
    )


@inner
def end_clock(clock: Clock, before: int, depot: int, vehicle: int, lasts: float, early: float, late: float) -> float:
    """Return the duration of a whole route; -1 if it ends too late or lasts too long."""
    opens = max(clock.opens[depot], clock.earliest[vehicle])
    closes = min(clock.closes[depot], clock.latest[vehicle])
    lasts, early, late = step_clock(clock, before, depot, opens, closes, lasts, early, late)
    if early > late:
        return -1.0
    lasts -= clock.service[depot]
    return lasts if lasts <= clock.most[vehicle] else -1.0


@inner
def duration_of(ground: Ground, clock: Clock, plan: Plan, r: int) -> float:
    """Return the shortest duration of route `r`, -1 if its times cannot be met, 0 if it has no stop."""
    held = plan.held[r]
    if held == 0:
        return 0.0
    depot = ground.depot[r]
    lasts, early, late = start_clock(clock, depot, r)
    before = depot
    for k in range(1, held + 1):
        here = plan.node[r, k]
        lasts, early, late = step_clock(clock, before, here, clock.opens[here], clock.closes[here], lasts, early, late)
        if early > late:
            return -1.0
        before = here
    return end_clock(clock, before, depot, r, lasts, early, late)


@entry
def settle(ground: Ground, clock: Clock, plan: Plan) -> None:
    """Compute what is known of all routes from ``plan.node`` and ``plan.held``."""
    for r in range(plan.held.shape[0]):
        for d in range(ground.demand.shape[1]):
            plan.filled[r, 0, d] = 0.0
        plan.along[r, 0] = plan.borne[r, 0] = 0.0
        settle_route(ground, clock, plan, r)
