"""Tasks that need several of their candidates: against enumeration, a linear program, and hand computation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

import evenhand
from evenhand.assignment.candidates.several import SeveralSolver
from evenhand.assignment.candidates.several_problem import SeveralProblem
from evenhand.assignment.candidates.several_relaxation import bound_of
from evenhand.assignment.kernels.several_agents import Listed
from evenhand.assignment.progress_clock import Clock
from evenhand.fairness import Fairness


def _tiny(
    seed: int, fairness: Fairness | None, *, over_tasks: bool, most: int = 3, least: int = 0, ties: bool = False
) -> SeveralProblem:
    """Return 4 tasks that need 1 or 2 of 5 agents."""
    random = np.random.default_rng(seed)
    rows = [np.sort(random.choice(5, int(random.integers(2, 6)), replace=False)) for _ in range(4)]
    starts = np.cumsum([0] + [len(row) for row in rows])
    agents = np.concatenate(rows).astype(np.int32)
    profits = np.round(random.random(len(agents)), 0 if ties else 2)
    tasks = np.repeat(np.arange(4, dtype=np.int32), np.diff(starts))
    owners = tasks if over_tasks else agents
    listed = Listed(starts, agents, owners, -profits, profits + 0.1, random.integers(1, 3, 4))
    carried = np.zeros(4 if over_tasks else 5)
    return SeveralProblem(listed, np.full(5, least), np.full(5, most), fairness, carried)


def _enumerated(problem: SeveralProblem) -> float:
    """Return the least cost of all plans that keep everything; inf if there is none."""
    listed, best = problem.listed, np.inf
    ranges = [range(listed.starts[j], listed.starts[j + 1]) for j in range(len(listed.needs))]
    choices = [itertools.combinations(pairs, int(need)) for pairs, need in zip(ranges, listed.needs, strict=True)]
    for plan in itertools.product(*choices):
        held = np.zeros(len(listed.costs), bool)
        held[list(itertools.chain(*plan))] = True
        counts = np.bincount(listed.agents[held], minlength=len(problem.least))
        x = problem.carried + np.bincount(listed.owners[held], listed.burdens[held], minlength=len(problem.carried))
        fair = problem.fairness is None or bool(problem.fairness.contains(x))
        if fair and (counts >= problem.least).all() and (counts <= problem.most).all():
            best = min(best, float(listed.costs[held].sum()))
    return best


def _solved(problem: SeveralProblem, gap: float = 1e-3) -> SeveralSolver:
    solver = SeveralSolver(problem, gap=gap, clock=Clock(20.0, None), seed=0)
    solver.run()
    return solver


_MEMBERS = [
    None,
    evenhand.LeastOverMean(0.6),
    evenhand.MaxOverMean(1.4),
    evenhand.CVAtMost(0.4),
    evenhand.GiniAtMost(0.3),
    evenhand.EpsilonFairness(0.5, p=3),
]


@pytest.mark.parametrize("over_tasks", [True, False])
@pytest.mark.parametrize("member", _MEMBERS, ids=str)
def test_bounds_and_plans_agree_with_enumeration(member: Fairness | None, over_tasks: bool) -> None:
    found = 0
    for seed in range(12):
        problem = _tiny(seed, member, over_tasks=over_tasks, least=seed % 2, ties=seed % 3 == 0)
        best, solver = _enumerated(problem), _solved(problem)
        assert solver.bound <= best + 1e-9, seed
        if solver.held is None:
            continue
        held = solver.held
        counts = np.bincount(problem.listed.agents[held], minlength=5)
        assert best - 1e-9 <= solver.cost == pytest.approx(problem.listed.costs[held].sum()), seed
        assert (np.add.reduceat(held.astype(int), problem.listed.starts[:-1]) == problem.listed.needs).all(), seed
        assert (counts >= problem.least).all(), seed
        assert (counts <= problem.most).all(), seed
        if member is not None:
            assert member.contains(problem.totals_of(held)), seed
        found += 1
    assert found >= (4 if member is not None else 8)


def test_without_a_rule_the_plan_is_the_optimum() -> None:
    for seed in range(40):
        problem = _tiny(seed, None, over_tasks=True, most=2, least=seed % 2)
        best, solver = _enumerated(problem), _solved(problem, 1e-4)
        assert (solver.cost == np.inf) == (best == np.inf), seed
        if best < np.inf:
            assert solver.cost == pytest.approx(best, rel=2e-2), seed
        else:
            assert solver.bound == np.inf, seed
            assert solver.prices is not None
            assert bound_of(problem, solver.prices, costs=False) > 0.0, seed


def _conference(papers: int, reviewers: int, seed: int) -> Listed:
    random = np.random.default_rng(seed)
    rows = [np.sort(random.choice(reviewers, 12, replace=False)) for _ in range(papers)]
    agents = np.concatenate(rows).astype(np.int32)
    profits = np.round(random.random(len(agents)) * np.repeat(random.uniform(0.5, 1.0, papers), 12), 3)
    tasks = np.repeat(np.arange(papers, dtype=np.int32), 12)
    return Listed(np.arange(papers + 1) * 12, agents, tasks, -profits, profits, np.full(papers, 3))


@pytest.mark.parametrize(("ratio", "accuracy"), [(0.4, 3e-3), (0.6, 1e-2), (0.8, 3e-2)])
def test_the_bound_is_near_a_linear_program_and_the_plan_near_the_bound(ratio: float, accuracy: float) -> None:
    # At 0.8 the poorest task holds back all others: the program loses a fifth of its profit.
    listed = _conference(120, 80, 5)
    problem = SeveralProblem(listed, np.full(80, 1), np.full(80, 6), evenhand.LeastOverMean(ratio), np.zeros(120))
    solver = _solved(problem, 1e-2)
    k = len(listed.costs)
    rows = csr_matrix((np.ones(k), (problem.task_of, np.arange(k))), shape=(120, k))
    counts = csr_matrix((np.ones(k), (listed.agents, np.arange(k))), shape=(80, k))
    totals = csr_matrix((listed.burdens, (problem.task_of, np.arange(k))), shape=(120, k))
    mean = csr_matrix(np.tile(np.asarray(totals.mean(axis=0)), (120, 1)))
    program = linprog(
        listed.costs,
        A_ub=vstack([counts, -counts, ratio * mean - totals]),
        b_ub=np.concatenate([np.full(80, 6.0), np.full(80, -1.0), np.zeros(120)]),
        A_eq=rows,
        b_eq=listed.needs,
        bounds=(0, 1),
    )
    assert program.status == 0
    assert program.fun * (1 + accuracy) <= solver.bound <= program.fun + 1e-9
    assert program.fun - 1e-9 <= solver.cost <= program.fun * (1 - 3e-2)
    assert evenhand.LeastOverMean(ratio).contains(problem.totals_of(solver.held))


def test_too_few_reviewers_are_proven_by_the_set_that_falls_short() -> None:
    # Five tasks know agents 0 and 1 only, who may take two each; the last task has others.
    starts, agents = np.array([0, 2, 4, 6, 8, 10, 13]), np.array([0, 1] * 5 + [1, 2, 3], np.int32)
    tasks = np.repeat(np.arange(6, dtype=np.int32), np.diff(starts))
    listed = Listed(starts, agents, tasks, np.zeros(13), np.ones(13), np.array([1, 1, 1, 1, 1, 2]))
    problem = SeveralProblem(listed, np.zeros(4, np.int64), np.full(4, 2), None, np.zeros(6))
    solver = _solved(problem)
    assert solver.bound == np.inf
    assert solver.held is None
    assert solver.prices is not None
    assert np.flatnonzero(solver.prices.counts).tolist() == [0, 1]
    # At a price of 1 a task for both, the five tasks cost 5, and 2 + 2 may be taken: 1 is left.
    assert bound_of(problem, solver.prices, costs=False) == pytest.approx(1.0)


def test_agents_who_must_have_more_than_their_candidates_give_are_found() -> None:
    starts, agents = np.array([0, 3, 6]), np.array([0, 1, 2, 0, 1, 2], np.int32)
    tasks = np.repeat(np.arange(2, dtype=np.int32), 3)
    listed = Listed(starts, agents, tasks, np.arange(6.0), np.ones(6), np.array([1, 1]))
    problem = SeveralProblem(listed, np.ones(3, np.int64), np.full(3, 2), None, np.zeros(2))
    solver = _solved(problem)
    assert solver.bound == np.inf
    assert solver.prices is not None
    assert bound_of(problem, solver.prices, costs=False) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = SeveralProblem(
        _conference(60, 40, 1), np.zeros(40, np.int64), np.full(40, 6), evenhand.JainAtLeast(0.98), np.zeros(60)
    )
    one, two = _solved(problem), _solved(problem)
    assert one.cost == two.cost
    assert (one.held == two.held).all()
