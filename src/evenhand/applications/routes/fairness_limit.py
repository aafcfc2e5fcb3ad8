r"""A lower bound on the distance of fair routes: what somebody must drive, others must nearly match.

Somebody has to drive to the farthest stop and back, at least :math:`d` in all, whatever else the route visits. If a
member caps the largest load at :math:`\beta` times the mean of m alike vehicles, the mean is at least
:math:`d / \beta`, and the distance in all at least :math:`m d / \beta`. For a CV of at most g,
:math:`\beta = 1 + g \sqrt{m - 1}`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.routing_problem import RoutingProblem
from evenhand.fairness import Fairness

STEPS = 60
"""Number of bisections, each of which halves the interval of the cap."""


def least_distance(problem: RoutingProblem, member: Fairness | None) -> float:
    """Return a lower bound on the distance of all routes whose distances are fair.

    Vehicles that are not alike, that carry something from before or have other entitlements add nothing to it.
    """
    if not problem.stops:
        return 0.0
    vehicles, stops = problem.vehicles, list(problem.stops)
    depots = {vehicle.depot for vehicle in vehicles}
    ways = [_shortest(problem.distances, depot) + _shortest(problem.distances.T, depot) for depot in depots]
    farthest = float(np.min(ways, axis=0)[stops].max())  # there and back, over any nodes, from the best depot
    unlike = member is None or member.entitlements is not None or any(vehicle.carried for vehicle in vehicles)
    if unlike or len(vehicles) < 2:
        return farthest
    assert member is not None
    return max(farthest, len(vehicles) * farthest / largest_over_mean(member, len(vehicles)))


def largest_over_mean(member: Fairness, n: int) -> float:
    """Return an upper bound on the largest of n fair loads over their mean, for a member without entitlements.

    If loads are fair, so are those in which all but the largest one are replaced by their mean, because the cone is
    convex and the same for every order. So bisection over such loads finds the cap.
    """
    low, high = 1.0, float(n)
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        loads = np.array([middle] + [(n - middle) / (n - 1)] * (n - 1))
        low, high = (middle, high) if member.contains(loads) else (low, middle)
    return high


def _shortest(distances: NDArray[np.int64], source: int) -> NDArray[np.int64]:
    """Return the shortest distances from a node to all others, shape (k,)."""
    best: NDArray[np.int64] = distances[source].copy()
    best[source] = 0
    while True:
        through = (best[:, np.newaxis] + distances).min(axis=0)
        if (through >= best).all():
            return best
        best = np.minimum(best, through)
