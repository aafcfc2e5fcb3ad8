"""The lower bound on the distance of fair routes, compared with all plans of small problems."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand import CVAtMost, GiniAtMost, MaxOverMean
from evenhand.applications.routes import RoutingProblem, Vehicle
from evenhand.applications.routes.fairness_limit import largest_over_mean, least_distance
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.fairness import Fairness


def random_problem(seed: int, stops: int = 5, vehicles: int = 2) -> RoutingProblem:
    """Return a random problem whose distances break the triangle inequality now and then."""
    random = np.random.default_rng(seed)
    k = stops + 1
    apart = random.integers(1, 60, (k, k))
    np.fill_diagonal(apart, 0)
    return RoutingProblem(
        tuple(map(str, range(k))), None, apart, apart, (0,), np.zeros((k, 1), dtype=np.int64),
        np.zeros(k, dtype=np.int64), np.array([[0, UNLIMITED]] * k),
        tuple(Vehicle(f"v{v}", 0, (99,)) for v in range(vehicles)),
    )  # fmt: skip


@pytest.mark.parametrize("member", [CVAtMost(0.2), MaxOverMean(1.1), GiniAtMost(0.1)])
@pytest.mark.parametrize("seed", range(4))
def test_no_fair_plan_is_shorter(member: Fairness, seed: int) -> None:
    problem = random_problem(seed)
    costs, best = RouteCosts(problem), np.inf
    for order in itertools.permutations(problem.stops):
        for cut in range(len(order) + 1):
            routes = order[:cut], order[cut:]
            if member.contains(costs.loads(routes)):
                best = min(best, costs.total(routes))
    bound = least_distance(problem, member)
    assert 0.0 < bound <= best


def test_the_cap_of_a_cv_is_the_known_one() -> None:
    assert largest_over_mean(CVAtMost(0.1), 10) == pytest.approx(1.0 + 0.1 * 3.0, abs=1e-6)
    assert largest_over_mean(MaxOverMean(1.25), 10) == pytest.approx(1.25, abs=1e-6)
