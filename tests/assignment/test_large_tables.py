"""Tables solved by way of samples and a core, verified in exact arithmetic and held against enumeration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array
from tests.assignment.enumeration import random_problem
from tests.assignment.test_against_enumeration import check
from tests.assignment.tiny_problems import awkward_problem

import evenhand
from evenhand.assignment import large_tables
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.kernels.balancing import balance
from evenhand.assignment.large_tables import LargeSolver, Screened
from evenhand.assignment.passes import lagrangian_value
from evenhand.assignment.smooth_dual import Cone
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

AGENTS, TASKS, GAP = 6, 20_000, 2e-5
ENTITLED = (1, 2, 3, 1, 2, 0.5)
MEMBERS = [
    EpsilonFairness(0.95, p=2),
    EpsilonFairness(0.9, p=5),
    EpsilonFairness(0.97, p=3, entitlements=ENTITLED),
    EpsilonFairness(0.95, p=math.inf, entitlements=ENTITLED),
    JainAtLeast(0.98),
    CVAtMost(0.1, entitlements=ENTITLED),
    MaxOverMean(1.05),
    GiniAtMost(0.05),
    RangeAtMost(0.1),
    HooverAtMost(0.05),
    LeastOverMean(0.9),
    TopShareAtMost(2, 0.36),
]


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> list[LargeSolver]:
    """Solve tables of any size as large ones; return the list that these solvers are put on."""
    monkeypatch.setattr(large_tables, "LARGE", 1)
    monkeypatch.setattr(large_tables, "TASKS_PER_AGENT", 0)
    solvers: list[LargeSolver] = []
    run = LargeSolver.run

    def noted(self: LargeSolver, *known: Any) -> None:
        solvers.append(self)
        run(self, *known)

    monkeypatch.setattr(LargeSolver, "run", noted)
    return solvers


def distances(seed: int, tasks: int = TASKS) -> NDArray[np.float64]:
    """Return the distances of random points in a square from those of six agents, shape (6, tasks)."""
    random = np.random.default_rng(seed)
    agents, points = random.random((AGENTS, 1, 2)), random.random((1, tasks, 2))
    return np.asarray(np.linalg.norm(agents - points, axis=2))


def everything(seed: int) -> dict[str, Any]:
    """Return costs with forbidden pairs, and burdens, initial loads and locked tasks to go with them."""
    random, costs = np.random.default_rng([seed, 1]), distances(seed)
    costs[1:][random.random((AGENTS - 1, TASKS)) < 0.2] = np.inf
    burdens = random.uniform(0.5, 2.0, (1, TASKS)) * random.uniform(0.7, 1.4, (AGENTS, 1))
    locked = {task: task % AGENTS for task in range(200) if np.isfinite(costs[task % AGENTS, task])}
    return {"costs": costs, "burdens": burdens, "initial_loads": [100, 0, 0, 50, 0, 0], "locked": locked}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_plan_and_its_gap_are_proven_by_the_certificate_alone(
    member: Fairness, small_is_large: list[LargeSolver]
) -> None:
    """Exact arithmetic confirms plan and gap: the certificate's bound is close, and the plan uses what it may."""
    given = everything(7)
    costs = given.pop("costs")
    answer = evenhand.assign(costs, member, gap=GAP, **given)
    verdict = evenhand.verify(costs, answer, fairness=member, max_gap=GAP, **given)
    assert small_is_large[0].closed  # no search was needed
    assert verdict, verdict.reasons
    assert answer.loads is not None
    assert member.level(answer.loads) == pytest.approx(member.parameter, rel=0.02)


@pytest.mark.parametrize("member", MEMBERS[:7:2], ids=lambda member: member.name)
def test_the_bound_is_that_of_the_ordinary_relaxation(member: Fairness, small_is_large: list[LargeSolver]) -> None:
    """Newton's method and the pass over the table prove as much as cuts over all tasks do."""
    costs = distances(3, 4_000)
    large = evenhand.assign(costs, member, gap=1e-3)
    large_tables.LARGE = 10**12
    ordinary = evenhand.assign(costs, member, gap=2e-5)
    assert len(small_is_large) == 1
    assert large.bound == pytest.approx(ordinary.bound, rel=1e-4)
    assert large.bound <= ordinary.cost
    assert ordinary.bound <= large.cost


def test_profits_and_a_rule_that_binds_nobody(small_is_large: list[LargeSolver]) -> None:
    """Profits keep their sign; where nothing binds, each task is with its cheapest agent, and the gap is rounding."""
    profits = -distances(5)
    hours = np.ones_like(profits)
    # Whole hours leave a gap between certificate and optimum: the cap on the loads is no whole number.
    answer = evenhand.assign(profits, MaxOverMean(1.01), burdens=hours, maximise=True, gap=2e-4)
    assert evenhand.verify(profits, answer, fairness=MaxOverMean(1.01), burdens=hours, max_gap=2e-4, maximise=True)
    free = evenhand.assign(distances(5), EpsilonFairness(0.1), gap=1e-9)
    assert free.cost == pytest.approx(distances(5).min(axis=0).sum(), rel=1e-12)
    assert small_is_large[-1].closed


