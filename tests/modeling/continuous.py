"""Random continuous models whose rows a known point meets, with loads that can be shared out."""

from __future__ import annotations

import numpy as np

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean, RangeAtMost
from evenhand.modeling import LinearModel


def draw(seed: int) -> tuple[LinearModel, np.ndarray, list]:
    """Return a model, its loads, and members at parameters of which some are out of reach."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    k = int(rng.integers(n, 9))
    loads = rng.random((n, k)) * (rng.random((n, k)) < 0.7)
    loads[:, :n] += 0.3 * np.eye(n)
    rows = rng.random((3, k))
    model = LinearModel(0.1 + rng.random(k), rows, rows @ rng.random(k), upper=3.0)
    entitlements = None if rng.random() < 0.5 else tuple(rng.uniform(0.5, 2.0, n))
    u = rng.random(6)
    members = [
        *(EpsilonFairness(0.1 + 0.85 * u[0], p, entitlements=entitlements) for p in (2, 3, 10, np.inf)),
        CVAtMost(0.1 + 0.5 * u[1], entitlements=entitlements),
        GiniAtMost(0.05 + 0.3 * u[2], entitlements=entitlements),
        JainAtLeast(0.5 + 0.4 * u[3], entitlements=entitlements),
        MaxOverMean(1.05 + 0.5 * u[4], entitlements=entitlements),
        RangeAtMost(0.1 + 0.8 * u[5], entitlements=entitlements),
    ]
    return model, loads, members
