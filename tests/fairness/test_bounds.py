"""The three bounds on the CV, what else a level guarantees, and the way back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fairness_cases import ORDERS, mixed_until_fair, quick
from hypothesis import given, strategies as st

from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
    bounds,
    targets,
)

INF = math.inf
orders = st.one_of(st.sampled_from(ORDERS), st.floats(2.0, 60.0))
levels = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0, 1.0 - 1e-12, 1e-12]))
agents = st.integers(2, 60)


def cv(x):
    """Return the CV by NumPy."""
    return np.std(x) / np.mean(x)


# Five agents, found by direct optimisation and sampling: p, epsilon, sharp, interpolated, published.
PUBLISHED = [
    (3, 0.5, 0.883, 0.905, 1.105),
    (3, 0.9, 0.298, 0.328, 0.382),
    (3, 0.99, 0.083, 0.100, 0.115),
    (INF, 0.5, 0.816, 0.816, 1.333),
    (INF, 0.9, 0.174, 0.295, 0.426),
    (INF, 0.99, 0.016, 0.090, 0.127),
]


@pytest.mark.parametrize(("p", "epsilon", "sharp", "interpolated", "published"), PUBLISHED)
def test_the_numbers_of_the_references(p, epsilon, sharp, interpolated, published):
    """Three digits each."""
    assert bounds.sharp_cv_bound(epsilon, p, 5) == pytest.approx(sharp, abs=6e-4)
    assert bounds.interpolated_cv_bound(epsilon, p, 5) == pytest.approx(interpolated, abs=6e-4)
    assert bounds.published_cv_bound(epsilon, p, 5) == pytest.approx(published, abs=6e-4)


@quick
@given(levels, orders, agents)
def test_the_bounds_as_written_in_the_design(epsilon, p, n):
    """Published (D+1)^2 / phi^2 - 1 and interpolated n phi^(-p/(p-1)) - 1, squared."""
    exponent = 1.0 if math.isinf(p) else 1.0 - 1.0 / p
    factor = 1.0 + epsilon * (n**exponent - 1.0)
    published = bounds.published_cv_bound(epsilon, p, n) ** 2
    assert published == pytest.approx((n**exponent / factor) ** 2 - 1.0, rel=1e-9, abs=1e-12)
    interpolated = bounds.interpolated_cv_bound(epsilon, p, n) ** 2
    assert interpolated == pytest.approx(n * factor ** (-1.0 / exponent) - 1.0, rel=1e-9, abs=1e-12)


@quick
@given(levels, orders, agents)
def test_the_order_of_the_bounds(epsilon, p, n):
    """Sharp <= interpolated <= published, all the same for p = 2."""
    sharp = bounds.sharp_cv_bound(epsilon, p, n)
    interpolated = bounds.interpolated_cv_bound(epsilon, p, n)
    published = bounds.published_cv_bound(epsilon, p, n)
    assert 0.0 <= sharp <= interpolated <= published * (1.0 + 1e-12)
    if p == 2:
        assert sharp == pytest.approx(published, rel=1e-12)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("n", [2, 3, 5, 50])
def test_the_ends_of_the_bounds(p, n):
    """At 0 the largest CV there is, sqrt(n - 1), but for the published bound; at 1 zero."""
    assert bounds.sharp_cv_bound(0.0, p, n) == pytest.approx(math.sqrt(n - 1), rel=1e-9)
    assert bounds.interpolated_cv_bound(0.0, p, n) == pytest.approx(math.sqrt(n - 1), rel=1e-12)
    exponent = 2.0 if math.isinf(p) else 2.0 - 2.0 / p
    assert bounds.published_cv_bound(0.0, p, n) == pytest.approx(math.sqrt(n**exponent - 1.0), rel=1e-12)
    for bound in (bounds.sharp_cv_bound, bounds.interpolated_cv_bound, bounds.published_cv_bound):
        assert bound(1.0, p, n) == 0.0
    assert bounds.max_over_mean_bound(0.0, p, n) == pytest.approx(n, rel=1e-12)
    assert bounds.max_over_mean_bound(1.0, p, n) == 1.0


@quick
@given(st.tuples(levels, levels), orders, agents)
def test_proposition_2_bounds_fall_as_epsilon_grows(pair, p, n):
    """All bounds are monotone in epsilon."""
    low, high = sorted(pair)
    for bound in (
        bounds.published_cv_bound,
        bounds.interpolated_cv_bound,
        bounds.sharp_cv_bound,
        bounds.max_over_mean_bound,
    ):
        assert bound(high, p, n) <= bound(low, p, n) * (1.0 + 1e-10)


@quick
@given(levels, st.tuples(orders, orders), agents)
def test_the_sharp_bound_ranks_orders_as_theorem_2_does(epsilon, pair, n):
    """The larger p, the smaller the sharp bound; the published one has it the wrong way round."""
    p, q = sorted(pair)
    assert bounds.sharp_cv_bound(epsilon, q, n) <= bounds.sharp_cv_bound(epsilon, p, n) * (1.0 + 1e-9)
    assert bounds.published_cv_bound(epsilon, q, n) >= bounds.published_cv_bound(epsilon, p, n) * (1.0 - 1e-9)


@quick
@given(st.floats(0.0, 1.0 - 1e-6), orders, agents)
def test_the_sharp_bound_is_attained(epsilon, p, n):
    """The explicit vector is fair at the level, at its boundary, and has the CV of the bound."""
    loads = bounds.sharp_cv_loads(epsilon, p, n)
    fairness = EpsilonFairness(epsilon, p)
    assert loads.mean() == pytest.approx(1.0, rel=1e-12)
    assert fairness.contains(loads)
    assert fairness.level(loads) == pytest.approx(epsilon, abs=1e-9)
    assert cv(loads) == pytest.approx(bounds.sharp_cv_bound(epsilon, p, n), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("epsilon", [0.2, 0.6, 0.9])
def test_no_fair_vector_on_a_grid_exceeds_the_bounds(p, epsilon):
    """Over all whole loads of three agents of sum 240, CV and load come near the bounds and stay below."""
    first, second = np.meshgrid(np.arange(241), np.arange(241))
    grid = np.stack([first, second, 240 - first - second], axis=-1).reshape(-1, 3)
    grid = grid[grid.min(axis=1) >= 0].astype(float)
    fair = grid[EpsilonFairness(epsilon, p).contains(grid, tolerance=0.0)]
    largest_cv = (fair.std(axis=1) / 80.0).max()
    largest_load = fair.max() / 80.0
    assert 0.0 <= bounds.sharp_cv_bound(epsilon, p, 3) - largest_cv < 0.04
    assert 0.0 <= bounds.max_over_mean_bound(epsilon, p, 3) - largest_load < 0.04


GUARANTEES = [
    *(EpsilonFairness(epsilon, p) for epsilon in (0.0, 0.5, 0.9, 1.0) for p in (2, 3, INF)),
    *(CVAtMost(bound) for bound in (0.0, 0.3, 5.0)),
    *(JainAtLeast(bound) for bound in (1.0, 0.8, 0.1)),
    *(MaxOverMean(bound) for bound in (1.0, 1.1, 1.7, 2.5, 9.0)),
    *(GiniAtMost(bound) for bound in (0.0, 0.05, 0.3, 0.55, 0.8)),
    *(HooverAtMost(bound) for bound in (0.0, 0.05, 0.3, 0.55, 0.8)),
    *(RangeAtMost(bound) for bound in (0.0, 0.2, 1.0, 3.0, 9.0)),
    *(LeastOverMean(bound) for bound in (0.0, 0.3, 0.9, 1.0)),
    *(TopShareAtMost(1, bound) for bound in (0.5, 0.6, 0.9, 1.0)),
]


@pytest.mark.parametrize("fairness", GUARANTEES, ids=repr)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_no_fair_vector_exceeds_the_guaranteed_cv(fairness, n):
    """A hundred random vectors on the boundary of the cone, idle agents and few values included."""
    guaranteed = bounds.guaranteed_cv(fairness, n)
    rng = np.random.default_rng(7)
    for _ in range(100):
        x = rng.dirichlet(np.full(n, rng.choice([0.1, 0.5, 2.0])))
        if rng.uniform() < 0.5:
            x = np.round(3.0 * x) + (np.arange(n) == 0) * 1e-9
        assert cv(mixed_until_fair(fairness, x)) <= guaranteed + 1e-9
        assert cv(fairness.supporting_point(x)) <= guaranteed + 1e-9 or fairness.asks_equality(n)


# The largest CV of five agents, found by hand.
# Gini 0.3: 3/8 of one agent with everything (CV 2, index 0.8), the rest equal loads: CV 3/8 * 2.
# Hoover 0.3: H = 1.5, loads of 2.5, 0, 0.5, 1, 1: CV^2 = (2.25 + 1 + 0.25) / 5.
# Largest 1.7: loads of 1.7, 1.7, 1.6, 0, 0: CV^2 = (0.49 * 2 + 0.36 + 2) / 5.
# Least 0.6: all that may exceed it on one agent, loads of 2.6 and 0.6: CV^2 = (1.6^2 + 4 * 0.4^2) / 5.
# Top share 2:0.7: half of one agent with everything, half of equal loads: 3 and 0.5, CV^2 = (4 + 4 * 0.25) / 5.
BY_HAND = [
    (LeastOverMean(0.6), [2.6, 0.6, 0.6, 0.6, 0.6], 0.8),
    (TopShareAtMost(2, 0.7), [3.0, 0.5, 0.5, 0.5, 0.5], 1.0),
    (GiniAtMost(0.3), [5 * 3 / 8 + 5 / 8, 5 / 8, 5 / 8, 5 / 8, 5 / 8], 0.75),
    (HooverAtMost(0.3), [2.5, 0.0, 0.5, 1.0, 1.0], math.sqrt(0.7)),
    (MaxOverMean(1.7), [1.7, 1.7, 1.6, 0.0, 0.0], math.sqrt(0.668)),
]


@pytest.mark.parametrize(("fairness", "loads", "expected"), BY_HAND, ids=repr)
def test_guarantees_that_are_attained(fairness, loads, expected):
    """Written-down fair loads reach the guaranteed CV."""
    assert fairness.contains(loads)
    assert cv(loads) == pytest.approx(expected)
    assert bounds.guaranteed_cv(fairness, 5) == pytest.approx(expected)


def test_with_entitlements_the_weighted_cv_is_guaranteed_where_it_is_known():
    """The CV that is shown is the weighted one, which the member bounds itself; None, not a wrong number, elsewhere."""
    assert bounds.guaranteed_cv(CVAtMost(0.2, entitlements=[1, 2, 3]), 3) == 0.2
    assert bounds.guaranteed_cv(GiniAtMost(0.2, entitlements=[1, 2, 3]), 3) is None


@quick
@given(st.floats(1e-6, 1.0 - 1e-9), orders, agents)
def test_targets_are_the_inverse_of_the_bounds(epsilon, p, n):
    """The epsilon that a bound's own value asks for is the epsilon."""
    for bound, target in (
        (bounds.sharp_cv_bound, targets.epsilon_for_cv),
        (lambda *member: 1.0 / (1.0 + bounds.sharp_cv_bound(*member) ** 2), targets.epsilon_for_jain),
        (bounds.max_over_mean_bound, targets.epsilon_for_max_over_mean),
    ):
        value = bound(epsilon, p, n)
        assert bound(target(value, n, p), p, n) == pytest.approx(value, rel=1e-7, abs=1e-9)


