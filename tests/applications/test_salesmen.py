"""Salesmen share the way as cheaply as enumeration says, and their tours are what the result tells of them."""

from __future__ import annotations

import numpy as np
import pytest
from tour_enumeration import every_plan, least_total, lengths_of_every_tour

from evenhand.applications import salesmen
from evenhand.applications.salesmen.shortest import shortest_tour
from evenhand.applications.towns import Towns, generate_towns
from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    MaxOverMean,
    RangeAtMost,
)

pytest.importorskip("pyscipopt")

MEMBERS = [
    EpsilonFairness(0.3, p=2),
    EpsilonFairness(0.9, p=2),
    EpsilonFairness(0.8, p=5),
    EpsilonFairness(0.9, p=np.inf),
    CVAtMost(0.25),
    JainAtLeast(0.8),
    MaxOverMean(1.15),
    GiniAtMost(0.1),
    HooverAtMost(0.1),
    RangeAtMost(0.4),
]


@pytest.fixture(scope="module")
def towns():
    """Six towns and a depot."""
    return generate_towns(7, seed=4)


@pytest.fixture(scope="module")
def plans(towns):
    return every_plan(towns, 3)


def check(found, towns, count):
    """Check that the tours are tours, and the numbers theirs."""
    assert sorted(node for tour in found.tours for node in tour[1:]) == sorted(towns.customers)
    assert all(tour[0] == towns.depot for tour in found.tours if tour)
    assert len(found.tours) == count
    for tour, length, waste in zip(found.tours, found.lengths, found.waste, strict=True):
        assert length == towns.length(tour)
        assert waste == length - (lengths_of_every_tour(towns, sorted(tour[1:]))[0] if tour else 0.0)
    assert found.cost == found.lengths.sum()
    assert found.bound <= found.cost


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_three_salesmen_against_enumeration(fairness, towns, plans):
    found = salesmen.solve(towns, 3, fairness)
    assert found.status == "optimal"
    check(found, towns, 3)
    assert fairness.contains(found.lengths, 1e-7)
    assert found.cost == least_total(plans, fairness.contains(plans))
    assert found.base_cost == plans.sum(axis=1).min()
    assert found.price == pytest.approx(found.cost / plans.sum(axis=1).min() - 1.0)
    assert (np.diff(found.lengths) <= 0).all(), "longest first"


def test_salesmen_of_unequal_share_against_enumeration(towns, plans):
    fairness = EpsilonFairness(0.95, p=2, entitlements=(1.0, 0.5, 1.0))
    found = salesmen.solve(towns, 3, fairness)
    check(found, towns, 3)
    assert fairness.contains(found.lengths, 1e-7)
    assert found.cost == least_total(plans, fairness.contains(plans))
    assert found.lengths[1] < min(found.lengths[[0, 2]])


def test_a_least_load_against_enumeration(towns, plans):
    found = salesmen.solve(towns, 3, EpsilonFairness(0.5, p=2), least_load=40.0)
    check(found, towns, 3)
    fair = EpsilonFairness(0.5, p=2).contains(plans)
    expected = least_total(plans, fair & (plans.min(axis=1) >= 40.0))
    assert found.cost == expected
    assert expected > least_total(plans, fair), "the least load binds"
    assert found.lengths.min() >= 40.0


@pytest.mark.parametrize("fairness", [None, EpsilonFairness(0.3, p=2)])
def test_all_salesmen_used_against_enumeration(fairness, towns, plans):
    found = salesmen.solve(towns, 3, fairness, all_used=True)
    check(found, towns, 3)
    fair = np.ones(len(plans), dtype=bool) if fairness is None else fairness.contains(plans)
    assert all(found.tours)
    assert found.cost == least_total(plans, fair & (plans.min(axis=1) > 0.0))


