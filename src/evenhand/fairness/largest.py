"""A bound on the largest load over the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evenhand.fairness.cone import Cone, checked_parameter
from evenhand.fairness.power_mean import kept_deviation, power_mean_slope

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, repr=False)
class MaxOverMean(Cone):
    r"""No load above `ratio` times the mean: the (epsilon, inf) cone in units people know.

    With entitlements e of sum E: :math:`x_i / e_i \le` ratio :math:`\cdot \sum_j x_j / E` for every i.

    Parameters
    ----------
    ratio
        Bound, at least 1, where it asks equality. From n (one over the smallest share) it asks nothing.
    entitlements
        One positive number per agent; None where all are equal.

    Raises
    ------
    InputError
        Where a parameter is out of range.

    Examples
    --------
    >>> bool(MaxOverMean(1.2).contains([10, 11, 9])), bool(MaxOverMean(1.2).contains([20, 5, 5]))
    (True, False)
    """

    ratio: float

    name: ClassVar[str] = "max_over_mean"
    parameter_name: ClassVar[str] = "ratio"
    equality: ClassVar[float] = 1.0
    ratio_of_equals: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "ratio", checked_parameter("ratio", self.ratio, 1.0))

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return a unit vector for each agent above the bound, largest first; shape (k, n)."""
        return self._unit_points(loads, self.bound(np.shape(loads)[-1]))

    def _measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Any) -> Any:
        return np.maximum.reduce(u, axis=-1)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        return power_mean_slope(u, shares, math.inf)

    def _kept_deviation(self, u: NDArray[np.float64], shares: NDArray[np.float64], mean: float, limit: float) -> float:
        return kept_deviation(u, shares, math.inf, limit)

    def _bound(self, parameter: Any, least: Any) -> Any:
        return min(parameter, 1 / least)

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return ratio

    def _vacuous_parameter(self, least: float) -> float:
        return 1.0 / least
