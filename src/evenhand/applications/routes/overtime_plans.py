"""Plans of PyVRP in which time beyond a common shift costs more and more: on the way from cheap to even."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evenhand.applications.routes.pyvrp_plan import Planner
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED, Routes, RoutingProblem

PRICES = (1, 3, 10, 30)
"""Costs of a unit of overtime, each plan beginning with the last one's."""

SHIFTS = (1.0, 1.05)
"""Shifts after which overtime begins, as multiples of the mean burden of the plan without fairness."""

MOST_KEPT = 400
"""Upper limit on the plans that one search of PyVRP's hands on."""


def overtime_plans(problem: RoutingProblem, burden: str, base: Routes, seconds: float, seed: int) -> Iterator[Routes]:
    """Yield feasible plans, some of them fairer than `base`; none where overtime cannot say what is shared.

    Overtime is counted in PyVRP's durations. Distances take their place if no window and no shift needs the durations.
    """
    timed = _has_times(problem)
    if burden not in ("distance", "duration") or (burden == "distance" and timed):
        return
    mean = float(np.mean([RouteCosts(problem, burden).burden(vehicle, route) for vehicle, route in enumerate(base)]))
    steps = [(shift, price) for shift in SHIFTS for price in PRICES]
    start = base
    for shift, price in steps:
        seen: dict[Routes, None] = {}

        def keep(routes: Routes, into: dict[Routes, None] = seen) -> None:
            into.pop(routes, None)
            into[routes] = None
            if len(into) > MOST_KEPT:
                del into[next(iter(into))]

        times = problem.distances if burden == "distance" else None
        planner = Planner(problem, times, (max(1, round(shift * mean)), price))
        found = planner.plan(seconds / len(steps), seed, start, keep)
        yield from seen
        if found is not None:
            yield found
            start = found
        if planner.interrupted:
            raise KeyboardInterrupt


def _has_times(problem: RoutingProblem) -> bool:
    """Return whether windows, shifts or longest durations can forbid a route."""
    limits = [limit for vehicle in problem.vehicles for limit in (vehicle.latest, vehicle.most_duration)]
    late, early = problem.windows[:, 1], problem.windows[:, 0]
    return bool((late < UNLIMITED).any() or (early > 0).any() or min(limits) < UNLIMITED)