@quick
@given(st.floats(0.01, 1.5), orders, agents)
def test_a_target_is_guaranteed_and_no_smaller_epsilon_does(cv_target, p, n):
    """Just above the epsilon the bound is within the target, just below it is not."""
    epsilon = targets.epsilon_for_cv(cv_target, n, p)
    assert bounds.sharp_cv_bound(epsilon, p, n) <= cv_target * (1.0 + 1e-8)
    if epsilon > 1e-5:
        assert bounds.sharp_cv_bound(epsilon - 1e-5, p, n) > cv_target


# The smallest epsilon for a CV of 0.25: (n, p) -> by the sharp bound.
PUBLISHED_TARGETS = [
    (5, 2, 0.946),
    (5, 3, 0.925),
    (5, 10, 0.881),
    (5, INF, 0.861),
    (20, 2, 0.9615),
    (20, 3, 0.952),
    (20, 10, 0.934),
    (20, INF, 0.925),
]


@pytest.mark.parametrize(("n", "p", "epsilon"), PUBLISHED_TARGETS)
def test_the_targets_of_the_references(n, p, epsilon):
    """Three digits each."""
    assert targets.epsilon_for_cv(0.25, n, p) == pytest.approx(epsilon, abs=6e-4)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("n", [2, 3, 50])
