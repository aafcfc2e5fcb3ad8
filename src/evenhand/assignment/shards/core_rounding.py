"""Give each task of a core to one agent, so that the loads of the whole table are fair."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.certificate import prices_of
from evenhand.assignment.large_tables import balanced
from evenhand.assignment.optimum_of_core import Optimum
from evenhand.assignment.passes import lagrangian_value
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.fairness import Fairness

TRIALS, FIRST_STEP, WIDER_STEP = 24, 1e-9, 4.0
"""Upper limit on the roundings, the first step of the targets towards equal loads, and the factor by which it grows
until a plan is fair."""


def rounded(
    core: Problem, optimum: Optimum, fairness: Fairness, rest: float, gap: float, clock: Clock
) -> NDArray[np.int64] | None:
    """Return the cheapest fair plan found, the agent of each task of the core, shape (k,); None if none was.

    Parameters
    ----------
    core
        The tasks whose agents are open; the others' loads are its initial loads.
    optimum, fairness
        The core's optimum, and the member that its loads must satisfy.
    rest
        Cost of the other tasks.
    gap, clock
        Relative gap at which to stop, and time limit.
    """
    price, _ = prices_of(fairness, optimum.multipliers, optimum.points)
    bound = rest + lagrangian_value(core, price)
    best, least = None, np.inf
    unfair, fair, step = 0.25 * FIRST_STEP, np.inf, 0.0
    for trial in range(-1, TRIALS):
        # Where the rule binds nobody, the least reduced costs are fair as they are.
        agents = optimum.reduced_costs().argmin(axis=1) if trial < 0 else balanced(optimum, fairness, step)
        cost = rest + core.cost_of(agents)
        is_fair = fairness.contains(core.loads_of(agents))
        if is_fair and cost < least:
            best, least = agents, cost
        clock.report("rounding", None if best is None else least, bound, 0)
        if clock.expired or (best is not None and least - bound <= gap * abs(least)):
            break
        if trial < 0:
            continue
        fair, unfair = (step, unfair) if is_fair else (fair, max(unfair, step))
        if not fair > 0.0:
            break
        step = min(1.0, max(FIRST_STEP, WIDER_STEP * step)) if fair == np.inf else math.sqrt(unfair * fair)
    return best
