"""A bound on the smallest load over the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness.cone import Cone
from evenhand.fairness.linear_rows import Rows, caps
from evenhand.fairness.member_words import Words
from evenhand.fairness.shares import shares_of


@dataclass(frozen=True, repr=False)
class LeastOverMean(Cone):
    r"""No load below `ratio` times the mean.

    The measure is the mean minus the smallest load, :math:`\Phi = \bar x - \min_i x_i`, and its bound 1 - ratio. With
    entitlements the loads are the relative ones: :math:`x_i / e_i \ge` ratio :math:`\cdot \sum_j x_j / \sum_j e_j`.

    Parameters
    ----------
    ratio
        Bound in [0, 1]: only equal loads meet 1, all loads meet 0.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(LeastOverMean(0.6).level([10, 11, 9])), 4)
    0.9
    """

    ratio: float

    name: ClassVar[str] = "least_over_mean"
    parameter_name: ClassVar[str] = "ratio"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    equality: ClassVar[float] = 1.0
    words: ClassVar[Words] = Words(
        "0..1",
        "Smallest load over the mean, at least this.",
        "smallest load >= {value} times the mean",
        "no load falls below {value} times the mean load",
    )

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return for each agent below the bound loads equal but for that agent, which is idle; least loaded first."""
        n = np.shape(loads)[-1]
        if self.asks_equality(n):
            return self._unit_points(loads, 1.0)
        u, shares, _ = self.relative(loads)
        order = np.argsort(u, kind="stable")
        below = order[: max(1, int(np.count_nonzero(u < self.ratio * (u @ shares))))]
        return (1.0 - np.eye(n)[below]) * shares

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return mean - xp.min(u, axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        slope = np.ones_like(shares)
        least = int(np.argmin(u))
        slope[least] -= 1 / shares[least]
        return slope

    def _bound(self, parameter: Any, least: Any) -> Any:
        return 1 - parameter

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return 1.0 - ratio

    def _vacuous_parameter(self, least: Any) -> Any:
        return 0.0

    def rows(self, n: int) -> Rows:
        """Return u_i >= ratio * mean for each agent i."""
        return Rows(-caps(shares_of(n, self.entitlements), self.ratio))

    def guaranteed_cv(self, n: int) -> float:
        """Return the sharp bound: all load in excess of the smallest one is on the agent with the smallest share."""
        return self.bound(n) * math.sqrt(1.0 / self._least_share(n) - 1.0)

    def linear_bound(self, n: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the factors of measure <= (1 - ratio) mean; see the base class."""
        return (1.0, 0.0), (1.0, -1.0)
