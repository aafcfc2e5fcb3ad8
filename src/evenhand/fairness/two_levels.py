r"""Vectors of mean 1 with two levels: k entries 1 + alpha, l equal entries with the rest of the sum, z zeros.

Among vectors with a given norm, these have the largest or smallest other norm (see `bounds.py`). The functions compute
with alpha, the excess over the mean, and not with 1 + alpha: if entries are nearly equal, alpha is small, and adding 1
would round its digits away.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_BISECTIONS = 200


def most_loaded(n: int, effective: float) -> int:
    """Return the number of `n` agents with the larger load: `effective`, in [1, n], rounded down to 1, ..., n - 1."""
    return min(max(math.floor(effective), 1), n - 1)


def log_power_mean(excess: float, p: float, upper: int, lower: int, idle: int) -> float:
    """Return the logarithm of the power mean of finite order `p` of the vector with these counts.

    Parameters
    ----------
    excess
        Excess of the upper entries over 1, at least 0.
    upper, lower, idle
        Numbers k, l and z of the entries of each kind.
    """
    n = upper + lower + idle
    rest = (idle - upper * excess) / lower  # excess of the lower entries over 1
    top = p * math.log1p(excess)
    bottom = p * math.log1p(rest) if rest > -1.0 else -math.inf
    if top < 1.0:
        mean_excess = (upper * math.expm1(top) + lower * math.expm1(bottom) - idle) / n
        return math.log1p(mean_excess) / p
    return (top + math.log((upper + lower * math.exp(bottom - top)) / n)) / p


def excess_of(target: float, p: float, upper: int, lower: int, idle: int) -> float:
    """Return the excess for which the logarithm of the power mean is `target`, by bisection.

    The power mean increases with the excess, from the one at which upper and lower entries are equal to the one at
    which the lower entries are zero.
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
    """Return the largest CV of n loads with a measure of at most `bound` times the mean.

    The measure must be linear on sorted loads. The sorted loads of mean 1 within the bound form a polytope, and the CV,
    a convex function, is largest at one of its vertices. These are k equal loads and n - k idle agents within the
    bound, and mixtures of two such vectors on the bound.

    Parameters
    ----------
    ratios
        The measure over the mean of k equal loads and n - k idle agents, for k = 1..n, shape (n,), not increasing.
    bound
        Bound on the measure over the mean, at least the last of `ratios`.
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
