"""The same routes on several days: the longest goes to whom has carried least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.arrays import Array
from evenhand.fairness import CVAtMost
from evenhand.fairness.dispersion import dispersion
from evenhand.number_checks import checked_whole

MOST_DAYS = 366
"""Upper limit on the days of a rotation."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who drives which route on which day.

    Attributes
    ----------
    route_of
        Position of the route that each vehicle's driver has on each day, shape (days, m).
    loads
        What each driver has carried after each day, shape (days, m).
    cv
        Coefficient of variation of these loads after each day, in proportion to the drivers' entitlements.
    """

    route_of: NDArray[np.int64]
    loads: Array
    cv: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the rotation as JSON values."""
        return {"route_of": self.route_of.tolist(), "loads": self.loads.tolist(), "cv": list(self.cv)}


def rotate(problem: RoutingProblem, routes: Routes, days: int, burden: str = "distance") -> Rotation:
    """Return who drives which of the same routes on each of several days.

    On each day the longest route goes to the driver who has carried least for what they are entitled to, and so on.
    Routes are exchanged only between vehicles that differ in nothing but driver, entitlement, what they carry, and
    whether they must drive; who must drive never stays.

    Parameters
    ----------
    problem
        The problem.
    routes
        The routes of a day, one for each vehicle.
    days
        Number of days.
    burden
        What is shared.

    Raises
    ------
    InputError
        If `days` is not from 1 to :data:`MOST_DAYS`.
    """
    checked_whole("days", days, 1, MOST_DAYS)
    costs = RouteCosts(problem, burden)
    lengths = np.array([costs.burden(vehicle, route) for vehicle, route in enumerate(routes)])
    stays = np.array([not route for route in routes])
    must = np.array([vehicle.must_drive for vehicle in problem.vehicles])
    entitled = np.array([vehicle.entitlement for vehicle in problem.vehicles])
    carried = np.array([vehicle.carried for vehicle in problem.vehicles])
    kinds = [np.array(members, dtype=np.intp) for members in problem.kinds()]
    route_of = np.empty((days, len(lengths)), dtype=np.int64)
    loads = np.empty((days, len(lengths)))
    for day in range(days):
        for members in kinds:
            longest_first = members[np.lexsort((-lengths[members], stays[members]))]
            least_first = members[np.argsort(carried[members] / entitled[members], kind="stable")]
            # Who has carried most among those who need not drive stays, if somebody does.
            free = least_first[~must[least_first]]
            home = free[len(free) - int(stays[members].sum()) :]
            drivers = least_first[~np.isin(least_first, home)]
            route_of[day, np.concatenate([drivers, home])] = longest_first
        carried = carried + lengths[route_of[day]]
        loads[day] = carried
    shares = CVAtMost(0.0, entitlements=problem.entitlements)
    return Rotation(route_of, loads, tuple(dispersion(row, shares).cv if len(row) > 1 else 0.0 for row in loads))