def test_the_same_seed_gives_the_same_answer(small_is_large: list[LargeSolver]) -> None:
    """Passes run on all processors, but what they add up does not depend on which comes first."""
    first, second = (evenhand.assign(distances(9), JainAtLeast(0.99), gap=GAP, seed=4) for _ in range(2))
    assert (first.assignment == second.assignment).all()
    assert first.bound == second.bound
    assert len(small_is_large) == 2


@pytest.mark.parametrize("seed", range(40))
def test_tiny_tables_agree_with_enumeration(seed: int, small_is_large: list[LargeSolver]) -> None:
    """The way by samples hands whatever it cannot close to the search; no answer depends on its luck."""
    check(random_problem(np.random.default_rng([2, seed]), largest=7))
    check(awkward_problem(np.random.default_rng([4, seed])), gap=0.0)
    assert len(small_is_large) == 2


def test_copies_of_few_kinds_of_task(small_is_large: list[LargeSolver]) -> None:
    """Thousands of equal columns are all indifferent at once."""
    random = np.random.default_rng(3)
    costs = random.uniform(1, 9, (AGENTS, 10))[:, random.integers(0, 10, TASKS)]
    answer = evenhand.assign(costs, EpsilonFairness(0.9, p=2), gap=1e-3)
    assert small_is_large[0].closed
    assert evenhand.verify(costs, answer, fairness=EpsilonFairness(0.9, p=2), max_gap=1e-3)


