"""Tasks that need several of many agents, from a list of candidates to a certified plan under limits and one rule."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.build_several import ListedProblem, listed_problem, shortage_in_words, why_not
from evenhand.assignment.candidates.listed_certificate import ListedCertificate
from evenhand.assignment.candidates.several import SeveralSolver
from evenhand.assignment.kernels.several_flow import take_least
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.errors import InputError
from evenhand.fairness.relative import relative_gap
from evenhand.tables.candidate_table import CandidateTable


def assign_large_rules(
    table: CandidateTable,
    *,
    gap: float,
    clock: Clock,
    seed: int,
    fairest: bool = False,
    max_price: float | None = None,
    **given: Any,
) -> RuledAssignment:
    """Solve a list of candidates; the rest of the arguments are those of :func:`listed_problem`.

    No search follows the local one: where that leaves the gap open, the status is ``time_limit``.
    """
    if fairest or max_price is not None:
        raise InputError(f"fairest: {why_not(table)}")
    problem = listed_problem(table, **given)
    solver = SeveralSolver(problem.several, gap=gap, clock=clock, seed=seed)
    solver.run()
    held, prices = solver.held, solver.prices
    infeasible = solver.bound == np.inf
    certificate = None
    if prices is not None:
        kind = "infeasible" if infeasible else "bound"
        corners = prices.corners if problem.several.corners.sign else np.empty(0)
        used = prices.multipliers > 0.0
        certificate = ListedCertificate(kind, prices.counts, corners, prices.multipliers[used], prices.points[used])
    base = _base_of(problem)
    bound = solver.bound if prices is not None else base - 1e-9 * abs(base)
    return RuledAssignment(
        status="infeasible" if infeasible else "optimal" if solver.closed else "time_limit",
        assignment=None if held is None else _plan_of(problem, held),
        rules=tuple(
            replace(rule, loads=loads) for rule, loads in zip(problem.rules, _loads_of(problem, held), strict=True)
        ),
        cost=None if held is None else problem.in_user_sign(solver.cost),
        bound=problem.in_user_sign(bound),
        certified_gap=None if held is None else relative_gap(solver.cost, bound),
        certificate=certificate,
        base_cost=problem.in_user_sign(base),
        seconds=clock.seconds,
        agents=problem.agents,
        tasks=problem.tasks,
        named=problem.named,
        maximise=problem.maximise,
        interrupted=solver.interrupted,
        made_with=problem.made_with,
        contradiction=_contradiction(problem, certificate) if infeasible else (),
        shortage=shortage_in_words(problem, certificate),
    )


def _base_of(problem: ListedProblem) -> float:
    """Return the cost of the cheapest plan without rules."""
    listed = problem.several.listed
    held, counts = np.empty(len(listed.costs), np.bool_), np.empty(len(problem.agents), np.int64)
    take_least(listed, listed.costs, held, counts)
    return math.fsum(listed.costs[held].tolist())


def _plan_of(problem: ListedProblem, held: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the agents of each task, ascending: shape (m,), or (m, k) with -1 for none."""
    task = problem.row_task[problem.several.task_of[held]]
    agents = problem.several.listed.agents[held]
    order = np.lexsort((agents, task))
    firsts = np.concatenate([[0], np.cumsum(problem.needs)])
    plan = np.full((len(problem.needs), int(problem.needs.max())), -1, np.intp)
    plan[task[order], np.arange(len(order)) - firsts[task[order]]] = agents[order]
    return plan[:, 0] if plan.shape[1] == 1 else plan


def _loads_of(problem: ListedProblem, held: NDArray[np.bool_] | None) -> list[NDArray[np.float64] | None]:
    """Return the loads of each rule: totals of its burden, or numbers of tasks for limits; None without a plan."""
    if held is None:
        return [None] * len(problem.rules)
    counts = np.bincount(problem.several.listed.agents[held], minlength=len(problem.agents)).astype(np.float64)
    totals = problem.several.totals_of(held)
    carried = problem.counts_carried
    return [totals if rule.fairness is not None else counts + carried[k] for k, rule in enumerate(problem.rules)]


def _contradiction(problem: ListedProblem, certificate: ListedCertificate | None) -> tuple[str, ...]:
    """Return the names of the rules whose prices prove that there is no plan."""
    if certificate is None:
        return ()
    limits = bool(certificate.counts.any())
    ruled = bool(certificate.corners.any() or certificate.multipliers.any())
    return tuple(rule.name for rule in problem.rules if (limits if rule.fairness is None else ruled))
