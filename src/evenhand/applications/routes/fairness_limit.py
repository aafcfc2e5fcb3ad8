r"""A lower bound on the distance of fair routes: far stops need several routes, and the others must nearly match them.

Whoever visits a stop drives at least there and back. The k vehicles with the most room hold only so much, so that the
(k + 1)-st longest route must go at least as far as the farthest stops that do not fit into k routes. These lengths,
one for each vehicle, are least for any plan. For a fair one the shortest of them are raised to a common level, just
high enough for the member: of all lengths at least these with the same sum that is the most even, in the sense of
majorisation, and every member without entitlements that accepts any accepts the most even one.

References
----------
Haimovich and Rinnooy Kan, Bounds and heuristics for capacitated routing problems, Mathematics of Operations Research
10, 1985 (stops' distances from the depot and what a vehicle holds).
Marshall, Olkin, Arnold, Inequalities: Theory of Majorization and Its Applications, 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.routing_problem import RoutingProblem
from evenhand.fairness import Fairness

STEPS = 60
"""Number of bisections, each of which halves the interval of the common level."""


def least_distance(problem: RoutingProblem, member: Fairness | None) -> float:
    """Return a lower bound on the distance of all routes whose distances are fair.

    Vehicles that carry something from before or have other entitlements are bounded as if nothing were asked.
    """
    if not problem.stops:
        return 0.0
    least = least_lengths(problem)
    unlike = member is None or member.entitlements is not None or any(vehicle.carried for vehicle in problem.vehicles)
    if unlike or len(least) < 2:
        return float(least.sum())
    assert member is not None
    low, high = 0.0, float(least[0])
    if member.contains(least):
        return float(least.sum())
    for _ in range(STEPS):
        level = 0.5 * (low + high)
        low, high = (low, level) if member.contains(np.maximum(least, level)) else (level, high)
    return float(np.maximum(least, low).sum())


def least_lengths(problem: RoutingProblem) -> NDArray[np.float64]:
    """Return lengths, one for each vehicle, that the longest, second longest, ... route of any plan must have."""
    vehicles, stops = problem.vehicles, list(problem.stops)
    depots = {vehicle.depot for vehicle in vehicles}
    ways = [_shortest(problem.distances, depot) + _shortest(problem.distances.T, depot) for depot in depots]
    away = np.min(ways, axis=0)[stops]  # there and back, over any nodes, from the best depot
    farthest_first = np.argsort(-away, kind="stable")
    away = away[farthest_first]
    least = np.zeros(len(vehicles))
    least[: sum(vehicle.must_drive for vehicle in vehicles)] = away[-1]
    least[0] = away[0]
    for kind in range(problem.demand.shape[1]):
        together = np.cumsum(problem.demand[stops, kind][farthest_first], dtype=np.float64)
        room = np.cumsum(sorted((float(vehicle.capacity[kind]) for vehicle in vehicles), reverse=True))
        first_beyond = np.searchsorted(together, room[:-1], side="right")
        for k, stop in enumerate(first_beyond[first_beyond < len(away)], start=1):
            least[k] = max(least[k], away[stop])
    return least


def _shortest(distances: NDArray[np.int64], source: int) -> NDArray[np.int64]:
    """Return the shortest distances from a node to all others, shape (k,)."""
    best: NDArray[np.int64] = distances[source].copy()
    best[source] = 0
    while True:
        through = (best[:, np.newaxis] + distances).min(axis=0)
        if (through >= best).all():
            return best
        best = np.minimum(best, through)
