"""Bounds on the coefficient of variation and on Jain's index, two parameters of the same cone."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness.cone import Cone, MeasureAtMost
from evenhand.fairness.interval import Interval, enclosed, square_root
from evenhand.fairness.member_words import Words


@dataclass(frozen=True, repr=False)
class _Variation(Cone):
    """Base class of the members that bound the standard deviation."""

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return xp.sqrt(_variance(u, shares, mean))

    def power_form(self, n: int) -> tuple[float, float] | None:
        """Return order 2 and its limit: the mean square is the squared mean plus the variance; see the base class."""
        return None if self.asks_equality(n) else (2.0, math.hypot(1.0, self.bound(n)))

    def enclosed_bound(self, least: Fraction) -> Interval:
        """Return an interval that holds the bound; see the base class."""
        return square_root(self._squared_bound(least))

    def enclosed_slope(self, u: NDArray[Any], shares: NDArray[Any], rounded: NDArray[np.float64]) -> list[Interval]:
        """Return intervals that hold n times a subgradient; see the base class."""
        del rounded
        deviation = u - u @ shares
        variance = Fraction((deviation * deviation) @ shares)
        if variance == 0:
            return [enclosed(0)] * len(u)
        scale = square_root(variance).reciprocal()
        return [scale * entry for entry in deviation]

    def decide(self, u: NDArray[Any], shares: NDArray[Any], mean: Fraction, slack: Fraction) -> bool:
        """Decide membership, always: the squares of measure and bound are rational and are compared exactly."""
        deviation = u - mean
        return bool((deviation * deviation) @ shares <= self._squared_bound(min(shares)) * (slack * mean) ** 2)

    def guaranteed_cv(self, n: int) -> float:
        """Return the bound itself, which is one on the CV; see the base class."""
        return self.bound(n)

    @abstractmethod
    def _squared_bound(self, least: Fraction) -> Fraction:
        """Return the square of the bound if the smallest share is `least`."""

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        deviation = u - u @ shares
        # Centred twice: if loads are nearly equal, the rounding error of the mean is as large as the deviations, and a
        # sum of deviations other than zero could make the cut invalid.
        deviation -= deviation @ shares
        length = np.sqrt((deviation * deviation) @ shares)
        return deviation / length if length > 0.0 else np.zeros_like(u)


@dataclass(frozen=True, repr=False)
class CVAtMost(_Variation, MeasureAtMost):
    r"""Coefficient of variation (population) at most `cv`.

    The measure is the standard deviation; with shares :math:`s_i` and relative loads :math:`u_i`,
    :math:`\Phi = \sqrt{\sum_i s_i (u_i - \bar x)^2}`.

    Parameters
    ----------
    cv
        Bound, at least 0: only equal loads meet 0; all loads meet sqrt(n - 1) or more.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> bool(CVAtMost(0.3).contains([10, 11, 9]))
    True
    """

    cv: float

    name: ClassVar[str] = "cv"
    parameter_name: ClassVar[str] = "cv"
    allowed: ClassVar[tuple[float, float]] = (0.0, math.inf)
    equality: ClassVar[float] = 0.0
    words: ClassVar[Words] = Words(
        "X",
        "Coefficient of variation, at most this.",
        "coefficient of variation <= {value}",
        "the loads' coefficient of variation is at most {value}",
    )

    def _squared_bound(self, least: Fraction) -> Fraction:
        return min(Fraction(self.cv) ** 2, 1 / least - 1)

    def _vacuous_parameter(self, least: Any) -> Any:
        return float(np.sqrt(1.0 / least - 1.0))

    def among(self, selected: int, candidates: int) -> Self:
        """Return the equivalent bound for all candidates; see the base class."""
        return self.with_parameter(math.sqrt((1.0 + self.cv**2) * candidates / selected - 1.0))


@dataclass(frozen=True, repr=False)
class JainAtLeast(_Variation):
    r"""Jain's index at least `jain`.

    It is the same cone as :class:`CVAtMost` with :math:`\sqrt{1/J - 1}`. With entitlements e of sum E the index is
    :math:`J_e = (\sum x_i)^2 / (E \sum x_i^2 / e_i)`.

    Parameters
    ----------
    jain
        Bound in [0, 1]: only equal loads meet 1; all loads meet 1/n (the smallest share) or less.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(JainAtLeast(0.9).level([10, 11, 9])), 4)
    0.9934
    """

    jain: float

    name: ClassVar[str] = "jain"
    parameter_name: ClassVar[str] = "jain"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    equality: ClassVar[float] = 1.0
    words: ClassVar[Words] = Words(
        "0..1",
        "Jain's index, at least this.",
        "Jain's index >= {value}",
        "Jain's index of the loads is at least {value} (1 is equal, 1/n is all on one agent)",
    )

    def _bound(self, parameter: Any, least: Any) -> Any:
        index = max(parameter, least)
        return np.sqrt((1.0 - index) / index)

    def _squared_bound(self, least: Fraction) -> Fraction:
        return 1 / max(Fraction(self.jain), least) - 1

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return 1.0 / (1.0 + ratio * ratio)

    def _vacuous_parameter(self, least: Any) -> Any:
        return least

    def among(self, selected: int, candidates: int) -> Self:
        """Return the equivalent bound for all candidates; see the base class."""
        return self.with_parameter(self.jain * selected / candidates)

    def index(self, xp: Any, u: Any, shares: Any) -> Any:
        """Return Jain's index itself, from the smallest share to 1.

        It is not computed from the standard deviation, because the square root has no gradient at equal loads.
        """
        mean = u @ shares
        return 1.0 / (1.0 + _variance(u, shares, mean) / mean**2)

    def index_at(self, parameter: Any, n: int) -> Any:
        """Return `parameter`, which is a Jain's index already."""
        return parameter


def _variance(u: Any, shares: Any, mean: Any) -> Any:
    deviation = u - mean[..., None]
    return (deviation * deviation) @ shares
