"""A bound on the range of the loads over their mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness.cone import MeasureAtMost
from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words
from evenhand.fairness.shares import shares_of


@dataclass(frozen=True, repr=False)
class RangeAtMost(MeasureAtMost):
    r"""Largest minus smallest load at most `ratio` times the mean load.

    The bound is relative, like that of every member: ``RangeAtMost(3)`` is three times the mean, whatever the unit. A
    bound in the unit of the loads is :func:`evenhand.modeling.linear_welfare.bound`.

    With entitlements the loads are the relative ones: :math:`\max_i u_i - \min_i u_i \le` ratio
    :math:`\cdot\, \bar x`.

    Parameters
    ----------
    ratio
        Bound, at least 0, as a multiple of the mean load: only equal loads meet 0; all loads meet n (one over the
        smallest share) or more.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(RangeAtMost(0.3).level([10, 11, 9])), 4)
    0.2
    """

    ratio: float

    name: ClassVar[str] = "range"
    parameter_name: ClassVar[str] = "ratio"
    allowed: ClassVar[tuple[float, float]] = (0.0, math.inf)
    equality: ClassVar[float] = 0.0
    words: ClassVar[Words] = Words(
        "X",
        "Largest minus smallest load, over the mean, at most this.",
        "range <= {value} times the mean",
        "the largest and the smallest load differ by at most {value} times the mean load",
    )

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return a point for each pair of loads too far apart, one of them the largest or smallest, worst pair first.

        In each point all relative loads are equal, except that the upper agent of the pair carries double and the lower
        one is idle: the cut there bounds the difference of these two.
        """
        if self.asks_equality(np.shape(loads)[-1]):
            return self._unit_points(loads, 1.0)
        u, shares, _ = self.relative(loads)
        high, low = int(np.argmax(u)), int(np.argmin(u))
        limit = self.bound(u.shape[-1]) * float(u @ shares)
        pairs = {(high, agent) for agent in np.flatnonzero(u[high] - u > limit).tolist()}
        pairs |= {(agent, low) for agent in np.flatnonzero(u - u[low] > limit).tolist()}
        ordered = sorted(pairs, key=lambda pair: (u[pair[1]] - u[pair[0]], pair)) or [(high, low)]
        points = np.ones((len(ordered), u.shape[-1]))
        for point, (upper, lower) in zip(points, ordered, strict=True):
            point[upper], point[lower] = 2.0, 0.0
        return points * shares

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return xp.max(u, axis=-1) - xp.min(u, axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        slope = np.zeros_like(shares)
        high, low = int(np.argmax(u)), int(np.argmin(u))
        slope[high] += 1 / shares[high]
        slope[low] -= 1 / shares[low]
        return slope

    def _vacuous_parameter(self, least: Any) -> Any:
        return 1 / least

    def rows(self, n: int) -> Rows:
        """Return u_i <= high, low <= u_i and high - low <= bound * mean."""
        relative = np.diag(1.0 / (n * shares_of(n, self.entitlements)))
        agents = np.arange(n)
        high, low = np.zeros_like(agents), np.ones_like(agents)
        return Rows(
            np.vstack([-relative, relative, np.full((1, n), self.bound(n) / n)]),
            auxiliaries=2,
            row=np.concatenate([agents, n + agents, [2 * n, 2 * n]]),
            column=np.concatenate([high, low, [0, 1]]),
            value=np.concatenate([np.ones(n), -np.ones(n), [-1.0, 1.0]]),
        )

    def guaranteed_cv(self, n: int) -> float:
        r"""Return a bound that need not be sharp; see the base class.

        Loads in [m, M] with mean 1 have :math:`CV^2 \le (M - 1)(1 - m)` (Bhatia and Davis), at most
        :math:`(r - d) d` for d = min(1, r/2).
        """
        ratio = self.bound(n)
        below = min(1.0, ratio / 2.0)
        valid = math.sqrt((ratio - below) * below)
        return valid if self.entitlements is not None else min(math.sqrt(n - 1.0), valid)
