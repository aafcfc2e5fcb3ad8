"""The arrays of the compiled search, made from a routing problem, a member and what is shared."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels import unfairness
from evenhand.applications.routes.kernels.keeping import Found
from evenhand.applications.routes.kernels.route_plan import Clock, Ground, Plan
from evenhand.applications.routes.kernels.unfairness import Rule
from evenhand.applications.routes.route_costs import BURDENS
from evenhand.applications.routes.routing_problem import RoutingProblem
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

NEIGHBOURS = 20
"""Nearest stops that a stop may be joined with."""

KEPT_ROUTES = 4000
"""Routes that a walk hands on, about: its last ones, so that the pool holds those of several walks."""

INWARD = 1e-9
"""Relative margin inside the cone, half of what members tolerate outside: sums in another order must not break it."""

_KINDS = {
    "max_over_mean": unfairness.LARGEST,
    "least_over_mean": unfairness.LEAST,
    "range": unfairness.RANGE,
    "hoover": unfairness.HOOVER,
    "gini": unfairness.GINI,
    "top_share": unfairness.TOP,
}


def _burden_matrix(problem: RoutingProblem, burden: str) -> NDArray[np.float64]:
    """Return what each leg adds to the burden of who drives it, shape (k, k), waiting aside.

    What a stop adds (service, itself, its demand) is halved between its two legs, so that a symmetric matrix stays so.

    Raises
    ------
    InputError
        If `burden` is none of :data:`BURDENS`.
    """
    if burden == "distance":
        return problem.distances.astype(np.float64)
    if burden == "duration":
        at = problem.service.astype(np.float64)
        travel = problem.durations.astype(np.float64)
    elif burden in BURDENS:
        stops = np.ones(len(problem.distances)) if burden == "stops" else problem.demand.sum(axis=1, dtype=np.float64)
        at, travel = stops, np.zeros(problem.distances.shape)
    else:
        raise InputError(f"burden is {burden!r}; it must be one of {', '.join(BURDENS)}")
    at = at.copy()
    at[list(problem.depots)] = 0.0
    return travel + (at[:, np.newaxis] + at) / 2.0


def ground_of(problem: RoutingProblem, burden: str) -> Ground:
    """Return the matrices and limits of a problem."""
    distance, shared = problem.distances.astype(np.float64), _burden_matrix(problem, burden)
    is_depot = np.zeros(len(distance), dtype=bool)
    is_depot[list(problem.depots)] = True
    stops = np.flatnonzero(~is_depot)
    apart = distance + distance.T
    apart[:, is_depot] = np.inf
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1, kind="stable")[:, : max(1, min(NEIGHBOURS, len(stops) - 1))]
    vehicles = problem.vehicles
    demand = problem.demand.astype(np.float64)
    demand[is_depot] = 0.0
    return Ground(
        distance,
        shared,
        burden == "distance",
        bool((distance == distance.T).all() and (shared == shared.T).all()),
        demand,
        np.ascontiguousarray(near),
        stops,
        np.array([vehicle.depot for vehicle in vehicles], dtype=np.int64),
        np.array([vehicle.capacity for vehicle in vehicles], dtype=np.float64).reshape(len(vehicles), -1),
        np.array([limit(vehicle.most_distance) for vehicle in vehicles]),
        np.array([vehicle.must_drive for vehicle in vehicles], dtype=bool),
    )


def limit(value: float | None) -> float:
    """Return a limit as a number: infinity for None and for the largest integers, which mean none."""
    return math.inf if value is None or value >= 2**62 else float(value)


def clock_of(problem: RoutingProblem, burden: str) -> Clock:
    """Return the times of a problem; they are walked along only if one of them can forbid a route."""
    vehicles = problem.vehicles
    earliest = np.array([float(vehicle.earliest or 0) for vehicle in vehicles])
    latest = np.array([limit(vehicle.latest) for vehicle in vehicles])
    most = np.array([limit(vehicle.most_duration) for vehicle in vehicles])
    windows = problem.windows.astype(np.float64)
    opens, closes = windows[:, 0].copy(), windows[:, 1].copy()
    closes[closes >= 2**62] = np.inf
    timed = bool((opens > 0.0).any() or min(closes.min(), latest.min(), most.min()) < np.inf)
    return Clock(
        timed,
        timed and burden == "duration",
        problem.durations.astype(np.float64),
        problem.service.astype(np.float64),
        opens,
        closes,
        earliest,
        latest,
        most,
    )


def rule_of(member: Fairness | None, problem: RoutingProblem, worth: float) -> Rule:
    """Return a member for the compiled search.

    Parameters
    ----------
    member
        None if nothing is asked.
    problem
        Its vehicles, with what they carry already.
    worth
        Distance for a unit of burden, so that the price of unfairness starts near 1 whatever the units.

    Raises
    ------
    InputError
        If the member is of a kind that the search does not know.
    """
    m = len(problem.vehicles)
    carried = np.array([float(vehicle.carried) for vehicle in problem.vehicles])
    share = np.full(m, 1.0 / m) if member is None else shares_of(m, member.entitlements)
    kind, order, bound = (unfairness.NOTHING, 2.0, 1.0) if member is None else kind_of(member, m)
    scale = worth * _steepness(kind, order, bound, m)
    scratch = (np.zeros(2), np.zeros(m), np.arange(m))
    return Rule(kind, order, bound * (1.0 - INWARD), scale, carried, share, 1.0 / (m * share), *scratch)


def _steepness(kind: int, order: float, bound: float, m: int) -> float:
    """Return the load that must change hands for a unit of violation, about: what a unit of it is worth in loads.

    The slope of a power mean at its bound is about that of the standard deviation, sqrt(2 (p - 1) (bound - 1)) / m.
    """
    if kind == unfairness.POWER:
        return m / max(math.sqrt(2.0 * (order - 1.0) * (bound - 1.0)), 0.01)
    return 1.0 if kind in (unfairness.LARGEST, unfairness.LEAST, unfairness.RANGE) else float(m)


def kind_of(member: Fairness, m: int) -> tuple[int, float, float]:
    """Return kind, order and bound of a member for `m` vehicles; see `kernels/unfairness.py`."""
    vacuous, equality = member.parameter_range(m)
    if (member.parameter - vacuous) * (equality - vacuous) <= 0.0:
        return unfairness.NOTHING, 2.0, 1.0
    if member.parameter == equality:
        return unfairness.LARGEST, 0.0, 1.0
    form = member.power_form(m)
    if form is not None:
        return unfairness.POWER, float(form[0]), float(form[1])
    if member.name == "epsilon":
        return unfairness.LARGEST, 0.0, member.bound(m)
    if member.name not in _KINDS:
        raise InputError(f"the search for routes knows no member named {member.name}")
    return _KINDS[member.name], float(getattr(member, "k", 0)), member.bound(m)


def empty_plan(ground: Ground) -> Plan:
    """Return a plan without stops."""
    m, k, dims = len(ground.depot), len(ground.distance), ground.demand.shape[1]
    width = len(ground.stops) + 2
    node = np.zeros((m, width), dtype=np.int64)
    node[:, :2] = ground.depot[:, np.newaxis]
    return Plan(
        node,
        np.zeros(m, dtype=np.int64),
        np.full(k, -1),
        np.zeros(k, dtype=np.int64),
        np.zeros((m, width)),
        np.zeros((m, width)),
        np.zeros((m, width, dims)),
        np.zeros(m),
        np.zeros(m),
        np.ones(m, dtype=bool),
    )


def write_routes(plan: Plan, ground: Ground, routes: Sequence[Sequence[int]]) -> None:
    """Write routes, one for each vehicle, into a plan, which must be settled afterwards."""
    for r, route in enumerate(routes):
        depot = ground.depot[r]
        plan.node[r, : len(route) + 2] = [depot, *route, depot]
        plan.held[r] = len(route)


def routes_in(node: NDArray[np.int64], held: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    """Return the stops of each vehicle, without depots."""
    return tuple(tuple(row[1 : count + 1].tolist()) for row, count in zip(node, held, strict=True))


def nothing_found(ground: Ground, routes: int = KEPT_ROUTES) -> Found:
    """Return the place for the best plan and the pool."""
    m = len(ground.depot)
    return Found(
        np.zeros((m, len(ground.stops) + 2), dtype=np.int64),
        np.zeros(m, dtype=np.int64),
        np.zeros(routes * (len(ground.stops) // m + 2), dtype=np.int32),
        np.zeros(1, dtype=np.int64),
    )
