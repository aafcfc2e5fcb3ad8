"""Relative gap and relative price: one rule for every result, whatever the signs.

Values may be negative (profits, or costs less a bonus) or 0, so that both are relative to an absolute value.
"""

from __future__ import annotations

import sys


def relative_gap(value: float, bound: float, *, maximise: bool = False) -> float:
    """Return the gap between `value` and its proven `bound`, relative to the size of `value`.

    Parameters
    ----------
    value
        Objective of a solution: a cost, or with `maximise` a profit.
    bound
        Proven bound: no solution costs less, or with `maximise`, brings more.
    maximise
        Whether more is better.

    Returns
    -------
    float
        (value - bound) / abs(value), at least 0. It is 0 if they are equal, and 1 if the value is 0 and the bound is
        not, because there is then no size to compare with.

    Examples
    --------
    >>> relative_gap(101.0, 100.0), relative_gap(-100.0, -101.0), relative_gap(100.0, 101.0, maximise=True)
    (0.009900990099009901, 0.01, 0.01)
    >>> relative_gap(0.0, 0.0), relative_gap(0.0, -3.0)
    (0.0, 1.0)
    """
    difference = bound - value if maximise else value - bound
    if difference <= 0.0:
        return 0.0
    return min(difference / abs(value), sys.float_info.max) if value else 1.0


def relative_price(value: float, base: float, *, maximise: bool = False) -> float | None:
    """Return the price of fairness: by how much `value` is worse than `base`, relative to the size of `base`.

    Parameters
    ----------
    value, base
        Best objective with fairness, and without it.
    maximise
        Whether more is better.

    Returns
    -------
    float or None
        The price: 0.03 is 3 %. None if the base is 0 and the value is not.

    Examples
    --------
    >>> relative_price(103.0, 100.0), relative_price(-97.0, -100.0), relative_price(97.0, 100.0, maximise=True)
    (0.03, 0.03, 0.03)
    >>> relative_price(1.0, 0.0) is None
    True
    """
    if base != 0.0:
        return (base - value if maximise else value - base) / abs(base)
    return 0.0 if value == 0.0 else None
