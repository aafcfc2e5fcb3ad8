"""What makes a routing problem impossible whatever the routes: found before the search, and named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenhand.applications.routes.routing_problem import RoutingProblem


def impossible(problem: RoutingProblem) -> tuple[str, ...]:
    """Return a sentence for each stop that no vehicle can serve, and for what all vehicles cannot do; () for none."""
    return (*_unreachable(problem), *_too_much(problem))


def _unreachable(problem: RoutingProblem) -> Iterator[str]:
    for node in problem.stops:
        reasons = {_why_not(problem, node, vehicle) for vehicle in range(len(problem.vehicles))}
        if None not in reasons:
            what = sorted(str(reason) for reason in reasons)[0]
            yield f"stop {problem.names[node]}: no vehicle can serve it; {what}"


def _why_not(problem: RoutingProblem, node: int, index: int) -> str | None:
    """Return why a vehicle cannot serve a stop even alone; None if it can."""
    vehicle = problem.vehicles[index]
    for demand, capacity in zip(problem.demand[node].tolist(), vehicle.capacity, strict=True):
        if demand > capacity:
            return f"its demand {demand} is above the capacity {capacity} of {vehicle.name}"
    away = int(problem.distances[vehicle.depot, node]) + int(problem.distances[node, vehicle.depot])
    if away > vehicle.most_distance:
        return f"there and back is {away}, more than the {vehicle.most_distance} of {vehicle.name}"
    start = max(vehicle.earliest, int(problem.windows[vehicle.depot, 0]))
    arrival = start + int(problem.durations[vehicle.depot, node])
    opens, closes = problem.windows[node].tolist()
    if arrival > closes:
        return f"its window closes at {closes}, and {vehicle.name} cannot be there before {arrival}"
    back = max(arrival, opens) + int(problem.service[node]) + int(problem.durations[node, vehicle.depot])
    if back > min(vehicle.latest, int(problem.windows[vehicle.depot, 1])):
        return f"after it, {vehicle.name} would be back at {back}, after the end of the shift"
    least = int(problem.durations[vehicle.depot, node] + problem.service[node] + problem.durations[node, vehicle.depot])
    if least > vehicle.most_duration:
        return f"there and back with service takes {least}, more than the {vehicle.most_duration} of {vehicle.name}"
    return None


def _too_much(problem: RoutingProblem) -> Iterator[str]:
    demand = problem.demand.sum(axis=0)
    room = np.array([vehicle.capacity for vehicle in problem.vehicles], dtype=np.float64).sum(axis=0)
    for kind, (needed, there) in enumerate(zip(demand.tolist(), room.tolist(), strict=True)):
        if needed > there:
            which = f" of kind {kind + 1}" if len(demand) > 1 else ""
            yield f"the demand{which} is {needed} in all, and all vehicles hold {there:.0f}"
    must = sum(vehicle.must_drive for vehicle in problem.vehicles)
    if must > len(problem.stops):
        yield f"{must} vehicles must drive, and there are {len(problem.stops)} stops"
