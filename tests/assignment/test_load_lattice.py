"""The fairest loads on a lattice, and the limits on single loads, against enumeration of all load vectors."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

import evenhand
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.load_lattice import LoadLattice
from evenhand.fairness.registry import MEMBERS

if TYPE_CHECKING:
    from evenhand.fairness import Fairness

NAMES = sorted(MEMBERS)


def random_lattice(rng: np.random.Generator) -> LoadLattice:
    """Return a few agents, a few steps, often with initial loads off the lattice and limits on single loads."""
    n, step, units = int(rng.integers(2, 5)), float(rng.choice([1.0, 0.1, 15.0])), int(rng.integers(1, 14))
    initial = rng.choice([0.0, step, 0.37 * step, 2.5 * step], n) * rng.integers(0, 2)
    low, high = rng.integers(0, 2, n) * rng.integers(0, 2), np.full(n, units)
    if low.sum() > units:
        low[:] = 0
    if rng.random() < 0.4:
        high = np.maximum(rng.integers(1, 12, n), low)
        high[0] = units
    return LoadLattice(initial, step, units, low, high)


def random_member(name: str, n: int, rng: np.random.Generator) -> Fairness:
    entitlements = None if rng.random() < 0.4 else tuple(rng.choice([0.5, 0.6, 1.0, 2.0], n).tolist())
    others = {
        "epsilon": {"p": float(rng.choice([2.0, 3.0, 10.0, np.inf]))},
        "top_share": {"k": int(rng.integers(1, n))},
    }
    member = MEMBERS[name]
    return member(**{member.parameter_name: 1.0, **others.get(name, {})}, entitlements=entitlements)


def all_units(lattice: LoadLattice) -> np.ndarray:
    choices = [range(low, high + 1) for low, high in zip(lattice.low.tolist(), lattice.high.tolist(), strict=True)]
    return np.array([units for units in itertools.product(*choices) if sum(units) == lattice.units])


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("name", NAMES)
def test_limits_are_those_of_the_fair_load_vectors(name: str, seed: int) -> None:
    """Each load's limits are those of enumeration, and so is the level of the fairest vector, where it is known."""
    rng = np.random.default_rng([seed, NAMES.index(name)])
    lattice = random_lattice(rng)
    n = len(lattice.low)
    fairness = random_member(name, n, rng)
    every = all_units(lattice)
    loads = lattice.initial + lattice.step * every
    vacuous, equality = fairness.parameter_range(n)
    levels = fairness.level(loads)
    best = float(levels.max() if equality > vacuous else levels.min())
    near = best + float(rng.choice([0.0, 1e-6, -1e-6, 0.1, -0.1, 0.02])) * (vacuous - equality)
    asked = fairness.with_parameter(float(np.clip(near, min(vacuous, equality), max(vacuous, equality))))
    fair = asked.contains(loads)
    limits = lattice.limits(asked)
    assert (limits is None) == (not fair.any())
    if limits is not None:
        assert (limits[0] == every[fair].min(axis=0)).all()
        assert (limits[1] == every[fair].max(axis=0)).all()
    if name not in ("gini", "top_share", "range") or len(set(fairness.entitlements or ())) <= 1:
        fairest = lattice.fairest(asked.with_parameter(vacuous))
        assert fairness.level(fairest) == pytest.approx(best, rel=1e-9, abs=1e-12)


def test_no_lattice_where_burdens_depend_on_agents() -> None:
    assert LoadLattice.of(build_problem(np.ones((2, 3)), [[1.0, 2.0, 3.0], [1.0, 2.0, 4.0]])) is None
    assert LoadLattice.of(build_problem(np.ones((2, 3)), np.tile([1.0, 2.0, 3.000001], (2, 1)))) is None
    assert LoadLattice.of(build_problem(np.ones((2, 3)), np.zeros((2, 3)))) is None


def test_the_lattice_of_visits_with_a_forbidden_pair_and_a_locked_task() -> None:
    """Visits of 30, 45 and 60 minutes: the first is locked, the last is for one agent alone."""
    costs = [[1.0, 1.0, np.inf], [1.0, 1.0, 1.0]]
    lattice = LoadLattice.of(build_problem(costs, [[30.0, 45.0, 0.0], [30.0, 45.0, 60.0]], [5.0, 0.0], {0: 0}))
    assert lattice is not None
    assert (lattice.step, lattice.units) == (15.0, 9)
    assert lattice.low.tolist() == [2, 4]
    assert lattice.high.tolist() == [5, 7]
    assert lattice.loads(np.array([5, 4])).tolist() == [80.0, 60.0]


def test_a_huge_initial_load_leaves_the_rest_to_the_others() -> None:
    """Loads of 100 and 0 with eight units to give: all go to the second agent, whatever the member asks."""
    lattice = LoadLattice(np.array([100.0, 0.0]), 1.0, 8, np.zeros(2, int), np.full(2, 8))
    for name in NAMES:
        fairest = lattice.fairest(random_member(name, 2, np.random.default_rng(0)).with_parameter(1.0))
        assert fairest is None or fairest.tolist() == [100.0, 8.0]


def test_many_kinds_of_agents_have_no_limits_but_are_still_refused() -> None:
    """150 agents with initial loads of 0, 0.01, ...: only whether the fairest loads are fair is asked."""
    lattice = LoadLattice(np.arange(150) / 100.0, 1.0, 300, np.zeros(150, int), np.full(150, 300))
    fairest = lattice.fairest(evenhand.RangeAtMost(1.0))
    assert fairest.max() - fairest.min() <= 1.0
    level = float(evenhand.RangeAtMost(1.0).level(fairest))
    low, high = lattice.limits(evenhand.RangeAtMost(level))
    assert (low.tolist(), high.tolist()) == (lattice.low.tolist(), lattice.high.tolist())
    assert lattice.limits(evenhand.RangeAtMost(0.99 * level)) is None
