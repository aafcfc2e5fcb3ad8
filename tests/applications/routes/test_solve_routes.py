"""Fair routes of small problems, compared with all plans there are, and of files of other formats."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from evenhand import CVAtMost, MaxOverMean
from evenhand.applications.routes import RoutingProblem, Vehicle, broken_rules, read_routes, solve
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.errors import InputError
from evenhand.fairness import Fairness

pytest.importorskip("pyvrp")
DATA = Path(__file__).parents[4] / "shared" / "data" / "routes"


def in_a_plane(seed: int, stops: int = 6, vehicles: int = 2, capacity: int = 8) -> RoutingProblem:
    """Return stops in a plane with demands of 1 to 3."""
    random = np.random.default_rng(seed)
    at = random.uniform(0, 100, (stops + 1, 2))
    apart = np.rint(np.hypot(*(at[:, np.newaxis] - at).transpose(2, 0, 1))).astype(np.int64)
    demand = np.concatenate([[0], random.integers(1, 4, stops)])[:, np.newaxis]
    return RoutingProblem(
        tuple(map(str, range(stops + 1))), at, apart, apart, (0,), demand, np.zeros(stops + 1, dtype=np.int64),
        np.array([[0, UNLIMITED]] * (stops + 1)), tuple(Vehicle(f"v{v}", 0, (capacity,)) for v in range(vehicles)),
    )  # fmt: skip


def shortest_fair(problem: RoutingProblem, member: Fairness) -> float:
    """Return the least distance of two fair routes, each the shortest through its stops, by enumeration."""
    costs, stops, best = RouteCosts(problem), problem.stops, np.inf
    for bits in range(2 ** len(stops)):
        parts = [tuple(s for k, s in enumerate(stops) if bits >> k & 1 == side) for side in (0, 1)]
        if any(problem.demand[list(part)].sum() > problem.vehicles[0].capacity[0] for part in parts):
            continue
        lengths = [min(costs.distance(0, order) for order in itertools.permutations(part)) for part in parts]
        if member.contains(np.array(lengths)):
            best = min(best, sum(lengths))
    return best


@pytest.mark.parametrize("member", [CVAtMost(0.1), MaxOverMean(1.05)])
@pytest.mark.parametrize("seed", range(3))
def test_small_problems_reach_the_best_of_all_plans(member: Fairness, seed: int) -> None:
    problem = in_a_plane(seed)
    best = shortest_fair(problem, member)
    found = solve(problem, member, time_limit=2.0)
    assert best < np.inf
    assert found.status == "feasible"
    assert found.cost == best
    assert found.bound is not None
    assert found.bound <= best
    assert found.routes is not None
    assert broken_rules(problem, found.routes) == ()


def test_a_plan_without_fairness_is_pyvrps() -> None:
    found = solve(in_a_plane(3), time_limit=0.5)
    assert found.fairness is None
    assert found.routes == found.base_routes
    assert found.price is None


def test_impossible_problems_are_refused_before_the_search() -> None:
    with pytest.raises(InputError, match="all vehicles hold"):
        solve(in_a_plane(0, capacity=3), CVAtMost(0.1))


@pytest.mark.parametrize(("file", "rounding"), [("E-n22-k4.txt", "nearest"), ("RC208.vrp", "tenths")])
def test_public_files_get_fair_routes(file: str, rounding: str) -> None:
    if not (DATA / file).exists():
        pytest.skip("the public instances are not here")
    problem = read_routes(DATA / file, rounding=rounding)
    found = solve(problem, CVAtMost(0.3), time_limit=3.0, as_many_as_used=True)
    assert found.routes is not None
    assert found.cv is not None
    assert found.cv <= 0.3 + 1e-9
    assert broken_rules(found.problem, found.routes) == ()


def test_a_finished_plan_is_the_base_of_the_price() -> None:
    problem = in_a_plane(1)
    start = ((1, 2, 3), (4, 5, 6))
    if broken_rules(problem, start):
        start = ((1, 3, 5), (2, 4, 6))
    found = solve(problem, CVAtMost(0.5), time_limit=1.0, start=start)
    assert found.base_cost == RouteCosts(problem).total(start)
