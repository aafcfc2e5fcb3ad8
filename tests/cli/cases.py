"""Small tables with answers known by enumeration."""

from __future__ import annotations

import itertools

import numpy as np

COSTS = ",t1,t2,t3,t4,t5\nAnn,1,2,3,4,2.5\nBo,2,3,4,5,3\n"
VALUES = np.array([[1, 2, 3, 4, 2.5], [2, 3, 4, 5, 3]])


def enumerate_best(accept, costs=VALUES, burdens=None):
    """Return cost and loads of the cheapest assignment whose loads are accepted, by trying all; None without one."""
    shared = costs if burdens is None else burdens
    n, m = costs.shape
    best = None
    for agents in itertools.product(range(n), repeat=m):
        pairs = np.array(agents), np.arange(m)
        if not np.isfinite(costs[pairs]).all():
            continue
        loads = np.bincount(pairs[0], shared[pairs], minlength=n)
        if accept(loads) and (best is None or costs[pairs].sum() < best[0]):
            best = float(costs[pairs].sum()), loads
    return best


def cv(loads):
    """Return the population coefficient of variation, as the textbook has it."""
    return loads.std() / loads.mean()
