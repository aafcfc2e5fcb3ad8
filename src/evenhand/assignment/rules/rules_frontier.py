"""The price of one rule at several levels, beside others that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evenhand.assignment.named_agents import check_fairness
from evenhand.assignment.progress_clock import Clock, Progress
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.solve_ruled import answered
from evenhand.assignment.rules.solve_rules import solve_rules
from evenhand.fairness import Fairness, Frontier
from evenhand.fairness.frontier_result import check_family, trace
from evenhand.tables import CostTable


def rules_frontier(
    costs: CostTable,
    levels: Sequence[Fairness],
    gap: float,
    time_limit: float | None,
    seed: int,
    progress: Callable[[Progress], None] | None,
    given: Mapping[str, Any],
) -> Frontier:
    """Return the price of each level, from loose to strict; `given` are the other arguments of :func:`problem_of`."""
    levels = [check_fairness(level, costs.agents) for level in levels]
    check_family(levels, len(costs.agents))
    problem = problem_of(costs, fairness=levels[0], **given)
    first, *others = problem.rows

    def solve_one(level: Fairness) -> _Answer:
        clock = Clock(time_limit, progress, maximise=problem.maximise)
        asked = replace(problem, rows=(replace(first, fairness=level), *others))
        outcome = solve_rules(asked, gap=gap, clock=clock, seed=seed)
        return _Answer(answered(asked, outcome, outcome.certificate, clock.seconds))

    return trace(solve_one, levels, problem.in_user_sign(problem.base_cost), problem.agents, maximise=problem.maximise)


class _Answer:
    """A plan with the attribute names that the frontiers of all engines share."""

    def __init__(self, answer: RuledAssignment) -> None:
        self.status, self.objective, self.bound = answer.status, answer.cost, answer.bound
        self.loads, self.seconds, self.interrupted = answer.rules[0].loads, answer.seconds, answer.interrupted
