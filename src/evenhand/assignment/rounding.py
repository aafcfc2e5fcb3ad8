"""Sums rounded down, and the step of which all costs are multiples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.table_blocks import total

_MANTISSA_BITS = 53


def sum_below(values: NDArray[np.float64]) -> float:
    """Return the largest float that is not above the exact sum of finite `values`, shape (k,)."""
    nearest = total(values)
    return nearest if total(np.append(values, -nearest)) >= 0.0 else math.nextafter(nearest, -math.inf)


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
