"""Leave as many stops as possible in the hands that have them: drivers know their streets."""

from __future__ import annotations

import numpy as np

from evenhand.applications.routes.routing_problem import Routes


def stops_that_move(before: Routes, after: Routes) -> int:
    """Return the number of stops that another vehicle visits `after` than `before`."""
    owner = {stop: vehicle for vehicle, route in enumerate(before) for stop in route}
    return sum(owner[stop] != vehicle for vehicle, route in enumerate(after) for stop in route)


def in_same_hands(before: Routes, after: Routes, kind_of: tuple[int, ...]) -> Routes:
    """Return the routes of `after`, exchanged among vehicles of a kind so that as few stops as possible move.

    Distances and burdens stay as they are. Which vehicle takes which route is an assignment problem for each kind.

    Parameters
    ----------
    before, after
        Plans of the same stops, one route for each vehicle.
    kind_of
        Kind of each vehicle: those of one kind may exchange their routes.
    """
    from scipy.optimize import linear_sum_assignment

    found = list(after)
    for kind in set(kind_of):
        alike = [vehicle for vehicle, own in enumerate(kind_of) if own == kind]
        shared = np.array([[len(set(before[owner]) & set(after[route])) for route in alike] for owner in alike])
        for owner, route in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
            found[alike[owner]] = after[alike[route]]
    return tuple(found)
