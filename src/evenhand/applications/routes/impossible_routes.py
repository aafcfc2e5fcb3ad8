"""What makes a routing problem impossible whatever the routes: found before the search, and named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenhand.applications.routes.routing_problem import RoutingProblem
from evenhand.applications.routes.user_units import UserUnits
from evenhand.arrays import Array
from evenhand.fairness import Fairness


def impossible(problem: RoutingProblem, units: UserUnits) -> tuple[str, ...]:
    """Return a sentence for each stop that no vehicle can serve, and for what all vehicles cannot do; () for none.

    Numbers are in the user's `units`.
    """
    return (*_unreachable(problem, units), *_too_much(problem, units))


def _unreachable(problem: RoutingProblem, units: UserUnits) -> Iterator[str]:
    for node in problem.stops:
        reasons = {_why_not(problem, node, vehicle, units) for vehicle in range(len(problem.vehicles))}
        if None not in reasons:
            what = sorted(str(reason) for reason in reasons)[0]
            yield f"stop {problem.names[node]}: no vehicle can serve it; {what}"


def _why_not(problem: RoutingProblem, node: int, index: int, units: UserUnits) -> str | None:
    """Return why a vehicle cannot serve a stop even alone; None if it can."""
    vehicle = problem.vehicles[index]
    for demand, capacity in zip(problem.demand[node].tolist(), vehicle.capacity, strict=True):
        if demand > capacity:
            most = units.show("load", capacity)
            return f"its demand {units.show('load', demand)} is above the capacity {most} of {vehicle.name}"
    away = int(problem.distances[vehicle.depot, node]) + int(problem.distances[node, vehicle.depot])
    if away > vehicle.most_distance:
        return (
            f"there and back is {units.show('distance', away)}, more than the "
            f"{units.show('distance', vehicle.most_distance)} of {vehicle.name}"
        )
    start = max(vehicle.earliest, int(problem.windows[vehicle.depot, 0]))
    arrival = start + int(problem.durations[vehicle.depot, node])
    opens, closes = problem.windows[node].tolist()
    if arrival > closes:
        there = units.time(arrival)
        return f"its window closes at {units.time(closes)}, and {vehicle.name} cannot be there before {there}"
    back = max(arrival, opens) + int(problem.service[node]) + int(problem.durations[node, vehicle.depot])
    if back > min(vehicle.latest, int(problem.windows[vehicle.depot, 1])):
        return f"after it, {vehicle.name} would be back at {units.time(back)}, after the end of the shift"
    least = int(problem.durations[vehicle.depot, node] + problem.service[node] + problem.durations[node, vehicle.depot])
    if least > vehicle.most_duration:
        return (
            f"there and back with service takes {units.show('duration', least)}, more than the "
            f"{units.show('duration', vehicle.most_duration)} of {vehicle.name}"
        )
    return None


def _too_much(problem: RoutingProblem, units: UserUnits) -> Iterator[str]:
    demand = problem.demand.sum(axis=0)
    room = np.array([vehicle.capacity for vehicle in problem.vehicles], dtype=np.float64).sum(axis=0)
    for kind, (needed, there) in enumerate(zip(demand.tolist(), room.tolist(), strict=True)):
        if needed > there:
            which = f" of kind {kind + 1}" if len(demand) > 1 else ""
            yield (
                f"the demand{which} is {units.show('load', needed)} in all, "
                f"and all vehicles hold {units.show('load', there)}"
            )
    must = sum(vehicle.must_drive for vehicle in problem.vehicles)
    if must > len(problem.stops):
        yield f"{must} vehicles must drive, and there are {len(problem.stops)} stops"


def never_fair(problem: RoutingProblem, member: Fairness, burden: str) -> str | None:
    """Return why no routes can be fair, whatever their order; None if nothing says so.

    If only k of m alike drivers can have loads, equal ones are the fairest: the mean over the orders of the k is in the
    member's cone if the loads are, because the cone is convex and the same for every order. Of whole stops, the split
    into numbers that differ by at most one is the fairest, and of stops or loads beside what is carried, the split that
    fills up the least carried, for the same reason (all others majorize these).
    """
    m, carried = len(problem.vehicles), np.array([vehicle.carried for vehicle in problem.vehicles])
    amounts = problem.demand.sum(axis=1) if burden == "load" else np.isin(np.arange(len(problem.names)), problem.stops)
    k = int(np.count_nonzero(amounts))
    constant = burden in ("stops", "load")
    if member.entitlements is not None or (carried.any() and not constant) or not k:
        return None
    if carried.any():
        loads = _filled_up(carried, float(amounts.sum()))
    elif burden == "stops":
        loads = k // m + (np.arange(m) < k % m).astype(np.float64)
    else:
        loads = (np.arange(m) < k).astype(np.float64)
    if member.contains(loads):
        return None
    what = f"{k} stop{'s' if k > 1 else ''}{' with a demand' if burden == 'load' else ''} for {m} vehicles"
    beside = ", beside what is carried" if carried.any() else ""
    return f"{what}{beside}: {member.name} is {member.level(loads):.3f} at best"


def _filled_up(carried: Array, amount: float) -> Array:
    """Return what is carried and `amount` beside it, which raises the least to one level."""
    least = np.sort(carried)
    levels = (least.cumsum() + amount) / np.arange(1, len(least) + 1)
    # The level of the j least ones is the right one where the next one is above it.
    level = next(level for level, after in zip(levels, [*least[1:], np.inf], strict=True) if level <= after)
    return np.asarray(np.maximum(carried, level))
