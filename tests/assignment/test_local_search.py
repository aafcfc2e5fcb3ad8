"""Local search and repair: they may fail to help, but never harm."""

from __future__ import annotations

import numpy as np
import pytest

import evenhand
from evenhand.assignment.generate import generate_plane
from evenhand.assignment.kernels import local
from evenhand.assignment.kernels.state import new_rows
from evenhand.assignment.problem import build_problem
from evenhand.assignment.progress import Clock
from evenhand.assignment.relaxation import Scaled
from evenhand.assignment.repair import repair


def merit(scaled: Scaled, rows: np.ndarray, assignment: np.ndarray, penalty: float) -> float:
    """Return cost plus penalised violation, the slow way."""
    tasks = np.arange(len(assignment))
    loads = scaled.costs.initial + np.bincount(
        assignment, scaled.costs.burden[tasks, assignment], minlength=rows.shape[1]
    )
    return scaled.costs.cost[tasks, assignment].sum() + penalty * np.maximum(0.0, -rows @ loads).sum()


@pytest.mark.parametrize("seed", range(10))
def test_iterating_ends_in_a_local_optimum_with_the_merit_it_claims(seed: int) -> None:
    """No single move and no exchange improves the result, recomputed here from scratch."""
    random = np.random.default_rng(seed)
    problem = build_problem(random.uniform(1.0, 9.0, (3, 14)))
    scaled = Scaled.of(problem)
    rows = new_rows(4, 3)
    rows.matrix[:3] = np.full((3, 3), 1.1 / 3) - np.eye(3)
    rows.in_use[0] = 3
    used = rows.matrix[:3]
    found = random.integers(0, 3, 14)
    everything = np.arange(14)
    state = np.array([seed], np.uint64)
    claimed = local.iterate(scaled.costs, scaled.allowed, rows, found, 2.0, everything, everything, 5, state)
    assert claimed == pytest.approx(merit(scaled, used, found, 2.0))
    for task in range(14):
        for agent in range(3):
            moved = found.copy()
            moved[task] = agent
            assert merit(scaled, used, moved, 2.0) >= claimed - 1e-9
        for other in range(task):
            swapped = found.copy()
            swapped[[task, other]] = found[[other, task]]
            assert merit(scaled, used, swapped, 2.0) >= claimed - 1e-9


@pytest.mark.parametrize("fairness", [evenhand.EpsilonFairness(0.95, p=2), evenhand.GiniAtMost(0.05)])
def test_repair_ends_fair(fairness: evenhand.Fairness) -> None:
    scaled = Scaled.of(build_problem(generate_plane(6, 90, seed=1).costs))
    cheapest = scaled.costs.cost.argmin(axis=1)
    repaired = repair(scaled.costs, scaled.allowed, fairness, cheapest, 300, Clock(None, None))
    assert repaired is not None
    loads = np.bincount(repaired, scaled.costs.burden[np.arange(90), repaired], minlength=6)
    assert fairness.contains(loads)


def test_repair_gives_up_where_nothing_helps() -> None:
    """One task cannot be shared by two agents."""
    scaled = Scaled.of(build_problem([[1.0], [1.0]]))
    start = np.zeros(1, dtype=np.intp)
    assert repair(scaled.costs, scaled.allowed, evenhand.CVAtMost(0.5), start, 50, Clock(None, None)) is None
