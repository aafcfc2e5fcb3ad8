"""Under a short time limit there is a fair assignment where one is easy to find, and the limit holds."""

from __future__ import annotations

import time

import numpy as np
import pytest

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.repair import Repair, priced

MEMBERS = [
    evenhand.EpsilonFairness(0.99, p=5),
    evenhand.EpsilonFairness(0.95, p=2, entitlements=tuple([1.0] * 10 + [2.0] * 10)),
    evenhand.MaxOverMean(1.01),
    evenhand.JainAtLeast(0.9999),
    evenhand.CVAtMost(0.01),
    evenhand.GiniAtMost(0.02),
    evenhand.HooverAtMost(0.01),
    evenhand.RangeAtMost(0.05),
]


def plane(tasks: int, agents: int = 20) -> np.ndarray:
    """Return distances from agents to tasks, (agents, tasks), both at random in a square."""
    rng = np.random.default_rng(0)
    return np.hypot(*(rng.uniform(0, 80, (2, agents, 1)) - rng.uniform(0, 80, (2, 1, tasks))))


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
@pytest.mark.parametrize("apart", [False, True], ids=["shared costs", "burdens apart"])
def test_a_repair_finds_what_is_fair_and_not_dear(fairness: evenhand.EpsilonFairness, apart: bool) -> None:
    """From no prices at all, without the relaxation: fair, and not far above the cheapest without fairness."""
    costs = plane(3_000)
    costs[:, :100] += np.where(np.arange(20) < 10, np.inf, 0.0)[:, None]  # some pairs are forbidden
    burdens = np.random.default_rng(1).uniform(1, 3, costs.shape) if apart else None
    problem = build_problem(costs, burdens, locked={200: 7})
    scaled = Scaled.of(problem)
    relaxation = Relaxation(scaled, CutPool(fairness, 20))
    clock = Clock(None, None)
    start = relaxation.vertex.key.astype(np.intp)
    near = priced(scaled, fairness, np.zeros(20), start, clock)
    repair = Repair(scaled, fairness, *near, np.random.default_rng(0))
    repair.run(1, clock)
    found = repair.best
    assert found is not None
    assert problem.allowed[found, np.arange(3_000)].all()
    assert fairness.contains(problem.loads_of(found))
    assert problem.cost_of(found) <= 1.3 * problem.base_cost


CROWDS = [
    evenhand.MaxOverMean(1.5),
    evenhand.MaxOverMean(1.1),
    evenhand.CVAtMost(0.1),
    evenhand.GiniAtMost(0.1),
    evenhand.RangeAtMost(0.4),
]


@pytest.mark.parametrize("fairness", CROWDS, ids=repr)
@pytest.mark.parametrize("places", [False, True], ids=["unrelated costs", "places"])
def test_many_agents_with_few_tasks_each_get_a_fair_plan(fairness: evenhand.Fairness, places: bool) -> None:
    """Some tasks alone exceed what an agent may carry at first: the others have to carry more, whatever it costs."""
    costs = plane(240, 60) if places else np.random.default_rng(3).random((60, 240))
    problem = build_problem(costs, None)
    repair = Repair(Scaled.of(problem), fairness, np.zeros(60), costs.argmin(axis=0), np.random.default_rng(0))
    clock = Clock(None, None)
    repair.run(1, clock)
    first = repair.best
    assert first is not None
    assert fairness.contains(problem.loads_of(first))
    repair.run(30, clock)
    assert problem.cost_of(repair.best) < problem.cost_of(first)
    assert fairness.contains(problem.loads_of(repair.best))


def test_limits_are_parts_of_the_whole_and_excuse_what_does_not_count() -> None:
    clock = Clock(100.0, None)
    assert not clock.part(0.5).expired
    assert clock.part(0.0).expired
    assert clock.within(0.0).expired
    assert not clock.within(0.0, more=5.0).expired
    short = Clock(1e-9, None)
    assert short.expired
    short.excuse(60.0)
    assert not short.expired
    assert not Clock(None, None).part(0.4).expired


@pytest.mark.usefixtures("processor_time")
@pytest.mark.parametrize("fairness", MEMBERS[:4], ids=repr)
def test_a_plan_in_a_second(fairness: evenhand.EpsilonFairness) -> None:
    """20 x 20,000 in less than its relaxation takes: fair, with a gap that its certificate proves."""
    costs = plane(20_000)
    begun = time.perf_counter()
    answer = evenhand.assign(costs, fairness, time_limit=0.6)
    took = time.perf_counter() - begun
    assert answer.assignment is not None
    assert fairness.contains(answer.loads)
    assert 0.0 <= answer.gap < 0.5
    assert answer.seconds == pytest.approx(took, rel=0.2)


@pytest.mark.usefixtures("processor_time")
def test_seconds_cover_the_whole_call() -> None:
    """Reading a frame of 5,000 columns takes longer than solving; both count."""
    costs = {f"task {j}": [1.0, 2.0] for j in range(5_000)}
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(costs, index=["Ann", "Bo"])
    begun = time.perf_counter()
    answer = evenhand.assign(frame, evenhand.EpsilonFairness(0.0))
    took = time.perf_counter() - begun
    assert 0.8 * took <= answer.seconds <= took


@pytest.mark.slow
@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_twenty_by_two_hundred_thousand_in_eight_seconds(fairness: evenhand.EpsilonFairness) -> None:
    """The limit holds within a tenth and two seconds, reading included."""
    costs = plane(200_000)
    begun = time.perf_counter()
    answer = evenhand.assign(costs, fairness, time_limit=8.0)
    assert time.perf_counter() - begun <= 1.1 * 8.0 + 2.0
    assert answer.assignment is not None
    assert evenhand.verify(costs, answer).verified
