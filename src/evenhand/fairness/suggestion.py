"""Fairness parameters as short decimal texts that stay true: rounded to the safe side, and checked.

A level such as 4/3 has no short decimal representation, and the nearest one may be just impossible. A parameter that is
called possible is therefore rounded to the loose side, and one that is called impossible to the strict side.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from numpy.typing import ArrayLike

from evenhand.errors import InputError
from evenhand.fairness.protocol import Fairness

DIGITS = 6
"""Number of significant digits of a text, and of its distance from equality."""

MOST_DIGITS = 17
"""Number of digits that distinguish any two floats."""

ACCURACY = 1e-12
"""Relative tolerance within which the loads must meet the text's parameter: much stricter than solvers' tolerances."""


def possible_text(fairness: Fairness, loads: ArrayLike) -> str:
    """Return the strictest parameter that `loads`, shape (n,), meet, as a short text, rounded so that they meet it.

    Parameters
    ----------
    fairness
        A member; its own parameter does not matter.
    loads
        Loads of a known solution, shape (n,).

    Examples
    --------
    >>> from evenhand.fairness import JainAtLeast, MaxOverMean
    >>> possible_text(MaxOverMean(1.0), [2, 1, 1])
    '1.5'
    >>> possible_text(MaxOverMean(1.0), [2, 1]), possible_text(JainAtLeast(1.0), [2, 1, 1])
    ('1.333334', '0.888888')
    """
    level = float(fairness.level(loads))
    vacuous, equality = fairness.parameter_range(len(loads))  # type: ignore[arg-type]
    looser = ROUND_FLOOR if equality > vacuous else ROUND_CEILING
    for digits in range(DIGITS, MOST_DIGITS + 1):
        for rounding in (ROUND_HALF_EVEN, looser):
            text = _rounded(level, equality, digits, rounding)
            if _holds(fairness, float(text), loads):
                return text
    return repr(level)


def impossible_text(fairness: Fairness, refuted: float, n: int) -> str:
    """Return a short text of a parameter that is impossible, given that `refuted` is.

    Examples
    --------
    >>> from evenhand.fairness import MaxOverMean
    >>> impossible_text(MaxOverMean(1.0), 1.33332999, 2)
    '1.333329'
    """
    vacuous, equality = fairness.parameter_range(n)
    nearest = _rounded(refuted, equality, DIGITS, ROUND_HALF_EVEN)
    if float(nearest) == refuted:
        return nearest
    return _rounded(refuted, equality, DIGITS, ROUND_CEILING if equality > vacuous else ROUND_FLOOR)


def _rounded(value: float, equality: float, digits: int, rounding: str) -> str:
    exact, distance = Decimal(value), Decimal(value) - Decimal(equality)
    magnitudes = [number.adjusted() for number in (exact, distance) if number]
    exponent = min(magnitudes, default=0) - digits + 1
    text = format(exact.quantize(Decimal(1).scaleb(exponent), rounding), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _holds(fairness: Fairness, parameter: float, loads: ArrayLike) -> bool:
    try:
        return bool(fairness.with_parameter(parameter).contains(loads, ACCURACY))
    except InputError:
        return False
