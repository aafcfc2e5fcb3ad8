"""Interval arithmetic with rational ends: an interval provably contains a real number.

Sums, products and quotients of rational numbers are exact, so that only roots and powers need rounding. Roots,
logarithms and exponentials come from the `decimal` module, which rounds them correctly to 60 digits; the next number
outwards is then a bound.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from fractions import Fraction

_DIGITS = 60
_DOWN = decimal.Context(
    prec=_DIGITS, rounding=decimal.ROUND_FLOOR, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[]
)
_UP = decimal.Context(
    prec=_DIGITS, rounding=decimal.ROUND_CEILING, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, traps=[]
)
_LEAST_LOGARITHM = -3000
_LEAST = Fraction(1, 10**1302)  # above exp(-3000) = 10^-1302.9: smaller powers are enclosed by zero and this


@dataclass(frozen=True, slots=True)
class Interval:
    """A real number between two rational ones.

    Attributes
    ----------
    low, high
        The ends, both included; equal if the number is known exactly.
    """

    low: Fraction
    high: Fraction

    def __add__(self, other: Interval | Fraction) -> Interval:
        o = enclosed(other)
        return Interval(self.low + o.low, self.high + o.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval | Fraction) -> Interval:
        return self + (-enclosed(other))

    def __mul__(self, other: Interval | Fraction) -> Interval:
        o = enclosed(other)
        if self.low >= 0 and o.low >= 0:
            return Interval(self.low * o.low, self.high * o.high)
        corners = (self.low * o.low, self.low * o.high, self.high * o.low, self.high * o.high)
        return Interval(min(corners), max(corners))

    def __rtruediv__(self, numerator: Fraction | int) -> Interval:
        return self.reciprocal() * Fraction(numerator)

    def reciprocal(self) -> Interval:
        """Return one over the number; raise `ZeroDivisionError` unless the interval is positive."""
        if self.low <= 0:
            raise ZeroDivisionError("the interval holds zero or less")
        return Interval(1 / self.high, 1 / self.low)

    @property
    def is_exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.low == self.high


def enclosed(number: Interval | Fraction | float) -> Interval:
    """Return a number as an interval; a float stands for its exact binary value."""
    if isinstance(number, Interval):
        return number
    exact = Fraction(number)
    return Interval(exact, exact)


def power(base: Interval | Fraction, exponent: Fraction) -> Interval:
    """Return an interval that contains `base` to the power of `exponent`, for a base >= 0 and an exponent > 0."""
    b = enclosed(base)
    if exponent == 1:
        return b
    if exponent == 2:
        return b * b
    if exponent == Fraction(1, 2):
        return square_root(b)
    low = _power_bound(b.low, exponent, _DOWN)
    return Interval(low, _power_bound(b.high, exponent, _UP))


def square_root(radicand: Interval | Fraction) -> Interval:
    """Return an interval that contains the square root of a non-negative number."""
    r = enclosed(radicand)
    return Interval(_root_bound(r.low, _DOWN), _root_bound(r.high, _UP))


def rounded_up(number: Interval) -> Fraction:
    """Return a fraction of few digits that is not below the number; the number itself if it is exact."""
    return number.high if number.is_exact else Fraction(_divided(number.high, _UP))


def _power_bound(base: Fraction, exponent: Fraction, context: decimal.Context) -> Fraction:
    if base == 0:
        return Fraction(0)
    number = _divided(base, context)
    if number == 1:
        return Fraction(1)
    logarithm = Fraction(_outwards(context.ln(number), context)) * exponent
    if logarithm < _LEAST_LOGARITHM:
        return Fraction(0) if context is _DOWN else _LEAST
    return Fraction(_outwards(context.exp(_divided(logarithm, context)), context))


def _root_bound(radicand: Fraction, context: decimal.Context) -> Fraction:
    if radicand == 0:
        return Fraction(0)
    return Fraction(_outwards(context.sqrt(_divided(radicand, context)), context))


def _divided(number: Fraction, context: decimal.Context) -> decimal.Decimal:
    return context.divide(decimal.Decimal(number.numerator), decimal.Decimal(number.denominator))


def _outwards(number: decimal.Decimal, context: decimal.Context) -> decimal.Decimal:
    return context.next_minus(number) if context is _DOWN else context.next_plus(number)
