"""Annealing and exchanges: what they find is allowed, fair and as cheap as claimed; on tiny problems it is the best."""

from __future__ import annotations

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand
from evenhand.assignment import improve as improve_module, relaxation as relaxations
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.core import core_below
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.exchange import exchange
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.improve import LONGEST, Improver
from evenhand.assignment.penalty_from_relaxation import rule_of
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled
from evenhand.assignment.search import Search

MEMBERS = (
    evenhand.EpsilonFairness(0.9, p=2),
    evenhand.EpsilonFairness(0.8, p=10),
    evenhand.EpsilonFairness(0.9, p=np.inf),
    evenhand.GiniAtMost(0.1),
    evenhand.RangeAtMost(0.4),
)


def relaxed(problem: Problem, fairness: evenhand.Fairness) -> Relaxation:
    """Return the solved relaxation."""
    relaxation = Relaxation(Scaled.of(problem), CutPool(fairness, len(problem.agents)))
    relaxation.solve(Clock(None, None))
    return relaxation


def improver(costs: np.ndarray, fairness: evenhand.Fairness, seed: int = 0) -> tuple[Improver, Search]:
    """Return an improver of a search that has not begun."""
    problem = build_problem(costs)
    relaxation = relaxed(problem, fairness)
    search = Search(problem, relaxation, gap=0.0, clock=Clock(None, None))
    return Improver(search, relaxation, Clock(None, None), seed), search


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
@pytest.mark.parametrize("seed", range(4))
def test_tiny_problems_are_solved_by_improvement_alone(fairness: evenhand.Fairness, seed: int) -> None:
    """No tree is asked: what annealing and exchanges find in some rounds is what enumeration finds."""
    costs = np.random.default_rng([7, seed]).uniform(1.0, 9.0, (3, 8))
    known = enumerate_all(Tiny(costs, fairness))
    improve, search = improver(costs, fairness)
    for _ in range(60):
        improve.improve()
    assert search.cost == pytest.approx(known.cost, rel=1e-9)


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_what_is_found_is_fair_and_costs_what_is_said(fairness: evenhand.Fairness) -> None:
    costs = generate_plane(6, 120, seed=2).costs.values
    improve, search = improver(costs, fairness)
    for _ in range(30):
        improve.improve()
    assert search.best is not None
    taken = costs[search.best, np.arange(120)]
    assert search.cost == pytest.approx(taken.sum(), rel=1e-12)
    assert fairness.contains(np.bincount(search.best, taken, minlength=6))


def test_exchanges_begin_from_the_best_of_the_longest_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight tasks of 1 to 8, which cost 0.5 more with agent 1: what is dearer or unfair is passed over."""
    costs = np.tile(np.arange(1.0, 9.0), (2, 1)) + np.array([[0.0], [0.5]])
    fair = evenhand.EpsilonFairness(0.5, p=np.inf)
    improve, _ = improver(costs, fair)
    first = np.array([1, 1, 1, 1, 0, 0, 0, 1])  # five tasks with agent 1: loads 18 and 20.5
    best = np.array([0, 0, 0, 0, 1, 1, 1, 0])  # three: loads 18 and 19.5
    unfair = np.zeros(8, np.int64)
    runs = iter([first, best, first, unfair])
    monkeypatch.setattr(Improver, "_core", lambda self: (core_below(self._relaxation, np.inf), 1.0))
    monkeypatch.setattr(Improver, "_annealed", lambda *_: next(runs))
    monkeypatch.setattr(improve_module, "RESTARTS", 4)
    improve._effort = LONGEST
    for _ in range(4):
        improve.improve()
    assert improve._current is not None
    assert improve._current.tolist() == best.tolist()
    with pytest.raises(StopIteration):
        improve.anneal()


def test_the_same_seed_finds_the_same() -> None:
    """Another seed may not; both count steps, not seconds."""
    costs = generate_plane(6, 120, seed=3).costs.values
    found = []
    for seed in (5, 5):
        improve, search = improver(costs, evenhand.EpsilonFairness(0.99, p=np.inf), seed)
        for _ in range(12):
            improve.improve()
        assert search.best is not None
        found.append(search.best.tolist())
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(5))
def test_one_exchange_of_two_agents_finds_the_optimum(seed: int) -> None:
    """Twelve tasks have 4,096 assignments, and the lists hold all of them."""
    random = np.random.default_rng([8, seed])
    costs, fairness = random.uniform(1.0, 9.0, (2, 12)), evenhand.EpsilonFairness(0.8, p=np.inf)
    known = enumerate_all(Tiny(costs, fairness))
    relaxation = relaxed(build_problem(costs), fairness)
    start = random.integers(0, 2, 12)
    found = exchange(start, relaxation, rule_of(relaxation, 100.0, 100.0), random, 0)
    assert found is not None
    assert costs[found, np.arange(12)].sum() == pytest.approx(known.cost, rel=1e-9)


def test_an_exchange_moves_tasks_of_its_agents_only() -> None:
    """Six of nine agents take part, among them the one asked for; the others keep what they hold."""
    costs, fairness = generate_plane(9, 200, seed=1).costs.values, evenhand.EpsilonFairness(0.95, p=np.inf)
    relaxation = relaxed(build_problem(costs), fairness)
    start = costs.argmin(axis=0)
    found = exchange(start, relaxation, rule_of(relaxation, 8.0, 8.0), np.random.default_rng(0), int(start[0]))
    assert found is not None
    moved = found != start
    assert moved.any()
    assert len(set(start[moved]) | set(found[moved])) <= 6


def test_whole_costs_with_ties_everywhere_are_shared_out() -> None:
    """The relaxation pays nothing for fairness here, yet fairness must have its price while annealing."""
    costs = np.random.default_rng(11).integers(1, 20, (10, 500)).astype(float)
    answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.99, p=np.inf), time_limit=20)
    assert answer.assignment is not None


def test_an_agent_far_from_all_others_gets_its_share() -> None:
    """All its pairs cost fifty times as much, so that none of them is among the cheapest of all."""
    random = np.random.default_rng(12)
    costs = random.uniform(1.0, 2.0, (6, 120))
    burdens = np.ones((6, 120))
    costs[5] *= 50.0
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.1), burdens=burdens, gap=1e-3, time_limit=20)
    assert answer.loads is not None
    assert answer.loads[5] >= 10


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_near_tasks_and_inward_cuts_change_no_bound(
    fairness: evenhand.Fairness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relaxation has one optimum, whichever way is taken to it."""
    problem = build_problem(generate_plane(8, 150, seed=4).costs)
    bounds = []
    for large, plain in ((10**9, 10**9), (0, 10**9), (0, 2)):
        monkeypatch.setattr(relaxations, "LARGE", large)
        monkeypatch.setattr(relaxations, "PLAIN_ROUNDS", plain)
        bounds.append(relaxed(problem, fairness).bound)
    assert bounds == pytest.approx([bounds[0]] * 3, rel=1e-6)
