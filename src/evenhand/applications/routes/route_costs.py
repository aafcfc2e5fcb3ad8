"""Distance and burden of single routes, from the problem alone: what the search finds is judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.errors import InputError

BURDENS = ("distance", "duration", "stops", "load")
"""What may be shared fairly."""


@dataclass(frozen=True)
class RouteCosts:
    """Distances and burdens of the routes of a problem.

    Parameters
    ----------
    problem
        The ways, the demand and the windows.
    shared
        One of :data:`BURDENS`.

    Raises
    ------
    InputError
        If `shared` is none of them.
    """

    problem: RoutingProblem
    shared: str = "distance"

    def __post_init__(self) -> None:
        if self.shared not in BURDENS:
            raise InputError(f"burden is {self.shared!r}; it must be one of {', '.join(BURDENS)}")

    def distance(self, vehicle: int, route: Sequence[int]) -> float:
        """Return the distance of a route, from its depot to its depot; 0 without stops."""
        return float(self._along(self.problem.distances, vehicle, route))

    def burden(self, vehicle: int, route: Sequence[int]) -> float:
        """Return the burden of a route, 0 without stops; the duration is the shortest, waiting included."""
        if self.shared == "distance":
            return self.distance(vehicle, route)
        if self.shared == "stops":
            return float(len(route))
        if self.shared == "load":
            return float(self.problem.demand[list(route)].sum())
        return float(shortest_duration(self.problem, vehicle, route))

    def total(self, routes: Routes) -> float:
        """Return the distance of a plan, one route for each vehicle."""
        return sum(self.distance(vehicle, route) for vehicle, route in enumerate(routes))

    def loads(self, routes: Routes) -> NDArray[np.float64]:
        """Return what each vehicle carries with the plan, what it carried before included, shape (m,)."""
        return np.array(
            [
                vehicle.carried + self.burden(v, route)
                for v, (vehicle, route) in enumerate(zip(self.problem.vehicles, routes, strict=True))
            ]
        )

    def _along(self, matrix: NDArray[np.int64], vehicle: int, route: Sequence[int]) -> int:
        if not len(route):
            return 0
        depot = self.problem.vehicles[vehicle].depot
        nodes = [depot, *route, depot]
        return int(matrix[nodes[:-1], nodes[1:]].sum())


def shortest_duration(problem: RoutingProblem, vehicle: int, route: Sequence[int]) -> int:
    """Return the shortest time from leaving the depot to being back: driving, service and what waiting is left.

    Leaving later never lengthens a route as long as nobody waits for it in vain, so it leaves as late as it can. If its
    times cannot be met, it leaves at the begin of the shift.
    """
    if not len(route):
        return 0
    depot, shift = problem.vehicles[vehicle].depot, problem.vehicles[vehicle]
    nodes = [depot, *route, depot]
    legs = list(pairwise(nodes))
    service = [0, *(int(problem.service[stop]) for stop in route)]
    latest = min(int(problem.windows[depot, 1]), shift.latest)
    for (before, here), lasts in zip(reversed(legs), reversed(service), strict=True):
        latest = min(int(problem.windows[before, 1]), latest - lasts - int(problem.durations[before, here]))
    left = max(int(problem.windows[depot, 0]), shift.earliest, latest)
    now = left
    for (before, here), lasts in zip(legs, service, strict=True):
        now = max(now + lasts + int(problem.durations[before, here]), int(problem.windows[here, 0]))
    return now - left
