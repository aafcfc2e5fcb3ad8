"""Check routes from the problem alone: every rule that they break, and when each vehicle is where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.applications.routes.user_units import UserUnits
from evenhand.errors import InputError


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a route, or the depot at its begin and end.

    Attributes
    ----------
    node
        The node.
    arrival, begin, leave
        Times of arrival, of the begin of service, and of leaving.
    load
        Sum of all kinds of load that are still to be delivered after it.
    """

    node: int
    arrival: int
    begin: int
    leave: int
    load: int


def timetable(problem: RoutingProblem, vehicle: int, route: Sequence[int]) -> tuple[Visit, ...]:
    """Return when a vehicle is where; () for an empty route.

    It leaves as late as it can without being late anywhere, but not later than waiting is saved: the forward time slack
    of Savelsbergh (1992, The vehicle routing problem with time windows: minimizing route duration).
    """
    if not route:
        return ()
    own = problem.vehicles[vehicle]
    nodes = [own.depot, *route, own.depot]
    earliest = max(own.earliest, int(problem.windows[own.depot, 0]))
    visits = _driven(problem, nodes, earliest)
    waited, slack = 0, []
    for visit in visits[1:]:
        waited += visit.begin - visit.arrival
        slack.append(int(problem.windows[visit.node, 1]) - visit.begin + waited)
    later = min(waited, *slack)
    return _driven(problem, nodes, earliest + later) if later > 0 else visits


def _driven(problem: RoutingProblem, nodes: Sequence[int], start: int) -> tuple[Visit, ...]:
    demand = problem.demand.sum(axis=1).tolist()
    left, now = sum(demand[node] for node in nodes[1:-1]), start
    visits = [Visit(nodes[0], start, start, start, left)]
    for before, node in pairwise(nodes):
        arrival = now + int(problem.durations[before, node])
        begin = max(arrival, int(problem.windows[node, 0]))
        last = len(visits) == len(nodes) - 1
        now = begin + (0 if last else int(problem.service[node]))
        left -= 0 if last else demand[node]
        visits.append(Visit(node, arrival, begin, now, left))
    return tuple(visits)


def broken_rules(problem: RoutingProblem, routes: Routes, units: UserUnits | None = None) -> tuple[str, ...]:
    """Return one sentence for each rule that the routes break; () if they are feasible.

    Numbers are in the user's `units`, or else in the problem's.

    Raises
    ------
    InputError
        If there is not one route for each vehicle, or a node is unknown or a depot.
    """
    if len(routes) != len(problem.vehicles):
        raise InputError(f"there are {len(routes)} routes for {len(problem.vehicles)} vehicles; give one for each")
    stops = set(problem.stops)
    for route in routes:
        for node in route:
            if node not in stops:
                raise InputError(f"route {list(route)} has node {node}, which is no stop")
    return tuple(_broken(problem, routes, units or UserUnits()))


def _broken(problem: RoutingProblem, routes: Routes, units: UserUnits) -> Iterator[str]:
    visited = Counter(node for route in routes for node in route)
    for node in problem.stops:
        if visited[node] != 1:
            yield f"stop {problem.names[node]} is visited {visited[node]} times"
    for index, (vehicle, route) in enumerate(zip(problem.vehicles, routes, strict=True)):
        if not route:
            if vehicle.must_drive:
                yield f"{vehicle.name} must drive, but stays"
            continue
        for kind, capacity in enumerate(vehicle.capacity):
            load = int(problem.demand[list(route), kind].sum())
            if load > capacity:
                yield f"{vehicle.name} carries {units.show('load', load)}, more than {units.show('load', capacity)}"
        nodes = [vehicle.depot, *route, vehicle.depot]
        distance = sum(int(problem.distances[a, b]) for a, b in pairwise(nodes))
        if distance > vehicle.most_distance:
            most = units.show("distance", vehicle.most_distance)
            yield f"{vehicle.name} drives {units.show('distance', distance)}, more than {most}"
        yield from _late(problem, index, timetable(problem, index, route), units)


def _late(problem: RoutingProblem, index: int, visits: Sequence[Visit], units: UserUnits) -> Iterator[str]:
    vehicle = problem.vehicles[index]
    for visit in visits:
        if visit.begin > problem.windows[visit.node, 1]:
            yield f"{vehicle.name} begins at {problem.names[visit.node]} at {units.time(visit.begin)}, after its window"
    if visits[-1].arrival > vehicle.latest:
        yield f"{vehicle.name} is back at {units.time(visits[-1].arrival)}, after {units.time(vehicle.latest)}"
    away, most = visits[-1].begin - visits[0].leave, vehicle.most_duration
    if away > most:
        yield f"{vehicle.name} is away for {units.show('duration', away)}, more than {units.show('duration', most)}"
