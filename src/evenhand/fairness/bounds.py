r"""What a level of fairness guarantees about dispersion in units people know.

Three bounds on the coefficient of variation of (epsilon, p)-fair loads of n agents, each at most the one
before:

- *published*: :math:`CV^2 \le \beta^2 - 1`, with :math:`\beta = n^{1-1/p} / \varphi` the bound on the power
  mean over the mean;
- *interpolated*, by log-convexity of norms: :math:`CV^2 \le n \varphi^{-p/(p-1)} - 1`;
- *sharp*: attained by k equal loads a, one load b in [0, a] and idle agents.

The published one is of arXiv 2510.23791 (Proposition 2). The sharp one is the joint range of two norms on the
simplex, known from information theory: Harremoës, arXiv 0904.2477; Sakai and Iwata, arXiv 1605.00019. All
three are written in the logarithm of beta, which keeps them accurate where epsilon is near 1 and the CV near
0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from evenhand.fairness.cone import checked_parameter
from evenhand.fairness.epsilon import EpsilonFairness, checked_order
from evenhand.fairness.gini import GiniAtMost
from evenhand.fairness.hoover import HooverAtMost
from evenhand.fairness.largest import MaxOverMean
from evenhand.fairness.shares import require_agents
from evenhand.fairness.spread import RangeAtMost
from evenhand.fairness.two_levels import excess_of, most_loaded
from evenhand.fairness.variation import CVAtMost, JainAtLeast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness.protocol import Fairness


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
        Where a parameter is out of range.

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
    return math.sqrt(math.expm1(_conjugate(p) * _log_bound(epsilon, p, n)))


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
    rest = idle - loaded * excess  # of the agent with b, over the mean, less 1
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


def guaranteed_jain(epsilon: float, p: float, n: int) -> float:
    """Return the smallest Jain's index that (epsilon, p)-fair loads of `n` agents can have.

    Parameters and errors are those of :func:`published_cv_bound`.
    """
    return 1.0 / (1.0 + sharp_cv_bound(epsilon, p, n) ** 2)


def max_over_mean_bound(epsilon: float, p: float, n: int) -> float:
    """Return the largest load over the mean that (epsilon, p)-fair loads of `n` agents can have.

    It is reached by one agent above the mean and equal others. Parameters and errors are those of
    :func:`published_cv_bound`.
    """
    target = _log_bound(epsilon, p, n)
    if math.isinf(p):
        return math.exp(target)
    return 1.0 + excess_of(target, p, 1, n - 1, 0)


def guaranteed_cv(fairness: Fairness, n: int) -> float | None:
    r"""Return what a member alone guarantees about the CV of the loads of `n` agents, or None if unknown.

    - epsilon, largest over mean, CV, Jain: sharp.
    - Gini g: sharp. In the order of the loads the index is linear, so the largest CV stands at an extreme
      point of {ordered loads of mean 1, index at most g}: k equal loads and idle agents (index 1 - k/n), or a
      mix of two such.
    - Hoover h: sharp. Deviations above and below the mean each sum to at most H = n h; squares are largest
      with all of the upper on one agent and floor(H) agents idle: :math:`n\,CV^2 \le H^2 + \lfloor H \rfloor
      + (H - \lfloor H \rfloor)^2`.
    - Range r: valid. Loads in [m, M] with mean 1 have :math:`CV^2 \le (M - 1)(1 - m)` (Bhatia and Davis), at
      most :math:`(r - d) d` for d = min(1, r/2).

    With entitlements the CV is that of the relative loads, weighted by the shares. CV and Jain bound it themselves, the
    range as above; by log-convexity of weighted norms, epsilon and the largest over mean give :math:`CV^2 \le
    \beta^{p/(p-1)} - 1` (p = inf: exponent 1). For Gini and Hoover nothing is derived: None.
    """
    require_agents(n, fairness.entitlements)
    if fairness.entitlements is not None:
        return _guaranteed_weighted_cv(fairness, n)
    largest = math.sqrt(n - 1.0)
    match fairness:
        case EpsilonFairness():
            return sharp_cv_bound(fairness.epsilon, fairness.p, n)
        case CVAtMost() | JainAtLeast():
            return fairness.bound(n)
        case MaxOverMean():
            return _cv_at_most_largest(fairness.bound(n), n)
        case GiniAtMost():
            return _cv_at_most_gini(fairness.bound(n), n)
        case HooverAtMost():
            moved = n * fairness.bound(n)
            return min(largest, math.sqrt((moved**2 + math.floor(moved) + (moved % 1.0) ** 2) / n))
        case RangeAtMost():
            return min(largest, _cv_at_most_range(fairness.bound(n)))
    return None


def _guaranteed_weighted_cv(fairness: Fairness, n: int) -> float | None:
    match fairness:
        case EpsilonFairness():
            return math.sqrt(math.expm1(_conjugate(fairness.p) * math.log(fairness.bound(n))))
        case CVAtMost() | JainAtLeast():
            return fairness.bound(n)
        case MaxOverMean():
            return math.sqrt(fairness.bound(n) - 1.0)
        case RangeAtMost():
            return _cv_at_most_range(fairness.bound(n))
    return None


def _cv_at_most_range(ratio: float) -> float:
    below = min(1.0, ratio / 2.0)
    return math.sqrt((ratio - below) * below)


def _conjugate(p: float) -> float:
    order = checked_order(p)
    return 1.0 if math.isinf(order) else order / (order - 1.0)


def _log_bound(epsilon: float, p: float, n: int) -> float:
    """Return ln beta, accurate where epsilon is near 1."""
    level = checked_parameter("epsilon", epsilon, 0.0, 1.0)
    require_agents(n, None)
    return -math.log1p((1.0 - level) * math.expm1(-math.log(n) / _conjugate(p)))


def _sharp_levels(epsilon: float, p: float, n: int) -> tuple[int, float]:
    """Return how many agents carry the larger load, and by how much it exceeds the mean 1."""
    target = _log_bound(epsilon, p, n)
    loaded = most_loaded(n, math.exp(math.log(n) - _conjugate(p) * target))
    if math.isinf(p):
        return loaded, math.expm1(target)
    return loaded, excess_of(target, p, loaded, 1, n - loaded - 1)


def _cv_at_most_largest(ratio: float, n: int) -> float:
    if ratio == 1.0:
        return 0.0
    loaded = most_loaded(n, n / ratio)
    idle, excess = n - 1 - loaded, ratio - 1.0
    return math.sqrt((loaded * excess**2 + (idle - loaded * excess) ** 2 + idle) / n)


def _cv_at_most_gini(index: float, n: int) -> float:
    """Return the largest CV that a Gini index allows; see :func:`guaranteed_cv`."""
    counts = np.arange(1, n + 1)
    indices = 1.0 - counts / n
    few, many = counts[indices > index], counts[indices <= index]
    best = float(n / many[0] - 1.0)
    if few.size:
        part = (index - indices[many - 1]) / (indices[few - 1][:, np.newaxis] - indices[many - 1])
        squares = part**2 * (n / few[:, np.newaxis]) + (1.0 - part**2) * (n / many)
        best = max(best, float(squares.max()) - 1.0)
    return math.sqrt(max(best, 0.0))
