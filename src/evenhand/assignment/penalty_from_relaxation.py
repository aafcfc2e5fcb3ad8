"""Build the penalty of the heuristics' loops from a solved relaxation: its rows or power mean, with its dual prices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.unfairness_penalty import Rule
from evenhand.assignment.relaxation import Relaxation
from evenhand.fairness.shares import shares_of

FLOOR = 0.15
"""Price of a row that is slack in the relaxation, relative to the largest price."""

LEAST = 0.02
"""Lower limit on the price of any row, relative to a typical cost per unit of burden. It is needed where many costs are
equal, for fairness then costs the relaxation nothing and all its multipliers are zero."""

SMALLEST, LARGEST = 1e-290, 1e290
"""Limits on prices and loads, so that products and quotients neither vanish nor overflow."""

HIGHEST_ORDER = 64.0
LARGEST_POWER = 200.0
"""Largest order of a power mean, and largest number of decimal digits of a single agent's power, that the loops
compute; beyond them powers would overflow, and rows take their place."""


def rule_of(relaxation: Relaxation, firm_rows: float, firm_mean: float, spare: float = 0.0) -> Rule:
    """Return the rule of a solved relaxation.

    If a unit of violation cost less than its dual price, the assignments of least merit would be unfair. Prices are
    therefore the relaxation's dual multipliers times a factor above 1, as in an exact penalty method.

    Parameters
    ----------
    relaxation
        The relaxation; its rows and multipliers determine the prices.
    firm_rows, firm_mean
        Penalty per unit of violation of a row, or of a power mean, as a multiple of the relaxation's dual price; above
        1.
    spare
        Penalty, in scaled cost, of loads on the boundary of a row or of the mean. It sets the margins: spare / price.
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


def balancing_rule(relaxation: Relaxation, price: float) -> Rule | None:
    """Return a rule that asks for equal relative loads, where burdens are multiples of steps; None where they are not.

    Few-valued burdens leave loads few values, and fairness may cost the relaxation nothing: then its prices say nothing
    of how fair loads must be. One step of load too much for one agent, and too little for another, costs `price`.
    """
    scaled = relaxation.scaled
    n = len(scaled.steps)
    share = np.array(shares_of(n, relaxation.pool.fairness.entitlements))
    mean = float(np.maximum(relaxation.loads, 0.0).mean())
    if not scaled.steps.all() or mean < SMALLEST:
        return None
    stretch = 1.0 / (n * share * mean)
    apart = float((scaled.steps * stretch).min())  # of the relative loads of two agents, around 1
    toll = price / max(np.hypot(1.0, apart * np.sqrt(2.0 * share.min())) - 1.0, SMALLEST)
    return Rule(
        matrix=np.zeros((0, n)),
        price=np.zeros(0),
        margin=np.zeros(0),
        order=2.0,
        limit=1.0,
        share=share,
        stretch=stretch,
        toll=float(min(toll, LARGEST)),
        spare=0.0,
    )


def _power_mean(relaxation: Relaxation, firmness: float, spare: float) -> Rule | None:
    """Return the rule of a power mean of finite order; None for other members, and for extreme powers or loads."""
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
    """Return the dual price of a unit of the power mean.

    At the relaxation's optimum the price vector v is a multiple of the gradient g of (limit * mean - power mean). With
    prices from several cuts this holds nearly, and the multiple is the least-squares one, v . g / g . g.
    """
    n = u.shape[0]
    gradient = (limit - (u / (share @ u**order) ** (1.0 / order)) ** (order - 1.0)) / n
    size = float(np.abs(gradient).max())
    if not size > 0.0:
        return 0.0  # equal loads at a limit of equality: nothing is violated
    # Scaled before it is squared, so that the square of a tiny gradient, of nearly equal loads, does not vanish.
    unit = gradient / size
    return float(relaxation.vertex.price @ unit) / float(unit @ unit) / size


def _typical_price(relaxation: Relaxation) -> float:
    scaled = relaxation.scaled
    return float(np.abs(scaled.costs.cost[scaled.allowed]).mean()) / scaled.unit
