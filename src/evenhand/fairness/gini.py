"""A bound on the Gini index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness.cone import MeasureAtMost
from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words
from evenhand.fairness.shares import shares_of
from evenhand.fairness.two_levels import largest_cv

MOST_PAIRS = 20_000
"""Largest number of pairs of agents, those of 200 agents, for which the Gini index has linear rows."""


@dataclass(frozen=True, repr=False)
class GiniAtMost(MeasureAtMost):
    r"""Gini index at most `gini`.

    The measure is half the mean difference, :math:`\Phi = \frac{1}{2 n^2} \sum_{ij} |x_i - x_j|`; with shares
    :math:`s_i` and relative loads :math:`u_i` it is :math:`\frac12 \sum_{ij} s_i s_j |u_i - u_j|`.

    Parameters
    ----------
    gini
        Bound in [0, 1]: only equal loads meet 0; all loads meet 1 - 1/n (one minus the smallest share) or more.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(GiniAtMost(0.3).level([10, 11, 9])), 4)
    0.0444
    """

    gini: float

    name: ClassVar[str] = "gini"
    parameter_name: ClassVar[str] = "gini"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    equality: ClassVar[float] = 0.0
    words: ClassVar[Words] = Words(
        "0..1", "Gini index, at most this.", "Gini index <= {value}", "the loads' Gini index is at most {value}"
    )

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        # The difference of two loads is the sum of the steps between them in increasing order. A step counts once for
        # every pair with one load below and one above it, which have the weight below * (1 - below).
        order = xp.argsort(u, axis=-1)
        ordered = xp.take_along_axis(u, order, axis=-1)
        steps = ordered[..., 1:] - ordered[..., :-1]
        below = xp.cumulative_sum(shares[order], axis=-1)[..., :-1]
        return xp.sum(steps * below * (1 - below), axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        """Return for each agent the share of agents that carry less minus the share of agents that carry more."""
        order = u.argsort()
        ordered = u[order]
        cumulated = np.concatenate([np.zeros_like(shares[:1]), shares[order].cumsum()])
        below, not_above = np.searchsorted(ordered, u, "left"), np.searchsorted(ordered, u, "right")
        slope: NDArray[Any] = cumulated[below] + cumulated[not_above] - cumulated[-1]
        return slope

    def _vacuous_parameter(self, least: Any) -> Any:
        return 1 - least

    def rows(self, n: int) -> Rows | None:
        """Return the rows d_ij >= u_i - u_j for i < j, and the bound: a difference is 2 d_ij - (u_i - u_j) in size."""
        if n * (n - 1) > 2 * MOST_PAIRS:
            return None
        shares = shares_of(n, self.entitlements)
        first, second = np.triu_indices(n, 1)
        weights = shares[first] * shares[second]
        relative = np.diag(1.0 / (n * shares))
        differences = relative[first] - relative[second]
        budget = self.bound(n) / n + weights @ differences
        pairs = np.arange(len(weights))
        return Rows(
            np.vstack([-differences, budget]),
            auxiliaries=len(weights),
            row=np.concatenate([pairs, np.full_like(pairs, len(pairs))]),
            column=np.concatenate([pairs, pairs]),
            value=np.concatenate([np.ones(len(pairs)), -2.0 * weights]),
        )

    def guaranteed_cv(self, n: int) -> float | None:
        """Return the sharp bound for equal agents: on sorted loads the index is linear. See the base class."""
        return None if self.entitlements is not None else largest_cv(1.0 - np.arange(1, n + 1) / n, self.bound(n))

    def among(self, selected: int, candidates: int) -> Self:
        """Return the equivalent bound for all candidates; see the base class."""
        return self.with_parameter(1.0 - (1.0 - self.gini) * selected / candidates)
