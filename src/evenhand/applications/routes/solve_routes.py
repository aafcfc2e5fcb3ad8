"""Plan routes that share distance, hours, stops or load fairly."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evenhand.applications.proportion import in_proportion
from evenhand.applications.routes.check_routes import broken_rules
from evenhand.applications.routes.fair_search import fair_routes
from evenhand.applications.routes.fairness_limit import least_distance
from evenhand.applications.routes.impossible_routes import impossible, never_fair
from evenhand.applications.routes.overtime_plans import overtime_plans
from evenhand.applications.routes.pyvrp_plan import Planner
from evenhand.applications.routes.route_costs import BURDENS, RouteCosts
from evenhand.applications.routes.routes_result import RoutePlan
from evenhand.applications.routes.routing_problem import UNLIMITED, Routes, RoutingProblem, Vehicle
from evenhand.applications.routes.same_hands import in_same_hands
from evenhand.applications.routes.user_units import UserUnits
from evenhand.errors import InputError, choices
from evenhand.fairness import CVAtMost, Fairness
from evenhand.modeling.rounds import Progress
from evenhand.number_checks import check_seed, check_time_limit

FOR_BASE, FOR_OVERTIME = 0.35, 0.2
"""Fractions of the time for PyVRP's plan without fairness, and for its plans under prices of overtime."""


def solve(
    problem: RoutingProblem,
    fairness: Fairness | None = None,
    *,
    burden: str = "distance",
    time_limit: float = 60.0,
    seed: int = 0,
    start: Routes | None = None,
    as_many_as_used: bool = False,
    units: UserUnits = UserUnits(),  # noqa: B008 - frozen
    progress: Callable[[Progress], None] | None = None,
) -> RoutePlan:
    """Find short routes whose burdens are fair.

    PyVRP finds a plan without fairness. Its plans under growing prices of overtime, an annealing that lengthens no
    route on purpose, and a set partition of all routes met lead to fair ones; each route is the shortest known one
    through its stops.

    Parameters
    ----------
    problem
        Stops, ways and vehicles: from :func:`.read_routes`, :func:`.read_route_tables`, or your own.
    fairness
        A member of :mod:`evenhand.fairness` for the burdens of all vehicles; None for no fairness. Without entitlements
        of its own, the vehicles' count.
    burden
        What is shared: ``distance``, ``duration`` (from depot to depot, waiting included), ``stops`` or ``load``.
    time_limit
        Seconds, without those in which the first use of an installation compiles loops.
    seed
        Seed of all random choices; as the search ends by the clock, two runs may still differ.
    start
        A plan to improve instead of PyVRP's, one route for each vehicle; its distance is then the base of the price.
    as_many_as_used
        Whether only as many vehicles are compared as the plan without fairness uses, for a fleet that is as large as
        anybody could need; they must be alike.
    units
        Units of the problem in those of the user, in which results and messages are.
    progress
        Function that is called with progress reports.

    Returns
    -------
    RoutePlan
        The shortest fair routes found, checked from the problem alone.

    Raises
    ------
    InputError
        If an argument cannot be used, or no routes can exist; the message names the stop or the vehicle.
    MissingExtraError
        If PyVRP is missing.
    """
    _check(problem, fairness, burden, time_limit, seed)
    if fairness is not None:
        if progress is not None:
            progress(Progress("loading compiled loops (the first use compiles them)", 0, 0, None, None, 0.0))
        compile_loops()
    clock = _Clock(time.perf_counter(), time_limit)
    reasons = impossible(problem, units)
    if reasons:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        raise InputError(f"no routes are possible: {reasons[0]}{more}")
    base = start if start is not None else _cheapest(problem, clock, fairness, seed)
    if start is not None and (broken := broken_rules(problem, start, units)):
        raise InputError(f"the plan to start from is not feasible: {broken[0]}")
    if base is not None and as_many_as_used:
        problem, base = _used_only(problem, base)
    member = None if fairness is None else _member(problem, fairness)
    if member is not None and (why := never_fair(problem, member, burden)):
        raise InputError(f"no fair routes are possible: {why}")
    found = base
    if base is not None and member is not None:
        found = _fair(problem, member, burden, base, clock, seed, progress)
        if start is None and found is not None and RouteCosts(problem).total(found) < RouteCosts(problem).total(base):
            base = found  # the shortest plan that is known, fair or not
    if found is not None:
        _assert_fair(problem, found, member, burden)
    costs = RouteCosts(problem, burden)
    bound = least_distance(problem, member) / units.distance if burden == "distance" else None
    return RoutePlan(
        status="unknown" if found is None else "feasible",
        routes=found,
        loads=None if found is None else costs.loads(found) / units.of(burden),
        burden=burden,
        bound=bound,
        base_cost=None if base is None else costs.total(base) / units.distance,
        base_routes=base,
        fairness=member,
        problem=problem,
        units=units,
        seconds=time.perf_counter() - clock.begun,
        interrupted=clock.interrupted,
    )


