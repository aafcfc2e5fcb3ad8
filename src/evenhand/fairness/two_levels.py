r"""Vectors of mean 1 with two levels: k entries 1 + alpha, l entries that share the rest, z idle ones.

They are the extremes of one norm given another (see `bounds.py`). Everything is told in alpha, the excess
over the mean, because alpha is what is left of the entries where they are nearly equal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BISECTIONS = 200


def most_loaded(n: int, effective: float) -> int:
    """Return how many of `n` agents carry the larger load where `effective` of them, in [1, n], would."""
    return min(max(math.floor(effective), 1), n - 1)


def log_power_mean(excess: float, p: float, upper: int, lower: int, idle: int) -> float:
    """Return the logarithm of the power mean of finite order `p` of the vector with these counts.

    Parameters
    ----------
    excess
        Of the upper entries over 1, at least 0.
    upper, lower, idle
        How many entries there are of each kind.
    """
    n = upper + lower + idle
    rest = (idle - upper * excess) / lower  # of the lower entries over 1
    top = p * math.log1p(excess)
    bottom = p * math.log1p(rest) if rest > -1.0 else -math.inf
    if top < 1.0:
        mean_excess = (upper * math.expm1(top) + lower * math.expm1(bottom) - idle) / n
        return math.log1p(mean_excess) / p
    return (top + math.log((upper + lower * math.exp(bottom - top)) / n)) / p


def excess_of(target: float, p: float, upper: int, lower: int, idle: int) -> float:
    """Return the excess whose vector has a power mean of logarithm `target`, by bisection.

    The power mean increases with the excess from where all loaded entries are equal to where the lower ones
    are idle.
    """
    n = upper + lower + idle
    low, high = idle / (upper + lower), n / upper - 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if log_power_mean(middle, p, upper, lower, idle) < target:
            low = middle
        else:
            high = middle
    return high if n == upper + lower and low == 0.0 else 0.5 * (low + high)


def largest_cv(ratios: NDArray[np.float64], bound: float) -> float:
    """Return the largest CV of n loads whose measure is at most `bound` times the mean, for a measure linear in order.

    A convex function is largest at an extreme point of {loads in order, of mean 1, within the bound}. These are k equal
    loads beside idle agents, or a mix of two such on the bound.

    Parameters
    ----------
    ratios
        Measure over mean of k equal loads beside n - k idle agents, for k = 1..n, shape (n,), not increasing.
    bound
        At least the last of them.
    """
    n = len(ratios)
    counts = np.arange(1, n + 1)
    few, many = counts[ratios > bound], counts[ratios <= bound]
    best = float(n / many[0] - 1.0)
    if few.size:
        part = (bound - ratios[many - 1]) / (ratios[few - 1][:, np.newaxis] - ratios[many - 1])
        squares = part**2 * (n / few[:, np.newaxis]) + (1.0 - part**2) * (n / many)
        best = max(best, float(squares.max()) - 1.0)
    return math.sqrt(max(best, 0.0))
