"""Cuts and membership that trust no float: for verifiers of certificates.

Every float (a parameter, an entitlement, a load, a point) stands for its exact binary value. What is rational
is computed with fractions, what is not with intervals; see `interval.py`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness.interval import enclosed, rounded_up
from evenhand.fairness.power_mean import power_mean_slope
from evenhand.fairness.shares import exact_shares_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evenhand.fairness.cone import Cone


def exact_cut(cone: Cone, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return fractions proven not below the coefficients of the cut of `cone` at `point`; see the protocol.

    Where a measure has corners, the choice among its subgradients is the one that ``cone.cut`` makes in
    floats: whichever it is, the cut is valid, and here its coefficients are exact.
    """
    n = len(point)
    shares = _objects(exact_shares_of(n, cone.entitlements))
    u = relative_loads(point, shares)
    # The scaled floats of `cone.cut`, so that both break ties alike.
    rounded = cone.relative(np.array([float(load) for load in point]))[0]
    rounded, u = (rounded, u) if rounded.any() else (np.ones(n), _objects([Fraction(1)] * n))
    if cone.asks_equality:
        bound, slopes = (
            enclosed(1),
            [enclosed(slope) for slope in power_mean_slope(rounded, shares, math.inf)],
        )
    else:
        bound, slopes = cone.enclosed_bound(min(shares)), cone.enclosed_slope(u, shares, rounded)
    return tuple(rounded_up((bound - slope) * Fraction(1, n)) for slope in slopes)


def exact_contains(cone: Cone, loads: Sequence[Fraction], tolerance: Fraction) -> bool | None:
    """Decide by proof what ``cone.contains`` says in floats; None where the margin is too small to decide."""
    shares = _objects(exact_shares_of(len(loads), cone.entitlements))
    u = relative_loads(loads, shares)
    mean = Fraction(u @ shares)
    if max(u) - min(u) <= tolerance * mean:
        return True
    if cone.asks_equality:
        return False
    return cone.decide(u, shares, mean, 1 + Fraction(tolerance))


def relative_loads(loads: Sequence[Fraction], shares: NDArray[Any]) -> NDArray[Any]:
    """Return exact relative loads scaled to a largest entry of 1 (or all zero), shape (n,)."""
    u: NDArray[Any] = _objects([Fraction(load) for load in loads]) / shares
    top = max(u)
    return u / top if top > 0 else u


def _objects(numbers: Sequence[Fraction]) -> NDArray[Any]:
    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array
