"""Sums rounded to the nearest float or down, and the step of which all costs are multiples."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.sums import add_all
from evenhand.assignment.parts import in_parts
from evenhand.assignment.table_blocks import blocks_of

_MANTISSA_BITS = 53


MANY = 10_000
"""Number of values from which on a sum is compensated, not exact, unless only an exact one tells how to round it."""

Sums = list[tuple[float, float, float]]
"""Compensated sums of parts: the rounded sum, what rounding took from it, and the sum of the sizes of that."""


def total(values: NDArray[np.float64]) -> float:
    """Return the float nearest to the exact sum of `values`, shape (k,)."""
    nearest = nearest_of(_sums(values), len(values)) if len(values) >= MANY else None
    return _exact(values) if nearest is None else nearest


def sum_below(values: NDArray[np.float64]) -> float:
    """Return the largest float that is not above the exact sum of finite `values`, shape (k,)."""
    nearest = total(values)
    if len(values) >= MANY:
        least, most = _ends([*_sums(values), (-nearest, 0.0, 0.0)], len(values))
        if least >= 0.0 or most < 0.0:
            return nearest if least >= 0.0 else math.nextafter(nearest, -math.inf)
    return nearest if _exact(np.append(values, -nearest)) >= 0.0 else math.nextafter(nearest, -math.inf)


def nearest_of(sums: Sums, count: int) -> float | None:
    """Return the float nearest to the exact sum of `count` values, given sums of parts; None if they do not tell it."""
    least, most = _ends(sums, count)
    return least if least == most else None


def _ends(sums: Sums, count: int) -> tuple[float, float]:
    """Return the roundings of the least and the largest value that the exact sum of `count` values may have.

    What rounding took from each addition is known exactly; only the sum of that is rounded.
    """
    error = 2.0**-52 * count * sum(part[2] for part in sums)
    parts = [part for each in sums for part in each[:2]]
    return math.fsum([*parts, -error]), math.fsum([*parts, error])


def _sums(values: NDArray[np.float64]) -> Sums:
    values = np.ascontiguousarray(values, np.float64)
    return in_parts(lambda _, first, stop: add_all(values, first, stop), len(values))


def _exact(values: NDArray[np.float64]) -> float:
    return math.fsum(chain.from_iterable(values[at].tolist() for at in blocks_of(values)))


def common_step(values: NDArray[np.float64], negligible: float) -> float:
    """Return the largest power of two of which all finite `values` are multiples; 0 if it is at most `negligible`.

    Sums of such values are multiples of it too, so that two sums that differ by less than the step are equal.
    """
    first = float(values.flat[0])
    if math.isfinite(first) and _unit_of(first) <= negligible:  # the first value of most tables decides
        return 0.0
    mantissas, exponents = np.frexp(values[np.isfinite(values) & (values != 0.0)])
    if not mantissas.size:
        return np.inf
    # Each value is a whole number times a power of two; the trailing zeros of the whole number belong to the power.
    whole = np.ldexp(mantissas, _MANTISSA_BITS).astype(np.int64)
    zeros = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    step = math.ldexp(1.0, int((exponents + zeros).min()) - _MANTISSA_BITS)
    return step if step > negligible else 0.0


def _unit_of(value: float) -> float:
    """Return the value of the last binary digit that `value` needs; 1 if it is an integer."""
    return math.ldexp(1.0, 1 - value.as_integer_ratio()[1].bit_length())