def test_without_fairness_one_salesman_travels(towns, plans):
    """Distances meet the triangle inequality, so that nothing is gained by a second one."""
    found = salesmen.solve(towns, 3, None)
    check(found, towns, 3)
    assert found.cost == plans.sum(axis=1).min()
    assert found.lengths.tolist() == [found.cost, 0, 0]
    assert found.price is None
    assert found.level is None


def test_distances_need_not_meet_the_triangle_inequality():
    distances = np.random.default_rng(5).integers(1, 60, (7, 7)).astype(float)
    distances = np.triu(distances, 1) + np.triu(distances, 1).T
    towns = Towns(distances, 3, tuple("abcdefg"))
    plans = every_plan(towns, 3)
    for fairness in (None, EpsilonFairness(0.9, p=2)):
        found = salesmen.solve(towns, 3, fairness)
        check(found, towns, 3)
        fair = np.ones(len(plans), dtype=bool) if fairness is None else fairness.contains(plans)
        assert found.cost == least_total(plans, fair)


def test_a_tour_made_longer_only_to_look_fair_is_reported():
    """Here the least total is reached only with a detour: enumeration without detours finds nothing as short."""
    towns, fairness = generate_towns(8, seed=2), MaxOverMean(1.1)
    every, straight = every_plan(towns, 2), every_plan(towns, 2, shortest_only=True)
    least = least_total(every, fairness.contains(every))
    assert least < least_total(straight, fairness.contains(straight))
    found = salesmen.solve(towns, 2, fairness)
    check(found, towns, 2)
    assert found.cost == least
    assert found.wasteful
    assert found.waste_proven
    assert "longer than need be" in repr(found)


@pytest.mark.parametrize(
    ("nodes", "seed", "count", "fairness"),
    [
        (8, 2, 2, MaxOverMean(1.1)),
        (7, 4, 3, EpsilonFairness(0.9, p=2)),
        (7, 4, 3, GiniAtMost(0.1)),
    ],
)
def test_without_detours_against_enumeration(nodes, seed, count, fairness):
    towns = generate_towns(nodes, seed)
    straight = every_plan(towns, count, shortest_only=True)
    found = salesmen.solve(towns, count, fairness, detours=False)
    check(found, towns, count)
    assert not found.wasteful
    assert found.cost == least_total(straight, fairness.contains(straight))


@pytest.mark.parametrize("solver", ["highs", "gurobi"])
def test_other_solvers_agree(solver, towns, plans):
    pytest.importorskip({"highs": "highspy", "gurobi": "gurobipy"}[solver])
    found = salesmen.solve(towns, 3, EpsilonFairness(0.8, p=2), solver=solver)
    check(found, towns, 3)
    assert found.cost == least_total(plans, EpsilonFairness(0.8, p=2).contains(plans))


def test_equal_lengths_can_be_impossible():
    """Both towns lie on the same side, 10 and 30 away: tours have lengths 20, 60 and 60."""
    line = np.array([0.0, 10.0, 30.0])
    towns = Towns(np.abs(line[:, np.newaxis] - line), 0, ("depot", "near", "far"))
    found = salesmen.solve(towns, 2, EpsilonFairness(1.0, p=2))
    assert found.status == "infeasible"
    assert found.tours is None
    assert found.cost is None
    assert found.to_rows() == []
    assert found.to_dict()["tours"] is None
    assert found.base_cost == 60.0
    assert salesmen.solve(towns, 3, None, all_used=True).status == "infeasible", "two towns for three salesmen"


