"""The shortest order of the stops of one route: exactly for few stops, by a local search with kicks for more.

References
----------
Held and Karp, A dynamic programming approach to sequencing problems, 1962.
Martin, Otto, Felten, Large-step Markov chains for the traveling salesman problem, Complex Systems 5, 1991.
"""

from __future__ import annotations

import numpy as np

from evenhand.applications.routes.kernels.one_route import order_by_kicks, order_by_subsets
from evenhand.applications.routes.kernels.route_plan import Clock, Ground, settle
from evenhand.applications.routes.routing_problem import Routes
from evenhand.applications.routes.search_arrays import empty_plan, write_routes
from evenhand.random_draws import generator_state

MOST_BY_SUBSETS = 12
"""Stops up to which the shortest order is found exactly: 12 take a few milliseconds, and each more doubles that."""

KICKS = 400
"""Restarts of the local search for a longer route, each from a small random change of the best order."""


def shortest_orders(ground: Ground, clock: Clock, routes: Routes, seed: int = 0) -> tuple[Routes, bool]:
    """Return the routes, each in the shortest order found of its stops, and whether all orders are proven shortest.

    No order is longer than the one given. Where times can forbid an order, none is proven.
    """
    plan = empty_plan(ground)
    write_routes(plan, ground, routes)
    settle(ground, clock, plan)
    state, scratch = generator_state(seed), np.zeros((2, plan.node.shape[1]), dtype=np.int64)
    proven = True
    for r, route in enumerate(routes):
        if not clock.timed and 2 < len(route) <= MOST_BY_SUBSETS:
            order_by_subsets(ground, clock, plan, r)
        elif len(route) > 1:
            order_by_kicks(ground, clock, plan, r, KICKS, scratch, state)
            proven = proven and len(route) == 2 and not clock.timed
    found = tuple(tuple(plan.node[r, 1 : plan.held[r] + 1].tolist()) for r in range(len(routes)))
    return found, proven
