"""The usual ways to even out routes, each within the same processor time: what `benchmarks/routes.py` measures against.

- `cap`: PyVRP with a longest distance for every vehicle, found by bisection.
- `span`: OR-Tools with a cost on the longest route (``SetGlobalSpanCostCoefficient``).
- `soft`: OR-Tools with a quadratic cost on what is beyond the mean (``SetQuadraticCostSoftSpanUpperBound``).

Each yields all plans that it meets at the end of its solves, and the shortest plan counts for each bound that it meets:
a plan with a CV of .1 counts for .3, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.applications.routes import Routes, RoutingProblem
from evenhand.applications.routes.route_costs import RouteCosts

SOLVES = 5
"""Solves that the time of one bound is divided into."""

SPANS = (1, 5, 20, 100, 500)
"""Costs of a unit of the longest route."""

SOFT = (1, 3, 10, 30, 100)
"""Costs of the square of what is beyond the mean, in units of the mean."""

FINE = 1000
"""Units of OR-Tools' costs, which are whole numbers, for a unit of distance."""


def until(seconds: float) -> Callable[..., bool]:
    """Return a stopping rule that counts processor time."""
    end = time.process_time() + seconds
    return lambda *_: time.process_time() >= end


def by_cap(problem: RoutingProblem, base: Routes, seconds: float, bound: float) -> Iterator[Routes]:
    """Yield plans of PyVRP under longer and shorter caps: bisection towards the least cap that is fair."""
    costs = RouteCosts(problem)
    loads = costs.loads(base)
    low, high = float(loads.mean()), float(loads.max())
    for _ in range(SOLVES):
        cap = int((low + high) / 2)
        plan = pyvrp_plan(problem, base, cap, seconds / SOLVES)
        if plan is not None:
            yield plan
            loads = costs.loads(plan)
        if plan is None:  # no plan under this cap: looser
            low = cap
        elif loads.std() > bound * loads.mean():  # unfair: tighter
            high = cap
        else:  # fair: perhaps a looser cap is, too, and cheaper
            low = cap


def pyvrp_plan(problem: RoutingProblem, base: Routes | None, cap: int | None, seconds: float) -> Routes | None:
    """Return PyVRP's plan with a longest distance, all vehicles driving or fewer; None if it is not feasible."""
    import pyvrp

    stops = problem.stops
    locations = [pyvrp.Location(0.0, 0.0) for _ in problem.names]
    clients = [pyvrp.Client(stop, problem.demand[stop].tolist()) for stop in stops]
    limit = {} if cap is None else {"max_distance": cap}
    kind = pyvrp.VehicleType(len(problem.vehicles), list(problem.vehicles[0].capacity), **limit)
    way = problem.distances
    data = pyvrp.ProblemData(locations, clients, [pyvrp.Depot(0)], [kind], [way], [way])
    start = None
    if base is not None:
        start = pyvrp.Solution(data, [pyvrp.Route(data, [stop - 1 for stop in route], 0) for route in base if route])
    found = pyvrp.solve(data, until(seconds), seed=1, collect_stats=False, display=False, initial_solution=start)
    if not found.is_feasible():
        return None
    routes = [
        tuple(stops[visit.idx] for visit in route.schedule() if visit.is_client()) for route in found.best.routes()
    ]
    return tuple(routes) + ((),) * (len(problem.vehicles) - len(routes))


def by_span(problem: RoutingProblem, base: Routes, seconds: float, bound: float) -> Iterator[Routes]:
    """Yield plans of OR-Tools under dearer and dearer spans."""
    del bound
    for cost in SPANS:
        yield from ortools_plan(
            problem, base, seconds / len(SPANS), lambda d, cost=cost: d.SetGlobalSpanCostCoefficient(FINE * cost)
        )


def by_soft_span(problem: RoutingProblem, base: Routes, seconds: float, bound: float) -> Iterator[Routes]:
    """Yield plans of OR-Tools under dearer and dearer squares of what is beyond the mean."""
    del bound
    from ortools.constraint_solver import pywrapcp

    mean = int(RouteCosts(problem).loads(base).mean())
    for cost in SOFT:

        def ask(dimension: Any, price: int = max(1, round(FINE * cost / mean))) -> None:
            for vehicle in range(len(problem.vehicles)):
                dimension.SetQuadraticCostSoftSpanUpperBoundForVehicle(pywrapcp.BoundCost(mean, price), vehicle)

        yield from ortools_plan(problem, base, seconds / len(SOFT), ask)


def ortools_plan(problem: RoutingProblem, base: Routes, seconds: float, ask: Callable[[Any], None]) -> Iterator[Routes]:
    """Yield the plan of OR-Tools' guided local search from `base`, if there is one."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    m = len(problem.vehicles)
    manager = pywrapcp.RoutingIndexManager(len(problem.names), m, 0)
    model = pywrapcp.RoutingModel(manager)
    way = model.RegisterTransitMatrix(problem.distances.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix((FINE * problem.distances).tolist()))
    weight = model.RegisterUnaryTransitVector(problem.demand[:, 0].tolist())
    model.AddDimensionWithVehicleCapacity(
        weight, 0, [vehicle.capacity[0] for vehicle in problem.vehicles], True, "load"
    )
    model.AddDimension(way, 0, int(problem.distances.sum()), True, "distance")
    ask(model.GetDimensionOrDie("distance"))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromSeconds(int(10 * seconds) + 1)  # of the clock on the wall; processor time ends it earlier
    stop = until(seconds)
    model.CloseModelWithParameters(parameters)
    model.AddSearchMonitor(model.solver().CustomLimit(stop))
    start = model.ReadAssignmentFromRoutes([list(route) for route in base], True)
    found = model.SolveFromAssignmentWithParameters(start, parameters)
    if found is None:
        return
    routes = []
    for vehicle in range(m):
        here, route = found.Value(model.NextVar(model.Start(vehicle))), []
        while not model.IsEnd(here):
            route.append(manager.IndexToNode(here))
            here = found.Value(model.NextVar(here))
        routes.append(tuple(route))
    yield tuple(routes)


def alike(problem: RoutingProblem, vehicles: int) -> RoutingProblem:
    """Return the problem with so many vehicles like its first, each of which must drive."""
    first = replace(problem.vehicles[0], must_drive=True)
    return replace(problem, vehicles=tuple(replace(first, name=f"{k + 1}") for k in range(vehicles)))


def fair(routes: Routes, costs: RouteCosts, bound: float) -> bool:
    """Return whether every vehicle drives and the CV of the distances is at most `bound`."""
    loads = np.array([costs.distance(vehicle, route) for vehicle, route in enumerate(routes)])
    return all(len(route) > 0 for route in routes) and bool(loads.std() <= bound * loads.mean() * (1.0 + 1e-9))
