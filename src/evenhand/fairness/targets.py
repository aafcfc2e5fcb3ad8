"""The inverse of `bounds.py`: the smallest epsilon of an order p that guarantees a target CV, Jain's index or maximum.

Each is exact. Among loads that meet a level, `bounds.py` knows those with the largest CV or maximum; here such loads
are constructed for the target, and their level is the answer.
"""

from __future__ import annotations

import math

from evenhand.fairness.bounds import conjugate
from evenhand.fairness.cone import checked_parameter
from evenhand.fairness.power_mean import checked_order
from evenhand.fairness.shares import require_agents
from evenhand.fairness.two_levels import log_power_mean, most_loaded


def epsilon_for_cv(cv: float, n: int, p: float = 2) -> float:
    """Return the smallest epsilon for which (epsilon, p)-fair loads of `n` agents have at most this CV.

    Parameters
    ----------
    cv
        Target, at least 0. All loads meet sqrt(n - 1) or more: the answer is 0.
    n
        Number of agents, at least 2.
    p
        Order, from 2 to infinity.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(epsilon_for_cv(0.25, 5, p=3), 3)
    0.925
    """
    target, order = checked_parameter("cv", cv, 0.0), checked_order(p)
    require_agents(n, None)
    square = target * target
    if square >= n - 1.0:
        return 0.0
    if order == 2:
        return _level(0.5 * math.log1p(square), order, n)
    # k (1 + alpha)^2 + b^2 = n (1 + CV^2) with b = n - k (1 + alpha): a quadratic in alpha.
    k = most_loaded(n, n / (1.0 + square))
    idle = n - 1 - k
    root = math.sqrt(max(0.0, (k * idle) ** 2 - k * (k + 1) * (idle * idle + idle - n * square)))
    excess = min((k * idle + root) / (k * (k + 1)), n / k - 1.0)
    return _level(_log_mean(excess, order, k, 1, idle), order, n)


def epsilon_for_jain(jain: float, n: int, p: float = 2) -> float:
    """Return the smallest epsilon that guarantees (epsilon, p)-fair loads of `n` agents this Jain's index.

    Parameters
    ----------
    jain
        Target in [0, 1]. All loads meet 1/n or less: the answer is 0.
    n, p
        As in :func:`epsilon_for_cv`; errors are the same, too.

    Examples
    --------
    >>> round(epsilon_for_jain(0.9, 5), 4)
    0.9072
    """
    target = checked_parameter("jain", jain, 0.0, 1.0)
    require_agents(n, None)
    index = max(target, 1.0 / n)
    return epsilon_for_cv(math.sqrt((1.0 - index) / index), n, p)


def epsilon_for_max_over_mean(ratio: float, n: int, p: float = math.inf) -> float:
    """Return the smallest epsilon that keeps every load of `n` agents within `ratio` times the mean.

    Parameters
    ----------
    ratio
        Target, at least 1. All loads meet n or more: the answer is 0.
    n, p
        As in :func:`epsilon_for_cv`; errors are the same, too.

    Examples
    --------
    >>> round(epsilon_for_max_over_mean(1.25, 5), 4)
    0.75
    """
    target, order = checked_parameter("ratio", ratio, 1.0), checked_order(p)
    require_agents(n, None)
    if target >= n:
        return 0.0
    return _level(_log_mean(target - 1.0, order, 1, n - 1, 0), order, n)


def _log_mean(excess: float, p: float, upper: int, lower: int, idle: int) -> float:
    return math.log1p(excess) if math.isinf(p) else log_power_mean(excess, p, upper, lower, idle)


def _level(log_mean: float, p: float, n: int) -> float:
    """Return the epsilon for which the bound on the power mean has this logarithm."""
    unfairness = math.expm1(-log_mean) / math.expm1(-math.log(n) / conjugate(p))
    return min(max(1.0 - unfairness, 0.0), 1.0)
