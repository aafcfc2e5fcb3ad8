"""Assignments with given loads, found in whole steps."""

from __future__ import annotations

import numpy as np
import pytest

import evenhand
from evenhand.assignment.aim import aimed
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.load_lattice import LoadLattice
from evenhand.assignment.progress_clock import Clock


@pytest.mark.parametrize("seed", range(10))
def test_the_loads_are_met_up_to_the_order_of_agents_who_are_alike(seed: int) -> None:
    """The loads of a random assignment; locked tasks and forbidden pairs are kept."""
    rng = np.random.default_rng(seed)
    burdens = rng.choice([15.0, 30.0, 45.0, 60.0], (5, 40))
    costs = np.where(rng.random((5, 40)) < 0.2, np.inf, 1.0)
    costs[0, ~np.isfinite(costs).any(axis=0)] = 1.0
    locked = {j: int(rng.choice(np.flatnonzero(np.isfinite(costs[:, j])))) for j in range(3)}
    problem = build_problem(costs, np.where(np.isfinite(costs), burdens, 0.0), None, locked)
    hidden = np.array([rng.choice(np.flatnonzero(problem.allowed[:, j])) for j in range(40)])
    target = np.rint(problem.loads_of(hidden) / 15.0).astype(int)
    start = problem.allowed.argmax(axis=0)
    kinds = np.array([0, 0, 1, 2, 3])
    found = aimed(problem, 15.0, target, kinds, start, rng, Clock(None, None))
    assert found is not None
    assert problem.allowed[found, np.arange(40)].all()
    carried = problem.loads_of(found) / 15.0
    assert carried[2:].tolist() == target[2:].tolist()
    assert sorted(carried[:2].tolist()) == sorted(target[:2].tolist())


def test_loads_that_nobody_can_carry_are_not_met() -> None:
    problem = build_problem(np.ones((2, 3)), np.full((2, 3), 2.0))
    kinds, start = np.zeros(2, int), np.zeros(3, int)
    random = np.random.default_rng(0)
    assert aimed(problem, 1.0, np.array([3, 3]), kinds, start, random, Clock(None, None)) is None


def test_the_cost_of_own_burdens_is_the_least_at_which_loads_can_be_fair() -> None:
    """Equal loads of three agents sum to a multiple of three, and the 40 tasks cost one or two each."""
    burdens = np.random.default_rng(1).choice([1.0, 2.0], (3, 40))
    burdens[0] = 1.0
    answer = evenhand.assign(burdens, evenhand.RangeAtMost(0.0), gap=0.0, time_limit=30.0)
    assert (answer.status, answer.cost, answer.bound) == ("optimal", 42.0, 42.0)


def test_costs_at_which_no_loads_are_fair_are_skipped() -> None:
    lattice = LoadLattice.at_no_cost(build_problem([[1.0, 2.0, 2.0], [2.0, 1.0, 1.0]]))
    assert lattice is not None
    assert lattice.at_cost(2.5, evenhand.MaxOverMean(1.0)).units == 4
    assert lattice.at_cost(4.0, evenhand.MaxOverMean(1.0)).units == 4
    assert lattice.at_cost(10.0, evenhand.MaxOverMean(1.0)) is None
    assert lattice.at_cost(2.5, evenhand.MaxOverMean(1.4)).units == 3
    assert LoadLattice.at_no_cost(build_problem([[1.0, 2.0]] * 2, [[1.0, 3.0]] * 2)) is None


def test_only_so_many_costs_are_tried() -> None:
    """Nothing is equal beside an initial load of half a step; all costs that are skipped are impossible."""
    burdens = np.random.default_rng(0).choice([1.0, 2.0], (2, 900))
    lattice = LoadLattice.at_no_cost(build_problem(burdens, None, [0.5, 0.0]))
    assert lattice is not None
    assert lattice.at_cost(1000.0, evenhand.RangeAtMost(0.0)).units == 1200
    beside = LoadLattice.at_no_cost(build_problem(burdens, None, [0.37, 0.0]))
    assert beside.at_cost(1000.0, evenhand.RangeAtMost(1e-6, entitlements=(1.0, 2.0))).units == 1010
    assert lattice.at_cost(2600.0, evenhand.RangeAtMost(0.0)) is None


@pytest.mark.filterwarnings("error")
def test_tasks_without_burden_leave_loads_of_zero() -> None:
    answer = evenhand.assign([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]], evenhand.CVAtMost(0.2))
    assert (answer.status, answer.cost) == ("optimal", 0.0)
