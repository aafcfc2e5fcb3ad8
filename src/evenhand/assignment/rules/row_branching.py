"""Choose where to branch: on a load that is between two multiples of its step, or on a pair."""

from __future__ import annotations

import math

import numpy as np

from evenhand.assignment.rules.row_system import Domain, LoadLimit, Relaxed, RowSystem

WHOLE, ROUNDING = 1e-3, 1e-6
"""Distance from a multiple of its step at which a load is branched on, and what limits are loosened by, in steps."""

LEAST_PRICE = 0.003
"""Lower limit on the scaled price of a unit of load, by which the distances of loads are compared."""


def load_limits(system: RowSystem, domain: Domain, found: Relaxed) -> list[LoadLimit]:
    """Return two limits of a load that is a multiple of a step in every plan, but not here; the nearer one first.

    Of all such loads, the one whose distance from both multiples costs most is chosen.
    """
    if not system.by_newton or not system.steps.any():
        return []
    loads = ((found.mean.part + domain.locked) * system.burden).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.where(system.steps > 0.0, loads / system.steps, 0.0)
    away = np.abs(count - np.round(count))
    price = np.zeros(loads.shape)
    rows = system.rows
    np.add.at(price, rows.burden, system.row_prices(found.best)[:, np.newaxis] * rows.weight)
    cost = np.where(away > WHOLE, away * (np.abs(price) + LEAST_PRICE) * system.steps, 0.0)
    rule, agent = np.unravel_index(int(cost.argmax()), cost.shape)
    if cost[rule, agent] <= 0.0:
        return []
    step, number = system.steps[rule, agent], count[rule, agent]
    below = LoadLimit(int(rule), int(agent), -1.0, -math.floor(number) * step - ROUNDING * step)
    above = LoadLimit(int(rule), int(agent), 1.0, math.ceil(number) * step - ROUNDING * step)
    return [below, above] if number - math.floor(number) < 0.5 else [above, below]


def most_open_pair(system: RowSystem, domain: Domain, found: Relaxed) -> tuple[int, int]:
    """Return the open pair to branch on: nearest to one half, of the heaviest such."""
    parts = found.mean.part
    half = np.where(domain.open, np.minimum(parts, 1.0 - parts), -1.0)
    weight = 1.0 + system.burden.sum(axis=0) / 10.0
    half = half * weight if half.max() > 1e-3 else np.where(domain.open, parts + 1.0, -1.0)
    task, agent = np.unravel_index(int(half.argmax()), half.shape)
    return int(task), int(agent)
