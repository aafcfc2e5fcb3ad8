"""Penalties of the heuristics under several rules: power means or rows, at prices from the relaxation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.ruled_annealing import Demands
from evenhand.assignment.penalty_from_relaxation import HIGHEST_ORDER, LARGEST_POWER
from evenhand.assignment.rules.row_system import Relaxed, RowSystem
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.fairness.shares import shares_of

FLOOR, LEAST = 0.3, 0.1
"""Price of what is slack in the relaxation: relative to the largest price, and per scaled unit of burden."""

FLAT = 0.05
"""Lower limit on the slope of a power mean that sets its price: at equal loads it has none."""


def carried_of(system: RowSystem) -> NDArray[np.float64]:
    """Return the loads carried before, scaled, shape (rules, n)."""
    loads = [row.carried / scale for row, scale in zip(system.problem.rows, system.burden_scale, strict=True)]
    return np.array(loads, np.float64).reshape(len(loads), system.cost.shape[1])


def demands_of(system: RowSystem, found: Relaxed, firmness: float) -> Demands:
    """Return the demands of all rules; a violation costs `firmness` times its price in the relaxation.

    If a unit of violation cost less than its multiplier, the plans of least merit would break the rules.
    """
    n, rules = system.cost.shape[1], len(system.problem.rows)
    rows, multipliers = system.rows, system.row_prices(found.best)
    carried = carried_of(system)
    floor = max(FLOOR * float(multipliers.max(initial=0.0)), LEAST)
    order, limit, toll = np.zeros(rules), np.zeros(rules), np.zeros(rules)
    share, stretch = np.zeros((rules, n)), np.zeros((rules, n))
    for r, row in enumerate(system.problem.rows):
        loads = np.maximum(carried[r] + (found.mean.part * system.burden[r]).sum(axis=0), 0.0)[row.counted]
        form = None if row.fairness is None else row.fairness.power_form(len(row.counted))
        if row.fairness is None or form is None or form[0] > HIGHEST_ORDER or not loads.any() or form[1] < 1.0 + 1e-9:
            continue
        shares = np.array(shares_of(len(row.counted), row.fairness.entitlements))
        if form[0] * -np.log10(shares.min()) > LARGEST_POWER:
            continue
        order[r], limit[r] = form[0], form[1] * (1.0 + 0.5 * RELATIVE_TOLERANCE)
        share[r, row.counted] = shares
        stretch[r, row.counted] = 1.0 / (len(loads) * shares * loads.mean())
        price = multipliers[rows.burden == r] @ rows.weight[rows.burden == r][:, row.counted]
        toll[r] = firmness * _toll(loads, shares, form, price, floor)
    in_rows = np.flatnonzero(order[rows.burden] == 0.0)
    chosen = in_rows[np.argsort(rows.burden[in_rows], kind="stable")]
    weight = rows.weight[chosen]
    least = rows.least[chosen] + (weight * carried[rows.burden[chosen]]).sum(axis=1)
    start = np.searchsorted(rows.burden[chosen], np.arange(rules + 1)).astype(np.int64)
    price = firmness * np.maximum(multipliers[chosen], floor)
    return Demands(start, weight, least, price, order, limit, share, stretch, toll)


def _toll(
    loads: NDArray[np.float64],
    shares: NDArray[np.float64],
    form: tuple[float, float],
    price: NDArray[np.float64],
    floor: float,
) -> float:
    """Return the price of a unit of a power mean: the multiple of its gradient that is nearest the rows' prices."""
    order, limit = form
    u = loads / (len(loads) * shares * loads.mean())
    slope = limit - (u / (shares @ u**order) ** (1.0 / order)) ** (order - 1.0)
    per_load = slope / (len(loads) * loads.mean())
    steepest = max(float(np.abs(slope).max()), FLAT) / (len(loads) * loads.mean())
    size = float(per_load @ per_load)
    nearest = float(price @ per_load) / size if size > 0.0 else 0.0
    return float(max(nearest, floor / steepest))
