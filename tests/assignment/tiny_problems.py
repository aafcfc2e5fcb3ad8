"""Random problems small enough to enumerate, drawn to be awkward: ties, zeros, magnitudes, strict and vacuous rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tests.assignment.enumeration import Tiny, forbid_and_lock

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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

MOST_TASKS = {2: 12, 3: 8, 4: 7, 5: 6}
"""Tasks by agents: a few thousand to some ten thousand assignments."""

ORDERS = (2.0, 2.5, 3.0, 5.0, 10.0, 64.0, 1e4, np.inf)


def awkward_problem(rng: np.random.Generator) -> Tiny:
    """Draw a problem of 2 to 5 agents with every feature that `assign` has, each in its extremes too."""
    n = int(rng.integers(2, 6))
    m = int(rng.integers(1, MOST_TASKS[n] + 1, 2).max())
    costs = _table(rng, n, m)
    burdens = _table(rng, n, m) if rng.random() < 0.5 else None
    for table in (costs, burdens):
        if table is not None and rng.random() < 0.1:
            table[1] = table[0]  # agents alike
        if table is not None and rng.random() < 0.1:
            table[:, rng.integers(m)] = 0.0  # a task for nothing
    locked = forbid_and_lock(rng, costs)
    shared = costs if burdens is None else burdens
    initial = _initial(rng, float(shared[np.isfinite(costs)].max()), n) if rng.random() < 0.3 else None
    return Tiny(costs, awkward_member(rng, n), burdens, initial, locked)


def _table(rng: np.random.Generator, n: int, m: int) -> NDArray[np.float64]:
    kind = rng.integers(10)
    if kind == 0:
        return np.round(rng.uniform(0, 100, (n, m)), 4)
    if kind == 1:
        return rng.integers(0, 4, (n, m)).astype(float)  # many ties and zeros
    if kind == 2:
        return np.tile(rng.integers(1, 20, m).astype(float), (n, 1))  # agents alike
    if kind == 3:
        return np.round(np.hypot(*(rng.uniform(0, 80, (2, n, 1)) - rng.uniform(0, 80, (2, 1, m)))), 4)
    if kind == 4:
        return rng.lognormal(0.0, 2.0, (n, m))  # a few tasks outweigh the rest
    if kind == 5:
        return 10.0 ** rng.uniform(-12.0, 12.0, (n, m))
    if kind == 6:
        return 10.0 ** rng.uniform(-12.0, 12.0, m) * rng.uniform(0.5, 1.0, (n, m))  # tasks apart, agents near
    if kind == 7:
        return 1.0 + 10.0 ** -float(rng.integers(6, 16)) * rng.integers(0, 5, (n, m))  # nearly equal
    if kind == 8:
        return 2.0 ** rng.integers(-3, 4, (n, m)) * (rng.random((n, m)) < 0.7)
    return np.ones((n, m)) * 10.0 ** float(rng.integers(-12, 13)) * rng.integers(1, 7, (1, m))


def _initial(rng: np.random.Generator, largest: float, n: int) -> NDArray[np.float64]:
    scale = float(rng.choice([1e-6, 1.0, 2.0, 1e6])) * (largest if largest > 0.0 else 1.0)
    if rng.random() < 0.3:
        return np.full(n, scale)
    loads = rng.uniform(0.0, scale, n)
    return (np.round(loads) if rng.random() < 0.5 else loads) * (rng.random(n) < 0.7)


def _entitlements(rng: np.random.Generator, n: int) -> tuple[float, ...] | None:
    kind = rng.random()
    if kind < 0.65:
        return None
    if kind < 0.9:
        return tuple(rng.choice([0.5, 1.0, 2.0, 3.0], n))
    return tuple(10.0 ** rng.uniform(-3.0, 3.0, n))


def awkward_member(rng: np.random.Generator, n: int) -> Fairness:
    """Draw any member: parameters ordinary, at either end of their range, and next to it."""
    entitlements = _entitlements(rng, n)
    near = 10.0 ** -float(rng.integers(2, 16))
    kind = int(rng.integers(11))
    if kind <= 2:
        epsilon = float(rng.choice([0.0, near, rng.random(), 0.3, 0.5, 0.7, 0.9, 1.0 - near, 1.0]))
        return EpsilonFairness(epsilon, p=float(rng.choice(ORDERS)), entitlements=entitlements)
    if kind == 3:
        cv = rng.choice([0.0, near, rng.random(), 0.2, 0.6, 1.0, np.sqrt(n - 1.0)])
        return CVAtMost(float(cv), entitlements=entitlements)
    if kind == 4:
        jain = rng.choice([0.0, 1.0 / n, rng.random(), 0.5, 0.7, 0.9, 1.0 - near, 1.0])
        return JainAtLeast(float(jain), entitlements=entitlements)
    if kind == 5:
        ratio = rng.choice([1.0, 1.0 + near, 1.0 + rng.random(), 1.2, 1.5, 2.0, float(n)])
        return MaxOverMean(float(ratio), entitlements=entitlements)
    share = float(rng.choice([0.0, near, 0.5 * rng.random(), 0.1, 0.3, 0.5, 1.0]))
    if kind == 6:
        return GiniAtMost(share, entitlements=entitlements)
    if kind == 7:
        return HooverAtMost(share, entitlements=entitlements)
    if kind == 8:
        return LeastOverMean(1.0 - share, entitlements=entitlements)
    if kind == 9:
        k = int(rng.integers(1, n))
        return TopShareAtMost(k, k / n + share * (1.0 - k / n), entitlements=entitlements)
    return RangeAtMost(2.0 * share, entitlements=entitlements)
