"""Distances between coordinates, rounded as TSPLIB prescribes.

References
----------
Reinelt, TSPLIB 95, section 2. For GEO files the text says that degrees are rounded, but the program truncates them. The
published optima are those of the program, which this module follows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evenhand.arrays import Array

# The digits of TSPLIB's program: more of them would change the distances.
_PI = 3.141592
_EARTH_RADIUS = 6378.388


def euclidean(points: Array) -> Array:
    """Return EUC_2D: Euclidean distances between `points`, shape (n, 2), rounded to the nearest integer, halves up."""
    return _nearest(straight(points))


def _ceiled(points: Array) -> Array:
    """Return CEIL_2D: Euclidean distances, rounded up."""
    return np.ceil(straight(points))


def _manhattan(points: Array) -> Array:
    """Return MAN_2D: sums of both differences, rounded."""
    return _nearest(np.abs(_differences(points)).sum(axis=2))


def largest(points: Array) -> Array:
    """Return MAX_2D: the larger of both differences, each rounded."""
    rounded: Array = _nearest(np.abs(_differences(points))).max(axis=2)
    return rounded


def _pseudo_euclidean(points: Array) -> Array:
    """Return ATT: Euclidean distances divided by the square root of 10, rounded up."""
    rounded: Array = np.ceil(np.sqrt((_differences(points) ** 2).sum(axis=2) / 10.0))
    return rounded


def _geographical(points: Array) -> Array:
    """Return GEO: kilometres on the globe between latitudes and longitudes, in degrees with minutes as decimals."""
    latitude, longitude = _radians(points).T
    q1 = np.cos(longitude[:, np.newaxis] - longitude)
    q2 = np.cos(latitude[:, np.newaxis] - latitude)
    q3 = np.cos(latitude[:, np.newaxis] + latitude)
    cosine = 0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3)
    rounded: Array = np.floor(_EARTH_RADIUS * np.arccos(np.clip(cosine, -1.0, 1.0)) + 1.0)
    return rounded


RULES: dict[str, Callable[[Array], Array]] = {
    "EUC_2D": euclidean,
    "CEIL_2D": _ceiled,
    "GEO": _geographical,
    "ATT": _pseudo_euclidean,
    "MAN_2D": _manhattan,
    "MAX_2D": largest,
}
"""Function for each EDGE_WEIGHT_TYPE, from points, shape (n, 2), to distances, shape (n, n); the diagonal is not
used."""


def _differences(points: Array) -> Array:
    return points[:, np.newaxis, :] - points[np.newaxis, :, :]


def straight(points: Array) -> Array:
    """Return Euclidean distances, not rounded."""
    differences = _differences(points)
    return np.hypot(differences[..., 0], differences[..., 1])


def _nearest(values: Array) -> Array:
    return np.floor(values + 0.5)


def _radians(points: Array) -> Array:
    degrees = np.trunc(points)
    minutes = points - degrees
    return _PI * (degrees + 5.0 * minutes / 3.0) / 180.0
