"""Give a stop to each vehicle that must drive and has none: PyVRP does not know who must."""

from __future__ import annotations

from collections.abc import Iterator

from evenhand.applications.routes.check_routes import broken_rules
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem


def with_all_driving(problem: RoutingProblem, routes: Routes) -> Routes | None:
    """Return routes in which every vehicle that must drive does, each after the cheapest move of one stop.

    None if no single stop can be moved to some vehicle without breaking another rule.

    Parameters
    ----------
    problem
        The problem.
    routes
        Routes that break no other rule, one for each vehicle.
    """
    costs = RouteCosts(problem)
    for index, vehicle in enumerate(problem.vehicles):
        if vehicle.must_drive and not routes[index]:
            before = len(broken_rules(problem, routes))
            better = [moved for moved in _moves(problem, routes, index) if len(broken_rules(problem, moved)) < before]
            if not better:
                return None
            routes = min(better, key=costs.total)
    return routes


def _moves(problem: RoutingProblem, routes: Routes, to: int) -> Iterator[Routes]:
    """Yield the routes after each move of one stop to an empty route, from routes that may lose one."""
    for source, route in enumerate(routes):
        if len(route) > 1 or (route and not problem.vehicles[source].must_drive):
            for stop in route:
                moved = list(routes)
                moved[source] = tuple(other for other in route if other != stop)
                moved[to] = (stop,)
                yield tuple(moved)
