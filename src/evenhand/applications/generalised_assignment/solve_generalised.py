"""Solve generalised assignment with fair loads."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.applications.generalised_assignment.generalised_problem import Problem, model_of
from evenhand.applications.generalised_assignment.generalised_result import GeneralisedAssignment
from evenhand.applications.proportion import in_proportion
from evenhand.applications.time_limits import base_limit
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling import Fairest, fairest, solve_fair_milp
from evenhand.modeling.outer_approximation import check_limits, left_of
from evenhand.modeling.rounds import Progress


def solve(
    costs: ArrayLike,
    sizes: ArrayLike,
    capacities: ArrayLike,
    fairness: Fairness | None,
    *,
    burdens: ArrayLike | None = None,
    relative: bool = False,
    maximise: bool = False,
    agents: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    solver: str = "highs",
    gap: float = 1e-4,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> GeneralisedAssignment:
    """Find the cheapest (or most profitable) assignment within the capacities with fair loads.

    Parameters
    ----------
    costs
        Cost of each task for each agent, shape (n, m); infinity forbids a pair.
    sizes
        Capacity that each task takes of each agent, shape (n, m), at least 0.
    capacities
        Capacity of each agent, shape (n,), at least 0.
    fairness
        A member of :mod:`evenhand.fairness`; None for no fairness.
    burdens
        Burden of each task on each agent, which adds up to the loads, shape (n, m), at least 0; the sizes by default.
    relative
        Whether fairness is of loads over capacities.
    maximise
        Whether `costs` are profits, to be maximised.
    agents, tasks
        Names for the result, lengths n and m.
    solver, gap, time_limit, progress
        As for :func:`~evenhand.modeling.solve_fair_milp`; the time limit is for both solves, without fairness and with.

    Raises
    ------
    InputError
        If a value cannot be used; the message names it.

    Examples
    --------
    >>> from evenhand import JainAtLeast
    >>> costs, sizes = [[1, 1, 1, 1], [2, 2, 2, 2]], [[3, 2, 2, 1], [3, 2, 2, 1]]
    >>> solve(costs, sizes, [7, 9], None).cost                # the first agent takes all that fits
    5.0
    >>> answer = solve(costs, sizes, [7, 9], JainAtLeast(1.0))
    >>> answer.cost, answer.loads.tolist()
    (6.0, [4.0, 4.0])
    """
    check_limits(gap, time_limit)
    start = time.perf_counter()
    problem = Problem.of(costs, sizes, capacities, burdens)
    sign = -1.0 if maximise else 1.0
    if maximise:
        paid = np.where(np.isfinite(problem.costs), -problem.costs, np.inf)
        problem = dataclasses.replace(problem, costs=paid)
    names = _named(problem, agents=agents, tasks=tasks)
    model, loads = model_of(problem)
    member = (
        in_proportion(fairness, problem.capacities, "relative=True") if relative and fairness is not None else fairness
    )
    how: dict[str, Any] = {"solver": solver, "gap": gap, "progress": progress}
    cheapest = solve_fair_milp(model, loads, None, time_limit=base_limit(time_limit, alone=member is None), **how)
    if member is None:
        answer = cheapest
    elif cheapest.interrupted:  # Ctrl-C is meant for both solves, and the first one's solution need not be fair
        answer = dataclasses.replace(cheapest, status="time_limit", objective=None, values=None, loads=None)
    else:
        answer = solve_fair_milp(model, loads, member, time_limit=left_of(time_limit, start), **how)
    about: dict[str, Any] = {
        "bound": None if answer.bound is None else sign * answer.bound,
        "base_cost": None if cheapest.bound is None else sign * cheapest.bound,
        "capacities": problem.capacities,
        "seconds": time.perf_counter() - start,
        "interrupted": answer.interrupted,
        "fairness": member,
        "maximise": maximise,
        **names,
    }
    if answer.values is None:
        return GeneralisedAssignment(answer.status, None, None, **about)
    chosen = answer.values.reshape(problem.costs.shape).argmax(axis=0)
    each = np.arange(len(chosen))
    used, carried = (
        np.bincount(chosen, table[chosen, each], minlength=len(problem.capacities)).astype(np.float64)
        for table in (problem.sizes, problem.burdens)
    )
    cost = float(problem.costs[chosen, each].sum())
    if answer.bound is not None:
        about["bound"] = sign * min(answer.bound, cost)  # rounding may put the bound above an equal cost
    return GeneralisedAssignment(
        answer.status,
        chosen,
        sign * cost + 0.0,  # no -0
        loads=carried,
        used=used,
        **about,
    )


def fairest_assignment(
    costs: ArrayLike,
    sizes: ArrayLike,
    capacities: ArrayLike,
    fairness: Fairness,
    *,
    burdens: ArrayLike | None = None,
    relative: bool = False,
    solver: str = "highs",
    time_limit: float | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that the capacities allow.

    Arguments are those of :func:`solve`, and `solver`, `time_limit` and `progress` those of
    :func:`~evenhand.modeling.fairest`.
    """
    problem = Problem.of(costs, sizes, capacities, burdens)
    model, loads = model_of(problem)
    member = in_proportion(fairness, problem.capacities, "relative=True") if relative else fairness
    return fairest(model, loads, member, solver=solver, time_limit=time_limit, progress=progress)


def _named(problem: Problem, **names: Sequence[str] | None) -> dict[str, tuple[str, ...] | None]:
    """Return the names as tuples; raise `InputError` unless there is one for each row and column."""
    for (kind, given), size in zip(names.items(), problem.costs.shape, strict=True):
        if given is not None and len(given) != size:
            raise InputError(f"{kind} are {len(given)} names; the costs have {size} {kind}")
    return {kind: None if given is None else tuple(given) for kind, given in names.items()}
