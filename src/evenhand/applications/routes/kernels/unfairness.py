"""How far loads are from fair, in terms that compiled loops evaluate millions of times a second.

The *violation* of a member is its measure minus its bound times the mean, or 0 if that is negative. Power means are
kept as two sums, so that a change of two loads takes a few operations; all others are computed from the m loads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import inner

NOTHING, POWER, LARGEST, LEAST, RANGE, HOOVER, GINI, TOP = range(8)


class Rule(NamedTuple):
    """One member for m vehicles. Relative loads are u[i] = (carried[i] + x[i]) stretch[i]."""

    kind: int
    order: float  # of the power mean; the number of vehicles that count for the top share
    bound: float  # of the measure over the mean
    scale: float  # units of distance for a unit of violation
    carried: NDArray[np.float64]  # (m,)
    share: NDArray[np.float64]  # (m,) sums to 1
    stretch: NDArray[np.float64]  # (m,)
    sums: NDArray[np.float64]  # (2,) sum of share * u^order, mean of the relative loads
    relative: NDArray[np.float64]  # (m,) scratch
    ordered: NDArray[np.int64]  # (m,) scratch: vehicles in increasing order of their relative load


@inner
def power_of(rule: Rule, i: int, load: float) -> float:
    """Return share * u^order of one vehicle."""
    u = (rule.carried[i] + load) * rule.stretch[i]
    return float(rule.share[i] * (u * u if rule.order == 2.0 else u**rule.order))


@inner
def refresh_sums(rule: Rule, loads: NDArray[np.float64]) -> None:
    """Compute both sums from the loads, to stop rounding errors from accumulating."""
    powers = mean = 0.0
    for i in range(loads.shape[0]):
        powers += power_of(rule, i, loads[i])
        mean += rule.share[i] * rule.stretch[i] * (rule.carried[i] + loads[i])
    rule.sums[0], rule.sums[1] = powers, mean


@inner
def sums_after(rule: Rule, loads: NDArray[np.float64], r: int, by_r: float, s: int, by_s: float) -> tuple[float, float]:
    """Return both sums after vehicles `r` and `s` have the loads `by_r` and `by_s`."""
    mean = rule.sums[1] + rule.share[r] * rule.stretch[r] * (by_r - loads[r])
    mean += rule.share[s] * rule.stretch[s] * (by_s - loads[s])
    if rule.kind != POWER:
        return 0.0, mean
    powers = rule.sums[0] + power_of(rule, r, by_r) - power_of(rule, r, loads[r])
    return powers + power_of(rule, s, by_s) - power_of(rule, s, loads[s]), mean


@inner
def violation_after(rule: Rule, loads: NDArray[np.float64], r: int, by_r: float, s: int, by_s: float) -> float:
    """Return the violation, in units of distance, after vehicles `r` and `s`, which differ, have new loads."""
    if rule.kind == NOTHING:
        return 0.0
    powers, mean = sums_after(rule, loads, r, by_r, s, by_s)
    if rule.kind == POWER:
        powers = max(0.0, powers)
        measure = powers**0.5 if rule.order == 2.0 else powers ** (1.0 / rule.order)
    else:
        for i in range(loads.shape[0]):
            load = by_r if i == r else (by_s if i == s else loads[i])
            rule.relative[i] = (rule.carried[i] + load) * rule.stretch[i]
        measure = measure_of(rule, mean)
    return float(rule.scale * max(0.0, measure - rule.bound * mean))


@inner
def measure_of(rule: Rule, mean: float) -> float:
    """Return the measure of ``rule.relative``, for all kinds that are no power mean."""
    m = rule.relative.shape[0]
    if rule.kind == HOOVER:
        apart = 0.0
        for i in range(m):
            apart += rule.share[i] * abs(rule.relative[i] - mean)
        return apart / 2.0
    if rule.kind == GINI or rule.kind == TOP:
        sort(rule)
        return gini(rule) if rule.kind == GINI else top(rule)
    low = high = rule.relative[0]
    for i in range(1, m):
        low, high = min(low, rule.relative[i]), max(high, rule.relative[i])
    if rule.kind == LARGEST:
        return float(high)
    return float(mean - low if rule.kind == LEAST else high - low)


@inner
def sort(rule: Rule) -> None:
    """Sort ``rule.ordered`` by the relative loads: nearly sorted from the last call, so insertion is quick."""
    for k in range(1, rule.ordered.shape[0]):
        i = rule.ordered[k]
        before = k - 1
        while before >= 0 and rule.relative[rule.ordered[before]] > rule.relative[i]:
            rule.ordered[before + 1] = rule.ordered[before]
            before -= 1
        rule.ordered[before + 1] = i


@inner
def gini(rule: Rule) -> float:
    """Return half the mean difference of two relative loads: each step counts for the pairs that it lies between."""
    total = below = 0.0
    for k in range(1, rule.ordered.shape[0]):
        i, j = rule.ordered[k - 1], rule.ordered[k]
        below += rule.share[i]
        total += (rule.relative[j] - rule.relative[i]) * below * (1.0 - below)
    return total


@inner
def top(rule: Rule) -> float:
    """Return what the busiest `order` vehicles, as a part of all shares, contribute to the mean."""
    m = rule.ordered.shape[0]
    left, total = rule.order / m, 0.0
    for k in range(m - 1, -1, -1):
        i = rule.ordered[k]
        counted = min(max(left, 0.0), rule.share[i])
        total += counted * rule.relative[i]
        left -= counted
    return total
