"""Exact cuts and exact membership agree with the floats, and prove what they say."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    MaxOverMean,
    RangeAtMost,
)

TOLERANCE = Fraction(1, 10**9)
UNEQUAL = (1.0, 2.0, 0.5, 1.0, 3.0)


def members(entitlements):
    return [
        *(EpsilonFairness(0.9, p, entitlements=entitlements) for p in (2, 2.5, 3, 10, 50, math.inf)),
        EpsilonFairness(1.0, 3, entitlements=entitlements),
        EpsilonFairness(0.0, 3, entitlements=entitlements),
        CVAtMost(0.2, entitlements=entitlements),
        JainAtLeast(0.95, entitlements=entitlements),
        MaxOverMean(1.2, entitlements=entitlements),
        GiniAtMost(0.1, entitlements=entitlements),
        HooverAtMost(0.1, entitlements=entitlements),
        RangeAtMost(0.2, entitlements=entitlements),
    ]


ALL = [*members(None), *members(UNEQUAL)]
LOADS = [
    [3.0, 4.0, 5.0, 2.0, 9.0],
    [0.0, 4.0, 0.0, 2.0, 9.0],
    [1e300, 0.0, 1e-300, 1.0, 5.0],
    [1e-300, 3e-300, 2e-300, 0.0, 1e-300],
    [1.0, 1.1, 1.0, 1.05, 0.95],
    [0.5, 0.1, 0.2, 0.7, 0.3],
]


@pytest.mark.parametrize("fairness", ALL, ids=repr)
@pytest.mark.parametrize("loads", LOADS, ids=str)
def test_an_exact_cut_is_the_cut_of_the_floats(fairness, loads):
    """Both name the same inequality, up to the rounding of floats."""
    exact = np.array([float(entry) for entry in fairness.exact_cut([Fraction(x) for x in loads])])
    np.testing.assert_allclose(exact, fairness.cut(loads), rtol=0, atol=3e-13)


@pytest.mark.parametrize("fairness", ALL, ids=repr)
@pytest.mark.parametrize("loads", LOADS, ids=str)
def test_exact_membership_is_that_of_the_floats(fairness, loads):
    """Away from the boundary, proof and floats say the same."""
    assert fairness.exact_contains([Fraction(x) for x in loads], TOLERANCE) == fairness.contains(loads)
