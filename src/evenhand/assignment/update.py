"""Solve again after tasks have come and gone, costs have changed, or the rule has moved: from the last answer on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assign import solve_in_full
from evenhand.assignment.assignment_result import NEW, Assignment, Changes
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.change_limit import Limit, solve_limited
from evenhand.assignment.named_agents import check_fairness
from evenhand.assignment.optimum_of_core import Start
from evenhand.assignment.previous_answer import Matched, Previous
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.solve_assignment import Warmth, check_options, prepare
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.fairness.shares import with_entitlements
from evenhand.number_checks import checked_whole
from evenhand.tables import CostTable, as_table
from evenhand.tables.cost_table import shown


def update(
    previous: Assignment | Mapping[str, Any],
    costs: Any,
    fairness: Fairness | None = None,
    *,
    source: str = "the answer",
    **options: Any,
) -> Assignment:
    """Do as :meth:`evenhand.assignment.Assignment.update`, for an answer or its JSON, which messages call `source`.

    The other parameters and their defaults, `options`, are those of the method.
    """
    before = Previous.of(previous, source)
    bound = signature(Assignment.update).bind(previous, costs, fairness, **options)
    bound.apply_defaults()
    asked = bound.arguments
    clock = Clock(asked["time_limit"], asked["progress"], maximise=before.maximise)
    change_at_most, certificate = asked["change_at_most"], asked["certificate"]
    if change_at_most is not None:
        if certificate != "cuts":
            raise InputError("a tree proof cannot state a limit on changes; ask for certificate='cuts'")
        checked_whole("change_at_most", change_at_most, 0, what="the number of tasks that may change hands")
    table, matched = _changed(before, as_table(costs, copy=False), asked["added"], asked["removed"])
    rest = (asked["burdens"], asked["initial_loads"], asked["locked"])
    problem = build_problem(table, *rest, maximise=before.maximise)
    fairness = check_fairness(_asked(before, matched, problem.agents, fairness, asked["epsilon"]), problem.agents)
    check_options(asked["gap"], asked["time_limit"], asked["seed"], asked["workers"])
    prepare(asked["progress"], clock)
    warmth = _warmth(before, matched, problem)
    searched: dict[str, Any] = {"clock": clock, **{name: asked[name] for name in ("gap", "seed", "workers")}}
    if change_at_most is None:
        answer = solve_in_full(problem, fairness, warmth=warmth, certificate=certificate, **searched)
        answer = replace(answer, changes=Changes(matched.before).counted(answer.assignment))
    else:
        limit = Limit(matched.before, change_at_most)
        answer = solve_limited(problem, fairness, limit, warmth=warmth, in_full=solve_in_full, **searched)
    return replace(answer, seconds=clock.seconds)


def _asked(
    previous: Previous, matched: Matched, agents: Sequence[str], fairness: Fairness | None, epsilon: float | None
) -> Fairness:
    """Return the member asked for: another one, the last one at another epsilon, or the last one.

    Entitlements of the last one stay with the agents who had them.
    """
    if fairness is not None:
        if epsilon is not None:
            raise InputError(f"epsilon is {epsilon!r}, and fairness is given as well; give one of them")
        return fairness
    member = previous.fairness
    if epsilon is not None:
        if not isinstance(member, EpsilonFairness):
            raise InputError(f"epsilon is {epsilon!r}, but the answer is about {member.in_words()}; give fairness")
        member = member.with_parameter(epsilon)
    if member.entitlements is None:
        return member
    new = next((name for name, place in zip(agents, matched.agents, strict=True) if place < 0), None)
    if new is not None:
        raise InputError(f"agent {shown(new)} was not there before and has no entitlement; give fairness with them")
    return with_entitlements(member, tuple(member.entitlements[place] for place in matched.agents))


def _changed(
    previous: Previous, table: CostTable, added: Any, removed: Collection[str | int]
) -> tuple[CostTable, Matched]:
    """Return the table with the tasks `added` and without those `removed`, matched with the last answer."""
    matched = previous.match(table.agents, table.tasks, table.named)
    if added is None and not len(removed):
        return table, matched
    if (matched.before == NEW).any() or len(table.tasks) != len(previous.tasks):
        raise InputError(
            "with tasks added or removed, the table must be that of the answer: the same tasks, "
            f"{len(previous.tasks):,}; give it so, or give the new table in full without added and removed"
        )
    more = table if added is None else table.with_tasks(as_table(added, source="added"))
    gone = [_name(task, table) for task in removed]
    before = np.concatenate([matched.before, np.full(len(more.tasks) - len(table.tasks), NEW)])
    left_out = frozenset(gone)
    kept = np.fromiter((name not in left_out for name in more.tasks), np.bool_, len(more.tasks))
    return more.without((), gone), replace(matched, before=before[kept])


def _name(task: str | int, table: CostTable) -> str:
    if isinstance(task, str):
        return task
    return table.tasks[checked_whole("removed: the position of a task", task, 0, len(table.tasks) - 1)]


def _warmth(before: Previous, matched: Matched, problem: Problem) -> Warmth:
    """Return the warm start that the last answer makes."""
    start = before.start(matched)
    if start is None:
        return Warmth()
    price, points = start
    kept = _completed(problem, matched.before, price)
    return Warmth(list(points), [kept], start=Start(price, points))


def _completed(problem: Problem, before: NDArray[np.intp], price: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the last assignment, with tasks that are new, or nobody's now, at the agents of least reduced cost."""
    assignment, decided = before.copy(), problem.locked >= 0
    assignment[decided] = problem.locked[decided]
    held = np.flatnonzero(assignment >= 0)
    if problem.looked is None or not problem.looked.all_allowed:
        assignment[held[~np.isfinite(problem.costs[assignment[held], held])]] = -1
    new = np.flatnonzero(assignment < 0)
    assignment[new] = (problem.costs[:, new] - price[:, np.newaxis] * problem.burdens[:, new]).argmin(axis=0)
    return assignment
