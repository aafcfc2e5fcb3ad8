"""The largest epsilon that a plan can have beside rules that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.assignment.assignment_result import Attainable
from evenhand.assignment.named_agents import check_fairness, named_entitlements
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.dial import Dial, looks_for_any, turned
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness
from evenhand.tables import CostTable


def max_epsilon_beside(
    costs: CostTable,
    p: float,
    entitlements: ArrayLike | Mapping[str, float] | None,
    clock: Clock,
    given: Mapping[str, Any],
) -> Attainable:
    """Return the bracket; arguments as for :func:`evenhand.assignment.max_epsilon`, and `given` for the problem.

    Raises
    ------
    InputError
        If a value cannot be used, or no plan keeps the rules.
    """
    member = EpsilonFairness(0.0, p, entitlements=named_entitlements(entitlements, costs.agents))
    problem = problem_of(costs, fairness=check_fairness(member, costs.agents), **given)
    dial = Dial(problem, 0, "parameter")
    found = turned(dial, 0.0, 1.0, look=looks_for_any(clock, seed=0), refuted=False, clock=clock)
    if found.plan is None or found.reached is None:
        why = "no plan keeps the rules" if found.refuted is not None else "no plan was found in time"
        raise InputError(f"{why}, whatever epsilon is; evenhand.assign says which rules contradict each other")
    plan = problem.of_tasks(found.plan)
    return Attainable(member.name, found.reached, found.refuted, np.asarray(plan), possible=None, impossible=None)
