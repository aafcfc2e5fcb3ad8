"""The price of fairness in any model: cost over a range of levels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.frontier_result import Frontier, Solved, check_family, trace
from evenhand.fairness.shares import for_agents
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import names_of
from evenhand.modeling.model_arrays import arrays_of, library_of
from evenhand.modeling.solution import as_maximised
from evenhand.modeling.solve_model import solve_fair_milp


def frontier(
    solve: Any,
    fairnesses: Iterable[Fairness],
    *,
    loads: Any = None,
    names: Sequence[str] | None = None,
    maximise: bool = False,
    **options: Any,
) -> Frontier:
    """Solve a model without fairness and with each of `fairnesses`, and return the price of fairness.

    Parameters
    ----------
    solve
        Either a function that solves the model under a fairness member, or without fairness if it is given None. It
        returns a :class:`~evenhand.modeling.FairSolution`, or any object with its attributes status, objective, bound,
        loads, seconds and interrupted. Or a model without the fairness constraint, whose `loads` are then given too: a
        :class:`~evenhand.modeling.LinearModel`, a linear model of gurobipy, highspy, linopy, Pyomo or PySCIPOpt, or a
        convex one of CVXPY.
    fairnesses
        The same member at several parameters, in any order; the frontier is from loose to strict.
    loads
        The loads of a model, as for :func:`~evenhand.modeling.solve_fair_milp`, or as for ``fair`` of its library.
    names
        Names of the agents; by default the names of the loads, or else numbers.
    maximise
        Whether a function maximises; a price is then the fraction of the objective that is lost. Models have their own
        sense.
    options
        For a model: options of :func:`~evenhand.modeling.solve_fair_milp`, such as ``gap``; for a CVXPY model, those of
        :func:`evenhand.modeling.cvxpy.solve`.

    Returns
    -------
    Frontier
        The same object as that of :func:`evenhand.price_of_fairness`. Ctrl-C ends it with the points so far. During the
        solve without fairness there are no points, and `base_cost` is the bound proven by then.

    Raises
    ------
    InputError
        If no level is given, members differ in more than their parameter, or the model has no solution at all.
    KeyboardInterrupt
        If Ctrl-C came before there was any solution.

    Examples
    --------
    Ten hours of work for two people, of whom the second is paid twice as much:

    >>> from evenhand import EpsilonFairness
    >>> from evenhand.modeling import LinearModel, frontier, solve_fair_milp
    >>> model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 10, 10)
    >>> loads = [[1.0, 0.0], [0.0, 1.0]]
    >>> line = frontier(lambda fairness: solve_fair_milp(model, loads, fairness),
    ...                 [EpsilonFairness(level) for level in (0.5, 0.9, 1.0)])
    >>> [round(point.price, 3) for point in line]
    [0.195, 0.376, 0.5]
    """
    members = list(fairnesses)
    if not callable(solve):
        solve, names, maximise = _solver_of(solve, loads, members, names, options)
    elif loads is not None or options:
        raise InputError(f"{'loads' if loads is not None else min(options)} is for a model; a function has it already")
    base = solve(None)
    if not hasattr(base, "objective"):
        raise InputError(
            f"solve returned {type(base).__name__}; it must return a FairSolution, as solve() of fair(...) does"
        )
    if base.objective is None or base.loads is None:
        if base.interrupted:
            raise KeyboardInterrupt
        raise InputError(f"frontier: the model has no solution even without fairness (status {base.status})")
    n = len(base.loads)
    members = [for_agents(member, names) for member in members]
    if members:
        loosest, strictest = members[0].parameter_range(n)
        members.sort(key=lambda member: member.parameter, reverse=strictest < loosest)
    check_family(members, n)
    agents = [str(agent) for agent in range(n)] if names is None else list(names)
    if len(agents) != n:
        raise InputError(f"names has {len(agents)} entries; the model has {n} loads")
    if base.interrupted:  # Ctrl-C is meant for the whole frontier: no further solve is started
        cost = base.objective if base.bound is None or math.isinf(base.bound) else base.bound
        return Frontier(members[0].name, getattr(members[0], "p", None), tuple(agents), float(cost), ())
    return trace(solve, members, float(base.objective), agents, maximise=maximise)


def _solver_of(
    model: Any, loads: Any, members: Sequence[Fairness], names: Sequence[str] | None, options: dict[str, Any]
) -> tuple[Callable[[Fairness | None], Solved], Sequence[str] | None, bool]:
    """Return a function that solves a model, the names of its loads, and whether it maximises."""
    if loads is None:
        raise InputError(
            f"loads is missing; frontier(model, fairnesses, loads=...) of a {type(model).__name__} needs them"
        )
    if isinstance(model, LinearModel):
        return lambda fairness: solve_fair_milp(model, loads, fairness, **options), names, False
    own = names_of(loads) if names is None else names
    written = None if own is None else [str(name) for name in own]
    if library_of(model) == "cvxpy":
        from evenhand.modeling.cvxpy import solve

        maximise = type(getattr(model, "objective", None)).__name__ == "Maximize"
        return lambda fairness: solve(model, loads, fairness, **options), written, maximise
    if not members:
        raise InputError("frontier: no level given; give at least one")
    arrays = arrays_of(model, loads, members[0])

    def solved(fairness: Fairness | None) -> Solved:
        answer = solve_fair_milp(arrays.model, arrays.loads, fairness, **options)
        return as_maximised(answer) if arrays.maximise else answer

    return (
        solved,
        written if arrays.names is None or names is not None else [str(name) for name in arrays.names],
        arrays.maximise,
    )
