"""Format numbers for readers: grouped, short, and with bounds rounded to the safe side."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

# A space within numbers and before units, at which no line may be broken.
NARROW_SPACE = "\u202f"
MINUS = "\u2212"
INFINITY = "\u221e"
NOTHING = "\u2013"

_SCIENTIFIC_FROM = 1e12
_SCIENTIFIC_BELOW = 1e-3
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def quantity(value: float | None, *, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a cost or a load with two decimals, up to four below 1, and a power of ten if it is huge or tiny.

    Parameters
    ----------
    value
        The number; None gives a dash.
    rounding
        A rounding mode of :mod:`decimal`.

    Examples
    --------
    >>> quantity(6193.5149).replace(NARROW_SPACE, " ")
    '6 193.51'
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    size = abs(value)
    if size != 0 and not _SCIENTIFIC_BELOW <= size < _SCIENTIFIC_FROM:
        return _scientific(value, rounding)
    digits = 2 if size >= 1 or size == 0 else 4
    rounded = _decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=rounding)
    if rounded == rounded.to_integral_value() and float(value).is_integer():
        rounded = rounded.to_integral_value()
    elif rounded == (short := rounded.quantize(Decimal("0.01"))):
        rounded = short
    return _signed(f"{rounded:,}")


def at_least(value: float | None) -> str:
    """Return a lower bound, rounded down so that it remains a bound."""
    return quantity(value, rounding=ROUND_FLOOR)


def proven_bound(bound: float | None, *, maximise: bool) -> str:
    """Return a bound on the optimum, rounded outwards: a lower bound on costs down, an upper bound on profits up."""
    return quantity(bound, rounding=ROUND_CEILING if maximise else ROUND_FLOOR)


def percent(value: float | None, *, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a ratio as a percentage with two significant digits, three from 10 % on (0.00008 is 0.008 %)."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return f"{INFINITY}{NARROW_SPACE}%"
    hundredfold = _decimal(value) * 100
    if hundredfold == 0:
        return f"0{NARROW_SPACE}%"
    if abs(hundredfold) < Decimal("1e-9"):
        return f"less than 0.000000001{NARROW_SPACE}%"
    digits = 2 if abs(hundredfold) < 10 else 3
    short = Context(prec=digits, rounding=rounding).create_decimal(hundredfold)
    return f"{_signed(f'{short.normalize():,f}')}{NARROW_SPACE}%"


def at_most_percent(value: float | None) -> str:
    """Return a gap as a percentage, rounded up so that it remains a guarantee."""
    return percent(value, rounding=ROUND_CEILING)


def signed_percent(value: float) -> str:
    """Return a deviation as a percentage with its sign: ``+3.1 %``, ``−0.42 %``, ``±0 %``."""
    if abs(value) < 5e-6:
        return f"±0{NARROW_SPACE}%"
    return ("+" if value > 0 else "") + percent(value)


def plain(value: float | None, digits: int = 4) -> str:
    """Return a level or an index with at most `digits` significant digits and no trailing zeros."""
    if value is None:
        return NOTHING
    if math.isinf(value):
        return INFINITY
    return _signed(f"{value:.{digits}g}")


def order(p: float | None) -> str:
    """Return the order p of a norm: 2, 3, ... or the infinity sign."""
    return plain(p)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    grouped = f"{number:,}".replace(",", NARROW_SPACE)
    return f"{grouped} {noun if number == 1 else plural or noun + 's'}"


def _decimal(value: float) -> Decimal:
    # The shortest decimal that converts back to `value`, so that 8e-5 is exactly 0.008 % and not rounded up.
    return Decimal(repr(float(value)))


def _signed(text: str) -> str:
    return text.replace(",", NARROW_SPACE).replace("-", MINUS)


def _scientific(value: float, rounding: str) -> str:
    short = Context(prec=6, rounding=rounding).create_decimal(_decimal(value)).normalize()
    exponent = short.adjusted()
    power = str(exponent).translate(_SUPERSCRIPTS)
    return f"{_signed(str(short.scaleb(-exponent)))}{NARROW_SPACE}×{NARROW_SPACE}10{power}"
