"""A bound on the largest load over the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness.cone import MeasureAtMost
from evenhand.fairness.linear_rows import Rows, caps
from evenhand.fairness.member_words import Words
from evenhand.fairness.power_mean import kept_deviation, power_mean_slope
from evenhand.fairness.shares import shares_of
from evenhand.fairness.two_levels import most_loaded


@dataclass(frozen=True, repr=False)
class MaxOverMean(MeasureAtMost):
    r"""No load above `ratio` times the mean: the (epsilon, inf) cone with a parameter that needs no explanation.

    With entitlements e of sum E: :math:`x_i / e_i \le` ratio :math:`\cdot \sum_j x_j / E` for every i.

    Parameters
    ----------
    ratio
        Bound, at least 1: only equal loads meet 1; all loads meet n (one over the smallest share) or more.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> bool(MaxOverMean(1.2).contains([10, 11, 9])), bool(MaxOverMean(1.2).contains([20, 5, 5]))
    (True, False)
    """

    ratio: float

    name: ClassVar[str] = "max_over_mean"
    parameter_name: ClassVar[str] = "ratio"
    allowed: ClassVar[tuple[float, float]] = (1.0, math.inf)
    equality: ClassVar[float] = 1.0
    words: ClassVar[Words] = Words(
        "X",
        "Largest load over the mean, at most this (1 or more).",
        "largest load <= {value} times the mean",
        "no load exceeds {value} times the mean load",
    )

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return a unit vector for each agent above the bound, largest first; shape (k, n)."""
        return self._unit_points(loads, self.bound(np.shape(loads)[-1]))

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return xp.max(u, axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        return power_mean_slope(u, shares, math.inf)

    def _kept_deviation(self, u: NDArray[np.float64], shares: NDArray[np.float64], mean: float, limit: float) -> float:
        return kept_deviation(u, shares, math.inf, limit)

    def _vacuous_parameter(self, least: Any) -> Any:
        return 1 / least

    def rows(self, n: int) -> Rows:
        """Return u_i <= bound * mean for each agent i."""
        return Rows(caps(shares_of(n, self.entitlements), self.bound(n)))

    def guaranteed_cv(self, n: int) -> float:
        """Return the sharp bound for equal agents; with entitlements, a bound that some shares attain.

        With entitlements, u <= ratio gives the mean square at most ratio times the mean, so CV^2 <= ratio - 1.
        """
        ratio = self.bound(n)
        if self.entitlements is not None or ratio == 1.0:
            return math.sqrt(ratio - 1.0)
        loaded = most_loaded(n, n / ratio)
        idle, excess = n - 1 - loaded, ratio - 1.0
        return math.sqrt((loaded * excess**2 + (idle - loaded * excess) ** 2 + idle) / n)

    def among(self, selected: int, candidates: int) -> Self:
        """Return the equivalent bound for all candidates; see the base class."""
        return self.with_parameter(self.ratio * candidates / selected)
