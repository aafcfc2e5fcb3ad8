r"""Fairness of a set partition as one or two linear rows over its routes.

If route c of a vehicle of share s has the relative burden u, a plan's mean is :math:`M = \sum s u z`. All rows here are
inner approximations around the mean :math:`M_0` of a known fair plan, which they hold: whoever meets them is fair.

- Power means of order p (CV, Jain's index): :math:`\sum s u^p z \le \beta^p (p M_0^{p-1} M - (p - 1) M_0^p)`, because
  the right side is the tangent of :math:`\beta^p M^p`, which is convex. For a CV of g and m vehicles it reads
  :math:`m \sum c^2 z \le (1 + g^2)(2 S_0 S - S_0^2)`.
- Largest over mean: routes with :math:`u \le \beta M_0` alone, and :math:`M \ge M_0`; least over mean likewise.
- Range: routes in a window of width :math:`\beta M_0` alone, and :math:`M \ge M_0`.
- Hoover: deviations from :math:`M_0` and that of the mean from it, twice by the triangle inequality.
- Top share: :math:`\kappa t + \sum s (u - t)_+ z \le \beta M` for the share :math:`\kappa` that counts; any t will do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels import unfairness
from evenhand.applications.routes.kernels.unfairness import Rule

Array = NDArray[np.float64]

BARELY = 1e-9
"""Relative width by which windows are opened, so that rounding does not shut out the known plan."""


@dataclass(frozen=True)
class FairRows:
    """Rows ``low <= coefficients @ z <= high`` over routes z, and which routes may be used at all."""

    allowed: NDArray[np.bool_]
    rows: list[tuple[Array, float, float]] = field(default_factory=list)


def fair_rows(rule: Rule, u: Array, share: Array, known: Array) -> FairRows | None:
    """Return the rows of a rule.

    Parameters
    ----------
    rule
        The member.
    u, share
        Relative burden of each route, and the share of its vehicle, shape (c,).
    known
        Relative burdens of the vehicles of a fair plan, shape (m,).

    Returns
    -------
    FairRows | None
        None for the Gini index, which has no such row.
    """
    everything = np.ones(len(u), dtype=bool)
    mean, beta = float(known @ rule.share), rule.bound
    whole = share * u
    if rule.kind == unfairness.NOTHING:
        return FairRows(everything)
    if rule.kind == unfairness.POWER:
        p, scaled = rule.order, u / mean
        row = share * scaled**p - beta**p * p * share * scaled
        return FairRows(everything, [(row, -np.inf, -(p - 1.0) * beta**p)])
    if rule.kind == unfairness.LARGEST:
        return FairRows(u <= beta * mean * (1.0 + BARELY), [(whole, mean, np.inf)])
    if rule.kind == unfairness.LEAST:  # the bound is on mean minus least
        return FairRows(u >= (1.0 - beta) * mean * (1.0 - BARELY), [(whole, -np.inf, mean)])
    if rule.kind == unfairness.RANGE:
        low = float((known.max() + known.min() - beta * mean) / 2.0)
        inside = (u >= low - BARELY * mean) & (u <= low + beta * mean * (1.0 + BARELY))
        return FairRows(inside, [(whole, mean, np.inf)])
    if rule.kind == unfairness.HOOVER:
        away = share * np.abs(u - mean)
        upwards, downwards = whole * (1.0 - 2.0 * beta), whole * (-1.0 - 2.0 * beta)
        return FairRows(everything, [(away + upwards, -np.inf, mean), (away + downwards, -np.inf, -mean)])
    if rule.kind == unfairness.TOP:
        counted = rule.order / len(known)
        ranked = np.sort(known)[::-1]
        t = float(ranked[min(int(rule.order), len(ranked) - 1)])
        row = share * np.maximum(u - t, 0.0) - beta * whole
        return FairRows(everything, [(row, -np.inf, -counted * t)])
    return None
