"""The index of workloads is the notion's own, in NumPy and inside compiled JAX."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.fair_gne import fairness_index
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
)
from evenhand.fairness.measures import jain_index

HALF_TIME = (1.0, 1.0, 0.5)
MEMBERS = [
    JainAtLeast(0.85),
    JainAtLeast(0.85, entitlements=HALF_TIME),
    EpsilonFairness(0.9),
    EpsilonFairness(0.9, p=3.5),
    EpsilonFairness(0.9, p=10, entitlements=HALF_TIME),
    EpsilonFairness(0.9, p=math.inf),
    CVAtMost(0.3),
    CVAtMost(0.3, entitlements=HALF_TIME),
    GiniAtMost(0.2),
    GiniAtMost(0.2, entitlements=HALF_TIME),
    HooverAtMost(0.2, entitlements=HALF_TIME),
    RangeAtMost(0.5, entitlements=HALF_TIME),
    MaxOverMean(1.3),
    MaxOverMean(1.3, entitlements=HALF_TIME),
    LeastOverMean(0.6),
    LeastOverMean(0.6, entitlements=HALF_TIME),
    TopShareAtMost(2, 0.8),
    TopShareAtMost(2, 0.8, entitlements=HALF_TIME),
]
WORKLOADS = np.random.default_rng(0).integers(0, 7, (200, 3)).astype(float)


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_the_index_is_the_level_of_the_notion(member):
    """Undoing the scaling gives the level that the member itself computes."""
    index = fairness_index(member, WORKLOADS)
    vacuous, equality = member.parameter_range(3)
    level = index if member.name in {"jain", "epsilon"} else vacuous + index * (equality - vacuous)
    np.testing.assert_allclose(level, member.level(WORKLOADS), atol=2e-15)


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_the_idle_and_the_equal_have_index_one(member):
    """While nobody has worked the index is 1, as where all carry their share."""
    equal = np.array(member.entitlements or (1.0, 1.0, 1.0)) * 1e200
    np.testing.assert_allclose(fairness_index(member, np.stack([np.zeros(3), equal])), 1.0, atol=1e-15)


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_compiled_batches_agree_with_numpy(member):
    """Inside jit, on any leading axes, single precision gives the same numbers."""
    jax = pytest.importorskip("jax")
    batch = WORKLOADS.reshape(10, 20, 3)
    compiled = jax.jit(lambda w: fairness_index(member, w))(jax.numpy.asarray(batch, dtype="float32"))
    assert compiled.shape == (10, 20)
    np.testing.assert_allclose(compiled, fairness_index(member, batch), atol=2e-6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8))
def test_jain_cv_and_order_two_are_one_cone(workloads):
    """J, the CV and the level of order 2 say the same in three units."""
    w = np.array(workloads, dtype=float)
    n = len(w)
    jain = float(fairness_index(JainAtLeast(0.9), w))
    cv = (1.0 - float(fairness_index(CVAtMost(0.1), w))) * math.sqrt(n - 1)
    level = float(fairness_index(EpsilonFairness(0.9), w))
    assert jain == pytest.approx(float(jain_index(w)), abs=1e-14)
    assert jain == pytest.approx(1.0 / (1.0 + cv**2), abs=1e-12)
    assert level == pytest.approx((math.sqrt(n * jain) - 1.0) / (math.sqrt(n) - 1.0), abs=1e-12)


def test_a_member_of_ones_own_is_asked_for_its_level():
    """A name that is not built in falls back on the member's level, in NumPy."""

    class Renamed(GiniAtMost):
        name = "of my own"

    np.testing.assert_allclose(
        fairness_index(Renamed(0.2), WORKLOADS), fairness_index(GiniAtMost(0.2), WORKLOADS), atol=1e-14
    )


def test_a_single_number_is_refused():
    """One number is no team."""
    with pytest.raises(InputError, match="single number"):
        fairness_index(JainAtLeast(0.9), 3.0)
