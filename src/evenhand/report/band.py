"""What a single load may be, all else being as even as it can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness import Fairness

_BISECTIONS = 50


def fair_shares(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the total that each agent is entitled to, shape (n,), unit of the loads."""
    weights = _weights(fairness, len(loads))
    return float(loads.sum()) * weights


def allowed_band(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least and the most that each agent may carry of the same total.

    The others share the rest evenly (by entitlement), which is the best case for a measure of dispersion: it
    is convex and symmetric, so averaging the others never raises it. Hence no fair assignment of the same
    total has a load outside the band; inside it, the loads together still have to be fair.

    Parameters
    ----------
    fairness
        The rule.
    loads
        Shape (n,); only their sum and number matter.

    Returns
    -------
    NDArray[np.float64]
        Shape (n, 2): least and most, unit of the loads.
    """
    weights = _weights(fairness, len(loads))
    # Agents with the same entitlement have the same band: one row for each kind is enough.
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
    """Walk from the fair share towards `limit` as far as the rule allows each agent of `who`, in shares."""
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
