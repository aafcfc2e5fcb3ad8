"""What the relaxation knows of a fairness member, as a rule with prices for loops that try millions of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.kernels.rule import Rule
from evenhand.fairness.shares import shares_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.relaxation import Relaxation

FLOOR = 0.15
"""Price of a row that the relaxation finds slack, relative to the dearest row."""

LEAST = 0.02
"""Price of any row at least, in costs per burden: where many costs are equal, fairness costs the relaxation nothing."""

SMALLEST, LARGEST = 1e-290, 1e290
"""Limits of prices and of loads: what lies beyond would vanish, or overflow, in a product or quotient."""

HIGHEST_ORDER = 64.0
LARGEST_POWER = 200.0
"""Power means of a higher order, or in which one agent may reach a power of more decimal digits, are left to rows:
their powers would not fit into floats."""


def rule_of(relaxation: Relaxation, firm_rows: float, firm_mean: float, spare: float = 0.0) -> Rule:
    """Return the rule of a solved relaxation.

    Parameters
    ----------
    relaxation
        The relaxation; its rows and multipliers give the prices.
    firm_rows, firm_mean
        Times the relaxation's own price that each unit missing shall cost, where rows tell what is missing and where a
        power mean does; above 1, so that it pays to be fair.
    spare
        What may be missing to the margin of a row, or of the mean, at that price.
    """
    mean = _power_mean(relaxation, firm_mean, spare)
    if mean is not None:
        return mean
    rows, n = len(relaxation.pool), relaxation.loads.shape[0]
    multipliers = relaxation.vertex.multiplier[:rows]
    floor = max(FLOOR * float(multipliers.max(initial=0.0)), LEAST * _typical_price(relaxation))
    price = np.clip(firm_rows * np.maximum(multipliers, floor), SMALLEST, LARGEST)
    return Rule(
        matrix=relaxation.pool.rows.matrix[:rows].copy(),
        price=price,
        margin=spare / price,
        order=0.0,
        limit=0.0,
        share=np.zeros(n),
        stretch=np.zeros(n),
        toll=0.0,
        spare=0.0,
    )


def _power_mean(relaxation: Relaxation, firmness: float, spare: float) -> Rule | None:
    """Return the rule of a power mean of finite order, None where the member is none or its loads are nothing."""
    fairness, loads = relaxation.pool.fairness, np.maximum(relaxation.loads, 0.0)
    n = loads.shape[0]
    form = fairness.power_form(n)
    if form is None or form[0] > HIGHEST_ORDER or not loads.any():
        return None
    order, limit = form
    share = np.array(shares_of(n, fairness.entitlements))  # writable: the loops are compiled for such arrays
    if order * -np.log10(share.min()) > LARGEST_POWER:
        return None
    mean = float(loads.mean())
    if mean < SMALLEST:
        return None
    stretch = 1.0 / (n * share * mean)
    toll = firmness * mean
    toll *= max(_multiplier(relaxation, loads * stretch, share, order, limit), LEAST * _typical_price(relaxation))
    toll = min(max(toll, SMALLEST), LARGEST)
    return Rule(
        matrix=np.zeros((0, n)),
        price=np.zeros(0),
        margin=np.zeros(0),
        order=float(order),
        limit=limit,
        share=share,
        stretch=stretch,
        toll=toll,
        spare=spare / toll,
    )


def _multiplier(
    relaxation: Relaxation, u: NDArray[np.float64], share: NDArray[np.float64], order: float, limit: float
) -> float:
    """Return what the relaxation pays for a unit of the power mean: its prices over the gradient of what is missing."""
    n = u.shape[0]
    gradient = (limit - (u / (share @ u**order) ** (1.0 / order)) ** (order - 1.0)) / n
    size = float(np.abs(gradient).max())
    if not size > 0.0:
        return 0.0  # equal loads at a limit of equality: nothing is missing
    # Scaled before it is squared, lest the square of what is nearly equal be 0.
    unit = gradient / size
    return float(relaxation.vertex.price @ unit) / float(unit @ unit) / size


def _typical_price(relaxation: Relaxation) -> float:
    scaled = relaxation.scaled
    return float(np.abs(scaled.costs.cost[scaled.allowed]).mean()) / scaled.unit
