"""The (epsilon, p) family of the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness import bounds
from evenhand.fairness.cone import Cone
from evenhand.fairness.interval import Interval, power
from evenhand.fairness.linear_rows import Rows, caps
from evenhand.fairness.member_words import Words
from evenhand.fairness.power_mean import (
    checked_order,
    enclosed_power_mean,
    enclosed_power_mean_slope,
    kept_deviation,
    power_mean,
    power_mean_slope,
)
from evenhand.fairness.shares import shares_of


@dataclass(frozen=True, repr=False)
class EpsilonFairness(Cone):
    r"""Loads at least (epsilon, p)-fair.

    .. math:: \big(1 + \varepsilon (n^{1 - 1/p} - 1)\big)\, \|x\|_p \le \|x\|_1

    As a cone: the power mean of order p is at most :math:`\beta` times the mean, with
    :math:`1/\beta = (1 - \varepsilon)\, r^{1 - 1/p} + \varepsilon` and r = 1/n. With entitlements e of sum E the power
    mean weights each agent's relative load by its share, and r is the smallest share. That is the set
    :math:`((1 - \varepsilon) e_{min}^{1-1/p} + \varepsilon E^{1-1/p}) \|y\|_{p,e} \le \|y\|_{1,e}` for
    :math:`y_i = x_i / e_i`.

    Parameters
    ----------
    epsilon
        Fairness level in [0, 1]: all loads meet 0, only equal loads meet 1.
    p
        Order, any real number from 2 on, or infinity. At the same epsilon, a larger order is stricter.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If a parameter is out of range.

    References
    ----------
    A Family of Convex Models to Achieve Fairness through Dispersion Control, arXiv 2510.23791, Definition 1.

    Examples
    --------
    >>> fairness = EpsilonFairness(0.9, p=2)
    >>> bool(fairness.contains([10, 11, 9])), bool(fairness.contains([20, 5, 5]))
    (True, False)
    """

    epsilon: float
    p: float = 2

    name: ClassVar[str] = "epsilon"
    parameter_name: ClassVar[str] = "epsilon"
    allowed: ClassVar[tuple[float, float]] = (0.0, 1.0)
    equality: ClassVar[float] = 1.0
    words: ClassVar[Words] = Words(
        "0..1",
        "Fairness level: 0 asks nothing, 1 equality (order --p, 2 by default).",
        "epsilon >= {value}, p = {p:g}",
        "fairness at least ε = {value} (order p\u00a0=\u00a0{order}), from 0, anything goes, to 1, equal loads",
    )

    def __post_init__(self, *_: Any) -> None:
        super().__post_init__()
        object.__setattr__(self, "p", checked_order(self.p))

    def _repr_extras(self) -> list[str]:
        return [f"p={self.p:g}"]

    def to_dict(self) -> dict[str, Any]:
        """Return name, epsilon, p (``"inf"`` if infinite) and entitlements, as JSON values."""
        data = super().to_dict()
        return {"name": data.pop("name"), "epsilon": self.epsilon, "p": "inf" if math.isinf(self.p) else self.p, **data}

    def factor(self, n: int) -> float:
        r"""Return the fairness factor :math:`\varphi = 1 + \varepsilon D_p` of `n` agents.

        With entitlements it is the factor of the weighted norm, for shares that sum to n.
        """
        return float(n ** (1.0 - 1.0 / self.p)) / self.bound(n)

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return the supporting point, shape (1, n); for p = inf, a unit vector for each agent above the bound."""
        if self.asks_equality(np.shape(loads)[-1]):
            return self._unit_points(loads, 1.0)
        if math.isinf(self.p):
            return self._unit_points(loads, self.bound(np.shape(loads)[-1]))
        return self.supporting_point(loads)[np.newaxis]

    def power_form(self, n: int) -> tuple[float, float] | None:
        """Return p and the bound, None if p is infinite or equality is asked for; see the protocol."""
        return None if math.isinf(self.p) or self.asks_equality(n) else (float(self.p), self.bound(n))

    def dual_contains(self, v: ArrayLike, tolerance: float = 1e-12) -> bool:
        """Return whether ``v @ x >= 0`` for every fair x, up to `tolerance` times the largest entry of `v`."""
        normal = np.asarray(v, dtype=np.float64)
        shares, bound = shares_of(normal.shape[-1], self.entitlements), self.bound(normal.shape[-1])
        return _dual_excess(normal, shares, self.p, bound) <= tolerance * float(np.abs(normal).max())

    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads; see the base class."""
        return power_mean(u, shares, self.p, xp)

    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        return power_mean_slope(u, shares, self.p)

    def _kept_deviation(self, u: NDArray[np.float64], shares: NDArray[np.float64], mean: float, limit: float) -> float:
        return kept_deviation(u, shares, self.p, limit)

    def _bound(self, parameter: Any, least: Any) -> Any:
        return 1 / (self._worst(least) * (1 - parameter) + parameter)

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        worst = self._worst(least)
        return (1.0 / ratio - worst) / (1.0 - worst)

    def _vacuous_parameter(self, least: Any) -> Any:
        return 0.0

    def rows(self, n: int) -> Rows | None:
        """Return u_i <= bound * mean for each agent i if p = inf, otherwise None; see the base class."""
        return Rows(caps(shares_of(n, self.entitlements), self.bound(n))) if math.isinf(self.p) else None

    def guaranteed_cv(self, n: int) -> float:
        """Return the sharp bound; with entitlements, that by log-convexity of weighted norms. See the base class."""
        if self.entitlements is None:
            return bounds.sharp_cv_bound(self.epsilon, self.p, n)
        return math.sqrt(math.expm1(bounds.conjugate(self.p) * math.log(self.bound(n))))

    def among(self, selected: int, candidates: int) -> Self:
        """Return the equivalent level for all candidates; see the base class."""
        power = 1.0 - 1.0 / self.p
        return self.with_parameter(self.epsilon * (selected**power - 1.0) / (candidates**power - 1.0))

    def linear_bound(self, n: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the factors of the bound: its reciprocal is affine in epsilon. See the base class."""
        worst = 1.0 / self.with_parameter(0.0).bound(n)
        return (worst, 1.0 - worst), (1.0, 0.0)

    def enclosed_slope(self, u: NDArray[Any], shares: NDArray[Any], rounded: NDArray[np.float64]) -> list[Interval]:
        """Return intervals that hold n times a subgradient; see the base class."""
        if math.isinf(self.p):
            return super().enclosed_slope(u, shares, rounded)
        return enclosed_power_mean_slope(u, shares, Fraction(self.p))

    def decide(self, u: NDArray[Any], shares: NDArray[Any], mean: Fraction, slack: Fraction) -> bool | None:
        """Decide membership; all loads meet epsilon = 0. See the base class."""
        return True if self.epsilon == 0.0 else super().decide(u, shares, mean, slack)

    def _enclosed_measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Fraction) -> Interval:
        if math.isinf(self.p):
            return super()._enclosed_measure(u, shares, mean)
        return enclosed_power_mean(u, shares, Fraction(self.p))

    def _worst(self, least: Any) -> Any:
        """Return the mean over the power mean if an agent with the share `least` carries everything."""
        if isinstance(least, Fraction) and not math.isinf(self.p):
            return power(least, 1 - 1 / Fraction(self.p))
        return least if math.isinf(self.p) else least ** (1.0 - 1.0 / self.p)


