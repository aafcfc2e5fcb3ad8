"""The largest return of any team under the constraint, from the exact planner where it covers the case."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.fairness import JainAtLeast
from evenhand.hospital.planner import TradeOff, trade_off

if TYPE_CHECKING:
    from evenhand.fair_gne import Constraint
    from evenhand.hospital.vectorized import VectorizedHospital


def planned_optimum(env: VectorizedHospital, constraint: Constraint, tau: float) -> float | None:
    """Return the largest mean return of all teams with a mean index of at least `tau`; None if it is not known.

    The planner's curve is of plans that succeed. It is the optimum where a team cannot buy index by failing, too: see
    :func:`failing_pays`.
    """
    if env.workload_definition != "useful" or constraint.form != "expectation":
        return None
    if not isinstance(constraint.fairness, JainAtLeast):
        return None
    try:
        curve = trade_off(env.scenario)
    except InputError:  # too large for exact search
        return None
    time = curve.time_at(tau) if curve.success == 1.0 else None
    price = float(env.arrays.time_points) / float(env.arrays.scale)
    best = 1.0 + float(env.arrays.success_points) / float(env.arrays.scale)
    fails = 1.0 - price * float(env.arrays.horizon)
    if time is None or failing_pays(curve, tau, best=best, price=price, fails=fails):
        return None
    return best - price * time


def failing_pays(curve: TradeOff, tau: float, *, best: float, price: float, fails: float) -> bool:
    """Return whether a team that fails at some starts might beat the planner's curve at a mean index of `tau`.

    With the curve's own price of the index at `tau` as Lagrange multiplier, failing pays at no start if even a failure
    that has an index of 1 and the return `fails`, more than any failure has, is worth less than that start's best plan.

    Parameters
    ----------
    curve
        The planner's curve.
    tau
        The mean index.
    best, price
        Return of a success in no time, and price of a step.
    fails
        Upper bound on the return of an episode that fails.
    """
    slopes = [
        price * (slow - quick) / (high - low)
        for (low, quick), (high, slow) in pairwise(curve.hull)
        if low < tau <= high
    ]
    multiplier = slopes[0] if slopes else 0.0
    worth = [
        max(best - price * time + multiplier * jain for time, jain in zip(group.times, group.jain, strict=True))
        for group in curve.staircases
    ]
    return fails + multiplier > min(worth)
