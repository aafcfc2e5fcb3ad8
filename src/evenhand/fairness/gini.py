"""A bound on the Gini index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evenhand.fairness.cone import Cone, checked_parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class GiniAtMost(Cone):
    r"""Gini index at most `gini`.

    The measure is half the mean difference, :math:`\Phi = \frac{1}{2 n^2} \sum_{ij} |x_i - x_j|`; with shares
    :math:`s_i` and relative loads :math:`u_i` it is :math:`\frac12 \sum_{ij} s_i s_j |u_i - u_j|`.

    Parameters
    ----------
    gini
        Bound in [0, 1]: 0 asks equality; from 1 - 1/n (one minus the smallest share) it asks nothing.
    entitlements
        One positive number per agent; None where all are equal.

    Raises
    ------
    InputError
        Where a parameter is out of range.

    Examples
    --------
    >>> round(float(GiniAtMost(0.3).level([10, 11, 9])), 4)
    0.0444
    """

    gini: float

    name: ClassVar[str] = "gini"
    parameter_name: ClassVar[str] = "gini"
    equality: ClassVar[float] = 0.0
    ratio_of_equals: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gini", checked_parameter("gini", self.gini, 0.0, 1.0))

    def _measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Any) -> Any:
        # Neighbours in the order are apart by the steps; each step separates the share below it from the
        # share above it.
        order = u.argsort(axis=-1)
        ordered = u[order] if u.ndim == 1 else np.take_along_axis(u, order, axis=-1)
        steps = ordered[..., 1:] - ordered[..., :-1]
        below = shares[order].cumsum(axis=-1)[..., :-1]
        return np.add.reduce(steps * below * (1 - below), axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        """Return the share of the agents that carry less minus the share of those that carry more."""
        order = u.argsort()
        ordered = u[order]
        cumulated = np.concatenate([np.zeros_like(shares[:1]), shares[order].cumsum()])
        below, not_above = np.searchsorted(ordered, u, "left"), np.searchsorted(ordered, u, "right")
        slope: NDArray[Any] = cumulated[below] + cumulated[not_above] - cumulated[-1]
        return slope

    def _bound(self, parameter: Any, least: Any) -> Any:
        return min(parameter, 1 - least)

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return ratio

    def _vacuous_parameter(self, least: float) -> float:
        return 1.0 - least
