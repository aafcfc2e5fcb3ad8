"""Every definition, proposition and theorem of the paper, as a property of the (epsilon, p) family."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from fairness_cases import ORDERS, any_load_vectors, load_vectors, mixed_until_fair, quick
from hypothesis import assume, given, strategies as st

from evenhand.fairness import CVAtMost, EpsilonFairness, JainAtLeast, MaxOverMean

orders = st.sampled_from(ORDERS)
levels = st.floats(0.0, 1.0)
MODERATE = (1e-3, 1.0, 1e3)


def norm(x, p):
    """Return the p-norm, by NumPy."""
    return np.linalg.norm(x, p)


def written_out(x, epsilon, p):
    """Return ||x||_1 - phi ||x||_p, over ||x||_1, straight from Definition 1."""
    exponent = 1.0 if math.isinf(p) else 1.0 - 1.0 / p
    factor = 1.0 + epsilon * (len(x) ** exponent - 1.0)
    return 1.0 - factor * norm(x, p) / norm(x, 1)


@quick
@given(any_load_vectors(MODERATE), levels, orders)
def test_definition_1(x, epsilon, p):
    """Membership is phi ||x||_p <= ||x||_1."""
    margin = written_out(x, epsilon, p)
    assume(abs(margin) > 1e-8 and epsilon < 1.0)
    assert EpsilonFairness(epsilon, p).contains(x) == (margin > 0.0)


@quick
@given(any_load_vectors(MODERATE), orders)
def test_the_level_is_the_one_of_the_definition(x, p):
    """The level is (||x||_1 / ||x||_p - 1) / D_p."""
    exponent = 1.0 if math.isinf(p) else 1.0 - 1.0 / p
    expected = (norm(x, 1) / norm(x, p) - 1.0) / (len(x) ** exponent - 1.0)
    assert EpsilonFairness(0.5, p).level(x) == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("n", [2, 3, 8])
def test_the_extremes_of_the_norm_equivalence(n, p):
    """One agent with everything has level 0, equal loads level 1; so do zero loads."""
    member = EpsilonFairness(0.5, p)
    assert member.level(np.eye(n)).tolist() == pytest.approx([0.0] * n, abs=1e-15)
    assert member.level(np.ones(n)) == 1.0
    assert member.level(np.zeros(n)) == 1.0
    assert member.with_parameter(1.0).contains(np.zeros(n))


@quick
@given(any_load_vectors(), st.tuples(levels, levels), orders)
def test_proposition_1_the_sets_shrink_as_epsilon_grows(x, pair, p):
    """Fair at the higher level is fair at the lower one."""
    low, high = sorted(pair)
    if EpsilonFairness(high, p).contains(x):
        assert EpsilonFairness(low, p).contains(x)


@quick
@given(any_load_vectors(MODERATE), levels, orders, st.integers(-290, 290))
def test_remark_1_scale_does_not_matter(x, epsilon, p, exponent):
    """Level and membership are those of the scaled loads."""
    member = EpsilonFairness(epsilon, p)
    assume(abs(member.level(x) - epsilon) > 1e-8)
    assert member.level(x * 10.0**exponent) == pytest.approx(member.level(x), abs=1e-12)
    assert member.contains(x * 10.0**exponent) == member.contains(x)


@quick
@given(load_vectors(6), orders, st.permutations(range(6)))
def test_the_order_of_agents_does_not_matter(x, p, permutation):
    """Level is symmetric."""
    member = EpsilonFairness(0.5, p)
    assert member.level(x[list(permutation)]) == pytest.approx(member.level(x), abs=1e-13)


@quick
@given(any_load_vectors(), orders, orders)
def test_theorem_1_at_0_and_1_all_orders_agree(x, p, q):
    """At epsilon 0 everything is fair, at 1 equal loads only, whatever the order."""
    assert EpsilonFairness(0.0, p).contains(x)
    equal = EpsilonFairness(1.0, p).contains(x)
    assert equal == EpsilonFairness(1.0, q).contains(x)
    assert equal == (np.ptp(x / x.max()) <= 1e-9 * np.mean(x / x.max()))


@pytest.mark.parametrize("p", ORDERS)
def test_equality_is_the_same_narrow_band_for_every_order(p):
    """At epsilon 1, loads that differ by 0.9e-9 of their mean are equal and by 1.1e-9 are not."""
    member = EpsilonFairness(1.0, p)
    assert member.contains([1.0, 1.0 + 0.9e-9, 1.0])
    assert not member.contains([1.0, 1.0 + 1.1e-9, 1.0])


@quick
@given(any_load_vectors(), st.floats(0.01, 0.99))
def test_theorem_2_the_sets_shrink_as_p_grows(x, epsilon):
    """Fair for an order is fair for every smaller one."""
    fair = [bool(EpsilonFairness(epsilon, p).contains(x, tolerance=0.0)) for p in ORDERS]
    levels_by_order = [float(EpsilonFairness(epsilon, p).level(x)) for p in ORDERS]
    assert all(a >= b - 1e-12 for a, b in pairwise(levels_by_order))
    assume(min(abs(level - epsilon) for level in levels_by_order) > 1e-9)
    assert fair == sorted(fair, reverse=True)


@quick
@given(any_load_vectors(MODERATE))
def test_theorem_2_strictly(x):
    """Between the extremes the level falls strictly as p grows: some loads are fair for p alone."""
    found = [float(EpsilonFairness(0.5, p).level(x)) for p in ORDERS]
    assume(len(x) > 2 and found[-1] > 0.02 and found[0] < 0.98)
    assert all(a > b for a, b in pairwise(found))
    between = (found[0] + found[-1]) / 2
    assert EpsilonFairness(between, ORDERS[0]).contains(x)
    assert not EpsilonFairness(between, ORDERS[-1]).contains(x)


@quick
@given(load_vectors(), load_vectors(), levels, orders, st.floats(0.0, 1.0))
def test_the_fair_set_is_convex(x, y, epsilon, p, part):
    """A mix of fair loads is fair."""
    member = EpsilonFairness(epsilon, p)
    x, y = mixed_until_fair(member, x), mixed_until_fair(member, y)
    assert member.contains(part * x + (1.0 - part) * y)


@quick
@given(any_load_vectors(MODERATE), levels)
def test_infinite_order_is_n_linear_rows(x, epsilon):
    """Equation (7): (1 + epsilon (n - 1)) x_i <= sum x for every agent."""
    margin = float(np.min(x.sum() - (1.0 + epsilon * (len(x) - 1.0)) * x)) / x.sum()
    assume(abs(margin) > 1e-8)
    assert EpsilonFairness(epsilon, math.inf).contains(x) == (margin > 0.0)


@quick
@given(any_load_vectors(), st.floats(0.2, 1.0))
def test_jain_cv_and_order_2_are_one_cone(x, tau):
    """J >= tau is CV <= sqrt(1/tau - 1) is epsilon = (sqrt(n tau) - 1) / (sqrt(n) - 1) at p = 2."""
    n = len(x)
    assume(1.0 / n < tau < 1.0 - 1e-6 and abs(JainAtLeast(tau).level(x) - tau) > 1e-8)
    epsilon = (math.sqrt(n * tau) - 1.0) / (math.sqrt(n) - 1.0)
    answers = {
        bool(JainAtLeast(tau).contains(x)),
        bool(CVAtMost(math.sqrt(1.0 / tau - 1.0)).contains(x)),
        bool(EpsilonFairness(epsilon).contains(x)),
    }
    assert len(answers) == 1


@quick
@given(any_load_vectors(), st.floats(0.01, 0.99))
def test_largest_over_mean_is_infinite_order(x, epsilon):
    """Largest at most n / phi times the mean is (epsilon, inf)-fairness."""
    member = EpsilonFairness(epsilon, math.inf)
    assume(abs(member.level(x) - epsilon) > 1e-8)
    assert member.contains(x) == MaxOverMean(len(x) / member.factor(len(x))).contains(x)


@quick
@given(load_vectors(4, MODERATE), st.lists(st.floats(0.1, 10.0), min_size=4, max_size=4), levels, orders)
def test_entitlements_as_the_design_writes_them(x, entitlements, epsilon, p):
    """Weighted norms of y = x / e, factor between the smallest entitlement and their sum."""
    e = np.array(entitlements)
    y, exponent = x / e, 1.0 if math.isinf(p) else 1.0 - 1.0 / p
    # Scaled, because (1e4)^50 would overflow in the naive formula.
    top = y.max()
    weighted = top if math.isinf(p) else top * float(e @ (y / top) ** p) ** (1.0 / p)
    factor = (1.0 - epsilon) * e.min() ** exponent + epsilon * e.sum() ** exponent
    margin = 1.0 - factor * weighted / x.sum()
    assume(abs(margin) > 1e-8 and epsilon < 1.0)
    assert EpsilonFairness(epsilon, p, entitlements=entitlements).contains(x) == (margin > 0.0)


@quick
@given(load_vectors(4, MODERATE), st.lists(st.floats(0.1, 10.0), min_size=4, max_size=4), st.floats(0.05, 0.999))
def test_weighted_jain_is_order_2(x, entitlements, tau):
    """J_e >= tau is epsilon = (sqrt(E tau) - sqrt(e_min)) / (sqrt(E) - sqrt(e_min)), clipped at 0."""
    e = np.array(entitlements)
    index = x.sum() ** 2 / (e.sum() * (x**2 / e).sum())
    root_sum, root_least = math.sqrt(e.sum()), math.sqrt(e.min())
    epsilon = max(0.0, (root_sum * math.sqrt(tau) - root_least) / (root_sum - root_least))
    assume(abs(index - tau) > 1e-8)
    assert JainAtLeast(tau, entitlements=entitlements).level(x) == pytest.approx(index, abs=1e-12)
    assert EpsilonFairness(epsilon, entitlements=entitlements).contains(x) == (index > tau or epsilon == 0.0)
