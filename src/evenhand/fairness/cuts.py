"""Two kinds of cuts that separate unfair loads, side by side.

A cut at the loads themselves separates them. A cut at the supporting point also touches the cone, and is usually
deeper. For deviation measures (CV, Jain, Gini, Hoover, range) and for p = inf both are the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness.protocol import Fairness


def gradient_cut(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the cut at `loads`, shape (n,): ``cut @ x >= 0`` for every fair x; shape (n,)."""
    return fairness.cut(loads)


def supporting_cut(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the cut at the point where the line from `loads`, shape (n,), to equal loads enters the cone; shape (n,).

    It holds for every fair x, with equality at that supporting point.
    """
    return fairness.cut(fairness.supporting_point(loads))


def separating_cuts(fairness: Fairness, loads: ArrayLike) -> NDArray[np.float64]:
    """Return the default cuts for unfair `loads`, shape (n,): shape (k, n), several if the cone is a polyhedron."""
    return np.array([fairness.cut(point) for point in fairness.cut_points(loads)])


def depth(cut: ArrayLike, loads: ArrayLike) -> float:
    """Return the distance of `loads`, shape (n,), beyond a `cut`, over their norm; negative on the fair side."""
    normal, x = np.asarray(cut, dtype=np.float64), np.asarray(loads, dtype=np.float64)
    normal, x = normal / np.abs(normal).max(), x / np.abs(x).max()
    return -float(normal @ x) / float(np.linalg.norm(normal) * np.linalg.norm(x))
