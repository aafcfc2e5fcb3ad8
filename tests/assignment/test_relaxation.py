"""The relaxation against a linear programming solver that is not ours, and its certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import linprog

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.certificate import certificate_of
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, Scaled

if TYPE_CHECKING:
    from evenhand.fairness import Fairness


def relax(problem: Problem, fairness: Fairness) -> Relaxation:
    """Return the solved relaxation."""
    relaxation = Relaxation(Scaled.of(problem), CutPool(fairness, len(problem.agents)))
    relaxation.solve(Clock(None, None))
    return relaxation


def linear_optimum(problem: Problem, rows: np.ndarray) -> float | None:
    """Return the optimum of the relaxation with `rows` @ loads >= 0, found by HiGHS; None where it is infeasible."""
    n, m = problem.costs.shape
    share_out = np.zeros((m, m * n))
    for task in range(m):
        share_out[task, task * n : (task + 1) * n] = 1.0
    loads = np.zeros((n, m * n))
    for agent in range(n):
        loads[agent, agent::n] = problem.burdens[agent]
    allowed = problem.allowed.T.ravel()
    result = linprog(
        np.where(allowed, problem.costs.T.ravel(), 0.0),
        A_ub=-rows @ loads,
        b_ub=rows @ problem.initial_loads,
        A_eq=share_out,
        b_eq=np.ones(m),
        bounds=[(0.0, 1.0 if pair else 0.0) for pair in allowed],
        method="highs",
    )
    return result.fun if result.status == 0 else None


def random_instance(seed: int) -> Problem:
    """Return a problem of 2 to 6 agents and up to 60 tasks, some pairs forbidden, some loads carried before."""
    random = np.random.default_rng(seed)
    n, m = int(random.integers(2, 7)), int(random.integers(5, 60))
    costs = random.integers(1, 9, (n, m)).astype(float) if seed % 3 == 0 else random.uniform(1.0, 50.0, (n, m))
    burdens = costs if seed % 2 else random.uniform(0.0, 5.0, (n, m))
    costs = np.where((random.random((n, m)) < 0.2) & (np.arange(n)[:, None] > 0), np.inf, costs)
    return build_problem(costs, burdens, initial_loads=random.uniform(0.0, 20.0, n) if seed % 4 == 0 else None)


@pytest.mark.parametrize("seed", range(40))
def test_ascent_reaches_the_linear_optimum(seed: int) -> None:
    """Over the largest-load cone, n linear rows, the bound is the optimum that HiGHS finds, or both are infeasible."""
    problem = random_instance(seed)
    n = len(problem.agents)
    ratio = [1.02, 1.1, 1.5][seed % 3]
    relaxation = relax(problem, evenhand.MaxOverMean(ratio))
    rows = np.full((n, n), ratio / n) - np.eye(n)
    known = linear_optimum(problem, rows)
    if known is None:
        assert relaxation.infeasible
    else:
        assert relaxation.bound * relaxation.scaled.cost_scale == pytest.approx(known, rel=1e-7)


@pytest.mark.parametrize("seed", range(20))
def test_loads_of_the_relaxation_are_fair(seed: int) -> None:
    """Cutting ends at fractional loads inside the curved cone, up to the separation tolerance."""
    relaxation = relax(random_instance(seed), evenhand.EpsilonFairness(0.8, p=3))
    if not relaxation.infeasible:
        assert evenhand.EpsilonFairness(0.8, p=3).contains(relaxation.loads, 2e-7)


@pytest.mark.parametrize("seed", range(20))
def test_certificate_proves_the_bound_it_claims(seed: int) -> None:
    """The multipliers and points of the certificate alone give the relaxation's bound back."""
    problem = random_instance(seed)
    fairness = evenhand.EpsilonFairness(0.7, p=2)
    relaxation = relax(problem, fairness)
    certificate, claimed = certificate_of(problem, relaxation)
    if relaxation.infeasible:
        return
    assert certificate is not None
    price = sum(
        (mu * fairness.cut(point) for mu, point in zip(certificate.multipliers, certificate.points, strict=True)),
        start=np.zeros(len(problem.agents)),
    )
    reduced = np.where(problem.allowed, problem.costs - price[:, None] * problem.burdens, np.inf)
    proven = reduced.min(axis=0).sum() - price @ problem.initial_loads
    assert claimed <= proven
    assert claimed == pytest.approx(relaxation.bound * relaxation.scaled.cost_scale, rel=1e-7)


def test_rows_are_kept_and_forgotten_consistently() -> None:
    """Trimming rows leaves the vertex where it was: the same prices, from fewer rows."""
    problem = random_instance(5)
    relaxation = relax(problem, evenhand.EpsilonFairness(0.97, p=2))
    before = relaxation.vertex.price.copy()
    size = int(relaxation.vertex.size[0])
    relaxation.trim_rows(size)
    rows = relaxation.pool.rows.matrix[: len(relaxation.pool)]
    assert len(relaxation.pool) == size
    np.testing.assert_allclose(rows.T @ relaxation.vertex.multiplier[:size], before, rtol=1e-9, atol=1e-12)
