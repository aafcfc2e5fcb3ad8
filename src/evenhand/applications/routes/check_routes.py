"""Check routes from the problem alone: every rule that they break, and when each vehicle is where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
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


def broken_rules(problem: RoutingProblem, routes: Routes) -> tuple[str, ...]:
    """Return one sentence for each rule that the routes break; () if they are feasible.

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
    return tuple(_broken(problem, routes))


def _broken(problem: RoutingProblem, routes: Routes) -> Iterator[str]:
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
                yield f"{vehicle.name} carries {load}, more than {capacity}"
        nodes = [vehicle.depot, *route, vehicle.depot]
        distance = sum(int(problem.distances[a, b]) for a, b in pairwise(nodes))
        if distance > vehicle.most_distance:
            yield f"{vehicle.name} drives {distance}, more than {vehicle.most_distance}"
        yield from _late(problem, index, timetable(problem, index, route))


def _late(problem: RoutingProblem, index: int, visits: Sequence[Visit]) -> Iterator[str]:
    vehicle = problem.vehicles[index]
    for visit in visits:
        if visit.begin > problem.windows[visit.node, 1]:
            yield f"{vehicle.name} begins at {problem.names[visit.node]} at {visit.begin}, after its window"
    if visits[-1].arrival > vehicle.latest:
        yield f"{vehicle.name} is back at {visits[-1].arrival}, after {vehicle.latest}"
    if visits[-1].begin - visits[0].leave > vehicle.most_duration:
        yield f"{vehicle.name} is away for {visits[-1].begin - visits[0].leave}, more than {vehicle.most_duration}"
