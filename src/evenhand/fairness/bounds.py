r"""The guarantee of a level of fairness in well-known measures: CV, Jain's index, largest load over the mean.

Three bounds on the coefficient of variation of (epsilon, p)-fair loads of n agents, each at most the one before:

- *published*: :math:`CV^2 \le \beta^2 - 1`, with :math:`\beta = n^{1-1/p} / \varphi` the bound on the power mean over
  the mean;
- *interpolated*, by log-convexity of norms: :math:`CV^2 \le n \varphi^{-p/(p-1)} - 1`;
- *sharp*: attained by k equal loads a, one load b in [0, a] and idle agents.

The published bound is Proposition 2 of arXiv 2510.23791. The sharp one follows from the joint range of two norms on the
simplex, which is known from information theory: Harremoës, arXiv 0904.2477; Sakai and Iwata, arXiv 1605.00019. All
three are computed from the logarithm of beta, so that they are accurate for an epsilon near 1, where the CV is near 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness.cone import checked_parameter
from evenhand.fairness.power_mean import checked_order
from evenhand.fairness.protocol import Fairness
from evenhand.fairness.shares import require_agents
from evenhand.fairness.two_levels import excess_of, most_loaded


def published_cv_bound(epsilon: float, p: float, n: int) -> float:
    """Return the paper's bound on the CV of (epsilon, p)-fair loads of `n` agents.

    At epsilon = 0 and p > 2 it exceeds the largest possible CV, sqrt(n - 1).

    Parameters
    ----------
    epsilon
        Level in [0, 1].
    p
        Order, from 2 to infinity.
    n
        Number of agents, at least 2.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(published_cv_bound(0.9, float("inf"), 5), 3)
    0.426
    """
    return math.sqrt(math.expm1(2.0 * _log_bound(epsilon, p, n)))


def interpolated_cv_bound(epsilon: float, p: float, n: int) -> float:
    """Return the bound on the CV by log-convexity of norms: sqrt(n - 1) at 0, never above the published one.

    Parameters and errors are those of :func:`published_cv_bound`.

    Examples
    --------
    >>> round(interpolated_cv_bound(0.9, float("inf"), 5), 3)
    0.295
    """
    return math.sqrt(math.expm1(conjugate(p) * _log_bound(epsilon, p, n)))


def sharp_cv_bound(epsilon: float, p: float, n: int) -> float:
    """Return the largest CV of (epsilon, p)-fair loads of `n` agents; :func:`sharp_cv_loads` attain it.

    Parameters and errors are those of :func:`published_cv_bound`.

    Examples
    --------
    >>> round(sharp_cv_bound(0.9, float("inf"), 5), 3)
    0.174
    """
    upper = interpolated_cv_bound(epsilon, p, n)
    if p == 2.0 or upper == 0.0:
        return upper
    loaded, excess = _sharp_levels(epsilon, p, n)
    idle = n - 1 - loaded
    rest = idle - loaded * excess  # load b over the mean, less 1
    return min(upper, math.sqrt((loaded * excess**2 + rest**2 + idle) / n))


def sharp_cv_loads(epsilon: float, p: float, n: int) -> NDArray[np.float64]:
    """Return (epsilon, p)-fair loads of mean 1 whose CV is the sharp bound, shape (n,), in decreasing order.

    Parameters and errors are those of :func:`published_cv_bound`.
    """
    loads = np.zeros(n)
    if _log_bound(epsilon, p, n) == 0.0:
        return loads + 1.0
    loaded, excess = _sharp_levels(epsilon, p, n)
    loads[:loaded] = 1.0 + excess
    loads[loaded] = max(0.0, n - loaded * (1.0 + excess))
    return loads


def max_over_mean_bound(epsilon: float, p: float, n: int) -> float:
    """Return the largest load over the mean that (epsilon, p)-fair loads of `n` agents can have.

    It is attained by one agent above the mean and equal loads of all others. Parameters and errors are those of
    :func:`published_cv_bound`.
    """
    target = _log_bound(epsilon, p, n)
    if math.isinf(p):
        return math.exp(target)
    return 1.0 + excess_of(target, p, 1, n - 1, 0)


def guaranteed_cv(fairness: Fairness, n: int) -> float | None:
    """Return an upper bound on the CV of loads of `n` agents that a member accepts, or None if none is known.

    With entitlements it is the CV of the relative loads, weighted by the shares. Each member's ``guaranteed_cv`` says
    whether its bound is sharp, and why. For the Gini index, the Hoover index and the top share with entitlements no
    bound is known here.
    """
    require_agents(n, fairness.entitlements)
    return fairness.guaranteed_cv(n)


def conjugate(p: float) -> float:
    """Return p / (p - 1), the order of the dual norm; 1 for infinity."""
    order = checked_order(p)
    return 1.0 if math.isinf(order) else order / (order - 1.0)


def _log_bound(epsilon: float, p: float, n: int) -> float:
    """Return ln beta, accurate for an epsilon near 1, too."""
    level = checked_parameter("epsilon", epsilon, 0.0, 1.0)
    require_agents(n, None)
    return -math.log1p((1.0 - level) * math.expm1(-math.log(n) / conjugate(p)))


def _sharp_levels(epsilon: float, p: float, n: int) -> tuple[int, float]:
    """Return the number k of agents with the larger load a, and the excess a - 1 over the mean."""
    target = _log_bound(epsilon, p, n)
    loaded = most_loaded(n, math.exp(math.log(n) - conjugate(p) * target))
    if math.isinf(p):
        return loaded, math.expm1(target)
    return loaded, excess_of(target, p, loaded, 1, n - loaded - 1)
