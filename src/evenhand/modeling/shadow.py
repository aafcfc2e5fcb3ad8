r"""The shadow price of a fairness parameter: the derivative of a continuous model's optimal objective.

Let v, shape (n,), be the dual multipliers of the fairness constraint with respect to the loads: the objective falls by
v_i for each unit that is added to load i in the constraint alone. Cuts are :math:`(\beta/n\, 1 - g) \cdot x \ge 0` with
subgradients g of the measure at the solution. Hence :math:`v = \mu (\beta/n\, 1 - g)` for some :math:`\mu \ge 0`, and
the derivative of the objective with respect to the bound :math:`\beta` is :math:`-\mu \bar x`. To find :math:`\mu`,
both sides are multiplied by equal loads, for which the product does not depend on the choice of g: it is 0 for measures
of deviation and the mean for the largest load, and a norm has only one subgradient.
"""

from __future__ import annotations

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of
from evenhand.modeling.forms import asks_equality

STEP = 1e-6
"""Step of the difference quotient for the bound's derivative, relative to the parameter's range."""


def shadow_price(fairness: Fairness, loads: Array, multipliers: Array) -> float | None:
    """Return the derivative of the optimal objective with respect to the parameter of `fairness`.

    Parameters
    ----------
    fairness
        The member, at the parameter asked for.
    loads
        Optimal loads, shape (n,).
    multipliers
        Dual multipliers of the constraint with respect to the loads, shape (n,): decrease of the objective per unit.

    Returns
    -------
    float or None
        The shadow price; None if all loads are zero, or if equality is asked for, which is several constraints.
    """
    x = np.maximum(loads, 0.0)
    n = len(x)
    loosest, strictest = fairness.parameter_range(n)
    if not x.any() or asks_equality(fairness, n):
        return None
    equal = shares_of(n, fairness.entitlements) * n
    multiplier = float(multipliers @ equal) / float(fairness.cut(x) @ equal)
    return -multiplier * float(x.mean()) * _slope_of_bound(fairness, n, strictest - loosest)


def _slope_of_bound(fairness: Fairness, n: int, width: float) -> float:
    """Return the derivative of the bound with respect to the parameter, by central differences where possible."""
    low, high = sorted(fairness.parameter_range(n))
    step = STEP * abs(width)
    below, above = max(fairness.parameter - step, low), min(fairness.parameter + step, high)
    bounds = [fairness.with_parameter(parameter).bound(n) for parameter in (below, above)]
    return (bounds[1] - bounds[0]) / (above - below) if above > below else 0.0
