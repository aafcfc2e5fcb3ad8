"""A bound on the Hoover index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness.cone import MeasureAtMost
from evenhand.fairness.linear_rows import Rows, caps
from evenhand.fairness.member_words import Words
from evenhand.fairness.shares import shares_of


@dataclass(frozen=True, repr=False)
class HooverAtMost(MeasureAtMost):
    r"""Hoover index at most `hoover`: the share of the total load that would have to move to make loads equal.

    The measure is half the mean absolute deviation, :math:`\Phi = \frac{1}{2n} \sum_i |x_i - \bar x|`; with
    shares :math:`s_i` and relative loads :math:`u_i` it is :math:`\frac12 \sum_i s_i |u_i - \bar x|`.

    Parameters
    ----------
    hoover
        Bound in [0, 1]: only equal loads meet 0; all loads meet 1 - 1/n (one minus the smallest share) or more.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(HooverAtMost(0.3).level([10, 11, 9])), 4)
    0.0333
    """

    hoover: float

    name: ClassVar[str] = "hoover"
    parameter_name: ClassVar[str] = "hoover"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    equality: ClassVar[float] = 0.0
    words: ClassVar[Words] = Words(
        "0..1",
        "Hoover index, at most this.",
        "Hoover index <= {value}",
        "at most {percent} of the total would have to move to make all loads equal (Hoover index)",
    )

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return xp.abs(u - xp.asarray(mean)[..., None]) @ shares / 2

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        # Any signs give a valid cut; with the signs of the deviations it is tight at `u`.
        mean = u @ shares.astype(np.float64)
        signs = ((u > mean).astype(int) - (u < mean).astype(int)).astype(shares.dtype)
        slope: NDArray[Any] = (signs - signs @ shares) / 2
        return slope

    def _vacuous_parameter(self, least: Any) -> Any:
        return 1 - least

    def rows(self, n: int) -> Rows:
        """Return d_i >= u_i - mean and sum s_i d_i <= bound * mean: half of all deviation is upwards."""
        shares = shares_of(n, self.entitlements)
        agents = np.arange(n)
        return Rows(
            np.vstack([caps(shares, 1.0), np.full((1, n), self.bound(n) / n)]),
            auxiliaries=n,
            row=np.concatenate([agents, np.full(n, n)]),
            column=np.concatenate([agents, agents]),
            value=np.concatenate([np.ones(n), -shares]),
        )

    def guaranteed_cv(self, n: int) -> float | None:
        """Return the sharp bound for equal agents; see the base class.

        For loads of mean 1, deviations above and below the mean each sum to at most M, n times the bound. The sum of
        squares is largest if one agent has all of the upper deviation, floor(M) agents are idle, and one has the rest.
        """
        if self.entitlements is not None:
            return None
        moved = n * self.bound(n)
        return min(math.sqrt(n - 1.0), math.sqrt((moved**2 + math.floor(moved) + (moved % 1.0) ** 2) / n))
