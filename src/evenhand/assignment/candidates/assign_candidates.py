"""From a table of candidates to a fair, certified assignment, without making the full table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.candidates.problem import CandidateProblem, build_candidates
from evenhand.assignment.candidates.solver import CandidateSolver
from evenhand.assignment.candidates.warm_up import warm_up_candidates
from evenhand.assignment.named_agents import check_fairness
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.smooth_dual import Cone
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_gap
from evenhand.tables.candidate_table import CandidateTable


def assign_candidates(
    table: CandidateTable,
    fairness: Fairness,
    *,
    gap: float,
    clock: Clock,
    seed: int,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> Assignment:
    """Solve a large table of candidates; arguments as for :func:`evenhand.assignment.assign`.

    No search follows the rounding: where that leaves the gap open, the status is ``time_limit``.

    Raises
    ------
    InputError
        If a value cannot be used, or the rule is one that only full tables can be solved under.
    """
    problem = build_candidates(table, initial_loads, locked, maximise=maximise)
    fairness = check_fairness(fairness, problem.table.agents)
    n = len(problem.table.agents)
    before = clock.seconds
    warm_up_candidates()
    clock.excuse(clock.seconds - before)
    solver = CandidateSolver(problem.source, problem.initial_loads, fairness, gap=gap, clock=clock, seed=seed)
    solver.run()
    if Cone.of(fairness, n) is None and not solver.closed:
        raise InputError(
            f"{fairness.in_words()}: a table of candidates with {n:,} agents x {len(problem.table.tasks):,} tasks is "
            "solved under epsilon-fairness below 1, a CV, a Jain index or a largest load over the mean; ask for one of "
            "these"
        )
    return _answer_of(problem, fairness, solver, clock.seconds)


def _answer_of(problem: CandidateProblem, fairness: Fairness, solver: CandidateSolver, seconds: float) -> Assignment:
    """Return what a solver has found as an answer."""
    best, infeasible = solver.best, solver.bound == np.inf
    gap = None if best is None else relative_gap(solver.cost, solver.bound)
    return Assignment(
        status="infeasible" if infeasible else "optimal" if solver.closed else "time_limit",
        assignment=None if best is None else best.astype(np.intp),
        loads=None if best is None else solver.loads,
        cost=None if best is None else problem.in_user_sign(solver.cost),
        bound=problem.in_user_sign(min(solver.bound, solver.cost)),
        certified_gap=gap,
        fairness=fairness,
        certificate=solver.certificate,
        seconds=seconds,
        agents=problem.table.agents,
        tasks=problem.table.tasks,
        named=problem.table.named,
        made_with=problem.made_with,
        interrupted=solver.interrupted,
        maximise=problem.maximise,
        base_cost=problem.in_user_sign(solver.base_cost),
    )
