"""Solve a checked problem of several rules, and say what contradicts what if nothing keeps them all."""

from __future__ import annotations

from typing import Any

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.contradiction import contradicting, nearest
from evenhand.assignment.rules.dial import at_most
from evenhand.assignment.rules.ruled_assignment import RuledAssignment, RuleResult
from evenhand.assignment.rules.ruled_problem import RuledProblem, made_with
from evenhand.assignment.rules.shortage import shortage_in_words
from evenhand.assignment.rules.solve_rules import RuledOutcome, solve_rules
from evenhand.fairness.relative import relative_gap

EXPLAINING, LONGEST = 0.3, 8.0
"""Upper limits on the time spent on what contradicts what, and on the nearest: a fraction of the limit, and seconds."""


def solved(problem: RuledProblem, *, gap: float, clock: Clock, seed: int) -> RuledAssignment:
    """Solve a checked problem; if nothing keeps all rules, find those that contradict each other."""
    begun = clock.seconds
    outcome = solve_rules(problem, gap=gap, clock=clock, seed=seed)
    if outcome.status != "infeasible" or outcome.interrupted:
        return answered(problem, outcome, outcome.certificate, clock.seconds - begun)
    rest = at_most(clock, EXPLAINING, LONGEST)
    found = contradicting(problem, outcome.certificate, rest, seed)
    said: dict[str, Any] = {
        "contradiction": tuple(problem.rows[number].name for number in found.numbers),
        "irreducible": found.irreducible,
        "nearest": nearest(problem, found.numbers, rest, seed),
        "shortage": shortage_in_words(problem),
    }
    return answered(problem, outcome, found.certificate, clock.seconds - begun, **said)


def answered(
    problem: RuledProblem, outcome: RuledOutcome, certificate: Any, seconds: float, **rest: Any
) -> RuledAssignment:
    """Return what the engine has found as an answer."""
    plan = outcome.plan
    cost = None if plan is None else problem.cost_of(plan)
    return RuledAssignment(
        status=outcome.status,
        assignment=None if plan is None else problem.of_tasks(plan),
        rules=tuple(RuleResult.of(row, plan) for row in problem.rows),
        cost=None if cost is None else problem.in_user_sign(cost),
        bound=problem.in_user_sign(float(outcome.bound)),
        certified_gap=None if cost is None else relative_gap(cost, float(outcome.certified_bound)),
        certificate=certificate,
        base_cost=problem.in_user_sign(problem.base_cost),
        seconds=seconds,
        agents=problem.agents,
        tasks=problem.tasks,
        named=problem.named,
        maximise=problem.maximise,
        interrupted=outcome.interrupted,
        made_with=made_with(problem),
        **rest,
    )
