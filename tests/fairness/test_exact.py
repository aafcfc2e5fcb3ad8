"""Exact cuts and exact membership agree with the floats, and prove what they say."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction

import numpy as np
import pytest
from fairness_cases import UNEQUAL, brief, equal_ends, load_vectors, mixed_until_fair
from hypothesis import given

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


def coefficients_with_120_digits(fairness, point):
    """Return the coefficients of the cut of a power mean or a CV, by decimal arithmetic of 120 digits."""
    with decimal.localcontext(prec=120, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX):
        x = [decimal.Decimal(load) for load in point]
        e = [decimal.Decimal(value) for value in fairness.entitlements or [1.0] * len(point)]
        s = [value / sum(e) for value in e]
        u = [load / (len(x) * share) for load, share in zip(x, s, strict=True)]
        if isinstance(fairness, CVAtMost):
            mean = sum(share * entry for share, entry in zip(s, u, strict=True))
            std = sum(share * (entry - mean) ** 2 for share, entry in zip(s, u, strict=True)).sqrt()
            bound = decimal.Decimal(fairness.cv)
            slope = [(entry - mean) / std for entry in u]
        else:
            p, epsilon = decimal.Decimal(fairness.p), decimal.Decimal(fairness.epsilon)
            norm = sum(share * entry**p for share, entry in zip(s, u, strict=True)) ** (1 / p)
            bound = 1 / ((1 - epsilon) * min(s) ** (1 - 1 / p) + epsilon)
            slope = [(entry / norm) ** (p - 1) for entry in u]
        return [Fraction((bound - entry) / len(x)) for entry in slope]


@pytest.mark.parametrize("entitlements", [None, UNEQUAL])
@pytest.mark.parametrize("fairness", [CVAtMost(0.2), *(EpsilonFairness(0.9, p) for p in (2, 2.5, 3, 10, 50))], ids=repr)
@pytest.mark.parametrize("loads", LOADS, ids=str)
def test_exact_cuts_lie_above_the_truth_by_next_to_nothing(fairness, loads, entitlements):
    """Never below the coefficients computed with 120 digits, and within 1e-40 of them."""
    entitled = type(fairness)(**{**fairness.__dict__, "entitlements": entitlements})
    truth = coefficients_with_120_digits(entitled, loads)
    for exact, true in zip(entitled.exact_cut([Fraction(x) for x in loads]), truth, strict=True):
        assert -Fraction(1, 10**100) <= exact - true <= Fraction(1, 10**40)


@pytest.mark.parametrize("fairness", ALL, ids=repr)
@brief
@given(load_vectors(), load_vectors())
def test_exact_cuts_hold_for_fair_vectors_in_exact_arithmetic(fairness, point, other):
    """No rounding to excuse: the scalar product of two rational vectors is not negative."""
    fair = [Fraction(x) for x in mixed_until_fair(fairness, other)]
    if fairness.exact_contains(fair, Fraction(0)):
        cut = fairness.exact_cut([Fraction(x) for x in point])
        assert sum(a * x for a, x in zip(cut, fair, strict=True)) >= 0


@pytest.mark.parametrize(
    "fairness", [MaxOverMean(1.5), GiniAtMost(0.25), HooverAtMost(0.25), RangeAtMost(1.0)], ids=repr
)
def test_rational_members_decide_at_the_very_boundary(fairness):
    """Loads 3 and 1 meet each of these bounds exactly; a hair more does not."""
    assert fairness.exact_contains([Fraction(3), Fraction(1)], Fraction(0)) is True
    assert fairness.exact_contains([Fraction(3) + Fraction(1, 10**90), Fraction(1)], Fraction(0)) is False


def test_squares_decide_the_cv_at_the_very_boundary():
    """CV 1/2 is that of 3 and 1, and Jain's index is then 4/5."""
    assert CVAtMost(0.5).exact_contains([Fraction(3), Fraction(1)], Fraction(0)) is True
    assert CVAtMost(0.5).exact_contains([Fraction(3) + Fraction(1, 10**90), Fraction(1)], Fraction(0)) is False
    assert JainAtLeast(0.75).exact_contains([Fraction(3), Fraction(1)], Fraction(0)) is True


def test_what_sixty_digits_cannot_tell_is_undecided():
    """Loads within 1e-70 of the boundary of an irrational cone are neither proven fair nor unfair."""
    fairness = EpsilonFairness(0.5, 3)
    low, high = Fraction(1), Fraction(10)
    answers = []
    for _ in range(250):
        middle = (low + high) / 2
        answer = fairness.exact_contains([middle, Fraction(1), Fraction(1)], Fraction(0))
        answers.append(answer)
        low, high = (low, middle) if answer is False else (middle, high)
    assert None in answers
    assert {True, False} <= set(answers)


@pytest.mark.parametrize("fairness", [*equal_ends(), *equal_ends(UNEQUAL)], ids=repr)
def test_equality_is_decided_exactly(fairness):
    """The largest minus the smallest relative load against tolerance times mean, in fractions."""
    equal = [Fraction(value) for value in fairness.entitlements or [1.0] * 5]
    assert fairness.exact_contains(equal, Fraction(0)) is True
    assert fairness.exact_contains([equal[0] + Fraction(1, 10**90), *equal[1:]], Fraction(0)) is False
    assert fairness.exact_contains([equal[0] + Fraction(1, 10**90), *equal[1:]], Fraction(1, 10**80)) is True
    cut = fairness.exact_cut([equal[0] + 1, *equal[1:]])
    assert sum(a * x for a, x in zip(cut, equal, strict=True)) == 0
    assert sum(a * x for a, x in zip(cut, [equal[0] + 1, *equal[1:]], strict=True)) < 0


@pytest.mark.parametrize("fairness", ALL, ids=repr)
def test_zero_loads_are_fair_and_their_cut_is_valid(fairness):
    """Nobody carries anything: proven fair."""
    zero = [Fraction(0)] * 5
    assert fairness.exact_contains(zero, Fraction(0)) is True
    assert all(coefficient is not None for coefficient in fairness.exact_cut(zero))
