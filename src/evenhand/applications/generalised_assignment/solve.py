"""The cheapest assignment within the capacities whose loads are fair."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.applications.generalised_assignment.problem import Problem, model_of
from evenhand.applications.generalised_assignment.result import GeneralisedAssignment
from evenhand.applications.proportion import in_proportion
from evenhand.errors import InputError
from evenhand.modeling import Fairest, fairest, solve_fair_milp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from evenhand.fairness import Fairness
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
    """Find the cheapest assignment within the capacities whose loads are fair, or the one that brings most.

    Parameters
    ----------
    costs
        Shape (n, m); infinity forbids a pair.
    sizes
        What each task takes of each agent's capacity, shape (n, m), 0 or more.
    capacities
        Of each agent, shape (n,), 0 or more.
    fairness
        A member of :mod:`evenhand.fairness`; None for the cheapest assignment alone.
    burdens
        What is to be shared fairly, shape (n, m), 0 or more; the sizes by default.
    relative
        Whether fairness is of loads over capacities.
    maximise
        Whether `costs` are profits, of which more is better.
    agents, tasks
        Names, lengths n and m, for the result to tell.
    solver, gap, time_limit, progress
        As for :func:`~evenhand.modeling.solve_fair_milp`.

    Raises
    ------
    InputError
        Naming the value that cannot be used.

    Examples
    --------
    >>> from evenhand import JainAtLeast
    >>> costs, sizes = [[1, 1, 1, 1], [2, 2, 2, 2]], [[3, 2, 2, 1], [3, 2, 2, 1]]
    >>> solve(costs, sizes, [7, 9], None).cost                # the first takes all that fits
    5.0
    >>> answer = solve(costs, sizes, [7, 9], JainAtLeast(1.0))
    >>> answer.cost, answer.loads.tolist()
    (6.0, [4.0, 4.0])
    """
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
    limits: dict[str, Any] = {"solver": solver, "gap": gap, "time_limit": time_limit, "progress": progress}
    cheapest = solve_fair_milp(model, loads, None, **limits)
    if member is None:
        answer = cheapest
    elif cheapest.interrupted:  # Ctrl-C is meant for all of it: what was found by then was not asked to be fair
        answer = dataclasses.replace(cheapest, status="time_limit", objective=None, values=None, loads=None)
    else:
        answer = solve_fair_milp(model, loads, member, **limits)
    about: dict[str, Any] = {
        "bound": None if answer.bound is None else sign * answer.bound,
        "cheapest": None if cheapest.bound is None else sign * cheapest.bound,
        "capacities": problem.capacities,
        "seconds": answer.seconds,
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
        about["bound"] = sign * min(answer.bound, cost)  # both are rounded
    return GeneralisedAssignment(
        answer.status,
        chosen,
        sign * cost + 0.0,  # no -0
        loads=carried,
        used=used,
        level=None if member is None else float(member.level(carried)),
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
    time_limit: float | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that the capacities allow; see :func:`solve`."""
    problem = Problem.of(costs, sizes, capacities, burdens)
    model, loads = model_of(problem)
    member = in_proportion(fairness, problem.capacities, "relative=True") if relative else fairness
    return fairest(model, loads, member, time_limit=time_limit)


def _named(problem: Problem, **names: Sequence[str] | None) -> dict[str, tuple[str, ...] | None]:
    """Return the names, as many as there are rows and columns."""
    for (kind, given), size in zip(names.items(), problem.costs.shape, strict=True):
        if given is not None and len(given) != size:
            raise InputError(f"{kind} are {len(given)} names; the costs have {size} {kind}")
    return {kind: None if given is None else tuple(given) for kind, given in names.items()}
