"""Tables of few kinds of task: held against HiGHS over the numbers of copies, and verified in exact arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

import evenhand
from evenhand.assignment import kinds_of_tasks
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.kernels.screening import are_copies
from evenhand.assignment.kinds_of_tasks import Kinds
from evenhand.assignment.large_tables import LargeSolver
from evenhand.assignment.progress_clock import Clock
from evenhand.fairness import EpsilonFairness, MaxOverMean

AGENTS, TASKS = 6, 200_001


def kinds(count: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the costs of some kinds of task, shape (6, count), and the kind of each of 200,001 tasks."""
    random = np.random.default_rng(count)
    return random.uniform(1, 9, (AGENTS, count)), random.integers(0, count, TASKS)


def by_highs(costs: NDArray[np.float64], count: NDArray[np.intp], bound: float, *, whole: bool) -> float:
    """Return the least cost with each load at most `bound` times the mean, over numbers of copies, whole or not."""
    n, k = costs.shape
    capped, given = np.tile(-bound / n * costs.ravel(), (n, 1)), np.tile(np.eye(k), n)
    for agent in range(n):
        capped[agent, agent * k : (agent + 1) * k] += costs[agent]
    rules = [LinearConstraint(capped, -np.inf, 0.0), LinearConstraint(given, count, count)]
    found = milp(
        costs.ravel(),
        constraints=rules,
        integrality=np.full(n * k, int(whole)),
        bounds=Bounds(0, np.inf),
        options={"mip_rel_gap": 1e-10},
    )
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("count", [1, 10, 300])
def test_many_copies_close_the_gap_of_a_curved_cone(count: int) -> None:
    """A millionth of the cost, proven by the certificate alone: 200,001 copies are no harder than other tasks."""
    costs, kind = kinds(count)
    fair = EpsilonFairness(0.9, p=2)
    answer = evenhand.assign(costs[:, kind], fair, gap=1e-6, time_limit=60)
    assert answer.status == "optimal"
    assert answer.certified_gap is not None
    assert answer.certified_gap <= 1e-6
    assert evenhand.verify(costs[:, kind], answer, fairness=fair, max_gap=1e-6)


@pytest.mark.parametrize("count", [1, 3])
def test_a_limit_on_loads_leaves_a_gap_that_is_real_and_said(count: int) -> None:
    """Loads are whole numbers of copies, so that certificate and optimum differ; the plan is within a task of both."""
    costs, kind = kinds(count)
    copies, limit = np.bincount(kind), 1.05
    problem = build_problem(costs[:, kind])
    solver = LargeSolver(problem, MaxOverMean(limit), np.eye(AGENTS), gap=1e-9, clock=Clock(60, None), seed=0)
    solver.run()
    relaxed, optimum = (by_highs(costs, copies, limit, whole=whole) for whole in (False, True))
    assert solver.bound == pytest.approx(relaxed, rel=2e-9)
    assert solver.bound <= relaxed * (1 + 1e-9)
    task = optimum / TASKS
    assert optimum - 1e-6 * task <= solver.cost <= optimum + task
    assert optimum - solver.bound > 0.01 * task
    assert solver.best is not None
    assert MaxOverMean(limit).exact_contains(problem.loads_of(solver.best).tolist(), 1e-9)
    assert not solver.closed


def test_locked_copies_and_forbidden_pairs_are_kinds_of_their_own() -> None:
    """Locked copies stay where they are, nobody gets a forbidden one, and carried loads count."""
    costs, kind = kinds(10)
    costs[2, 4] = costs[0, 7] = math.inf
    table, random = costs[:, kind], np.random.default_rng(0)
    hours = random.uniform(1, 2, (AGENTS, 10))[:, kind]
    locked = {int(task): 5 for task in np.flatnonzero(kind == 3)[:50]}
    given: dict[str, Any] = {"burdens": hours, "initial_loads": [3e4, 0, 0, 0, 0, 0], "locked": locked}
    fair = EpsilonFairness(0.9, p=2)
    answer = evenhand.assign(table, fair, gap=1e-5, time_limit=60, **given)
    assert answer.status == "optimal"
    verdict = evenhand.verify(table, answer, fairness=fair, max_gap=1e-5, **given)
    assert verdict, verdict.reasons


def test_kinds_are_told_apart_by_every_number_and_lock() -> None:
    """Columns that differ in one cost, one burden or the lock are others; -0.0 and equal hashes do no harm."""
    costs = np.ones((2, 90))
    burdens = np.ones((2, 90))
    costs[1, 30:60] = 2.0
    burdens[0, 45:60] = 3.0
    found = Kinds.of(build_problem(costs, burdens, locked={60: 1, 61: 1}))
    assert found is not None
    assert sorted(found.count.tolist()) == [2, 15, 15, 58]
    groups = [set(np.flatnonzero(found.kind == kind).tolist()) for kind in range(4)]
    assert {60, 61} in groups
    assert set(range(45, 60)) in groups
    many = np.random.default_rng(0).random((2, 90))
    assert Kinds.of(build_problem(many)) is None


def test_equal_hashes_of_unequal_columns_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are compared number by number before they count as one."""
    costs = np.ones((2, 90))
    costs[1, 50] = 2.0
    problem = build_problem(costs)
    monkeypatch.setattr(kinds_of_tasks, "_hashes", lambda problem: np.zeros(problem.costs.shape[1], np.int64))
    assert Kinds.of(problem) is None
    tables = (costs, costs, True, np.full(90, -1))
    assert are_copies(*tables, 0, 50, np.zeros(90, np.int64))
    assert not are_copies(*tables, 50, 90, np.zeros(90, np.int64))
