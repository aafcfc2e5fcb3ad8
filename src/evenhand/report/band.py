"""Compute the range that a rule allows for a single agent's load."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness import Fairness

_BISECTIONS = 50


def fair_shares(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the fair share of the total load for each agent, shape (n,), in the unit of the loads."""
    weights = _weights(fairness, len(loads))
    return float(loads.sum()) * weights


def allowed_band(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest and the largest load that the rule allows each agent, for the same total load.

    The other agents are assumed to share the rest evenly (by entitlement). That is the best case: a measure of
    dispersion is convex and symmetric, so averaging the others never increases it. Hence no fair assignment with the
    same total has a load outside the band, whereas loads inside it need not be fair together.

    Parameters
    ----------
    fairness
        The rule.
    loads
        Shape (n,); only their sum and number matter.

    Returns
    -------
    NDArray[np.float64]
        Shape (n, 2): smallest and largest load, in the unit of the loads.
    """
    weights = _weights(fairness, len(loads))
    # Agents with the same entitlement have the same band, so it is computed once per entitlement.
    _, first, kind = np.unique(weights, return_index=True, return_inverse=True)
    lowest = _edge(fairness, weights, first, np.zeros(len(first)))
    highest = _edge(fairness, weights, first, np.ones(len(first)))
    return float(loads.sum()) * np.column_stack([lowest, highest])[kind]


def _weights(fairness: Fairness, n: int) -> NDArray[np.float64]:
    entitlements = np.ones(n) if fairness.entitlements is None else np.asarray(fairness.entitlements, dtype=np.float64)
    scaled = entitlements / entitlements.max()
    return np.asarray(scaled / scaled.sum(), dtype=np.float64)


def _edge(
    fairness: Fairness, weights: NDArray[np.float64], who: NDArray[np.intp], limit: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share nearest to `limit` that the rule allows each agent in `who`, by bisection from the fair share.

    The fair share is in the cone and the cone is convex, so the allowed shares form an interval around it.
    """
    inside, outside = weights[who].copy(), limit.copy()
    free = _fair_at(fairness, weights, who, outside)
    inside[free] = outside[free]
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2
        fair = _fair_at(fairness, weights, who, middle)
        inside, outside = np.where(fair, middle, inside), np.where(fair, outside, middle)
    return inside


def _fair_at(
    fairness: Fairness, weights: NDArray[np.float64], who: NDArray[np.intp], share: NDArray[np.float64]
) -> NDArray[np.bool_]:
    rest = (1 - share) / (1 - weights[who])
    loads = rest[:, None] * weights[None, :]
    loads[np.arange(len(who)), who] = share
    return np.asarray(fairness.contains(loads), dtype=np.bool_)
