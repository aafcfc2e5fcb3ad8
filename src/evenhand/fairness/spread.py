"""A bound on the range of the loads over their mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evenhand.fairness.cone import Cone, checked_parameter

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, repr=False)
class RangeAtMost(Cone):
    r"""Largest minus smallest load at most `ratio` times the mean.

    With entitlements the loads are the relative ones: :math:`\max_i u_i - \min_i u_i \le` ratio
    :math:`\cdot\, \bar x`.

    Parameters
    ----------
    ratio
        Bound, at least 0, where it asks equality. From n (one over the smallest share) it asks nothing.
    entitlements
        One positive number per agent; None where all are equal.

    Raises
    ------
    InputError
        Where a parameter is out of range.

    Examples
    --------
    >>> round(float(RangeAtMost(0.3).level([10, 11, 9])), 4)
    0.2
    """

    ratio: float

    name: ClassVar[str] = "range"
    parameter_name: ClassVar[str] = "ratio"
    equality: ClassVar[float] = 0.0
    ratio_of_equals: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "ratio", checked_parameter("ratio", self.ratio, 0.0))

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return a point for each pair too far apart with an extreme load in it, worst first.

        Each point has equal relative loads, but for the upper agent, who carries double, and the lower one,
        who is idle.
        """
        if self.asks_equality:
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

    def _measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Any) -> Any:
        return np.maximum.reduce(u, axis=-1) - np.minimum.reduce(u, axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        slope = np.zeros_like(shares)
        high, low = int(np.argmax(u)), int(np.argmin(u))
        slope[high] += 1 / shares[high]
        slope[low] -= 1 / shares[low]
        return slope

    def _bound(self, parameter: Any, least: Any) -> Any:
        return min(parameter, 1 / least)

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return ratio

    def _vacuous_parameter(self, least: float) -> float:
        return 1.0 / least
