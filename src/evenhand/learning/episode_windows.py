"""Windows of consecutive episodes, whose mean index is compared with the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.player.lottery import SLACK as SLACK, WINDOW as WINDOW

if TYPE_CHECKING:
    from evenhand.fair_gne import Constraint
    from evenhand.learning.episodes import Episodes

RARE = 0.5
"""Success rate below which the index says little, because a team that does nothing is perfectly fair."""

ROUNDING = 1e-9
"""Shortfall that counts as a rounding error of the mean."""


def window_means(values: NDArray[Any], window: int = WINDOW) -> NDArray[np.float64]:
    """Return the means (W,) of consecutive whole windows of `values` (N,); the remainder is dropped."""
    whole = len(values) // window * window
    return np.asarray(values[:whole], dtype=np.float64).reshape(-1, window).mean(axis=1)


def windows_met(
    played: Episodes, constraint: Constraint, tau: float, slack: float = SLACK, window: int = WINDOW
) -> NDArray[np.bool_]:
    """Return which of the consecutive windows have a mean of at least the constraint's target less `slack`, (W,)."""
    means = window_means(constraint.potential(played.workload, tau, played.present), window)
    return means >= constraint.target(tau) - slack - ROUNDING
