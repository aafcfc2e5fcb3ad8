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


EQUAL = [member for member in MEMBERS if member.entitlements is None]
CROWDS = np.random.default_rng(1).integers(0, 4, (150, 5)).astype(float)
PRESENT = np.random.default_rng(2).random((150, 5)) < 0.6
PRESENT[PRESENT.sum(axis=1) < 2] = True


def jain_of(loads):
    """Return Jain's index of one vector."""
    return loads.sum() ** 2 / (len(loads) * (loads**2).sum()) if loads.any() else 1.0


@pytest.mark.parametrize("member", EQUAL, ids=repr)
def test_the_index_among_those_present_is_the_members_of_their_loads(member):
    """Without the absent, whatever they did; the scale stays that of the whole team."""
    found = fairness_index(member, CROWDS, PRESENT)
    vacuous, equality = member.parameter_range(5)
    for loads, here, index in zip(CROWDS, PRESENT, found, strict=True):
        own = loads[here]
        if member.name == "jain":
            assert index == pytest.approx(jain_of(own), abs=1e-12)
        elif not own.any():
            assert index == pytest.approx(1.0)
        elif member.name == "epsilon":
            # The mean of order p over the arithmetic one, on the scale of five agents.
            p = member.p
            ratio = own.max() / own.mean() if math.isinf(p) else (own**p).mean() ** (1 / p) / own.mean()
            alone = 5.0 if math.isinf(p) else 5.0 ** (1 - 1 / p)
            assert index == pytest.approx((alone / ratio - 1) / (alone - 1), abs=1e-9)
        elif isinstance(member, TopShareAtMost):  # of two agents the two busiest are all
            share = np.sort(own)[-2:].sum() / own.sum()
            assert index == pytest.approx((vacuous - share) / (vacuous - equality), abs=1e-12)
        else:
            assert index == pytest.approx((vacuous - member.level(own)) / (vacuous - equality), abs=1e-12)


@pytest.mark.parametrize("member", [*EQUAL, JainAtLeast(0.85, entitlements=(1.0, 1.0, 0.5, 2.0, 1.0))], ids=repr)
def test_the_index_among_those_present_is_the_same_in_jax(member):
    jax = pytest.importorskip("jax")
    found = jax.jit(lambda loads, here: fairness_index(member, loads, here))(CROWDS.astype(np.float32), PRESENT)
    np.testing.assert_allclose(found, fairness_index(member, CROWDS, PRESENT), atol=2e-6)


def test_entitlements_of_those_present_count_alone():
    """Of shares 2, 1, 1 the last is absent: loads of 2 and 1 are as the two are entitled, 1 and 1 are not.

    Relative to 2/3 and 1/3 of two units, these are 3/4 and 3/2: 1 + 2/3 (1/4)^2 + 1/3 (1/2)^2 = 9/8.
    """
    member = JainAtLeast(0.85, entitlements=(2.0, 1.0, 1.0))
    here = [True, True, False]
    assert fairness_index(member, [2.0, 1.0, 9.0], here) == pytest.approx(1.0)
    assert fairness_index(member, [1.0, 1.0, 9.0], here) == pytest.approx(8 / 9)


def test_everybody_present_is_the_usual_index():
    np.testing.assert_allclose(
        fairness_index(JainAtLeast(0.85), WORKLOADS, np.ones((200, 3), bool)), jain_index(WORKLOADS)
    )
    np.testing.assert_allclose(fairness_index(JainAtLeast(0.85), WORKLOADS, [True] * 3), jain_index(WORKLOADS))


def test_a_members_own_level_is_of_those_present():
    class Own:
        name, parameter, entitlements = "own", 1.0, None

        def parameter_range(self, n):
            return float(n), 0.0

        def level(self, loads):
            return loads.max(axis=-1) - loads.min(axis=-1)

    found = fairness_index(Own(), [[1.0, 3.0, 9.0], [0.0, 1.0, 2.0]], [[True, True, False], [True, False, True]])
    np.testing.assert_allclose(found, [1 / 3, 1 / 3])
