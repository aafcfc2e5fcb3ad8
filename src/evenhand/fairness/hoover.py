"""A bound on the Hoover index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from evenhand.fairness.cone import Cone, checked_parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class HooverAtMost(Cone):
    r"""Hoover index at most `hoover`: the part of all load that would have to move to make loads equal.

    The measure is half the mean absolute deviation, :math:`\Phi = \frac{1}{2n} \sum_i |x_i - \bar x|`; with
    shares :math:`s_i` and relative loads :math:`u_i` it is :math:`\frac12 \sum_i s_i |u_i - \bar x|`.

    Parameters
    ----------
    hoover
        Bound in [0, 1]: 0 asks equality; from 1 - 1/n (one minus the smallest share) it asks nothing.
    entitlements
        One positive number per agent; None where all are equal.

    Raises
    ------
    InputError
        Where a parameter is out of range.

    Examples
    --------
    >>> round(float(HooverAtMost(0.3).level([10, 11, 9])), 4)
    0.0333
    """

    hoover: float

    name: ClassVar[str] = "hoover"
    parameter_name: ClassVar[str] = "hoover"
    equality: ClassVar[float] = 0.0
    ratio_of_equals: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "hoover", checked_parameter("hoover", self.hoover, 0.0, 1.0))

    def _measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Any) -> Any:
        return np.abs(u - np.expand_dims(mean, -1)) @ shares / 2

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        # Any signs give a valid cut; those of the deviations give the one that is tight here.
        mean = u @ shares.astype(np.float64)
        signs = ((u > mean).astype(int) - (u < mean).astype(int)).astype(shares.dtype)
        slope: NDArray[Any] = (signs - signs @ shares) / 2
        return slope

    def _bound(self, parameter: Any, least: Any) -> Any:
        return min(parameter, 1 - least)

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return ratio

    def _vacuous_parameter(self, least: float) -> float:
        return 1.0 - least
