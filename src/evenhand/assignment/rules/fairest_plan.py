"""As fair as possible by one of several rules: its strictest level beside the others, and the cheapest plan there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.fairest import FIRST_STEP
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rounding import sum_below
from evenhand.assignment.rules.dial import Dial, looks_for_any, looks_within, turned
from evenhand.assignment.rules.ruled_assignment import Nearest, RuledAssignment
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.assignment.rules.solve_ruled import answered, solved
from evenhand.assignment.rules.solve_rules import RuledOutcome, solve_rules
from evenhand.errors import InputError

RESOLUTION = 1e-6
"""How much looser than the level that is reached the last solve is, relative to the member's range."""


def rule_to_improve(problem: RuledProblem, *, own: bool) -> int:
    """Return the position of the rule that `fairest` is about: the first, if it is the call's `own`, or the only one.

    Raises
    ------
    InputError
        If there are several rules of fairness, or none.
    """
    fair = [number for number, row in enumerate(problem.rows) if row.fairness is not None]
    if own or len(fair) == 1:
        return fair[0]
    names = ", ".join(repr(problem.rows[number].name) for number in fair) or "none"
    raise InputError(
        f"fairest needs one rule to improve, and the rules of fairness are {names}; give that one beside the rules, as "
        "fairness= or an option such as --jain"
    )


def fairest_plan(
    problem: RuledProblem, number: int, *, max_price: float | None, gap: float, clock: Clock, seed: int
) -> RuledAssignment:
    """Return the cheapest of the plans that keep one rule as strictly as the others, and the price, allow.

    Parameters
    ----------
    problem
        The checked problem; the rule's own parameter is the least that is asked for.
    number
        Position of the rule.
    max_price
        Largest price of all rules together, relative to the cheapest plan without any; None for any.
    gap, clock, seed
        As for every solve.

    Raises
    ------
    InputError
        If no plan within the price keeps the rules as they are.
    """
    dial, first = Dial(problem, number, "parameter"), clock.part(FIRST_STEP)
    budget = math.inf if max_price is None else problem.base_cost + max_price * abs(problem.base_cost)
    look = looks_for_any(first, seed) if max_price is None else looks_within(budget, gap, first, seed)
    found = turned(dial, dial.asked, dial.strictest, look=look, refuted=False, clock=first)
    if found.interrupted:
        least = sum_below(problem.costs[_pairs(problem.cheapest)])
        outcome = RuledOutcome("time_limit", found.plan, least, least, None, interrupted=True)
        return answered(problem, outcome, None, clock.seconds)
    if found.reached is None or found.plan is None:
        answer = solved(problem, gap=gap, clock=clock, seed=seed)
        if max_price is None or answer.assignment is None:
            return answer
        price = 100.0 * (answer.price or 0.0)
        raise InputError(
            f"the cheapest known plan that keeps all rules costs {price:.4g} % more than the cheapest of all; "
            f"a price of {100.0 * max_price:g} % does not allow it"
        )
    level = found.reached
    if level not in (dial.asked, dial.strictest):
        level -= RESOLUTION * (dial.strictest - dial.loosest)
    outcome = solve_rules(dial.at(level), gap=gap, clock=clock, seed=seed)
    if outcome.plan is None or problem.cost_of(outcome.plan) > problem.cost_of(found.plan):
        outcome = replace(outcome, plan=found.plan, status="time_limit")
    return replace(
        answered(dial.at(level), outcome, outcome.certificate, clock.seconds),
        nearest=(Nearest(dial.row.name, dial.name, dial.asked, found.reached, found.refuted),),
    )


def _pairs(plan: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the agents and units of all pairs of a plan."""
    units, slots = np.nonzero(plan >= 0)
    return plan[units, slots], units
