"""A bound on the share of all work that the busiest agents carry."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness.cone import NUMPY, MeasureAtMost
from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words
from evenhand.fairness.shares import shares_of
from evenhand.fairness.two_levels import largest_cv
from evenhand.number_checks import checked_whole


@dataclass(frozen=True, repr=False)
class TopShareAtMost(MeasureAtMost):
    r"""The `k` busiest of all agents carry at most `share` of all work.

    The measure is the sum of the k largest loads over n. With entitlements, agents are ordered by load over
    entitlement, and the busiest are those who together have the part k/n of all entitlements; the last of them may
    count in part:

    .. math:: \Phi = \max\Big\{\sum_i w_i u_i : 0 \le w_i \le s_i,\ \sum_i w_i = k/n\Big\}

    for shares :math:`s_i` and relative loads :math:`u_i`, so that loads in proportion to entitlements count as equal.

    Parameters
    ----------
    k
        Number of the busiest agents, at least 1 and less than all.
    share
        Bound from k/n to 1 for n agents: only equal loads meet k/n, all loads meet 1.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range. On first use with loads: if there are at most k agents, or so few that any k of
        them carry more than the share in every split of the work.

    References
    ----------
    The measure is k/n times the conditional value at risk of the relative loads: R. T. Rockafellar and S. Uryasev,
    Optimization of conditional value-at-risk, Journal of Risk, 2000. Its linear rows are W. Ogryczak and A. Tamir's,
    Minimizing the sum of the k largest functions in linear time, Information Processing Letters, 2003.

    Examples
    --------
    >>> round(float(TopShareAtMost(2, 0.8).level([10, 11, 9])), 4)
    0.7
    """

    k: int
    share: float

    name: ClassVar[str] = "top_share"
    parameter_name: ClassVar[str] = "share"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    words: ClassVar[Words] = Words(
        "K:SHARE",
        "Share of all work that the K busiest carry, at most this: 2:0.5.",
        "share of the {k} busiest <= {value}",
        "the {k} busiest carry at most {percent} of all work",
        str,
    )

    def __post_init__(self, *_: Any) -> None:
        super().__post_init__()
        object.__setattr__(self, "k", checked_whole("k", self.k, 1, what="a number of agents"))

    def _repr_extras(self) -> list[str]:
        return [f"k={self.k}"]

    @classmethod
    def from_option(cls, value: Any, entitlements: Any = None) -> Self:
        """Return the member for a text such as ``2:0.5``; see the base class."""
        parts = str(value).split(":")
        try:
            k, share = int(parts[0]), float(parts[1])
        except (IndexError, ValueError):
            parts = []
        if len(parts) != 2:
            raise InputError(f"top share is {value!r}; write how many and which share: 2:0.5")
        return cls(k, share, entitlements=entitlements)

    def as_option(self, parameter: str) -> str:
        """Return ``k:parameter``; see the base class."""
        return f"{self.k}:{parameter}"

    def to_dict(self) -> dict[str, Any]:
        """Return name, k, share and entitlements, as JSON values."""
        data = super().to_dict()
        return {"name": data.pop("name"), "k": self.k, **data}

    def bound(self, n: int) -> float:
        """Return the bound for `n` agents; see the protocol.

        Raises
        ------
        InputError
            If no loads of `n` agents meet it, except for no work at all.
        """
        self._check(n)
        return super().bound(n)

    def _equality(self, n: int) -> float:
        return self.k / n

    def parameter_range(self, n: int) -> tuple[float, float]:
        """Return 1 and k/n; see the protocol."""
        self._check(n)
        return 1.0, self._equality(n)

    def _check(self, n: int) -> None:
        if self.k >= n:
            raise InputError(f"k is {self.k}, and there are {n} agents; the busiest must be fewer than all")
        if self.share < self._equality(n):
            raise InputError(
                f"share is {self.share:g}; the {self.k} busiest of {n} agents carry at least {self.k}/{n} of all work"
            )

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        order = xp.flip(xp.argsort(u, axis=-1), axis=-1)
        return xp.sum(xp.take_along_axis(u, order, axis=-1) * self._counted(xp, shares[order]), axis=-1)

    def _counted(self, xp: Any, shares: Any) -> Any:
        """Return the part of each share that counts, for `shares` (..., n) of the agents, the busiest agent first."""
        n = shares.shape[-1]
        if self.entitlements is None:
            return shares * (xp.arange(n) < self.k)
        part = (Fraction(self.k) if shares.dtype == object else self.k) / n
        above = xp.cumulative_sum(shares, axis=-1) - shares
        return xp.minimum(xp.maximum(part - above, xp.zeros_like(shares)), shares)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        order = np.argsort(-u, kind="stable")
        slope = np.empty_like(shares)
        slope[order] = self._counted(NUMPY, shares[order]) / shares[order]
        return slope

    def _kept_deviation(self, u: NDArray[np.float64], shares: NDArray[np.float64], mean: float, limit: float) -> float:
        # On the line from equal loads, with the measure k/n times the mean, the order of the loads stays the same, so
        # the measure is linear.
        equal = self.k / len(u) * mean
        return float((limit - equal) / (self.measure(NUMPY, u, shares, mean) - equal))

    def _vacuous_parameter(self, least: Any) -> Any:
        return 1.0

    def rows(self, n: int) -> Rows:
        """Return k/n * c + sum s_i d_i <= share * mean and d_i >= u_i - c, for a level c >= 0 and excesses d_i >= 0."""
        shares = shares_of(n, self.entitlements)
        agents = np.arange(n)
        return Rows(
            np.vstack([-np.diag(1.0 / (n * shares)), np.full((1, n), self.bound(n) / n)]),
            auxiliaries=n + 1,
            row=np.concatenate([agents, agents, np.full(n + 1, n)]),
            column=np.concatenate([agents, np.full(n, n), agents, [n]]),
            value=np.concatenate([np.ones(2 * n), -shares, [-self.k / n]]),
        )

    def guaranteed_cv(self, n: int) -> float | None:
        """Return the sharp bound for equal agents: on sorted loads the measure is linear. See the base class."""
        if self.entitlements is not None:
            return None
        counts = np.arange(1, n + 1)
        return largest_cv(np.minimum(counts, self.k) / counts, self.bound(n))

    def among(self, selected: int, candidates: int) -> Self:
        """Return the member itself: agents that carry nothing are not among the busiest."""
        del candidates
        self._check(selected)
        return self