@functools.cache
def compile_loops() -> None:
    """Search fair routes of twenty stops: it takes a moment, or some seconds where the loops are not compiled yet.

    One route is longer than those whose shortest order is found exactly, so that the loops for both kinds are compiled.
    """
    at = np.arange(21)
    apart = np.abs(at[:, np.newaxis] - at)
    demand, windows = np.minimum(at, 1)[:, np.newaxis], np.array([[0, UNLIMITED]] * 21)
    tiny = RoutingProblem(
        *(tuple(map(str, at)), None, apart, apart, (0,), demand, np.zeros(21, dtype=np.int64), windows),
        (Vehicle("A", 0, (20,)), Vehicle("B", 0, (20,))),
    )
    start = tuple(range(1, 7)), tuple(range(7, 21))
    for _ in range(2):  # compiling what checks a plan uses up the first time, and the second one walks
        fair_routes(tiny, CVAtMost(0.9), "distance", start=start, time_limit=0.05)


@dataclass(slots=True)
class _Clock:
    """When the search began and must end, and whether Ctrl-C ended it."""

    begun: float
    time_limit: float
    interrupted: bool = False

    @property
    def left(self) -> float:
        """Seconds left, at least 0; 0 after Ctrl-C."""
        return 0.0 if self.interrupted else max(0.0, self.begun + self.time_limit - time.perf_counter())


def _check(problem: Any, fairness: Any, burden: str, time_limit: float, seed: int) -> None:
    if not isinstance(problem, RoutingProblem):
        raise InputError(f"problem is {type(problem).__name__}; give a RoutingProblem, as read_routes returns")
    if fairness is not None and not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {fairness!r}; give a member such as CVAtMost(0.1), or None")
    if burden not in BURDENS:
        raise InputError(f"burden is {burden!r}; {choices(burden, BURDENS, quoted=False)}")
    check_time_limit(time_limit)
    check_seed(seed)


def _cheapest(problem: RoutingProblem, clock: _Clock, fairness: Fairness | None, seed: int) -> Routes | None:
    planner = Planner(problem)
    found = planner.plan((1.0 if fairness is None else FOR_BASE) * clock.left, seed)
    clock.interrupted |= planner.interrupted
    return found


def _used_only(problem: RoutingProblem, base: Routes) -> tuple[RoutingProblem, Routes]:
    """Return the problem with only as many of its alike vehicles as the plan uses, and the plan for these."""
    if not problem.alike:
        raise InputError("vehicles are not alike; they cannot be reduced to those that the cheapest plan uses")
    used = tuple(route for route in base if route)
    return replace(problem, vehicles=problem.vehicles[: len(used)]), used


def _member(problem: RoutingProblem, fairness: Fairness) -> Fairness:
    if len(problem.vehicles) < 2:
        raise InputError("there is one vehicle, which shares with nobody; leave fairness out, or give more vehicles")
    shares = problem.entitlements
    if fairness.entitlements is None and shares is not None:
        return in_proportion(fairness, np.array(shares), "the vehicles' entitlements")
    return fairness


def _fair(
    problem: RoutingProblem,
    member: Fairness,
    burden: str,
    base: Routes,
    clock: _Clock,
    seed: int,
    progress: Callable[[Progress], None] | None,
) -> Routes | None:
    """Return the shortest fair routes found until the clock or Ctrl-C ends the search; None if there are none."""

    def tell(_: float, distance: float | None) -> None:
        if progress is not None:
            progress(Progress("fair routes", 0, 0, distance, None, time.perf_counter() - clock.begun))

    costs = RouteCosts(problem, burden)
    if not costs.loads(base).any():
        return base  # nobody carries anything: equal loads
    pool: dict[tuple[int, tuple[int, ...]], None] = {}
    best: Routes | None = base if member.contains(costs.loads(base)) else None
    try:
        for plan in overtime_plans(problem, burden, base, min(FOR_OVERTIME * clock.time_limit, clock.left), seed):
            pool |= {(vehicle, route): None for vehicle, route in enumerate(plan) if route}
            shorter = best is None or costs.total(plan) < costs.total(best)
            if shorter and member.contains(costs.loads(plan)) and not broken_rules(problem, plan):
                best = plan
    except KeyboardInterrupt:
        clock.interrupted = True
    if not clock.left:
        return best
    found = fair_routes(
        *(problem, member, burden),
        start=base if best is None else best,
        pool=list(pool),
        time_limit=clock.left,
        seed=seed,
        progress=tell,
    )
    clock.interrupted |= found.interrupted
    shortest = best if found.best is None else found.best
    return None if shortest is None else in_same_hands(base, shortest, found.pool.kind_of)


def _assert_fair(problem: RoutingProblem, routes: Routes, member: Fairness | None, burden: str) -> None:
    """Raise an error unless the routes are feasible and fair, judged from the problem alone."""
    broken = broken_rules(problem, routes)
    if broken:
        raise AssertionError(f"the search returned routes that break a rule: {broken[0]}")
    if member is not None and not member.contains(RouteCosts(problem, burden).loads(routes)):
        raise AssertionError("the search returned routes that are not fair")