def test_results_read_as_json_values_and_rows(towns):
    found = salesmen.solve(towns, 2, EpsilonFairness(0.9, p=2))
    data = found.to_dict()
    assert data["tours"] == [[towns.names[node] for node in tour] for tour in found.tours]
    assert data["fairness"] == {"name": "epsilon", "epsilon": 0.9, "p": 2, "entitlements": None}
    assert data["cost"] == found.cost
    assert data["gap"] == 0.0
    assert data["coordinates"] == towns.coordinates.tolist()
    rows = found.to_rows()
    assert len(rows) == len(towns.customers) + 2, "each town, and twice the way back"
    assert sum(row["distance"] for row in rows) == found.cost
    assert [row["node"] for row in rows if row["salesman"] == 1] == [*data["tours"][0][1:], "1"]
    assert found.cv == pytest.approx(np.std(found.lengths) / np.mean(found.lengths))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_shortest_tours_against_permutations(count):
    towns = generate_towns(9, seed=6)
    nodes = [0, 5, 3, 8, 1, 7, 2, 6][: count + 1]
    tour, proven = shortest_tour(towns, nodes)
    assert proven
    assert sorted(tour) == sorted(nodes)
    assert tour[0] == 0
    assert towns.length(tour) == lengths_of_every_tour(towns, nodes[1:])[0]


def test_shortest_tours_of_many_nodes_agree_with_those_of_subsets(monkeypatch):
    towns = generate_towns(11, seed=7)
    by_subsets, _ = shortest_tour(towns, range(11))
    monkeypatch.setattr("evenhand.applications.salesmen.shortest.MOST_BY_SUBSETS", 5)
    in_the_tree, proven = shortest_tour(towns, range(11))
    assert proven
    assert towns.length(in_the_tree) == towns.length(by_subsets)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"towns": [[0, 1], [1, 0]]}, "towns is list; give Towns"),
        ({"salesmen": 1}, "salesmen is 1; it must be a whole number from 2 to 100"),
        ({"salesmen": 2.0}, r"salesmen is 2\.0; it must be"),
        ({"fairness": 0.9}, r"fairness is 0\.9; give a member"),
        ({"fairness": CVAtMost(0.2, entitlements=(1, 1, 1))}, "3"),
        ({"gap": -1.0}, r"gap is -1\.0; it must be a relative gap, a finite number of at least 0"),
        ({"time_limit": float("nan")}, "time_limit is nan"),
        ({"least_load": -2.0}, r"least_load is -2\.0"),
        ({"solver": "cplex"}, "solver is 'cplex'; known are highs, scip, gurobi"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(arguments, message, towns):
    given = {"towns": towns, "salesmen": 2, "fairness": CVAtMost(0.2)} | arguments
    with pytest.raises(InputError, match=message):
        salesmen.solve(**given)


def test_a_time_limit_ends_the_search_with_what_is_known():
    found = salesmen.solve(generate_towns(40, seed=1), 4, EpsilonFairness(0.95, p=2), time_limit=0.5)
    assert found.status == "time_limit"
    assert found.seconds < 30.0
    if found.tours is not None:
        assert found.bound <= found.cost


@pytest.mark.parametrize("detours", [False, True])
@pytest.mark.parametrize("member", [MaxOverMean(1.0), JainAtLeast(0.5), GiniAtMost(0.0)], ids=repr)
def test_the_fairest_tours_are_those_of_enumeration(member, detours) -> None:
    towns = generate_towns(6, seed=3)
    plans = every_plan(towns, 2, shortest_only=not detours)
    loosest, strictest = member.parameter_range(2)
    levels = member.level(plans)
    best = levels.max() if strictest > loosest else levels.min()
    found = salesmen.fairest_tours(towns, 2, member, detours=detours, solver="highs")
    assert found.status == "optimal"
    assert abs(found.reached - best) <= 1e-3 * abs(strictest - loosest)
    assert float(member.level(found.loads)) == pytest.approx(found.reached)
    if found.refuted is not None:
        assert (found.refuted - best) * (strictest - loosest) >= 0.0, "what is possible is not refuted"


def test_the_fairest_tours_keep_the_least_load() -> None:
    towns = generate_towns(6, seed=3)
    assert salesmen.fairest_tours(towns, 2, JainAtLeast(0.5), least_load=1e5).status == "infeasible"
    with pytest.raises(InputError, match="salesmen is 1"):
        salesmen.fairest_tours(towns, 1, JainAtLeast(0.5))
