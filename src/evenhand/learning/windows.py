"""Windows: stretches of episodes, one after the other, whose mean index is held against the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fair_gne import Constraint
    from evenhand.learning.episodes import Episodes

WINDOW = 200
"""Episodes of a window."""
SLACK = 0.01
"""How far the mean of a window may be below the threshold."""
ROUNDING = 1e-9


def window_means(values: NDArray[Any], window: int = WINDOW) -> NDArray[np.float64]:
    """Return the means of whole windows of `values` (N,), one after the other; what is left at the end is dropped."""
    whole = len(values) // window * window
    return np.asarray(values[:whole], dtype=np.float64).reshape(-1, window).mean(axis=1)


def windows_met(
    played: Episodes, constraint: Constraint, threshold: float, slack: float = SLACK, window: int = WINDOW
) -> NDArray[np.bool_]:
    """Tell which windows of so many episodes, one after the other, meet the constraint but for `slack`; (W,)."""
    means = window_means(constraint.potential(played.workload, threshold), window)
    return means >= constraint.target(threshold) - slack - ROUNDING
