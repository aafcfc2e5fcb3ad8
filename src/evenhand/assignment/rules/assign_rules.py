"""From costs and several rules to a certified plan."""

from __future__ import annotations

from typing import Any

from evenhand.assignment.candidates.build_several import large_list
from evenhand.assignment.candidates.large_rules import assign_large_rules
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.fairest_plan import fairest_plan, rule_to_improve
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.solve_ruled import solved
from evenhand.fairness import EpsilonFairness


def assign_rules(
    costs: Any, *, gap: float, clock: Clock, seed: int, fairest: bool, max_price: float | None, **given: Any
) -> RuledAssignment:
    """Check and solve a problem of several rules; the rest of the arguments are those of :func:`problem_of`.

    With `fairest`, its first rule is made as strict as the others allow.
    """
    if fairest and given.get("fairness") is None and given.get("rules") is None:
        given["fairness"] = EpsilonFairness(0.0)
    listed = large_list(costs, given.get("burdens"), given.get("rules"))
    if listed is not None:
        more: dict[str, Any] = {"fairest": fairest, "max_price": max_price}
        return assign_large_rules(listed, gap=gap, clock=clock, seed=seed, **more, **given)
    problem = problem_of(costs, **given)
    if fairest:
        number = rule_to_improve(problem, own=given.get("fairness") is not None)
        return fairest_plan(problem, number, max_price=max_price, gap=gap, clock=clock, seed=seed)
    return solved(problem, gap=gap, clock=clock, seed=seed)
