"""Members, load vectors and fair points that the tests of fairness share."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import settings, strategies as st

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

ORDERS = (2, 2.5, 3, 10, 50, math.inf)
SCALES = (1e-300, 1e-10, 1.0, 1e10, 1e300)
quick = settings(max_examples=40, deadline=None, derandomize=True)
brief = settings(max_examples=10, deadline=None, derandomize=True)
"""For tests that are repeated for many members."""


def members(entitlements=None, *, ends=True):
    """Return members of every kind; where `ends`, also those that ask for equality or for nothing."""
    chosen = [
        *(EpsilonFairness(epsilon, p, entitlements=entitlements) for p in ORDERS for epsilon in (0.3, 0.9)),
        CVAtMost(0.3, entitlements=entitlements),
        JainAtLeast(0.9, entitlements=entitlements),
        MaxOverMean(1.2, entitlements=entitlements),
        GiniAtMost(0.15, entitlements=entitlements),
        HooverAtMost(0.1, entitlements=entitlements),
        RangeAtMost(0.4, entitlements=entitlements),
        LeastOverMean(0.7, entitlements=entitlements),
        TopShareAtMost(1, 0.6, entitlements=entitlements),
    ]
    if ends:
        chosen += [
            EpsilonFairness(epsilon, p, entitlements=entitlements) for p in (2, 3, math.inf) for epsilon in (0, 1)
        ]
        chosen += equal_ends(entitlements)
    return chosen


def equal_ends(entitlements=None):
    """Return a member of every kind that asks for equality."""
    return [
        EpsilonFairness(1.0, 2, entitlements=entitlements),
        EpsilonFairness(1.0, 50, entitlements=entitlements),
        EpsilonFairness(1.0, math.inf, entitlements=entitlements),
        CVAtMost(0.0, entitlements=entitlements),
        JainAtLeast(1.0, entitlements=entitlements),
        MaxOverMean(1.0, entitlements=entitlements),
        GiniAtMost(0.0, entitlements=entitlements),
        HooverAtMost(0.0, entitlements=entitlements),
        RangeAtMost(0.0, entitlements=entitlements),
        LeastOverMean(1.0, entitlements=entitlements),
    ]


UNEQUAL = (1.0, 2.0, 0.5, 1.0, 3.0)
FIVE = [
    *members(),
    *members(UNEQUAL),
    *(
        TopShareAtMost(k, share, entitlements=who)
        for k, share in [(2, 0.5), (2, 0.4), (3, 0.7)]
        for who in (None, UNEQUAL)
    ),
]
"""Members for five agents, of equal and of unequal entitlements."""


def shares(fairness, n):
    """Return the share of each agent, written out."""
    e = np.ones(n) if fairness.entitlements is None else np.array(fairness.entitlements)
    return e / e.sum()


def load_vectors(n=5, scales=SCALES):
    """Strategy: non-negative loads of `n` agents, not all zero, with idle agents and at every scale."""
    entry = st.one_of(st.just(0.0), st.floats(1e-3, 1.0), st.floats(0.4, 0.6), st.just(0.5))
    vectors = st.lists(entry, min_size=n, max_size=n).filter(lambda x: max(x) >= 1e-3)
    return st.builds(lambda x, scale: np.array(x) * scale, vectors, st.sampled_from(scales))


def any_load_vectors(scales=SCALES):
    """Strategy: the same for 2 to 8 agents."""
    return st.integers(2, 8).flatmap(lambda n: load_vectors(n, scales))


def mixed_until_fair(fairness, loads):
    """Return the first mix of loads with equal ones of the same sum, halving the distance, that is fair."""
    size = np.max(loads)
    x = loads / size
    equal = shares(fairness, len(x)) * x.sum()
    for _ in range(80):
        if fairness.contains(x, tolerance=0.0):
            return x * size
        x = equal + (x - equal) / 2
    return equal * size