def test_the_ends_of_the_targets(p, n):
    """Equality needs epsilon 1; what every vector meets needs 0."""
    assert targets.epsilon_for_cv(0.0, n, p) == 1.0
    assert targets.epsilon_for_cv(math.sqrt(n - 1.0) + 1e-9, n, p) == 0.0
    assert targets.epsilon_for_cv(1e9, n, p) == 0.0
    assert targets.epsilon_for_jain(1.0, n, p) == 1.0
    assert targets.epsilon_for_jain(0.0, n, p) == pytest.approx(0.0, abs=1e-12)
    assert targets.epsilon_for_max_over_mean(1.0, n, p) == 1.0
    assert targets.epsilon_for_max_over_mean(n, n, p) == 0.0


@pytest.mark.parametrize("p", ORDERS)
def test_targets_of_two_agents(p):
    """Loads 1 + g and 1 - g have the level (2 / ||.||_p - 1) / (2^(1 - 1/p) - 1), in all units alike."""
    g = 0.3
    norm = np.linalg.norm([1.0 + g, 1.0 - g], p)
    expected = (2.0 / norm - 1.0) / (2.0 ** (1.0 if math.isinf(p) else 1.0 - 1.0 / p) - 1.0)
    assert targets.epsilon_for_cv(g, 2, p) == pytest.approx(expected)
    assert targets.epsilon_for_max_over_mean(1.0 + g, 2, p) == pytest.approx(expected)
    assert targets.epsilon_for_jain(1.0 / (1.0 + g * g), 2, p) == pytest.approx(expected)


def test_jain_at_order_2_is_the_formula():
    """(sqrt(n tau) - 1) / (sqrt(n) - 1)."""
    expected = (math.sqrt(5 * 0.9) - 1.0) / (math.sqrt(5) - 1.0)
    assert targets.epsilon_for_jain(0.9, 5) == pytest.approx(expected, rel=1e-12)
    assert targets.epsilon_for_max_over_mean(1.25, 5) == pytest.approx((5 / 1.25 - 1) / 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.sharp_cv_bound(1.2, 2, 5), "epsilon is 1.2"),
        (lambda: bounds.sharp_cv_bound(0.5, 1, 5), "p is 1"),
        (lambda: bounds.published_cv_bound(0.5, 2, 1), "1 agent(s)"),
        (lambda: bounds.guaranteed_cv(CVAtMost(0.2), 1), "1 agent(s)"),
        (lambda: targets.epsilon_for_cv(-1.0, 5), "cv is -1.0"),
        (lambda: targets.epsilon_for_jain(1.1, 5), "jain is 1.1"),
        (lambda: targets.epsilon_for_max_over_mean(0.5, 5), "ratio is 0.5"),
    ],
)
def test_bad_input_names_the_value(call, message):
    """One clear line."""
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)
