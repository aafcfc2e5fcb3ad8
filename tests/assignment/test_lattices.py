"""Burdens that are equal, or multiples of a step: decided by counting, against closed forms and enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.assignment import lattice_cases
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand
from evenhand.assignment.groups import group_tasks, step_of
from evenhand.assignment.kernels.shared_arrays import Costs

PATIENCE = 60.0
"""Time limit of cases that once never ended, in seconds; they take about one."""


@pytest.mark.parametrize(("agents", "tasks"), [(2, 31), (3, 20), (4, 14), (5, 12)])
def test_equal_tasks_that_do_not_divide_evenly(agents: int, tasks: int) -> None:
    """The most even shares are ceil(m / n): the limit on the largest load over the mean is met from there on."""
    costs = np.ones((agents, tasks))
    least = math.ceil(tasks / agents) * agents / tasks
    refused = evenhand.assign(costs, evenhand.MaxOverMean(1.01), time_limit=PATIENCE)
    assert least > 1.01
    assert refused.status == "infeasible"
    answer = evenhand.assign(costs, evenhand.MaxOverMean(least), time_limit=PATIENCE)
    assert answer.status == "optimal"
    assert max(answer.loads) == math.ceil(tasks / agents)


@pytest.mark.parametrize(
    "fairness",
    [
        evenhand.RangeAtMost(0.3),
        evenhand.RangeAtMost(0.583333),
        evenhand.CVAtMost(0.263523),
        evenhand.JainAtLeast(0.935065),
    ],
    ids=str,
)
def test_seven_people_cannot_share_twelve_equal_shifts_more_evenly(fairness: evenhand.Fairness) -> None:
    """The most even loads are five 2 and two 1: their range is 7 / 12, their index 144 / 154, rounded here inward."""
    assert evenhand.assign(np.ones((7, 12)), fairness, time_limit=PATIENCE).status == "infeasible"


@pytest.mark.parametrize("seed", range(6))
def test_visits_of_half_and_whole_hours_among_three(seed: int) -> None:
    """Visits of 1 and 2 half hours can be shared out to the half hour: the largest load is the mean, rounded up."""
    halves = np.random.default_rng(seed).choice([1, 2], 14)
    halves[:3] = 1
    answer = evenhand.assign(np.tile(30.0 * halves, (3, 1)), evenhand.MaxOverMean(1.04), time_limit=PATIENCE)
    possible = math.ceil(halves.sum() / 3) <= 1.04 * halves.sum() / 3
    assert answer.status == ("optimal" if possible else "infeasible")


@pytest.mark.parametrize(
    ("n", "m", "fairness"),
    [
        (12, 200, evenhand.GiniAtMost(0.013)),  # 1 / 75 is possible
        (12, 30, evenhand.CVAtMost(0.199)),  # 1 / 5
        (12, 31, evenhand.CVAtMost(0.19)),  # sqrt(35) / 31
    ],
    ids=str,
)
def test_many_people_who_are_all_alike(n: int, m: int, fairness: evenhand.Fairness) -> None:
    """The most even loads are unfair, and no others are fairer: decided without a tree over who gets one more."""
    refused = evenhand.assign(np.ones((n, m)), fairness, time_limit=PATIENCE)
    assert refused.status == "infeasible"
    reached = fairness.with_parameter(refused.attainable.reached)
    assert reached.parameter == pytest.approx(float(fairness.level(np.full(n, m // n) + (np.arange(n) < m % n))))
    assert evenhand.assign(np.ones((n, m)), reached, time_limit=PATIENCE).status == "optimal"


def check_random_case(number: int) -> None:
    case = lattice_cases.lattice_case(number)
    answer = evenhand.assign(case.costs, case.fairness, time_limit=PATIENCE, **case.given)
    assert answer.status != "time_limit", number
    if answer.status == "optimal":
        assert case.fairness.contains(answer.loads), number
    if case.plain:
        n, m = case.costs.shape
        loads = case.burdens[0, 0] * (m // n + (np.arange(n) < m % n))
        assert answer.status == ("optimal" if case.fairness.contains(loads) else "infeasible"), number


@pytest.mark.parametrize("first", range(0, 20, 10))
def test_random_cases_are_decided(first: int) -> None:
    """With initial loads, entitlements, locked and forbidden pairs, at thresholds around what is possible."""
    for number in range(first, first + 10):
        check_random_case(number)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(20, 500, 20))
def test_hundreds_of_random_cases_are_decided(first: int) -> None:
    for number in range(first, first + 20):
        check_random_case(number)


def test_equal_burdens_with_different_costs() -> None:
    """Twenty tasks among three: somebody carries 7, which is 1.05 times the mean."""
    costs = np.random.default_rng(0).uniform(1.0, 9.0, (3, 20))
    burdens = np.ones((3, 20))
    refused = evenhand.assign(costs, evenhand.MaxOverMean(1.04), burdens=burdens, time_limit=PATIENCE)
    assert refused.status == "infeasible"
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.05), burdens=burdens, gap=0.0, time_limit=PATIENCE)
    assert sorted(answer.loads) == [6.0, 7.0, 7.0]


MEMBERS = (
    lambda rng: evenhand.EpsilonFairness(rng.uniform(0.3, 0.99), p=rng.choice([2.0, 3.0, 10.0, np.inf])),
    lambda rng: evenhand.CVAtMost(rng.uniform(0.0, 0.5)),
    lambda rng: evenhand.GiniAtMost(rng.uniform(0.0, 0.3)),
    lambda rng: evenhand.HooverAtMost(rng.uniform(0.0, 0.3)),
    lambda rng: evenhand.RangeAtMost(rng.uniform(0.0, 0.8)),
    lambda rng: evenhand.MaxOverMean(rng.uniform(1.0, 1.4)),
    lambda rng: evenhand.LeastOverMean(rng.uniform(0.5, 1.0)),
    lambda rng: evenhand.TopShareAtMost(1, rng.uniform(0.5, 0.6)),
)


def lattice_case(seed: int) -> Tiny:
    """Return a tiny case with ties everywhere: few burdens, few costs or none, sometimes pairs that are forbidden."""
    rng = np.random.default_rng(seed)
    agents = int(rng.integers(2, 5))
    shape = (agents, int(rng.integers(2, 8 if agents < 4 else 7)))
    burdens = (
        np.ones(shape),
        np.tile(rng.choice([15.0, 30.0, 45.0, 60.0], shape[1]), (agents, 1)),
        rng.choice([30.0, 60.0], shape),
        np.tile(rng.choice([0.1, 0.2, 0.3], shape[1]), (agents, 1)),
        np.maximum(rng.integers(0, 4, shape), np.eye(*shape)).astype(float),
    )[rng.integers(5)]
    costs = (burdens, rng.choice([1.0, 2.0, 3.5, 7.0], shape), rng.uniform(1.0, 9.0, shape), np.zeros(shape))[
        rng.integers(4)
    ].copy()
    if rng.random() < 0.2:
        costs[rng.random(shape) < 0.2] = np.inf
        costs[0, ~np.isfinite(costs).any(axis=0)] = 1.0
    loads = None if rng.random() < 0.6 else rng.choice([0.0, 1.0, 15.0, 0.1], agents)
    return Tiny(costs, MEMBERS[rng.integers(len(MEMBERS))](rng), burdens, loads)


def check_lattice_case(seed: int) -> None:
    case = lattice_case(seed)
    known = enumerate_all(case)
    answer = evenhand.assign(
        case.costs, case.fairness, burdens=case.burdens, initial_loads=case.initial_loads, gap=0.0, time_limit=PATIENCE
    )
    assert answer.status == ("infeasible" if known.assignment is None else "optimal"), seed
    if known.assignment is not None:
        assert answer.cost == pytest.approx(known.cost, rel=1e-9, abs=1e-12), seed


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_tiny_cases_with_ties_everywhere(first: int) -> None:
    for seed in range(first, first + 20):
        check_lattice_case(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_thousands_of_tiny_cases_with_ties_everywhere(first: int) -> None:
    for seed in range(first, first + 100):
        check_lattice_case(seed)


def test_towns_with_a_strict_cap_are_closed() -> None:
    """Seven agents, 180 tasks in four towns: single tasks keep the tree open, numbers of tasks close it."""
    rng = np.random.default_rng(5)
    towns, sites = rng.uniform(0.0, 100.0, (4, 2)), rng.uniform(0.0, 100.0, (7, 2))
    tasks = towns[rng.integers(4, size=180)] + rng.normal(0.0, 2.0, (180, 2))
    costs = np.linalg.norm(sites[:, None] - tasks, axis=2)
    cap = evenhand.EpsilonFairness(0.9, p=math.inf)
    answer = evenhand.assign(costs, cap, gap=1e-4, time_limit=PATIENCE)
    assert answer.status == "optimal"
    assert cap.contains(answer.loads)


def check_large_initial_loads(seed: int, size: float) -> None:
    """Beside large initial loads a step may be near rounding: no limit that excludes nothing may be branched on."""
    rng = np.random.default_rng(seed)
    burdens = rng.choice([0.0, 0.125, 0.25, 1.0, 2.0], (3, 6))
    fairness = MEMBERS[rng.integers(len(MEMBERS))](rng) if rng.random() < 0.3 else evenhand.EpsilonFairness(1.0, p=10)
    case = Tiny(rng.choice([0.0, 1.0, 2.0], (3, 6)), fairness, burdens, np.full(3, size))
    known = enumerate_all(case)
    answer = evenhand.assign(
        case.costs, fairness, burdens=burdens, initial_loads=case.initial_loads, gap=0.0, time_limit=PATIENCE
    )
    assert answer.status == ("infeasible" if known.assignment is None else "optimal"), seed
    if known.assignment is not None:
        assert answer.cost == pytest.approx(known.cost, rel=1e-9, abs=1e-12), seed


@pytest.mark.parametrize("size", [0.0, 8e3, 8e6, 8e7, 8e8, 8e10])
def test_steps_beside_large_initial_loads(size: float) -> None:
    for seed in range(8):
        check_large_initial_loads(seed, size)


def test_steps_near_the_rounding_of_initial_loads_end() -> None:
    """Infeasible by enumeration; branched without end while limits were wider than the distance to the next step."""
    inf = np.inf
    costs = np.array(
        [
            [inf, inf, 1.0, inf, inf, 0.125, 1.0],
            [0.125, 1.0, 0.0, 0.0, 0.125, inf, 4.0],
            [inf, 2.0, 0.25, 0.125, inf, 0.0, 1.0],
            [0.0, 2.0, 0.125, 0.125, 8.0, 4.0, 0.125],
        ]
    )
    case = Tiny(costs, evenhand.EpsilonFairness(1.0, p=10), None, np.full(4, 8e6))
    assert enumerate_all(case).assignment is None
    answer = evenhand.assign(costs, case.fairness, initial_loads=case.initial_loads, gap=0.0, time_limit=PATIENCE)
    assert answer.status == "infeasible"


@pytest.mark.filterwarnings("error")
def test_costs_far_apart_are_grouped_without_overflow() -> None:
    cost = np.array([[1.0, 1e-300], [2.0, 1e200], [3.0, 1.0], [4.0, 2e-300]])
    costs, everything = Costs(cost, cost, np.zeros(2)), np.ones((4, 2), np.bool_)
    group, _ = group_tasks(costs, costs, everything)
    assert group.shape == (4,)
    assert group[1] not in group[[0, 2, 3]]


def test_twins_are_recognised_by_unscaled_costs() -> None:
    """Scaling lowers both costs to the same number: they are no twins all the same."""
    burden, everything = np.ones((4, 2)), np.ones((4, 2), np.bool_)
    own = Costs(np.array([[1.0, 1e260], [1.0, 2e260], [1.0, 1e260], [1.0, 1e260]]), burden, np.zeros(2))
    scaled = own._replace(cost=np.minimum(own.cost, 1e250))
    group, twins = group_tasks(own, scaled, everything)
    assert group.tolist() == [0, 0, 0, 0]
    assert not twins.any()


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([15, 30, 45, 60], 15),
        ([0.1, 0.3, 1.2], 0.1),
        ([0.0, 2.5, 7.5], 2.5),
        ([1.0, 1.0], 1.0),
        ([0.0, 0.0], 0.0),
        ([1.0, 1.001, 50.0], 0.0),  # the step would be 0.001: too fine to tell anything
    ],
)
def test_steps_are_those_of_the_decimals(values: list[float], step: float) -> None:
    assert step_of(np.array(values, float)) == step


def test_groups_are_kinds_of_burdens_and_twins_cost_the_same() -> None:
    burden = np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 1.0], [2.0, 2.0]])
    cost = np.array([[3.0, 4.0], [5.0, 5.0], [3.0, 4.0], [5.0, 6.0]])
    costs, everything = Costs(cost, burden, np.zeros(2)), np.ones((4, 2), np.bool_)
    group, twins = group_tasks(costs, costs, everything)
    assert group.tolist() == [0, 1, 0, 1]
    assert twins.tolist() == [True, False]


def test_tasks_without_kinds_are_grouped_by_likeness() -> None:
    rng = np.random.default_rng(2)
    towns = np.repeat(rng.uniform(10.0, 90.0, (4, 3)), 6, axis=0)
    cost = towns + rng.normal(0.0, 0.1, towns.shape)
    costs, everything = Costs(cost, cost, np.zeros(3)), np.ones(cost.shape, np.bool_)
    group, twins = group_tasks(costs, costs, everything)
    assert [len(set(group[k : k + 6].tolist())) for k in range(0, 24, 6)] == [1, 1, 1, 1]
    assert not twins.any()


def test_each_trial_groups_by_likeness_otherwise() -> None:
    """Six towns, which four groups cannot tell apart, and six can."""
    rng = np.random.default_rng(3)
    cost = np.repeat(rng.uniform(10.0, 90.0, (6, 5)), 5, axis=0) + rng.normal(0.0, 0.1, (30, 5))
    costs, everything = Costs(cost, cost, np.zeros(5)), np.ones(cost.shape, np.bool_)
    groups = [group_tasks(costs, costs, everything, trial)[0] for trial in range(4)]
    assert [len(set(group.tolist())) for group in groups] == [4, 6, 8, 4]
    assert [len(set(groups[1][k : k + 5].tolist())) for k in range(0, 30, 5)] == [1] * 6
