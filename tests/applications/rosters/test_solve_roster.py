"""Rosters cost what enumeration by the checker says is least, with and without fairness, prices and history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from small_rosters import SMALL, every_plan

from evenhand.applications.rosters import (
    Cover,
    Person,
    Request,
    RosterProblem,
    Shift,
    check_roster,
    parse_shift_benchmark,
    solve,
)
from evenhand.applications.rosters.counts import carried_of, counts_of, entitlements_of, people_compared
from evenhand.applications.rosters.exact_search import solve_exactly
from evenhand.applications.rosters.fair_counts import fair_counts
from evenhand.applications.rosters.model_search import Clock
from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    Fairness,
    GiniAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
)
from evenhand.modeling.rounds import Progress

pytest.importorskip("highspy")


def small(people: int = 3, days: int = 4) -> RosterProblem:
    """Return a problem with few legal rows: two shifts, unequal contracts and carried work."""
    day = Shift("D", 480)
    night = Shift("N", 480, cannot_precede=frozenset({"D"}), kinds=frozenset({"night"}))
    team = tuple(
        Person(
            name,
            {"D": days, "N": days},
            480,
            480 * (3 if name != "C" else 2),
            longest_run=3,
            carried={"nights": 1.0} if name == "A" else {},
        )
        for name in "ABCD"[:people]
    )
    cover = tuple(Cover(d, s, 1, 20.0, 1.0) for d in range(days) for s in "DN")
    requests = (Request("A", 1, "N", True, 4.0), Request("B", 2, None, False, 3.0), Request("C", 0, "D", True, 2.0))
    there = tuple(request for request in requests if request.person in "ABCD"[:people])
    return RosterProblem(days, (day, night), team, cover, there)


def meets(problem: RosterProblem, loads: Array, count: str, member: Fairness) -> bool:
    """Return whether loads of a count are fair by the definition, ratio caps with the next whole number."""
    entitled = entitlements_of(problem, count)[list(people_compared(problem, count))]
    fair_share = loads.sum() * entitled / entitled.sum()
    if isinstance(member, MaxOverMean) and count != "minutes":
        return not (loads > np.ceil(member.ratio * fair_share - 1e-9)).any()
    if isinstance(member, LeastOverMean) and count != "minutes":
        return not (loads < np.floor(member.parameter * fair_share + 1e-9)).any()
    return bool(replace(member, entitlements=tuple(entitled.tolist())).contains(loads))  # type: ignore[type-var]


def least_cost(problem: RosterProblem, fairness: Mapping[str, Fairness] | None = None) -> float:
    """Return the least cost of all plans, by enumeration."""
    rows, plans, costs = every_plan(problem)
    fair = costs < math.inf
    for count, member in (fairness or {}).items():
        compared = list(people_compared(problem, count))
        loads = np.zeros((len(plans), len(rows)))
        free = [(None,) * problem.days] * len(rows)
        for index, one in enumerate(rows):
            own = [counts_of(problem, [*free[:index], row, *free[index + 1 :]])[count][index] for row in one]
            loads[:, index] = np.array(own)[plans[:, index]]
        loads = (loads + carried_of(problem, count))[:, compared]
        kinds, where = np.unique(loads, axis=0, return_inverse=True)
        fair &= np.array([meets(problem, kind, count, member) for kind in kinds])[where.ravel()]
    return float(np.where(fair, costs, math.inf).min())


def test_the_least_cost_is_that_of_enumeration() -> None:
    """All legal plans of three people and four days are compared."""
    problem = small()
    answer = solve(problem)
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(least_cost(problem))
    assert answer.bound == pytest.approx(answer.cost)
    assert answer.plan is not None
    assert not check_roster(problem, answer.plan).violations


@pytest.mark.parametrize(
    "fairness",
    [
        {"nights": MaxOverMean(1.2)},
        {"nights": LeastOverMean(0.9)},
        {"nights": CVAtMost(0.3)},
        {"nights": CVAtMost(0.0)},
        {"nights": JainAtLeast(0.8), "minutes": CVAtMost(0.2)},
        {"nights": EpsilonFairness(0.7, p=3)},
        {"nights": GiniAtMost(0.15)},
        {"granted": RangeAtMost(0.5)},
        {"minutes": MaxOverMean(1.1)},
    ],
    ids=str,
)
def test_the_least_cost_of_a_fair_roster_is_that_of_enumeration(fairness: Mapping[str, Fairness]) -> None:
    """Contracts, carried nights and the next whole number are considered as the definition says."""
    problem = small()
    answer = solve(problem, fairness)
    least = least_cost(problem, fairness)
    if math.isinf(least):
        assert answer.status == "infeasible"
        return
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(least)


@pytest.mark.parametrize(
    "fairness",
    [
        {"nights": CVAtMost(0.3)},
        {"nights": JainAtLeast(0.8), "minutes": CVAtMost(0.2)},
        {"nights": EpsilonFairness(0.8), "weekends": MaxOverMean(1.0)},
        {"nights": CVAtMost(0.05)},
    ],
    ids=str,
)
def test_the_model_with_exact_squares_has_the_optimum_of_enumeration(fairness: Mapping[str, Fairness]) -> None:
    """One model, without generated columns, finds and proves the least cost; carried nights are no whole number."""
    problem = small()
    first, *others = problem.people
    problem = replace(problem, people=(replace(first, carried={"nights": 0.4}), *others))
    found = solve_exactly(problem, fair_counts(problem, fairness), Clock.of(None), gap=0.0, seed=0)
    least = least_cost(problem, fairness)
    assert found.status == ("infeasible" if math.isinf(least) else "optimal")
    assert found.cost == (None if math.isinf(least) else pytest.approx(least))
    assert found.bound == (None if math.isinf(least) else pytest.approx(least))


@pytest.mark.parametrize(
    "rule", ["longest_run", "least_minutes", "most_minutes", "sequence", "most_shifts", "days_off"]
)
def test_a_rule_with_a_price_is_broken_where_that_is_cheaper(rule: str) -> None:
    """The least cost with the price is that of enumeration."""
    problem = small(people=2, days=4)
    people = tuple(
        replace(one, longest_run=1, least_minutes=960, days_off=frozenset({3}), most_shifts={"D": 1, "N": 2})
        for one in problem.people
    )
    priced = replace(problem, people=people, prices={rule: 0.01})
    answer = solve(priced)
    assert answer.cost == pytest.approx(least_cost(priced))
    assert answer.cost is not None
    assert answer.cost <= least_cost(replace(priced, prices={})) + 1e-9


def test_history_and_hard_rules_hold() -> None:
    """Nights before the first day forbid an early one; a must and a least of cover are kept."""
    problem = small()
    people = tuple(replace(one, last_days=(None, "N", "N"), shortest_run=1) for one in problem.people)
    must = Request("B", 3, "N", True, math.inf)
    changed = replace(
        problem,
        people=people,
        cover=(*problem.cover[:-1], Cover(3, "N", 1, 20.0, 1.0, least=2, most=2)),
        requests=(*problem.requests, must),
    )
    answer = solve(changed)
    assert answer.cost == pytest.approx(least_cost(changed))
    assert answer.plan is not None
    assert answer.plan[1][3] == "N"


def test_the_benchmark_text_is_solved_and_the_price_is_told() -> None:
    """Fairness never makes it cheaper, and the result has what all results share."""
    problem = parse_shift_benchmark(SMALL)
    free = solve(problem)
    answer = solve(problem, {"late": MaxOverMean(1.0), "weekends": CVAtMost(0.5)})
    assert free.cost is not None
    assert answer.cost is not None
    assert answer.cost >= free.cost
    assert answer.base_cost == pytest.approx(free.cost)
    assert answer.price == (0.0 if answer.cost == free.cost else None)
    rough = solve(problem, {"weekends": CVAtMost(0.5)}, gap=0.9)
    assert rough.base_cost is not None
    assert rough.base_cost <= free.cost <= min(rough.base_found, rough.cost)
    told = answer.to_dict()
    assert {"cost", "base_cost", "price", "bound", "gap", "fairness", "level", "cv", "jain"} <= told.keys()
    assert told["fairness"]["late"]["name"] == "max_over_mean"
    assert len(answer.to_rows()) == sum(shift is not None for row in answer.plan or () for shift in row)


@pytest.mark.parametrize(
    ("fairness", "message"),
    [
        ({"naps": CVAtMost(0.3)}, "count 'naps' is not known"),
        ({"late": CVAtMost(0.3)}, "no shift is of the kind 'late'"),
        ({"nights": 0.3}, "give a member such as MaxOverMean"),
        ({"nights": CVAtMost(0.3, entitlements=(1.0, 1.0, 1.0))}, "has entitlements already"),
    ],
)
def test_fairness_that_cannot_be_asked_is_refused(fairness: dict[str, Fairness], message: str) -> None:
    """The message names the count."""
    with pytest.raises(InputError, match=message):
        solve(small(), fairness)


@pytest.mark.parametrize("reports", [1, 2, 3])
def test_ctrl_c_keeps_the_best_roster_so_far(reports: int) -> None:
    """Wherever it is pressed, the answer is legal and says that it was interrupted."""
    problem = parse_shift_benchmark(SMALL.replace("3,L,2,7,1", "3,L,3,7,1\n4,E,3,9,1"))
    seen: list[Progress] = []

    def press(report: Progress) -> None:
        seen.append(report)
        if len(seen) == reports:
            raise KeyboardInterrupt

    answer = solve(problem, {"late": MaxOverMean(1.2)}, progress=press, price=False)
    if len(seen) >= reports:
        assert answer.interrupted
        assert answer.status == "time_limit"
    assert answer.plan is not None
    assert not check_roster(problem, answer.plan).violations


def test_a_fair_roster_is_known_long_before_it_is_proven() -> None:
    """Of a ward that is far from proven, Ctrl-C leaves the first fair and legal roster."""
    day, night = Shift("D", 480), Shift("N", 600, cannot_precede=frozenset({"D"}), kinds=frozenset({"night"}))
    team = tuple(Person(f"P{i}", {"D": 28, "N": 28}, 6000, 9000, 5, 2, 2, 2) for i in range(25))
    cover = tuple(Cover(d, s, 6 + d % 3, 50.0, 3.0) for d in range(28) for s in "DN")
    problem = RosterProblem(28, (day, night), team, cover)

    def stop(progress: Progress) -> None:
        if progress.objective is not None:
            raise KeyboardInterrupt

    answer = solve(problem, {"nights": CVAtMost(0.3)}, time_limit=600.0, price=False, progress=stop)
    assert answer.interrupted
    assert answer.plan is not None
    assert answer.measured("nights").cv <= 0.3


@pytest.mark.parametrize("days", [14, 84])
def test_a_roster_that_costs_nothing_ends_the_search(days: int) -> None:
    """No cost is negative: without a time limit, the search of a long roster would go on for ever."""
    shift = Shift("E", 480)
    team = tuple(Person(name, {"E": days}, 0, 480 * days, longest_run=5) for name in "ABCD")
    cover = tuple(Cover(day, "E", 1, under_cost=100, over_cost=1) for day in range(days))
    answer = solve(RosterProblem(days, (shift,), team, cover))
    assert (answer.status, answer.cost, answer.bound) == ("optimal", 0.0, 0.0)
