"""Bounds against exact arithmetic: what floats round away must never be in a bound's favour."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.assignment.test_relaxation import random_instance, relax
from tests.assignment.tiny_problems import awkward_member

import evenhand
from evenhand.assignment.core import core_below
from evenhand.assignment.cut_pool import CutPool
from evenhand.assignment.kernels.ascent import NOTHING, ray_proves_infeasible
from evenhand.assignment.kernels.shared_arrays import Costs, Slope, new_vertex, no_windows
from evenhand.assignment.kernels.sums import settle
from evenhand.assignment.kernels.vertex import RAISED, dual_value
from evenhand.assignment.rounding import common_step, nearest_of, sum_below, total


def fractions(values: np.ndarray) -> list[Fraction]:
    return [Fraction(float(value)) for value in values]


def exact_dual_value(costs: Costs, open_pairs: np.ndarray, price: list[Fraction]) -> Fraction:
    """Return sum_j min_i (cost - price burden) - price . initial without rounding."""
    total = -sum((v * x for v, x in zip(price, fractions(costs.initial), strict=True)), Fraction(0))
    for cost, burden, is_open in zip(costs.cost, costs.burden, open_pairs, strict=True):
        total += min(
            Fraction(c) - v * Fraction(b) for c, b, v, o in zip(cost, burden, price, is_open, strict=True) if o
        )
    return total


def random_costs(rng: np.random.Generator, m: int, n: int) -> Costs:
    """Draw costs and burdens over some orders of magnitude."""
    cost, burden = (10.0 ** rng.uniform(-4.0, 4.0, (m, n)) for _ in range(2))
    return Costs(cost, burden, 10.0 ** rng.uniform(-4.0, 8.0, n))


@pytest.mark.parametrize("seed", range(40))
def test_a_bound_is_rounded_down_and_hardly(seed: int) -> None:
    """The value of raised prices is at most the exact value of the prices, and within 2^-47 of its terms."""
    rng = np.random.default_rng(seed)
    costs = random_costs(rng, m=60, n=4)
    open_pairs = rng.random((60, 4)) < 0.8
    open_pairs[:, 0] = True
    price = 10.0 ** rng.uniform(-3.0, 3.0, 4) * rng.choice([-1.0, 1.0], 4)
    exact = exact_dual_value(costs, open_pairs, fractions(price))
    value = dual_value(costs, open_pairs, price + RAISED * np.abs(price))
    sizes = np.abs(price) @ (costs.initial + costs.burden.sum(axis=0)) + costs.cost.sum()
    assert exact - Fraction(2.0**-47 * sizes) <= value <= exact


def test_a_bound_that_overflows_is_none() -> None:
    costs = Costs(np.ones((2, 2)), np.full((2, 2), 1e200), np.zeros(2))
    assert not dual_value(costs, np.ones((2, 2), np.bool_), np.full(2, -1e200)) > 0.0


@pytest.mark.parametrize("seed", range(12))
def test_what_a_core_leaves_out_costs_what_it_says(seed: int) -> None:
    """Each pair outside the core lifts the exact value of the prices to `excluded` at least."""
    relaxation = relax(random_instance(seed), evenhand.EpsilonFairness(0.5, p=2))
    if relaxation.infeasible:
        return
    scaled = relaxation.scaled
    core = core_below(relaxation, relaxation.value * 1.001)
    # Products with the prices at the vertex are rounded; they are never below those with these.
    price = [Fraction(float(v)) - Fraction(2.0**-52) * abs(Fraction(float(v))) for v in relaxation.vertex.price]
    value = exact_dual_value(scaled.costs, scaled.allowed, price)
    kept = np.zeros_like(scaled.allowed)
    kept[np.arange(len(core.keys)), core.keys] = True
    kept[core.tasks] = core.open_pairs
    for task, agent in np.argwhere(scaled.allowed & ~kept):
        reduced = [
            Fraction(float(scaled.costs.cost[task, i])) - price[i] * Fraction(float(scaled.costs.burden[task, i]))
            for i in np.flatnonzero(scaled.allowed[task])
        ]
        own = Fraction(float(scaled.costs.cost[task, agent]))
        own -= price[agent] * Fraction(float(scaled.costs.burden[task, agent]))
        assert core.excluded <= value - min(reduced) + own


def test_settled_tasks_cost_and_weigh_what_they_do() -> None:
    rng = np.random.default_rng(1)
    costs = random_costs(rng, m=5000, n=3)
    agents, load = rng.integers(0, 3, 5000), np.empty(3)
    paid = settle(costs, np.arange(5000), agents, load)
    exact = sum(fractions(costs.cost[np.arange(5000), agents]), Fraction(0))
    assert exact * (1 - Fraction(2.0**-49)) <= paid <= exact
    for i in range(3):
        carried = sum(fractions(costs.burden[agents == i, i]), Fraction(float(costs.initial[i])))
        assert abs(Fraction(load[i]) - carried) <= Fraction(2.0**-52) * carried


@pytest.mark.parametrize("seed", range(200))
def test_a_ray_proves_infeasible_only_what_is(seed: int) -> None:
    """Large initial loads that nearly cancel are no proof, whichever way their sum is rounded."""
    rng = np.random.default_rng(seed)
    slope, initial = rng.uniform(0.2, 1.0, 4) * [1, -1, 1, -1], rng.uniform(1e6, 2e6, 4)
    initial[3] = max(0.0, slope[:3] @ initial[:3] / -slope[3])
    costs = Costs(np.zeros((2, 4)), np.full((2, 4), 1e-9) * rng.random((2, 4)), initial)
    edge, vertex = Slope(slope, np.zeros((4, 1))), new_vertex(0, 2, 4)
    proven = ray_proves_infeasible.py_func(
        costs, np.ones((2, 4), np.bool_), no_windows(2, 4), vertex, NOTHING, -1, np.empty(0), edge, 1e-9
    )
    most = sum(v * x for v, x in zip(fractions(slope), fractions(initial), strict=True))
    most += sum(max(v * Fraction(b) for v, b in zip(fractions(slope), row, strict=True)) for row in costs.burden)
    assert not (proven and most >= 0)


@pytest.mark.parametrize("seed", range(300))
def test_rows_keep_what_is_accepted_within_tolerance(seed: int) -> None:
    """A row exceeds its exact cut by what the tolerance of 1e-9 asks and a tenth more, for orders up to 1e12 too."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    fairness = awkward_member(rng, n)
    if seed % 3 == 0:
        fairness = evenhand.EpsilonFairness(float(rng.choice([0.1, 0.5, 0.9, 0.999])), p=10.0 ** rng.integers(1, 13))
    loads = rng.random(n) if seed % 2 else 1.0 + 10.0 ** -float(rng.integers(1, 5)) * rng.random(n)
    pool = CutPool(fairness, n)
    for point in fairness.cut_points(loads):
        if pool.add(point):
            row = pool.rows.matrix[len(pool) - 1] * pool.scales[-1]
            per_agent = fairness.bound(n) / n
            needed = 1.1e-9 * max(per_agent, float(np.abs(per_agent - fairness.cut(point)).max()))
            exact = fairness.exact_cut(fractions(point))
            assert all(Fraction(entry) - cut >= needed for entry, cut in zip(row.tolist(), exact, strict=True))


