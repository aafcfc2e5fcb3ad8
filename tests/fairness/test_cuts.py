"""Cuts hold for every fair vector and fail at the point they were made at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fairness_cases import (
    FIVE,
    ORDERS,
    SCALES,
    UNEQUAL,
    brief,
    equal_ends,
    load_vectors,
    mixed_until_fair,
    quick,
    shares,
)
from hypothesis import given, strategies as st
from scipy.optimize import linprog

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    MaxOverMean,
    RangeAtMost,
)

chosen = st.sampled_from(FIVE)
ROUNDING = 1e-12


def supporting_cut(fairness, loads):
    """Make the cut where the line from the loads to equal ones enters the cone."""
    return fairness.cut(fairness.supporting_point(loads))


def separating_cuts(fairness, loads):
    """Make the default cuts, one a row."""
    return np.array([fairness.cut(point) for point in fairness.cut_points(loads)])


def depth(cut, loads):
    """Measure how far the loads are beyond the cut, as a part of their norm."""
    return -(cut @ loads) / (np.linalg.norm(cut) * np.linalg.norm(loads))


def assert_valid(cut, fair):
    """Check that a fair vector falls short by rounding at most."""
    fair = fair / fair.max()
    assert cut @ fair >= -ROUNDING * float(np.abs(cut) @ fair)


@quick
@given(load_vectors(), load_vectors(), chosen)
def test_a_cut_holds_for_every_fair_vector(point, other, fairness):
    """Made anywhere, at fair points too, with idle agents and at any scale."""
    assert_valid(fairness.cut(point), mixed_until_fair(fairness, other))


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
@pytest.mark.parametrize("scale", SCALES)
def test_cuts_hold_for_many_random_fair_vectors(fairness, scale):
    """The same for a thousand vectors, most of them on the boundary of the cone."""
    rng = np.random.default_rng(3)
    loads = rng.uniform(size=(10, 5)) ** rng.uniform(1, 6, size=(10, 1)) * (rng.uniform(size=(10, 5)) < 0.8)
    loads = (loads + 1e-9 * (loads.sum(axis=1, keepdims=True) == 0)) * scale
    fair = np.array([fairness.supporting_point(x) for x in loads])
    fair = fair[fairness.contains(fair)] / scale
    for point in loads:
        for cut in (*separating_cuts(fairness, point), fairness.cut(point)):
            assert np.min(fair @ cut, initial=0.0) >= -1e-9 * np.abs(cut).max() * np.max(fair, initial=0.0)


@quick
@given(load_vectors(), chosen)
def test_a_cut_fails_at_the_unfair_point_it_was_made_at(point, fairness):
    """Gradient cut and default cut separate."""
    if fairness.contains(point):
        return
    x = point / point.max()
    assert fairness.cut(point) @ x < 0.0
    assert separating_cuts(fairness, point)[0] @ x < 0.0
    assert supporting_cut(fairness, point) @ x < 0.0


@quick
@given(load_vectors(), chosen)
def test_the_supporting_point_is_where_the_cone_begins(loads, fairness):
    """It is fair, has the same sum, lies towards equality, and a little less of it is unfair."""
    point = fairness.supporting_point(loads)
    if fairness.contains(loads, tolerance=0.0) or fairness.asks_equality(5):
        np.testing.assert_array_equal(point, loads)
        return
    assert fairness.contains(point, tolerance=1e-12)
    x, z = loads / loads.max(), point / loads.max()
    assert z.sum() == pytest.approx(x.sum(), rel=1e-12)
    equal = shares(fairness, 5) * x.sum()
    direction = (equal - x) / np.linalg.norm(equal - x)
    assert direction @ (z - x) == pytest.approx(np.linalg.norm(z - x), rel=1e-9)
    assert not fairness.contains(z - 1e-6 * (equal - x), tolerance=0.0)
    cut = fairness.cut(point)
    assert cut @ z == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("p", ORDERS)
def test_the_gradient_cut_of_the_design(p):
    """(1 - phi v) . x >= 0 with v = (x / ||x||_p)^(p-1), up to a positive factor."""
    fairness, x = EpsilonFairness(0.7, p), np.array([0.0, 1.0, 2.0, 5.0])
    v = np.eye(4)[3] if math.isinf(p) else (x / np.linalg.norm(x, p)) ** (p - 1)
    expected = 1.0 - fairness.factor(4) * v
    cut = fairness.cut(x)
    np.testing.assert_allclose(cut / cut[0], expected / expected[0], rtol=1e-12)


# epsilon, p, mean depth of supporting over gradient cuts; quoted in docs/explanation/fairness.md.
DEEPER = [
    (0.5, 2, 1.07),
    (0.5, 3, 1.03),
    (0.5, 10, 1.00),
    (0.9, 2, 1.32),
    (0.9, 3, 1.22),
    (0.9, 10, 1.12),
    (0.99, 2, 1.65),
    (0.99, 3, 1.44),
    (0.99, 10, 1.23),
]


@pytest.mark.parametrize(("epsilon", "p", "ratio"), DEEPER)
def test_supporting_cuts_are_deeper(epsilon, p, ratio):
    """Over 300 random load vectors of five agents, never shallower and on average by this much deeper."""
    loads = np.random.default_rng(1).dirichlet(np.ones(5), size=300)
    fairness = EpsilonFairness(epsilon, p)
    unfair = loads[~fairness.contains(loads)]
    gradient = np.array([depth(fairness.cut(x), x) for x in unfair])
    supporting = np.array([depth(supporting_cut(fairness, x), x) for x in unfair])
    assert gradient.min() > 0.0
    assert np.all(supporting >= gradient * (1.0 - 1e-9))
    assert supporting.mean() / gradient.mean() == pytest.approx(ratio, abs=0.006)


@pytest.mark.parametrize("fairness", [CVAtMost(0.2), GiniAtMost(0.1), HooverAtMost(0.1), MaxOverMean(1.1)], ids=repr)
def test_cuts_of_deviations_support_wherever_they_are_made(fairness):
    """Gradient and supporting cut are the same inequality."""
    x = np.array([0.1, 0.5, 0.7, 0.8, 0.2])
    np.testing.assert_allclose(fairness.cut(x), supporting_cut(fairness, x), atol=1e-13)


@pytest.mark.parametrize("entitlements", [None, UNEQUAL])
def test_infinite_order_cuts_off_every_agent_above_the_bound(entitlements):
    """One row each, largest relative load first, and together they are the whole cone above."""
    fairness = MaxOverMean(1.1, entitlements=entitlements)
    x = np.array([0.9, 0.1, 0.7, 0.8, 0.2])
    cuts = separating_cuts(fairness, x)
    margins = cuts @ x
    relative = x / (5 * shares(fairness, 5))
    assert len(cuts) == np.count_nonzero(relative > 1.1 * x.mean())
    assert np.all(margins < 0.0)
    unit = [int(np.argmin(cut)) for cut in cuts]
    assert unit == np.argsort(-relative)[: len(cuts)].tolist()


def test_range_cuts_off_every_extreme_pair():
    """Each pair of a largest or smallest load with one too far from it, worst first."""
    fairness, x = RangeAtMost(0.5), np.array([1.0, 2.0, 3.0, 2.2])
    # The mean is 2.05, the bound 1.025: of the pairs with an extreme, (3, 1) and (2.2, 1) are too far apart.
    cuts = separating_cuts(fairness, x)
    np.testing.assert_allclose(cuts, [[1.125, 0.125, -0.875, 0.125], [1.125, 0.125, 0.125, -0.875]])
    assert np.all(cuts @ x < 0.0)


@pytest.mark.parametrize("fairness", [*equal_ends(), *equal_ends(UNEQUAL)], ids=repr)
def test_cuts_at_equality_hold_for_equal_loads_and_separate_the_rest(fairness):
    """Even loads that miss equality by 1e-8 of their mean."""
    equal = shares(fairness, 5)
    for size in (1e-8, 1e-3, 1.0):
        for agent in range(5):
            x = equal.copy()
            x[agent] *= 1.0 + size
            assert not fairness.contains(x)
            for cut in separating_cuts(fairness, x):
                assert abs(cut @ equal) <= 1e-15
                assert cut @ x < 0.0


@pytest.mark.parametrize("fairness", FIVE, ids=repr)
def test_cuts_of_zero_loads_ask_nothing_of_fair_ones(fairness):
    """Zero has no direction; its cut is still valid."""
    cut = fairness.cut(np.zeros(5))
    assert cut @ shares(fairness, 5) >= -1e-15


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("entitlements", [None, UNEQUAL])
@pytest.mark.parametrize("epsilon", [0.0, 0.4, 0.95, 1.0])
def test_every_cut_is_in_the_dual_cone_and_no_shift_of_a_supporting_one(p, entitlements, epsilon):
    """Cuts pass the one-line test of the dual cone; a supporting cut lowered by a hair does not."""
    fairness = EpsilonFairness(epsilon, p, entitlements=entitlements)
    rng = np.random.default_rng(5)
    for x in rng.dirichlet(np.full(5, 0.5), size=10):
        assert fairness.dual_contains(fairness.cut(x))
        if not fairness.contains(x):
            cut = supporting_cut(fairness, x)
            assert fairness.dual_contains(cut)
            assert not fairness.dual_contains(cut - 1e-4 * np.abs(cut).max())


@pytest.mark.parametrize("p", ORDERS)
@brief
@given(st.floats(0.05, 0.95), st.lists(st.floats(-1.0, 1.0), min_size=2, max_size=2))
def test_the_dual_cone_of_two_agents_is_that_of_two_rays(p, epsilon, v):
    """For n = 2 the cone is the hull of two mirrored rays, so v is dual where it is non-negative on both."""
    fairness = EpsilonFairness(epsilon, p)
    ray = fairness.supporting_point(np.array([1.0, 0.0]))
    margin = min(v @ ray, v @ ray[::-1])
    if abs(margin) > 1e-9:
        assert fairness.dual_contains(v) == (margin > 0.0)


@quick
@given(st.floats(0.05, 1.0), st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4))
def test_the_dual_cone_of_infinite_order_by_linear_programming(epsilon, v):
    """The least v . x over the fair vectors of sum 1, by HiGHS."""
    fairness = EpsilonFairness(epsilon, math.inf)
    rows = fairness.factor(4) * np.eye(4) - 1.0
    least = linprog(v, A_ub=rows, b_ub=np.zeros(4), A_eq=np.ones((1, 4)), b_eq=[1.0]).fun
    if abs(least) > 1e-7:
        assert fairness.dual_contains(v) == (least > 0.0)


@pytest.mark.parametrize("p", [2, 3, 10])
def test_the_dual_cone_by_cutting_planes(p):
    """The least v . x over the fair vectors of sum 1, by linear programs over more and more cuts."""
    rng = np.random.default_rng(11)
    fairness = EpsilonFairness(0.6, p)
    for _ in range(8):
        v = rng.normal(size=3) + 0.7
        rows = [np.zeros(3)]
        for _ in range(60):
            solution = linprog(v, A_ub=-np.array(rows), b_ub=np.zeros(len(rows)), A_eq=np.ones((1, 3)), b_eq=[1.0])
            if fairness.contains(solution.x, tolerance=1e-8):
                break
            rows.append(supporting_cut(fairness, np.maximum(solution.x, 0.0)))
        if abs(solution.fun) > 1e-6:
            assert fairness.dual_contains(v) == (solution.fun > 0.0)
