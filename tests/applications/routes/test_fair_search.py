"""The search for fair routes finds the optima of tiny problems, which trying everything knows."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from small_problems import cheapest_fair, may_drive, scattered, with_windows

from evenhand.applications.routes import fair_search, solve_routes
from evenhand.applications.routes.fair_search import fair_routes
from evenhand.applications.routes.route_costs import RouteCosts, shortest_duration
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    Fairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)

MEMBERS = (
    CVAtMost(0.1),
    JainAtLeast(0.99),
    EpsilonFairness(0.95, 3),
    EpsilonFairness(0.9, math.inf),
    MaxOverMean(1.1),
    LeastOverMean(0.9),
    RangeAtMost(0.2),
    HooverAtMost(0.05),
    GiniAtMost(0.06),
    TopShareAtMost(1, 0.37),
)


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count processor time, and not that in which loops are compiled: other tests may run on the same core."""
    solve_routes.compile_loops()
    monkeypatch.setattr(fair_search, "now", time.process_time)


def first_plan(problem: RoutingProblem) -> Routes:
    """Return the shortest plan of all, fair or not."""
    plan = cheapest_fair(problem, None, "distance")[1]
    assert plan is not None
    return plan


def search(problem: RoutingProblem, member: Fairness | None, burden: str = "distance") -> Routes | None:
    return fair_routes(problem, member, burden, start=first_plan(problem), time_limit=0.6, seed=1).best


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_the_optimum_of_every_member_is_found(member: Fairness) -> None:
    problem = scattered(6, 3, seed=5)
    best, _ = cheapest_fair(problem, member, "distance")
    assert math.isfinite(best)
    found = search(problem, member)
    assert found is not None
    assert RouteCosts(problem).total(found) == best
    assert member.contains(RouteCosts(problem).loads(found))


def test_a_member_that_asks_nothing_lets_one_vehicle_do_all() -> None:
    """At that parameter, plans with one route lie on the border of the cone, which the search keeps away from."""
    problem = scattered(6, 3, seed=5, capacity=1_000)
    problem = replace(problem, vehicles=tuple(replace(vehicle, must_drive=False) for vehicle in problem.vehicles))
    best, plan = cheapest_fair(problem, None, "distance")
    found = fair_routes(problem, EpsilonFairness(0.0), start=((1, 2), (3, 4), (5, 6)), time_limit=0.6).best
    assert plan is not None
    assert sum(map(bool, plan)) == 1
    assert found is not None
    assert RouteCosts(problem).total(found) == best


@pytest.mark.parametrize("burden", ["distance", "duration", "stops", "load"])
def test_the_optimum_of_every_burden_is_found(burden: str) -> None:
    problem = scattered(6, 2, seed=2, capacity=60, depots=2)
    best, _ = cheapest_fair(problem, CVAtMost(0.08), burden)
    found = search(problem, CVAtMost(0.08), burden)
    assert math.isfinite(best)
    assert found is not None
    assert RouteCosts(problem, burden).total(found) == best


@pytest.mark.parametrize("burden", ["distance", "duration"])
def test_windows_and_shifts_are_met_at_the_optimum(burden: str) -> None:
    problem = with_windows(scattered(6, 2, seed=7), seed=3)
    best, _ = cheapest_fair(problem, CVAtMost(0.15), burden)
    found = search(problem, CVAtMost(0.15), burden)
    assert math.isfinite(best)
    assert found is not None
    assert all(may_drive(problem, vehicle, route) for vehicle, route in enumerate(found))
    assert RouteCosts(problem, burden).total(found) == best


def test_burdens_of_earlier_days_and_entitlements_count() -> None:
    problem = scattered(6, 2, seed=5)
    problem = replace(problem, vehicles=(replace(problem.vehicles[0], carried=150.0), problem.vehicles[1]))
    member = CVAtMost(0.1, entitlements=(2.0, 1.0))
    best, _ = cheapest_fair(problem, member, "distance")
    found = search(problem, member)
    assert math.isfinite(best)
    assert found is not None
    assert RouteCosts(problem).total(found) == best


def test_a_vehicle_that_may_stay_may_stay() -> None:
    problem = scattered(6, 3, seed=5)
    problem = replace(problem, vehicles=tuple(replace(vehicle, must_drive=False) for vehicle in problem.vehicles))
    found = search(problem, None)
    assert found is not None
    assert RouteCosts(problem).total(found) == cheapest_fair(problem, None, "distance")[0]


def test_nothing_is_returned_where_nothing_is_fair() -> None:
    problem = scattered(3, 2, seed=2)
    assert cheapest_fair(problem, CVAtMost(0.01), "distance")[1] is None
    assert search(problem, CVAtMost(0.01)) is None


def test_an_unknown_burden_is_refused() -> None:
    with pytest.raises(InputError, match="burden is 'hours'; it must be one of distance"):
        search(scattered(3, 2, seed=1), None, "hours")


def test_a_route_leaves_late_enough_not_to_wait() -> None:
    problem = with_windows(scattered(1, 1, seed=0), seed=0)
    problem.windows[1] = 200, 250
    way = int(problem.durations[0, 1])
    assert shortest_duration(problem, 0, (1,)) == 2 * way + problem.service[1]
    problem.windows[1] = 200, 250
    problem.windows[0, 1] = 1000
    waits = replace(problem, vehicles=(replace(problem.vehicles[0], latest=10_000),))
    assert shortest_duration(waits, 0, (1,)) == 2 * way + 5


def test_matrices_that_differ_by_direction_are_searched_as_they_are() -> None:
    problem = scattered(5, 2, seed=8)
    rng = np.random.default_rng(0)
    problem = replace(problem, distances=problem.distances + rng.integers(0, 30, problem.distances.shape))
    best, _ = cheapest_fair(problem, CVAtMost(0.2), "distance")
    found = search(problem, CVAtMost(0.2))
    assert math.isfinite(best)
    assert found is not None
    assert RouteCosts(problem).total(found) == best