def test_sums_are_rounded_down() -> None:
    """0.1 + 0.2 is a little more than the float 0.3 stands for; ten times 0.1 a little more than 1."""
    assert sum_below(np.array([1.0, 2.0, 4.0])) == 7.0
    assert sum_below(np.full(10, 0.1)) == 1.0
    for seed in range(50):
        values = np.random.default_rng(seed).uniform(0.0, 1.0, 30)
        exact = sum(fractions(values), Fraction(0))
        assert sum_below(values) <= exact < np.nextafter(sum_below(values), np.inf)


def test_the_common_step_of_values() -> None:
    assert common_step(np.array([3.0, 6.0, 0.0, 1e6]), 0.0) == 1.0
    assert common_step(np.array([12.0, 40.0]), 0.0) == 4.0
    assert common_step(np.array([0.5, 3.0, 1.25]), 0.0) == 0.25
    assert common_step(np.array([0.1, 3.0]), 1e-14) == 0.0
    assert common_step(np.array([5e-324, 1e300]), 0.0) == 5e-324


def test_whole_costs_are_proven_to_the_last_unit() -> None:
    """Bounds are real numbers; where costs are whole, one within a unit of the incumbent proves it optimal."""
    costs = np.random.default_rng(3).integers(50, 99, (3, 14)).astype(float)
    answer = evenhand.assign(costs, evenhand.CVAtMost(0.02), gap=0.0)
    assert (answer.status, answer.gap) == ("optimal", 0.0)
    assert answer.bound == answer.cost == int(answer.cost)


@pytest.mark.parametrize("seed", range(6))
def test_many_values_sum_to_the_nearest_float_and_below(seed: int) -> None:
    """Values of many sizes that nearly cancel; copies of a third, whose sum is half-way; and whole numbers."""
    rng = np.random.default_rng(seed)
    values = 10.0 ** rng.uniform(-9.0, 9.0, 20_001) * rng.choice([-1.0, 1.0], 20_001)
    for some in (
        values,
        np.abs(values),
        np.full(20_001, 1 / 3),
        np.arange(20_001.0),
        np.append(np.ones(16_384), 2**-40),
    ):
        exact = sum(fractions(some))
        nearest, below = total(some), sum_below(some)
        assert nearest == float(exact)
        assert Fraction(below) <= exact < Fraction(np.nextafter(below, np.inf))


def test_compensated_sums_tell_when_they_do_not_tell_the_nearest_float() -> None:
    assert nearest_of([(1.0, 2.0**-60, 0.0), (2.0, 0.0, 0.0)], 3) == 3.0
    # 1 + 2^-53 is half-way between two floats: with an unknown error of 2^-52 * 3 * 2^-53 either may be nearer.
    assert nearest_of([(1.0, 2.0**-53, 2.0**-53)], 3) is None