_DOUBLINGS = 60
_BISECTIONS = 120


def _dual_excess(v: NDArray[np.float64], shares: NDArray[np.float64], p: float, bound: float) -> float:
    r"""Return the least :math:`\|(t - v)_+\|_{q,s} - t / \beta` over t >= 0: at most 0 if v lies in the dual.

    The function of t is convex. An interval that contains its minimum is found by doubling, and then bisected.

    Parameters
    ----------
    v
        Normal of an inequality, shape (n,).
    shares
        Shares of the agents, shape (n,), with sum 1.
    p
        Order of the cone, from 2 to infinity.
    bound
        Bound beta on the power mean over the mean, at least 1.
    """
    size = float(np.abs(v).max())
    if size == 0.0:
        return 0.0
    normal, q = v / size, 1.0 if math.isinf(p) else p / (p - 1.0)
    if bound == 1.0:
        return -float(normal @ shares) * size  # the limit for large t
    high = 1.0
    for _ in range(_DOUBLINGS):
        if _excess_and_slope(high, normal, shares, q, bound)[1] >= 0.0:
            break
        high *= 2.0
    low = 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _excess_and_slope(middle, normal, shares, q, bound)[1] >= 0.0:
            high = middle
        else:
            low = middle
    return size * min(_excess_and_slope(t, normal, shares, q, bound)[0] for t in (0.0, low, high))


def _excess_and_slope(
    t: float, v: NDArray[np.float64], shares: NDArray[np.float64], q: float, bound: float
) -> tuple[float, float]:
    """Return the convex function of t to be minimised, and its derivative."""
    part = np.maximum(t - v, 0.0)
    norm = float(part**q @ shares) ** (1.0 / q)
    if norm == 0.0:
        return -t / bound, -1.0 / bound
    active = np.where(part > 0.0, (part / norm) ** (q - 1.0), 0.0)
    return norm - t / bound, float(active @ shares) - 1.0 / bound
