r"""The shadow price of a parameter: what the objective of a continuous model changes with it.

Let v (n,) be the multipliers of the fairness constraint, as seen by the loads: the objective falls by v_i for each unit
granted to load i there. Cuts are :math:`(\beta/n\, 1 - g) \cdot x \ge 0` with subgradients g of the measure at the
solution, so :math:`v = \mu (\beta/n\, 1 - g)` for some :math:`\mu \ge 0`, and the objective changes with the bound by
:math:`-\mu \bar x`. To find :math:`\mu`, both sides are tried on equal loads, where all subgradients agree: for a
measure of deviation they give 0, for the largest load the mean, and a norm has one subgradient alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.fairness.shares import shares_of
from evenhand.modeling.forms import asks_equality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

STEP = 1e-6
"""Step of the difference quotient for the bound's derivative, in parts of the parameter's range."""


def shadow_price(fairness: Fairness, loads: Array, multipliers: Array) -> float | None:
    """Return the derivative of the optimal objective with respect to the parameter of `fairness`.

    Parameters
    ----------
    fairness
        The member, at the parameter that was asked for.
    loads
        Optimal loads, shape (n,).
    multipliers
        What the objective falls by for each unit granted to a load in the constraint, shape (n,).

    Returns
    -------
    float or None
        None where nobody carries anything, or where equality is asked for: there the constraint is several.
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
    """Return the derivative of the bound with respect to the parameter, by differences to both sides if possible."""
    low, high = sorted(fairness.parameter_range(n))
    step = STEP * abs(width)
    below, above = max(fairness.parameter - step, low), min(fairness.parameter + step, high)
    bounds = [fairness.with_parameter(parameter).bound(n) for parameter in (below, above)]
    return (bounds[1] - bounds[0]) / (above - below) if above > below else 0.0