def test_a_time_limit_and_ctrl_c_leave_what_is_known(
    small_is_large: list[LargeSolver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between samples returns no plan but a bound, that of each task at its cheapest agent."""

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(large_tables, "optimum_of", stopped)
    answer = evenhand.assign(distances(2), JainAtLeast(0.99))
    assert answer.interrupted
    assert answer.status == "time_limit"
    assert answer.assignment is None
    assert answer.bound == pytest.approx(distances(2).min(axis=0).sum(), rel=1e-12)
    assert small_is_large[0].interrupted


def test_prices_of_the_cone_pay_for_every_fair_vector() -> None:
    """v(w) . x >= 0 for random w and random loads on the boundary of the cone; at the point of w it is 0."""
    random = np.random.default_rng(0)
    for member in (EpsilonFairness(0.8, p=4, entitlements=ENTITLED), MaxOverMean(1.2, entitlements=ENTITLED)):
        cone = Cone.of(member, AGENTS)
        assert cone is not None
        for _ in range(200):
            w = random.exponential(size=AGENTS)
            loads = random.exponential(size=AGENTS)
            fair = loads if member.contains(loads) else member.supporting_point(loads)
            assert cone.price(w) @ fair >= -1e-9 * np.abs(cone.price(w)).max() * fair.sum()
            points = cone.points(w)
            cuts = np.array([member.cut(point) for point in points])
            weights = np.linalg.lstsq(cuts.T, cone.price(w), rcond=None)[0]
            assert weights @ cuts == pytest.approx(cone.price(w), rel=1e-9, abs=1e-12)
            assert (weights >= 0.0).all()


def test_a_pass_over_the_table_adds_up_as_by_hand() -> None:
    """Two agents, three tasks, one forbidden pair, one locked task and initial loads."""
    problem = build_problem(
        [[4.0, 2.0, 5.0], [3.0, np.inf, 1.0]], [[1, 2, 1], [2, 1, 4]], initial_loads=[1, 3], locked={2: 0}
    )
    # Reduced at prices (1, 0.5): 4 - 1 and 3 - 1; 2 - 2; 5 - 1 (locked to the first); less 1 * 1 + 0.5 * 3.
    assert lagrangian_value(problem, np.array([1.0, 0.5])) == pytest.approx(2.0 + 0.0 + 4.0 - 2.5, rel=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_a_box_knows_what_a_pass_over_the_table_finds(seed: int) -> None:
    """Inside the box, the core and the sums of the others prove what all tasks do; outside, they prove nothing."""
    random = np.random.default_rng(seed)
    costs, hours = random.uniform(1.0, 9.0, (4, 3_000)), random.uniform(0.5, 2.0, (4, 3_000))
    costs[random.integers(0, 4, 200), np.arange(200)] = np.inf
    problem = build_problem(costs, hours, [1.0, 2.0, 3.0, 4.0], {5: int(np.argmin(costs[:, 5])), 7: 3})
    price, radius = random.normal(0.0, 1.0, 4), random.uniform(0.01, 0.2, 4)
    key, near, loads, cost = large_tables._screen(problem, price, radius)
    tasks = np.flatnonzero(near)
    optimum: Any = None
    screened = Screened(tasks, problem.part(tasks, loads), optimum, key, cost, price, radius)
    assert 0 < len(screened.tasks) < 2_000
    for _ in range(20):
        inside = price + radius * random.uniform(-1.0, 1.0, 4)
        known, found = screened.value(inside), lagrangian_value(problem, inside)
        assert known <= found + 1e-12 * abs(found)
        assert known == pytest.approx(found, rel=1e-12)
    assert screened.value(price + 1.001 * radius) is None


def test_balancing_takes_the_cheapest_change() -> None:
    """Four tasks of one hour with the first agent, two wanted: the two whose reduced costs rise least move."""
    reduced = np.array([[0.0, 0.4], [0.0, 0.1], [0.0, 0.3], [0.0, 0.2]])
    key, load = np.zeros(4, np.int64), np.array([4.0, 0.0])
    firm, free = np.full(2, 10.0), np.zeros(2)
    assert balance(reduced, np.ones((4, 2)), key, load, np.array([2.0, 2.0]), firm, firm, free, 4, 100) == 2
    assert key.tolist() == [0, 1, 0, 1]
    assert load.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("member", [EpsilonFairness(0.9, p=3), EpsilonFairness(0.9, p=math.inf, entitlements=ENTITLED)])
def test_the_chain_rule_agrees_with_differences_of_the_dual_value(member: Fairness) -> None:
    """Gradient and curvature by w are those that difference quotients of a concave quadratic in the prices show."""
    random, cone = np.random.default_rng(3), Cone.of(member, AGENTS)
    assert cone is not None
    half, start, w = random.random((AGENTS, AGENTS)), random.random(AGENTS), 0.5 + random.random(AGENTS)
    bent = half @ half.T

    def value(point: NDArray[np.float64]) -> float:
        price = cone.price(point)
        return float(-start @ price - 0.5 * price @ bent @ price)

    gradient, matrix = cone.ascent(w, start + bent @ cone.price(w), bent)
    step = 1e-4 * np.eye(AGENTS)
    slopes = [(value(w + s) - value(w - s)) / 2e-4 for s in step]
    assert gradient == pytest.approx(slopes, rel=1e-6)
    bends = [[(value(w + s + t) - value(w + s) - value(w + t) + value(w)) / 1e-8 for t in step] for s in step]
    assert matrix == pytest.approx(-np.array(bends), rel=1e-2, abs=1e-2 * np.abs(matrix).max())


def test_an_agent_who_gets_nothing_costs_no_gap(small_is_large: list[LargeSolver]) -> None:
    """One agent is a hundred times as dear as the others: the optimum leaves it idle, where a barrier would not."""
    costs = distances(11)
    costs[2] *= 100.0
    fair = EpsilonFairness(0.6, p=2)
    answer = evenhand.assign(costs, fair, gap=1e-6)
    assert small_is_large[0].closed
    assert answer.loads is not None
    assert answer.loads[2] <= 1e-3 * answer.loads.sum()
    assert evenhand.verify(costs, answer, fairness=fair, max_gap=1e-6)


@pytest.mark.parametrize("p", [2, math.inf])
def test_a_box_that_is_too_small_widens(
    p: float, small_is_large: list[LargeSolver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first core leaves out tasks that must change: the optimum lies outside the box, and later boxes hold it."""
    monkeypatch.setattr(large_tables, "BOX", 1e-3)
    costs, fair = distances(12, 60_000), EpsilonFairness(0.97, p=p)
    answer = evenhand.assign(costs, fair, gap=1e-5)
    assert small_is_large[0].closed
    # Two boxes or more, the cheapest assignment, and the certificate.
    assert small_is_large[0].passes > 3
    assert evenhand.verify(costs, answer, fairness=fair, max_gap=1e-5)


def test_the_bound_is_that_of_highs(small_is_large: list[LargeSolver]) -> None:
    """The relaxation under a limit on the largest load, solved by HiGHS over all pairs, is what the prices prove."""
    costs, limit = distances(13, 5_000), 1.02
    n, m = costs.shape
    # One row per task: its shares sum to 1; one per agent: load - limit * mean <= 0.
    pair = np.arange(n * m)
    given = csr_array((np.ones(n * m), (pair % m, pair)))
    own = csr_array((costs.ravel(), (pair // m, pair)))
    over = own - csr_array(np.tile(limit / n * costs.ravel(), (n, 1)))
    found = linprog(costs.ravel(), A_ub=over, b_ub=np.zeros(n), A_eq=given, b_eq=np.ones(m), method="highs")
    assert found.success
    answer = evenhand.assign(costs, MaxOverMean(limit), gap=1e-4)
    assert small_is_large[0].certified == pytest.approx(found.fun, rel=1e-6)
    assert small_is_large[0].certified <= found.fun * (1 + 1e-8)
    assert found.fun <= (answer.cost or 0.0) * (1 + 1e-8)


def test_loads_below_a_limit_cost_their_price_and_loads_above_it_more() -> None:
    """Half an hour too much is dearer than a whole one too little where that has no price, and not where it has."""
    reduced, hours = np.array([[0.0, 0.0], [0.0, np.inf]]), np.array([[1.0, 1.0], [1.5, 1.5]])
    for price, expected in ((0.0, [1, 0]), (9.0, [0, 0])):
        key, load = np.zeros(2, np.int64), np.array([2.5, 0.0])
        firm, free = np.array([4.0, 0.0]), np.zeros(2)
        changes = balance(reduced, hours, key, load, np.array([2.0, 9.0]), firm, free, np.array([price, 0.0]), 4, 9)
        assert key.tolist() == expected
        assert changes == sum(expected)
