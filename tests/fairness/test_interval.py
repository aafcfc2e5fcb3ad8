"""Intervals hold the number they stand for, and are narrow."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction

import pytest
from fairness_cases import quick
from hypothesis import given, strategies as st

from evenhand.fairness.interval import Interval, enclosed, power, rounded_up, square_root

positive = st.fractions(min_value=Fraction(1, 10**9), max_value=10**9)
wide = st.floats(1e-300, 1e300).map(Fraction)
NARROW = Fraction(1, 10**50)


def assert_narrow(interval):
    """Check that an interval is in order and relatively narrow."""
    assert interval.low <= interval.high
    assert interval.high - interval.low <= NARROW * abs(interval.high)


@quick
@given(st.one_of(positive, wide))
def test_a_square_root_lies_between_the_ends(x):
    """Squares of the ends enclose the radicand, in exact arithmetic."""
    root = square_root(x)
    assert root.low**2 <= x <= root.high**2
    assert_narrow(root)


@quick
@given(st.one_of(positive, wide), st.integers(1, 7), st.integers(2, 5))
def test_a_rational_power_lies_between_the_ends(x, above, below):
    """(x^(a/b))^b = x^a, in exact arithmetic."""
    raised = power(x, Fraction(above, below))
    assert raised.low**below <= x**above <= raised.high**below
    assert_narrow(raised)


@quick
@given(st.fractions(0, 1), st.floats(2.0, 60.0))
def test_a_power_agrees_with_more_digits(x, exponent):
    """Decimal arithmetic with 120 digits falls inside."""
    raised = power(x, Fraction(exponent))
    with decimal.localcontext(prec=120, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX):
        base = decimal.Decimal(x.numerator) / decimal.Decimal(x.denominator)
        truth = Fraction(base ** decimal.Decimal(exponent))
    assert raised.low * (1 - Fraction(1, 10**100)) <= truth <= raised.high * (1 + Fraction(1, 10**100))


def test_powers_of_zero_and_one_are_exact():
    """No rounding where none is needed."""
    assert power(Fraction(0), Fraction(5, 2)) == enclosed(0)
    assert power(Fraction(1), Fraction(5, 2)) == enclosed(1)
    assert power(Fraction(2, 3), Fraction(2)) == enclosed(Fraction(4, 9))
    assert power(Fraction(2, 3), Fraction(1)) == enclosed(Fraction(2, 3))


def test_a_vanishing_power_stays_manageable():
    """(1e-600)^50 is not a number of thirty thousand digits, but surely below 1e-1302."""
    tiny = power(Fraction(1, 10**600), Fraction(101, 2))
    assert tiny.low == 0
    assert 0 < tiny.high <= Fraction(1, 10**1302)


@quick
@given(positive, positive, positive)
def test_arithmetic_encloses(x, y, z):
    """(sqrt x - sqrt y) sqrt z + 1 / sqrt x: floats fall inside, but for their own rounding."""
    root = {name: square_root(number) for name, number in (("x", x), ("y", y), ("z", z))}
    result = (root["x"] - root["y"]) * root["z"] + 1 / root["x"]
    expected = (math.sqrt(x) - math.sqrt(y)) * math.sqrt(z) + 1 / math.sqrt(x)
    size = (math.sqrt(x) + math.sqrt(y)) * math.sqrt(z) + 1 / math.sqrt(x)
    assert abs(float(result.low) - expected) <= 1e-14 * size
    assert result.low <= result.high


def test_products_of_mixed_sign():
    """[-1, 2] * [-3, 1] = [-6, 3]."""
    product = Interval(Fraction(-1), Fraction(2)) * Interval(Fraction(-3), Fraction(1))
    assert product == Interval(Fraction(-6), Fraction(3))


def test_nothing_is_divided_by_what_may_be_zero():
    """The reciprocal of an interval that touches zero is no interval."""
    with pytest.raises(ZeroDivisionError):
        Interval(Fraction(0), Fraction(1)).reciprocal()


def test_rounding_up_keeps_exact_numbers():
    """1/3 stays; the square root of 2 becomes a fraction of sixty digits above it."""
    assert rounded_up(enclosed(Fraction(1, 3))) == Fraction(1, 3)
    root = rounded_up(square_root(Fraction(2)))
    assert root**2 > 2
    assert root.denominator <= 10**60
