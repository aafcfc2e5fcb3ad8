"""The lower bound on the distance of fair routes, compared with all plans of small problems."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand import CVAtMost, GiniAtMost, MaxOverMean
from evenhand.applications.routes import RoutingProblem, Vehicle, broken_rules
from evenhand.applications.routes.fairness_limit import least_distance, least_lengths
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.fairness import Fairness


def random_problem(seed: int, stops: int = 5, vehicles: int = 2) -> RoutingProblem:
    """Return a random problem whose distances break the triangle inequality now and then."""
    random = np.random.default_rng(seed)
    k = stops + 1
    apart = random.integers(1, 60, (k, k))
    np.fill_diagonal(apart, 0)
    demand = np.minimum(np.arange(k), 1)[:, np.newaxis] * random.integers(1, 4, (k, 1))
    rooms = (99, 99) if seed % 2 else (int(demand.sum()) // 2 + 1, int(demand.sum()) // 2)
    return RoutingProblem(
        tuple(map(str, range(k))), None, apart, apart, (0,), demand,
        np.zeros(k, dtype=np.int64), np.array([[0, UNLIMITED]] * k),
        tuple(Vehicle(f"v{v}", 0, (rooms[v],)) for v in range(vehicles)),
    )  # fmt: skip


@pytest.mark.parametrize("member", [CVAtMost(0.2), MaxOverMean(1.1), GiniAtMost(0.1)])
@pytest.mark.parametrize("seed", range(4))
def test_no_fair_plan_is_shorter(member: Fairness, seed: int) -> None:
    problem = random_problem(seed)
    costs, best = RouteCosts(problem), np.inf
    for order in itertools.permutations(problem.stops):
        for cut in range(len(order) + 1):
            routes = order[:cut], order[cut:]
            if member.contains(costs.loads(routes)) and not broken_rules(problem, routes):
                best = min(best, costs.total(routes))
    bound = least_distance(problem, member)
    assert 0.0 < bound <= best


@pytest.mark.parametrize(
    ("demand", "rooms", "lengths"),
    [((1, 1, 1, 1), (2, 3, 2, 2), [20, 4, 0, 0]), ((2, 2, 2, 1), (2, 2, 2, 2), [20, 18, 16, 4])],
)
def test_far_stops_need_as_many_routes_as_hold_them(
    demand: tuple[int, ...], rooms: tuple[int, ...], lengths: list[int]
) -> None:
    at = np.array([0, 10, 2, 9, 8])  # on a line
    apart = np.abs(at[:, np.newaxis] - at)
    problem = RoutingProblem(
        tuple(map(str, at)), None, apart, apart, (0,), np.array([0, *demand])[:, np.newaxis],
        np.zeros(5, dtype=np.int64), np.array([[0, UNLIMITED]] * 5),
        tuple(Vehicle(f"v{v}", 0, (room,)) for v, room in enumerate(rooms)),
    )  # fmt: skip
    assert least_lengths(problem).tolist() == lengths
    assert least_distance(problem, None) == sum(lengths)
    largest_over_mean = 1.0 + 0.1 * 3.0**0.5  # the most that a CV of .1 allows to one of four
    assert least_distance(problem, CVAtMost(0.1)) >= 4.0 * 20.0 / largest_over_mean * (1.0 - 1e-6)
    assert least_distance(problem, MaxOverMean(1.25)) >= 4.0 * 20.0 / 1.25 * (1.0 - 1e-6)
