"""Small integer models with fair loads, and their optima by enumeration."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)
from evenhand.modeling import LinearModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

ORDERS = (2, 3, 5, 10, np.inf)


@dataclass(frozen=True)
class SharedTasks:
    """Tasks shared out among agents; burdens differ from costs."""

    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    fairness: Fairness

    @property
    def model(self) -> LinearModel:
        """Each task goes to one agent; variables agent by agent."""
        n, m = self.costs.shape
        return LinearModel(self.costs.ravel(), np.hstack([np.eye(m)] * n), 1, 1, upper=1, integer=True)

    @property
    def loads(self) -> NDArray[np.float64]:
        """Sum of each agent's burdens."""
        n, m = self.costs.shape
        return np.kron(np.eye(n), np.ones(m)) * self.burdens.ravel()

    def optimum(self) -> float:
        """Return the least cost of a fair assignment, infinity where there is none: all are tried."""
        n, m = self.costs.shape
        chosen = np.array(list(itertools.product(range(n), repeat=m)))
        loads = np.stack([(self.burdens[i] * (chosen == i)).sum(axis=1) for i in range(n)], axis=1)
        costs = self.costs[chosen, np.arange(m)].sum(axis=1)
        return float(np.where(self.fairness.contains(loads), costs, np.inf).min())


def draw(seed: int) -> SharedTasks:
    """Draw a problem: two or three agents, any member, whole-number costs in half of them."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 4))
    m = int(rng.integers(2, 9 if n == 2 else 7))
    costs = rng.integers(1, 30, (n, m)).astype(float) if rng.random() < 0.5 else rng.random((n, m))
    entitlements = None if rng.random() < 0.5 else tuple(rng.uniform(0.5, 2.0, n))
    return SharedTasks(costs, 0.1 + rng.random((n, m)), member(rng, entitlements))


def member(rng: np.random.Generator, entitlements: tuple[float, ...] | None) -> Fairness:
    """Draw a member."""
    u = rng.random() ** 2
    members = [
        *(EpsilonFairness(1.0 - u, p, entitlements=entitlements) for p in ORDERS),
        CVAtMost(0.05 + u, entitlements=entitlements),
        JainAtLeast(1.0 - u, entitlements=entitlements),
        GiniAtMost(0.05 + 0.4 * u, entitlements=entitlements),
        HooverAtMost(0.05 + 0.4 * u, entitlements=entitlements),
        RangeAtMost(0.05 + u, entitlements=entitlements),
        MaxOverMean(1.05 + 0.5 * u, entitlements=entitlements),
        LeastOverMean(0.95 - 0.5 * u, entitlements=entitlements),
        TopShareAtMost(1, 0.55 + 0.3 * u, entitlements=entitlements),
    ]
    return members[int(rng.integers(len(members)))]
