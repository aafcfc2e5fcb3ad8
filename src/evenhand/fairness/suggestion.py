"""Parameters as text that somebody can type back: rounded to the side that holds, and checked before they are shown.

A level such as 4/3 has no short decimal. Rounded to the nearest, it may be just out of reach; so what is suggested is
rounded towards the looser side, and what is ruled out towards the stricter one.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from evenhand.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evenhand.fairness.protocol import Fairness

DIGITS = 6
"""Significant digits of a text, and of its distance from equality."""

MOST_DIGITS = 17
"""Digits that tell any two floats apart."""

ACCURACY = 1e-12
"""Relative tolerance within which a text must hold: far inside what solvers accept."""


def possible_text(fairness: Fairness, loads: ArrayLike) -> str:
    """Return the strictest parameter of `fairness` that `loads` (n,) meet, as text of few digits that holds.

    Parameters
    ----------
    fairness
        A member; its own parameter does not matter.
    loads
        Of a known solution.

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
    """Return a parameter, of few digits, beyond which nothing is possible, given that `refuted` is not.

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
