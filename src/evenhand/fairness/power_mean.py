r"""The weighted power mean, the measure behind the (epsilon, p) family.

With weights :math:`s_i > 0` that sum to one,

.. math:: M_p(u) = \Big(\sum_i s_i u_i^p\Big)^{1/p}, \qquad M_\infty(u) = \max_i u_i.

It is a norm, hence convex and homogeneous. It lies between the mean (all entries equal) and :math:`s_{min}^{1/p - 1}`
times the mean (all load on the agent with the smallest share). The functions here take vectors scaled to a largest
entry of 1, so that no power overflows.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness.interval import Interval, enclosed, power
from evenhand.number_checks import as_number

_NEWTON_STEPS = 200


def power_mean(u: Any, shares: Any, p: float, xp: Any = np) -> Any:
    """Return the power mean of order `p` along the last axis.

    Parameters
    ----------
    u
        Shape (..., n), largest entry 1 or all zero.
    shares
        Weights, shape (n,), summing to 1.
    p
        Order, at least 1, or infinity.
    xp
        Array-API namespace of `u` and `shares`.
    """
    if p == 2.0:
        return xp.sqrt((u * u) @ shares)
    if math.isinf(p):
        return xp.max(u, axis=-1)
    # The absolute value, because loads from a solver may be negative by a rounding error.
    return (xp.abs(u) ** p @ shares) ** (1.0 / p)


def power_mean_slope(u: NDArray[np.float64], shares: NDArray[Any], p: float) -> NDArray[Any]:
    """Return the gradient of the power mean divided by the shares, shape (n,).

    For finite `p` entry i is (u_i / M_p)^(p - 1). For p = inf it is 1 / shares[k] at one largest entry k and 0
    elsewhere, which is exact if `shares` are fractions.
    """
    if math.isinf(p):
        slope = np.zeros_like(shares)
        largest = int(np.argmax(u))
        slope[largest] = 1 / shares[largest]
        return slope
    ratio = u / power_mean(u, shares, p)
    finite: NDArray[Any] = np.sign(ratio) * np.abs(ratio) ** (p - 1.0)
    return finite


def kept_deviation(u: NDArray[np.float64], shares: NDArray[np.float64], p: float, limit: float) -> float:
    r"""Return the largest tau in [0, 1] with :math:`M_p(\bar u + \tau (u - \bar u)) \le` `limit`.

    Parameters
    ----------
    u
        Shape (n,), non-negative, largest entry 1, with a power mean above `limit`.
    limit
        Between the mean of `u` and its power mean.
    """
    mean = float(u @ shares)
    deviation = u - mean
    if math.isinf(p):
        return max(0.0, (limit - mean) / float(deviation.max()))
    if p == 2.0:
        return math.sqrt(max(0.0, (limit - mean) * (limit + mean)) / float((deviation * deviation) @ shares))
    # The power mean is convex and increasing in tau, so Newton's method from the right never overshoots the root.
    tau = 1.0
    for _ in range(_NEWTON_STEPS):
        v = np.maximum(mean + tau * deviation, 0.0)
        top = float(np.maximum.reduce(v))
        v /= top
        raised = shares * v ** (p - 1.0)  # for both the power mean and its derivative
        scaled_mean = float(raised @ v) ** (1.0 / p)
        excess = top * scaled_mean - limit
        slope = float(raised @ deviation) / scaled_mean ** (p - 1.0)
        if excess <= 0.0 or slope <= 0.0:
            break
        step = excess / slope
        tau -= step
        if step <= 1e-16 * tau:
            break
    return max(tau, 0.0)


def enclosed_power_mean(u: NDArray[Any], shares: NDArray[Any], p: Fraction) -> Interval:
    """Return an interval that contains the power mean of finite order `p` of fractions `u` (n,) of at most 1."""
    return power(_mean_of_powers(_powers(u, p), shares), 1 / p)


def enclosed_power_mean_slope(u: NDArray[Any], shares: NDArray[Any], p: Fraction) -> list[Interval]:
    """Return intervals that contain :func:`power_mean_slope` of fractions `u`, shape (n,), not all zero."""
    powers = _powers(u, p)
    # (u / M)^(p - 1) = u^p / u * (M^p)^(-(p - 1) / p): one power for each entry, and one for all together.
    scale = power(_mean_of_powers(powers, shares), (p - 1) / p).reciprocal()
    return [raised * (1 / entry) * scale if entry else raised for raised, entry in zip(powers, u, strict=True)]


def _powers(u: NDArray[Any], p: Fraction) -> list[Interval]:
    return [power(entry, p) for entry in u]


def _mean_of_powers(powers: list[Interval], shares: NDArray[Any]) -> Interval:
    return sum((raised * share for raised, share in zip(powers, shares, strict=True)), enclosed(0))


def checked_order(p: Any) -> float:
    """Return an order as a number, as an int if it is whole; ``"inf"`` means infinity, as in JSON files.

    Raises
    ------
    InputError
        If it is below 2 or not a number.
    """
    order = math.inf if isinstance(p, str) and p == "inf" else as_number(p)
    if not order >= 2.0:
        raise InputError(f"p is {p!r}; it must be a number from 2, or infinity")
    return int(order) if order.is_integer() else order
