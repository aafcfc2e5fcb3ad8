"""Ways to cut off unfair loads, side by side.

A cut made at the loads themselves separates them; made at the supporting point it touches the cone and
usually cuts deeper. For deviation measures (CV, Jain, Gini, Hoover, range) and for p = inf the two are the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evenhand.fairness.protocol import Fairness


def gradient_cut(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the cut made at `loads` (n,): ``cut @ x >= 0`` for every fair x; shape (n,)."""
    return fairness.cut(loads)


def supporting_cut(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the cut made where the cone begins between `loads` (n,) and equal loads; shape (n,).

    It holds for every fair x, with equality at the supporting point.
    """
    return fairness.cut(fairness.supporting_point(loads))


def separating_cuts(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the default cuts for unfair `loads` (n,), shape (k, n): several where the cone has facets."""
    return np.array([fairness.cut(point) for point in fairness.cut_points(loads)])


def depth(cut: ArrayLike, loads: ArrayLike) -> float:
    """Return how far `loads` (n,) lie beyond a `cut` (n,), over their length; negative on the fair side."""
    normal, x = np.asarray(cut, dtype=np.float64), np.asarray(loads, dtype=np.float64)
    normal, x = normal / np.abs(normal).max(), x / np.abs(x).max()
    return -float(normal @ x) / float(np.linalg.norm(normal) * np.linalg.norm(x))
