"""The step between costs that rosters can have, by which bounds are rounded up."""

from __future__ import annotations

import math

from evenhand.applications.rosters.roster_problem import RosterProblem


def objective_step(problem: RosterProblem) -> float:
    """Return the largest number of which every roster's cost is a multiple; 0 if costs are not all whole."""
    costs = [cost for need in problem.cover for cost in (need.under_cost, need.over_cost)]
    costs += [request.weight for request in problem.requests if not request.must]
    costs += problem.prices.values()
    lengths = [shift.minutes for shift in problem.shifts]
    lengths += [bound for person in problem.people for bound in (person.least_minutes, person.most_minutes)]
    by_minutes = any(rule in problem.prices for rule in ("least_minutes", "most_minutes"))
    whole = [*costs, *(lengths if by_minutes else [])]
    if not all(float(value).is_integer() for value in whole):
        return 0.0
    return float(math.gcd(*(int(cost) for cost in costs)))
