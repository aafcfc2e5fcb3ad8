"""Fair routes of small problems, compared with all plans there are, and of files of other formats."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenhand import CVAtMost, LeastOverMean, MaxOverMean
from evenhand.applications.routes import RoutingProblem, Vehicle, broken_rules, read_routes, solve
from evenhand.applications.routes.impossible_routes import never_fair
from evenhand.applications.routes.must_drive import with_all_driving
from evenhand.applications.routes.pyvrp_plan import Planner
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.rounds import Progress

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


@pytest.mark.parametrize(
    ("member", "burden", "vehicles", "message"),
    [
        (CVAtMost(0.5), "duration", 5, "3 stops for 5 vehicles: cv is 0.816 at best"),
        (LeastOverMean(0.1), "distance", 5, "least_over_mean is 0.000 at best"),
        (CVAtMost(0.3), "stops", 2, "3 stops for 2 vehicles: cv is 0.333 at best"),
    ],
)
def test_too_few_stops_are_found_before_the_search(member: Fairness, burden: str, vehicles: int, message: str) -> None:
    """By hand: sqrt(5 / 3 - 1), nothing for two of five, and one stop against two."""
    with pytest.raises(InputError, match=message):
        solve(in_a_plane(1, stops=3, vehicles=vehicles, capacity=99), member, burden=burden, time_limit=0.2)


def test_what_is_carried_may_be_too_much_for_a_level() -> None:
    """By hand: beside 30, 10 and 0 for the others, four stops make 30, 10 and 4, and twelve 30, 11 and 11."""
    problem = in_a_plane(1, stops=12, vehicles=3, capacity=99)
    carried = [replace(vehicle, carried=float(c)) for vehicle, c in zip(problem.vehicles, (30, 10, 0), strict=True)]
    late = replace(problem, vehicles=tuple(carried))
    best = float(CVAtMost(1.0).level(np.array([30.0, 11.0, 11.0])))
    assert never_fair(late, CVAtMost(best + 1e-6), "stops") is None
    assert never_fair(late, CVAtMost(best - 1e-6), "distance") is None
    assert str(never_fair(late, CVAtMost(best - 1e-6), "stops")).endswith(f"cv is {best:.3f} at best")
    few = replace(in_a_plane(1, stops=4, vehicles=3), vehicles=tuple(carried))
    best = float(CVAtMost(1.0).level(np.array([30.0, 10.0, 4.0])))
    assert "4 stops for 3 vehicles, beside what is carried" in str(never_fair(few, CVAtMost(best - 1e-6), "stops"))
    assert never_fair(few, CVAtMost(best + 1e-6), "stops") is None


def test_nobody_carries_anything_is_fair() -> None:
    problem = in_a_plane(1, stops=4, capacity=99)
    problem = replace(problem, distances=problem.distances * 0)
    found = solve(problem, CVAtMost(0.1), burden="distance", time_limit=0.2)
    assert (found.status, found.cost, found.cv) == ("feasible", 0.0, 0.0)


def test_one_vehicle_shares_with_nobody() -> None:
    alone = in_a_plane(1, stops=3, vehicles=1, capacity=99)
    assert solve(alone, time_limit=0.2).to_dict()["cv"] is None
    with pytest.raises(InputError, match="one vehicle"):
        solve(alone, CVAtMost(0.1), time_limit=0.2)


def test_a_finished_plan_is_the_base_of_the_price() -> None:
    problem = in_a_plane(1)
    start = ((1, 2, 3), (4, 5, 6))
    if broken_rules(problem, start):
        start = ((1, 3, 5), (2, 4, 6))
    found = solve(problem, CVAtMost(0.5), time_limit=1.0, start=start)
    assert found.base_cost == RouteCosts(problem).total(start)


@pytest.mark.parametrize("fairness", [None, CVAtMost(0.5)])
@pytest.mark.parametrize("must", [(0, 1, 2), (2,)])
def test_whoever_must_drive_does(must: tuple[int, ...], fairness: Fairness | None) -> None:
    """One vehicle could do all: without fairness, too, the others get the stop that costs least."""
    problem = in_a_plane(2, vehicles=3, capacity=100)
    vehicles = [replace(vehicle, must_drive=index in must) for index, vehicle in enumerate(problem.vehicles)]
    found = solve(replace(problem, vehicles=tuple(vehicles)), fairness, time_limit=0.5)
    assert found.routes is not None
    assert all(found.routes[index] for index in must)


def test_the_cheapest_stop_is_moved_to_whoever_must_drive() -> None:
    """By trying every stop; None where the only vehicle with stops must keep its one."""
    problem = in_a_plane(4, vehicles=2, capacity=100)
    problem = replace(problem, vehicles=tuple(replace(vehicle, must_drive=True) for vehicle in problem.vehicles))
    costs, all_stops = RouteCosts(problem), problem.stops
    moved = [(tuple(s for s in all_stops if s != stop), (stop,)) for stop in all_stops]
    found = with_all_driving(problem, (all_stops, ()))
    assert found is not None
    assert costs.total(found) == min(map(costs.total, moved))
    alone = in_a_plane(4, stops=1)
    alone = replace(alone, vehicles=tuple(replace(vehicle, must_drive=True) for vehicle in alone.vehicles))
    assert with_all_driving(alone, ((1,), ())) is None


def test_overtime_ends_where_the_longest_duration_does() -> None:
    """Overtime is cheap, and yet no plan under it breaks the limit."""
    problem = in_a_plane(5, stops=8, capacity=100)
    half = int(0.7 * RouteCosts(problem).total((problem.stops, ())))
    limited = replace(problem, vehicles=tuple(replace(vehicle, most_duration=half) for vehicle in problem.vehicles))
    plan = Planner(limited, None, (half // 2, 1)).plan(0.3, 0)
    assert plan is not None
    assert broken_rules(limited, plan) == ()
    found = solve(limited, CVAtMost(0.3), burden="duration", time_limit=1.0)
    assert found.routes is not None
    assert broken_rules(limited, found.routes) == ()


def test_ctrl_c_keeps_the_best_plan_of_pyvrp() -> None:
    """Pressed at the first plan that is handed on."""

    def pressed(routes: object) -> None:
        raise KeyboardInterrupt

    planner, begun = Planner(in_a_plane(6)), time.perf_counter()
    plan = planner.plan(60.0, 0, None, pressed)
    assert planner.interrupted
    assert plan is not None
    assert broken_rules(in_a_plane(6), plan) == ()
    assert time.perf_counter() < begun + 60


def test_ctrl_c_during_the_fair_search_keeps_the_best_fair_plan() -> None:
    """Pressed at the second report of fair routes."""
    distances: list[float] = []

    def pressed(report: Progress) -> None:
        if report.objective is not None:
            distances.append(report.objective)
            raise KeyboardInterrupt

    found = solve(in_a_plane(1, stops=9, capacity=20), CVAtMost(0.3), time_limit=2.0, progress=pressed)
    assert found.interrupted
    assert found.cost is not None
    assert found.cost <= distances[0]
    assert found.routes is not None
    assert broken_rules(found.problem, found.routes) == ()
