"""As fair as possible: the strictest level that can be had within a budget, and the cheapest assignment that has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Assignment, Attainable
from evenhand.assignment.attainable import RESOLUTION, strictest
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.solve_assignment import Warmth, solve
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_price
from evenhand.fairness.suggestion import possible_text
from evenhand.number_checks import as_number

FIRST_STEP = 0.5
"""Fraction of the time limit for the first step, the search for the strictest level."""

NEARLY = 1e-3
"""Distance from equality, relative to the parameter's range, at which the relaxation is asked for its cost."""

ROUGHLY = 0.1
"""Gap of the first assignment, as a part of the largest price."""


def check_max_price(max_price: float | None, *, fairest: bool) -> None:
    """Raise `InputError` unless the largest price is a number of at least 0, given with a request for the fairest."""
    if max_price is None:
        return
    if not fairest:
        raise InputError(
            "max_price limits the price of the fairest assignment; ask for that one too, with fairest=True or --fairest"
        )
    price = as_number(max_price)
    if not (math.isfinite(price) and price >= 0.0):
        raise InputError(
            f"max_price is {max_price!r}; it must be 0 or more, such as 0.05 for 5 % more than the cheapest"
        )


def fairest_assignment(
    problem: Problem, floor: Fairness, *, clock: Clock, max_price: float | None, prove: bool, gap: float, **rest: Any
) -> Assignment:
    """Return the cheapest of the fairest assignments that cost at most `max_price` more than the cheapest of all.

    The level is at least that of `floor`. The answer to `floor` itself is returned if it is infeasible, or if the time
    limit or Ctrl-C comes before any assignment is that fair.

    Raises
    ------
    InputError
        If the cheapest assignment that meets `floor` costs more than `max_price` allows.
    """
    first = clock.part(FIRST_STEP)
    # To begin with, any assignment that meets the floor will do if it is within the budget.
    rough = 1.0 if max_price is None else max(gap, ROUGHLY * max_price)
    start, warmth = solve(problem, floor, clock=first, gap=rough, **rest)
    budget = math.inf if max_price is None else problem.base_cost + max_price * abs(problem.base_cost)
    if _cost(problem, start) > budget and budget >= problem.in_user_sign(start.bound) and not first.expired:
        start, warmth = solve(problem, floor, clock=first, gap=gap, warmth=warmth, **rest)
    if start.assignment is None or start.interrupted:
        return start
    if _cost(problem, start) > budget:
        raise InputError(_too_dear(start, floor, max_price))
    n, known = len(problem.agents), start.assignment
    interrupted, found = False, None
    kept: list[NDArray[np.intp]] = []
    may_afford = False
    if budget < math.inf and not first.expired:
        may_afford, interrupted = _may_afford_equality(problem, floor, budget, first)
    if may_afford and not interrupted:
        # The fairest of all is found more easily than the fairest within a budget, and may be within it.
        found = strictest(problem, floor, clock=clock.part(0.5 * FIRST_STEP), known=known)
        warmth = _warmth(warmth, found)
        if found.interrupted:
            first.stop()
        plan, _ = solve(problem, _loosened(floor, found.reached, n), clock=first, gap=rough, warmth=warmth, **rest)
        interrupted = found.interrupted or plan.interrupted
        if plan.assignment is not None and _cost(problem, plan) <= budget:
            kept, found = [plan.assignment], _within(problem, floor, budget, found, plan.assignment)
        else:
            found = None
    if interrupted:
        first.stop()
    if found is None:
        found = strictest(problem, floor, clock=first, budget=budget, known=known)
    interrupted = interrupted or found.interrupted
    if interrupted:
        # What is known by now is the answer; no further search begins.
        clock.stop()
    warmth = _warmth(warmth, found, kept)
    level = _loosened(floor, found.reached, n)
    answer, _ = solve(problem, level, clock=clock, gap=gap, warmth=warmth, prove=prove, **rest)
    return replace(answer, attainable=found, interrupted=answer.interrupted or interrupted)


def _cost(problem: Problem, answer: Assignment) -> float:
    """Return the cost of an answer in the problem's sign; -inf without an assignment."""
    return -math.inf if answer.cost is None else problem.in_user_sign(answer.cost)


def _warmth(before: Warmth, found: Attainable, kept: Sequence[NDArray[np.intp]] = ()) -> Warmth:
    """Return a warm start at the level that is found, from that of a looser level."""
    known = [] if found.assignment is None else [found.assignment]
    return Warmth(before.points, [*known, *kept], before.bound)


def _within(problem: Problem, floor: Fairness, budget: float, found: Attainable, plan: NDArray[np.intp]) -> Attainable:
    """Return the bracket as one within the budget, which `plan` keeps to, if this is as fair as what is reached."""
    loads = problem.loads_of(plan)
    level, (loosest, strictest_level) = float(floor.level(loads)), floor.parameter_range(len(loads))
    if (level - found.reached) * (strictest_level - loosest) < 0.0:
        return found
    possible, limit = possible_text(floor, loads), problem.in_user_sign(budget)
    return replace(found, reached=level, assignment=plan, budget=limit, possible=possible)


def _may_afford_equality(problem: Problem, floor: Fairness, budget: float, clock: Clock) -> tuple[bool, bool]:
    """Return whether the relaxation leaves open that nearly equal loads are within the budget, and if Ctrl-C came."""
    loosest, strictest_level = floor.parameter_range(len(problem.agents))
    nearly = floor.with_parameter(strictest_level - NEARLY * (strictest_level - loosest))
    answer, _ = solve(problem, nearly, gap=1.0, clock=clock, node_limit=0, certify=False)
    return answer.status == "infeasible" or problem.in_user_sign(answer.bound) <= budget, answer.interrupted


def _loosened(floor: Fairness, reached: float, n: int) -> Fairness:
    """Return the member for a level that is reached, a little looser: bisection tells levels apart only so finely.

    At a level that a single assignment meets, to the last digit, no bound could be closed; nobody can see the
    difference. Equality, and the floor, are kept as they are.
    """
    loosest, strictest = floor.parameter_range(n)
    distance = RESOLUTION * (strictest - loosest)
    if reached == strictest or abs(reached - floor.parameter) <= abs(distance):
        return floor.with_parameter(reached)
    return floor.with_parameter(reached - distance)


def _too_dear(start: Assignment, floor: Fairness, max_price: float | None) -> str:
    assert start.base_cost is not None
    bound = relative_price(start.bound, start.base_cost, maximise=start.maximise)
    least = "an unknown part" if bound is None else f"{100.0 * bound:.4g} %"
    allowed = 100.0 * (max_price or 0.0)
    than = "less than the best" if start.maximise else "more than the cheapest"
    if bound is not None and max_price is not None and bound > max_price:
        return f"{floor!r} costs at least {least} {than} assignment; a price of {allowed:g} % does not allow it"
    price = 100.0 * (start.price or 0.0)
    longer = "; a longer time limit may find a cheaper one" if start.status == "time_limit" else ""
    known = f"the cheapest assignment known to meet {floor!r} costs {price:.4g} % {than}"
    return f"{known}; the price allows {allowed:g} %{longer}"
